// SPDX-License-Identifier: Apache-2.0
// proxy/admin: what a person or a program sees of a running proxy. AdminServer is gRPC
// (api/admin/v1) on a Unix socket; HttpServer is /metrics /healthz /readyz /status. Both run on
// threads of their own and know the data plane only as core::ProxyControl.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "api/base/result.h"
#include "proxy/core/control.h"

namespace underpass::admin {

// Serves while it lives. Thread: made and destroyed by one thread; destroying ends open calls
// within a second.
class AdminServer {
 public:
  // socket_path: a Unix socket, created with mode 0600 (an old one of a dead process is replaced, a
  // live one is an error). metrics_address: shown in Status. Errors: kAddressInUse,
  // kPermissionDenied, kInvalidConfig (path too long).
  static Result<std::unique_ptr<AdminServer>> Start(core::ProxyControl& control,
                                                    const std::string& socket_path,
                                                    const std::string& metrics_address);
  virtual ~AdminServer() = default;
};

// Serves while it lives.
class HttpServer {
 public:
  // host: IP address. first..last: the ports to try in order; 0..0 = any free one.
  // Errors: kAddressInUse when none is free, kPermissionDenied.
  static Result<std::unique_ptr<HttpServer>> Start(core::ProxyControl& control,
                                                   const std::string& host, std::uint16_t first,
                                                   std::uint16_t last);
  virtual ~HttpServer() = default;
  virtual std::string address() const = 0;  // "127.0.0.1:9090" as bound
};

}  // namespace underpass::admin
