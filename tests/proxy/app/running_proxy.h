// SPDX-License-Identifier: Apache-2.0
// RunningProxy: an app::Proxy with its main loop on a thread of its own, so that a test can hold
// both ends of a tunnel in one process. Thread: any one. The destructor cuts every connection, as a
// killed process does.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "api/v1alpha1/tunnel_spec.h"
#include "proxy/app/proxy.h"
#include "proxy/event/libevent_dispatcher.h"
#include "tests/support/deadline.h"

namespace underpass::app {

class RunningProxy {
 public:
  explicit RunningProxy(int workers = 2);
  RunningProxy(const RunningProxy&) = delete;
  RunningProxy& operator=(const RunningProxy&) = delete;
  ~RunningProxy();

  // Returns when the proxy has taken it over; its tunnels come up after that.
  void Apply(std::vector<v1alpha1::Tunnel> tunnels);
  // Proxy::DrainAll. `drained` is called in the main loop.
  void DrainAll(std::chrono::milliseconds delay, std::function<void()> drained);

  Proxy& proxy() { return *proxy_; }  // for what any thread may call
  event::LibeventDispatcher& main() { return *main_; }

  // The board of the tunnel of this name. nullptr: there is none.
  std::shared_ptr<core::TunnelBoard> Board(const std::string& name) const;
  // The tunnel is there and its phase is `phase`, before `deadline`.
  bool WaitPhase(const std::string& name, core::TunnelPhase phase,
                 support::Deadline deadline) const;

 private:
  // Runs `task` in the main loop and waits for it.
  void InMain(std::function<void()> task);

  // Made by the thread. It destroys the proxy; the loop stays for whoever is still posting to it.
  std::unique_ptr<event::LibeventDispatcher> main_;
  std::unique_ptr<Proxy> proxy_;
  std::thread thread_;
};

}  // namespace underpass::app
