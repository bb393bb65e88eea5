// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "api/base/host_port.h"
#include "proxy/core/resolver.h"
#include "proxy/net/unique_fd.h"

namespace underpass::net {

// Resolves one address and binds listening sockets to it. Destroying it gives up. Thread: the loop.
class Binder final : public core::Deferred {
 public:
  using Callback = std::function<void(Result<std::vector<UniqueFd>>)>;

  // count: see ListenTcp. The first address of a name is bound. `callback` is called once, never
  // inside the constructor; it may destroy the binder. Errors: those of ListenTcp and
  // Resolver::Resolve.
  Binder(core::Dispatcher& dispatcher, core::Resolver& resolver, const HostPort& address,
         std::size_t count, Callback callback);
  ~Binder() override;

 private:
  std::unique_ptr<core::PendingResolve> resolve_;
};

}  // namespace underpass::net
