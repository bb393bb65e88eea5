// SPDX-License-Identifier: Apache-2.0
#include "proxy/admin/grpc_status.h"

#include "api/base/check.h"

namespace underpass::admin {
namespace {

grpc::StatusCode CodeOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidConfig:
    case ErrorCode::kTooLarge:
    case ErrorCode::kMalformedFrame:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case ErrorCode::kUnsupported:
    case ErrorCode::kMethodNotAllowed:
      return grpc::StatusCode::UNIMPLEMENTED;
    case ErrorCode::kNotFound:
    case ErrorCode::kPathNotFound:
    case ErrorCode::kUnknownId:
      return grpc::StatusCode::NOT_FOUND;
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kAddressMismatch:
    case ErrorCode::kReplayed:
      return grpc::StatusCode::PERMISSION_DENIED;
    case ErrorCode::kAuthFailed:
      return grpc::StatusCode::UNAUTHENTICATED;
    case ErrorCode::kDescriptorsExhausted:
    case ErrorCode::kSlotLimit:
    case ErrorCode::kPoolExhausted:
    case ErrorCode::kPoolFull:
    case ErrorCode::kQueueFull:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case ErrorCode::kTimeout:
    case ErrorCode::kIdleTimeout:
      return grpc::StatusCode::DEADLINE_EXCEEDED;
    case ErrorCode::kResolveFailed:
    case ErrorCode::kConnectRefused:
    case ErrorCode::kConnectFailed:
    case ErrorCode::kConnectionReset:
    case ErrorCode::kPeerSilent:
    case ErrorCode::kPeerClosed:
    case ErrorCode::kPeerDraining:
    case ErrorCode::kDraining:
      return grpc::StatusCode::UNAVAILABLE;
    case ErrorCode::kAddressInUse:
    case ErrorCode::kHandshakeRejected:
    case ErrorCode::kPeerTooOld:
    case ErrorCode::kPeerUnknown:
    case ErrorCode::kFlowMismatch:
      return grpc::StatusCode::FAILED_PRECONDITION;
    case ErrorCode::kIoError:
    case ErrorCode::kInternal:
      return grpc::StatusCode::INTERNAL;
  }
  CHECK(false);
}

}  // namespace

grpc::Status ToGrpcStatus(const Error& error) { return {CodeOf(error.code), error.ToString()}; }

}  // namespace underpass::admin
