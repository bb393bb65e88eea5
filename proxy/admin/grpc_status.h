// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/support/status.h>

#include "api/base/error.h"

namespace underpass::admin {

// The status that a gRPC caller gets: the code that fits, and the error's text as the message.
grpc::Status ToGrpcStatus(const Error& error);

}  // namespace underpass::admin
