// SPDX-License-Identifier: Apache-2.0
#include "proxy/net/binder.h"

#include <utility>

#include "proxy/net/socket.h"

namespace underpass::net {

Binder::Binder(core::Dispatcher& dispatcher, core::Resolver& resolver, const HostPort& address,
               std::size_t count, Callback callback) {
  resolve_ = resolver.Resolve(
      dispatcher, address.host, address.port, Duration::zero(),
      [count, callback = std::move(callback)](Result<std::vector<core::SocketAddress>> addresses) {
        if (!addresses.has_value()) return callback(Fail(addresses.error()));
        callback(ListenTcp(addresses->front(), count));
      });
}

Binder::~Binder() = default;

}  // namespace underpass::net
