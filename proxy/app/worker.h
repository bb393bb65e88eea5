// SPDX-License-Identifier: Apache-2.0
// proxy/app: the composition root: the only folder that names concrete classes. proxy.h is the
// whole data plane, run.h the program around it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "proxy/core/board.h"
#include "proxy/core/tunnel.h"
#include "proxy/event/libevent_dispatcher.h"
#include "proxy/relay/resources.h"
#include "proxy/relay/slots.h"

namespace underpass::app {

// What the instances of one tunnel share; the last of them destroys it.
struct SharedTunnel {
  SharedTunnel(v1alpha1::Tunnel resolved, core::StateListener& listener);
  const v1alpha1::Tunnel tunnel;  // with its key in pool.key.value
  relay::Slots slots;
  const std::shared_ptr<core::TunnelBoard> board;
};

// One thread with its loop and the tunnel instances that live there.
// Thread: Add, Drain, Remove and List are called in the loop (post them); the rest by the thread
// that made it.
class Worker final {
 public:
  Worker();
  // Ends the loop, then destroys the instances.
  ~Worker();

  event::LibeventDispatcher& dispatcher() { return dispatcher_; }
  relay::Resources& resources() { return resources_; }

  // id: of the tunnel; one instance of a tunnel a worker.
  void Add(std::uint64_t id, std::shared_ptr<SharedTunnel> shared,
           std::unique_ptr<core::Tunnel> instance);
  // drained: called in the loop, at once if there is no such instance.
  void Drain(std::uint64_t id, std::function<void()> drained);
  void Remove(std::uint64_t id);
  // label: of one tunnel, or "" for all.
  void List(const std::string& label, std::vector<core::ConnectionInfo>& out) const;

 private:
  struct Running final : core::Deferred {
    Running(std::shared_ptr<SharedTunnel> tunnel, std::unique_ptr<core::Tunnel> of_tunnel)
        : shared(std::move(tunnel)), instance(std::move(of_tunnel)) {}
    std::shared_ptr<SharedTunnel> shared;  // outlives the instance
    std::unique_ptr<core::Tunnel> instance;
  };

  // The dispatcher still holds deferred objects when it is destroyed, which use the resources.
  relay::Resources resources_;
  event::LibeventDispatcher dispatcher_;
  std::map<std::uint64_t, std::unique_ptr<Running>> running_;
  std::thread thread_;
};

}  // namespace underpass::app
