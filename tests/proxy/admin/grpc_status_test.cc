// SPDX-License-Identifier: Apache-2.0
#include "proxy/admin/grpc_status.h"

#include <gtest/gtest.h>

namespace underpass::admin {
namespace {

TEST(GrpcStatusTest, CodesThatCallersActOn) {
  const std::pair<ErrorCode, grpc::StatusCode> cases[] = {
      {ErrorCode::kNotFound, grpc::StatusCode::NOT_FOUND},
      {ErrorCode::kInvalidConfig, grpc::StatusCode::INVALID_ARGUMENT},
      {ErrorCode::kTimeout, grpc::StatusCode::DEADLINE_EXCEEDED},
      {ErrorCode::kDraining, grpc::StatusCode::UNAVAILABLE},
      {ErrorCode::kInternal, grpc::StatusCode::INTERNAL},
  };
  for (const auto& [code, expected] : cases) {
    EXPECT_EQ(ToGrpcStatus(Error{code, 0, "x"}).error_code(), expected) << Name(code);
  }
}

TEST(GrpcStatusTest, NoErrorBecomesOk) {
  for (std::size_t i = 0; i < kErrorCodeCount; ++i) {
    const auto code = static_cast<ErrorCode>(i);
    EXPECT_FALSE(ToGrpcStatus(Error{code, 0, "x"}).ok()) << Name(code);
  }
}

TEST(GrpcStatusTest, TheMessageIsTheErrorsText) {
  EXPECT_EQ(ToGrpcStatus(Error{ErrorCode::kNotFound, 0, "tunnel db"}).error_message(),
            "tunnel db: NotFound");
}

}  // namespace
}  // namespace underpass::admin
