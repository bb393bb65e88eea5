// SPDX-License-Identifier: Apache-2.0
// proxy/tunnel/forward: a tunnel with a single end: accepts users, dials a target for each, joins
// the two.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "proxy/core/tunnel.h"
#include "proxy/entry/user_listener.h"
#include "proxy/relay/relay_set.h"
#include "proxy/upstream/upstream.h"

namespace underpass::tunnel {

// One instance of a forward tunnel; there is one a worker, each with a listening socket of its own
// on the same port.
//   kRunning --Drain--> kDraining
// Thread: the loop of its worker.
class ForwardTunnel final : public core::Tunnel, private entry::UserSink {
 public:
  // listening: from net::ListenTcp.   spec: with targets, accepted by Validate and Unsupported.
  // References outlive it.
  ForwardTunnel(core::Dispatcher& dispatcher, core::Resolver& resolver, relay::Resources& resources,
                relay::Slots& slots, std::shared_ptr<core::TunnelBoard> board,
                const v1alpha1::TunnelSpec& spec, net::UniqueFd listening);
  ~ForwardTunnel() override;

  void Start() override;
  void Drain(std::function<void()> drained) override;
  void ListConnections(std::vector<core::ConnectionInfo>& out) const override { relays_.List(out); }

 private:
  class Dialling;

  void OnUser(entry::User user) override;
  std::unique_ptr<core::Deferred> Remove(Dialling& dialling);
  void CheckDrained();

  core::Dispatcher& dispatcher_;
  const std::shared_ptr<core::TunnelBoard> board_;
  relay::Slots& slots_;
  net::UniqueFd listening_;  // until Start
  relay::RelaySet relays_;
  upstream::Upstream upstream_;
  std::optional<entry::UserListener> listener_;
  std::unordered_map<const Dialling*, std::unique_ptr<Dialling>> dialling_;
  std::function<void()> drained_;
  std::unique_ptr<core::Timer> drain_check_;
};

}  // namespace underpass::tunnel
