// SPDX-License-Identifier: Apache-2.0
// proxy/transport/tcp: the plain TCP carrier: a pool connection is a TCP connection.
#pragma once

#include "proxy/core/resolver.h"
#include "proxy/core/transport.h"

namespace underpass::transport {

class TcpTransport final : public core::Transport {
 public:
  // dispatcher, resolver: outlive it.   dns_cache: as in Resolver::Resolve.
  TcpTransport(core::Dispatcher& dispatcher, core::Resolver& resolver, Duration dns_cache)
      : dispatcher_(dispatcher), resolver_(resolver), dns_cache_(dns_cache) {}

  std::unique_ptr<core::PendingStream> Open(const HostPort& address, Duration timeout,
                                            core::OpenEvents& events) override;

 private:
  core::Dispatcher& dispatcher_;
  core::Resolver& resolver_;
  const Duration dns_cache_;
};

}  // namespace underpass::transport
