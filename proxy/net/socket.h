// SPDX-License-Identifier: Apache-2.0
// proxy/net: the operating system's sockets behind the core interfaces: listening (this header),
// accepted and dialled TCP streams (tcp_stream.h, connector.h), accepting (acceptor.h), and name
// resolution (threaded_resolver.h). Thread: any; these functions keep no state.
#pragma once

#include <cstddef>
#include <vector>

#include "api/base/result.h"
#include "proxy/core/socket_address.h"
#include "proxy/net/unique_fd.h"

namespace underpass::net {

// `count` (>= 1) listening TCP sockets on one address and port, non-blocking.
//   address: port 0 = any free port, the same for all.  An IPv6 "::" takes IPv4 too, and falls back
//   to 0.0.0.0 where there is no IPv6.
// The first binds without SO_REUSEPORT and sets it between bind and listen, the others bind with
// it: so a port that another process holds is in use, although several sockets share it
// (docs/architecture.md). Errors: kAddressInUse, kPermissionDenied, kDescriptorsExhausted,
// kConnectFailed (not an address of this host), naming the address.
Result<std::vector<UniqueFd>> ListenTcp(const core::SocketAddress& address, std::size_t count);

// What a socket is bound to, and connected to; no address on errors.
core::SocketAddress LocalAddress(int fd);
core::SocketAddress PeerAddress(int fd);

// TCP_NODELAY, and keep-alive probes every defaults::kTcpKeepAlive, three missed ones end the
// connection.
void SetStreamOptions(int fd);

// Raises the limit of open descriptors to the hard limit; returns the limit then.
std::size_t RaiseDescriptorLimit();

}  // namespace underpass::net
