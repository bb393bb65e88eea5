// SPDX-License-Identifier: Apache-2.0
#include "tests/proxy/app/running_proxy.h"

#include <future>
#include <utility>

namespace underpass::app {

RunningProxy::RunningProxy(int workers) {
  std::promise<void> made;
  thread_ = std::thread([this, workers, &made] {
    main_ = std::make_unique<event::LibeventDispatcher>();
    proxy_ = std::make_unique<Proxy>(*main_, workers);
    made.set_value();
    main_->Run();
    proxy_.reset();
  });
  made.get_future().wait();
}

RunningProxy::~RunningProxy() {
  main_->Stop();
  thread_.join();
}

void RunningProxy::InMain(std::function<void()> task) {
  std::promise<void> done;
  main_->Post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

void RunningProxy::Apply(std::vector<v1alpha1::Tunnel> tunnels) {
  config::ProxyConfig config;
  config.tunnels = std::move(tunnels);
  InMain([&] { proxy_->Apply(std::move(config)); });
}

void RunningProxy::DrainAll(std::chrono::milliseconds delay, std::function<void()> drained) {
  InMain([&] { proxy_->DrainAll(delay, std::move(drained)); });
}

std::shared_ptr<core::TunnelBoard> RunningProxy::Board(const std::string& name) const {
  for (const auto& board : proxy_->Tunnels()) {
    if (board->name().name == name) return board;
  }
  return nullptr;
}

bool RunningProxy::WaitPhase(const std::string& name, core::TunnelPhase phase,
                             support::Deadline deadline) const {
  return support::Eventually(
      [&] {
        const auto board = Board(name);
        return board != nullptr && board->state()->phase == phase;
      },
      deadline);
}

}  // namespace underpass::app
