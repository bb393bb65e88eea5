// SPDX-License-Identifier: Apache-2.0
#include "proxy/transport/tcp/tcp_transport.h"

#include "proxy/net/connector.h"

namespace underpass::transport {

std::unique_ptr<core::PendingStream> TcpTransport::Open(const HostPort& address, Duration timeout,
                                                        core::OpenEvents& events) {
  return std::make_unique<net::Connector>(dispatcher_, resolver_, address, timeout, dns_cache_,
                                          events);
}

}  // namespace underpass::transport
