// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "proxy/app/worker.h"
#include "proxy/core/resolver.h"
#include "proxy/net/binder.h"

namespace underpass::app {

// One tunnel of the config, over the workers: decides which concrete tunnel it is and where its
// instances live.
//
//   pool Server, pool Client dialling: one instance on the home worker
//   forward, pool Client flow Auto that could bind: one instance a worker, after binding here
//
//   kStarting --> kRunning --Drain--> kDraining --all instances drained--> kDrained
//
// Thread: the main loop. Owner: Proxy. Destroying it ends its instances at once.
class TunnelHost final {
 public:
  // tunnel: valid, supported, its key resolved.   id: unique in the process.   References outlive
  // the host.
  TunnelHost(std::uint64_t id, v1alpha1::Tunnel tunnel, core::Dispatcher& main,
             core::Resolver& resolver, std::vector<std::unique_ptr<Worker>>& workers,
             core::StateListener& listener);
  ~TunnelHost();

  void Start();
  // drained: called once in the main loop, never inside Drain.
  void Drain(std::function<void()> drained);
  bool draining() const { return state_ >= State::kDraining; }
  bool drained() const { return state_ == State::kDrained; }

  std::uint64_t id() const { return id_; }
  const v1alpha1::Tunnel& tunnel() const { return shared_->tunnel; }
  const std::shared_ptr<core::TunnelBoard>& board() const { return shared_->board; }

 private:
  enum class State : std::uint8_t { kStarting, kRunning, kDraining, kDrained };

  void BindAll(const HostPort& address);
  void BindFailed(const Error& error);
  void StartForward(std::vector<net::UniqueFd> fds);
  void StartPool();
  void RemoveInstances();
  void OnInstanceDrained();

  const std::uint64_t id_;
  core::Dispatcher& main_;
  core::Resolver& resolver_;
  std::vector<std::unique_ptr<Worker>>& workers_;
  const std::shared_ptr<SharedTunnel> shared_;
  // Posted tasks hold it weakly: what comes back after the host is gone is dropped.
  const std::shared_ptr<TunnelHost*> self_;
  State state_ = State::kStarting;
  std::unique_ptr<net::Binder> binder_;
  std::unique_ptr<core::Timer> retry_;
  std::size_t undrained_ = 0;
  std::function<void()> drained_;
};

}  // namespace underpass::app
