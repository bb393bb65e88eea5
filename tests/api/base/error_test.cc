// SPDX-License-Identifier: Apache-2.0
#include "api/base/error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace underpass {
namespace {

TEST(ErrorTest, NamesAreUniqueWords) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kErrorCodeCount; ++i) {
    const std::string_view name = Name(static_cast<ErrorCode>(i));
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
              std::string_view::npos);
  }
}

TEST(ErrorTest, ErrnoKeepsItsNumber) {
  const Error error = ErrnoError(EADDRINUSE, "listen on 0.0.0.0:80");
  EXPECT_EQ(error.code, ErrorCode::kAddressInUse);
  EXPECT_EQ(error.ToString(), "listen on 0.0.0.0:80: AddressInUse (Address already in use)");
  EXPECT_EQ(ErrnoError(ENOSPC, "x").code, ErrorCode::kIoError);
}

TEST(ErrorTest, WithoutContextTheNameStandsAlone) {
  EXPECT_EQ((Error{ErrorCode::kTimeout, 0, ""}.ToString()), "Timeout");
}

}  // namespace
}  // namespace underpass
