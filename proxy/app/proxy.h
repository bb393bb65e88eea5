// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/config/proxy_config.h"
#include "proxy/app/tunnel_host.h"
#include "proxy/app/worker.h"
#include "proxy/core/control.h"
#include "proxy/net/threaded_resolver.h"

namespace underpass::app {

// The data plane of one process: workers and tunnels, reload by difference, drain.
// Thread: ProxyControl from any; the rest in the main loop.
class Proxy final : public core::ProxyControl, private core::StateListener {
 public:
  // main: the loop that signals and reloads come in; outlives the proxy.   workers: at least 1.
  Proxy(core::Dispatcher& main, int workers);
  // Ends every connection at once.
  ~Proxy() override;

  // Makes the tunnels those of `config`: one that did not change is not touched, a removed or
  // changed one drains, a new or changed one starts. Requires: config is valid and supported, its
  // keys resolved.
  void Apply(config::ProxyConfig config);
  void CountFailedReload() { reloads_failed_.fetch_add(1, std::memory_order_relaxed); }

  // After `delay`, which lets load balancers see that this proxy is not ready: takes no new users.
  // `drained` is called once, when the last connection has ended.
  void DrainAll(Duration delay, std::function<void()> drained);

  core::ProxyInfo Info() const override;
  core::ProcessCounters Counters() const override;
  std::vector<std::shared_ptr<core::TunnelBoard>> Tunnels() const override;
  std::uint64_t StateVersion() const override;
  std::uint64_t WaitForChange(std::uint64_t seen, std::chrono::milliseconds timeout) const override;
  Result<std::vector<core::ConnectionInfo>> Connections(
      const std::string& tunnel, std::chrono::milliseconds timeout) const override;
  Result<void> Drain(const std::string& tunnel) override;
  Result<void> ResetCounters(const std::string& tunnel) override;
  std::string ConfigText() const override;
  Result<void> Ready(std::chrono::milliseconds timeout) const override;
  Result<void> Healthy(std::chrono::milliseconds timeout) const override;

  // What Drain("") asks for, as SIGTERM does. Called in the main loop.
  void OnDrainRequested(std::function<void()> callback) {
    on_drain_requested_ = std::move(callback);
  }

 private:
  void OnStateChanged() override;
  void StartAfterWorkers(const std::vector<std::uint64_t>& ids);
  void Retire(std::unique_ptr<TunnelHost> host);
  void DrainHost(TunnelHost& host);
  void CheckAllDrained();
  void PublishTunnels();
  // Runs `task` in every worker and waits for all. False after `timeout`; then late tasks may still
  // run.
  bool OnEveryWorker(std::function<void(Worker&)> task, std::chrono::milliseconds timeout) const;
  std::shared_ptr<core::TunnelBoard> Find(const std::string& label) const;

  core::Dispatcher& main_;
  const std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
  const std::shared_ptr<Proxy*> self_;  // held weakly by tasks posted to the main loop

  // Any thread.
  std::atomic<bool> draining_{false};
  std::atomic<std::uint64_t> reloads_ok_{0};
  std::atomic<std::uint64_t> reloads_failed_{0};
  mutable std::mutex mutex_;  // guards the next three
  mutable std::condition_variable changed_;
  std::uint64_t version_ = 1;
  std::vector<std::shared_ptr<core::TunnelBoard>> boards_;
  config::ProxyConfig config_;

  // Main loop. Destroyed from the bottom: hosts tell the workers, workers end.
  net::ThreadedResolver resolver_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<TunnelHost>> hosts_;
  std::vector<std::unique_ptr<TunnelHost>> retiring_;
  std::uint64_t next_id_ = 1;
  std::function<void()> on_drain_requested_;
  std::function<void()> all_drained_;
  std::unique_ptr<core::Timer> drain_delay_;
};

}  // namespace underpass::app
