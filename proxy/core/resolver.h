// SPDX-License-Identifier: Apache-2.0
// Resolver: names to addresses without blocking a loop, with a cache. A stale answer serves while
// resolving fails. Thread: Resolve from any loop; the answer arrives in that loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/base/result.h"
#include "proxy/core/dispatcher.h"
#include "proxy/core/socket_address.h"

namespace underpass::core {

// A look-up under way. Destroying it gives it up: the callback is not called any more.
class PendingResolve : public Deferred {};

class Resolver {
 public:
  using Callback = std::function<void(Result<std::vector<SocketAddress>>)>;
  virtual ~Resolver() = default;

  // host: a name, an IP literal, or empty (all addresses: [::]). Answers have port `port`, at least
  // one, in the order to try. `cache_for`: how old a cached answer may be; 0 = ask now. Never calls
  // back inside Resolve. Errors: kResolveFailed, kTimeout.
  virtual std::unique_ptr<PendingResolve> Resolve(Dispatcher& dispatcher, const std::string& host,
                                                  std::uint16_t port, Duration cache_for,
                                                  Callback callback) = 0;
};

}  // namespace underpass::core
