// SPDX-License-Identifier: Apache-2.0
// Transport: how a client opens byte streams to its server's tunnel address: one implementation a
// carrier. The server side of a carrier hands accepted streams to the tunnel's front door. Thread:
// the loop.
#pragma once

#include <memory>

#include "api/base/host_port.h"
#include "api/base/result.h"
#include "proxy/core/stream.h"

namespace underpass::core {

class OpenEvents {
 public:
  // Exactly one of the two, once, never inside Open. The receiver may destroy the PendingStream
  // here.
  virtual void OnOpened(std::unique_ptr<Stream> stream) = 0;
  virtual void OnOpenFailed(const Error& error) = 0;

 protected:
  ~OpenEvents() = default;
};

// An opening under way. Destroying it gives it up.
class PendingStream : public Deferred {};

class Transport {
 public:
  virtual ~Transport() = default;
  // Resolves and connects, within `timeout` in all. Addresses of a name are tried one after the
  // other. Errors: kResolveFailed, kConnectRefused, kConnectFailed, kTimeout,
  // kDescriptorsExhausted, naming the address.
  virtual std::unique_ptr<PendingStream> Open(const HostPort& address, Duration timeout,
                                              OpenEvents& events) = 0;
};

}  // namespace underpass::core
