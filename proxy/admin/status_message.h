// SPDX-License-Identifier: Apache-2.0
// The proxy's status as one message: gRPC sends it, /status prints it.
// Thread: any.
#pragma once

#include <chrono>
#include <string>

#include "api/admin/v1/admin.pb.h"
#include "proxy/core/control.h"

namespace underpass::admin {

// Milliseconds since 1970.
std::int64_t UnixMillis(std::chrono::system_clock::time_point time);

// metrics_address: "127.0.0.1:9090", or "" without a metrics server.
v1::Status BuildStatus(const core::ProxyControl& control, const std::string& metrics_address);

// Protobuf's JSON mapping with lowerCamelCase names and every field present; 64-bit numbers are
// strings.
Result<std::string> StatusJson(const v1::Status& status);

}  // namespace underpass::admin
