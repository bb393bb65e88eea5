// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "api/base/host_port.h"
#include "proxy/core/resolver.h"
#include "proxy/core/transport.h"
#include "proxy/net/unique_fd.h"

namespace underpass::net {

// Dials one TCP address: resolves, then tries each address in turn.
//   kResolving --> kConnecting(0..n-1) --> opened ; resolving failed | all refused | time-out -->
//   failed
// Destroying it gives up. Thread: the loop.
class Connector final : public core::PendingStream, private core::FdEvents {
 public:
  // timeout: for all of it.   dns_cache: as in Resolver::Resolve.   events: called once, outlives
  // the connector; see core::OpenEvents.   dispatcher, resolver: outlive it.
  Connector(core::Dispatcher& dispatcher, core::Resolver& resolver, const HostPort& address,
            Duration timeout, Duration dns_cache, core::OpenEvents& events);
  ~Connector() override;

 private:
  void OnResolved(Result<std::vector<core::SocketAddress>> addresses);
  void ConnectNext();
  void OnFdReady(bool readable, bool writable) override;
  void OnTimeout();
  void AddressFailed(int sys_errno);
  void Finish(const Error& error);

  core::Dispatcher& dispatcher_;
  const HostPort address_;
  core::OpenEvents& events_;
  std::vector<core::SocketAddress> addresses_;
  std::size_t next_ = 0;
  UniqueFd fd_;
  std::unique_ptr<core::FdWatcher> watcher_;
  std::unique_ptr<core::Timer> deadline_;
  std::unique_ptr<core::PendingResolve> resolve_;
};

}  // namespace underpass::net
