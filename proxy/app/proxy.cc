// SPDX-License-Identifier: Apache-2.0
#include "proxy/app/proxy.h"

#include <algorithm>
#include <utility>

#include "api/base/check.h"
#include "api/base/log.h"
#include "api/base/version.h"

namespace underpass::app {

Proxy::Proxy(core::Dispatcher& main, int workers)
    : main_(main), self_(std::make_shared<Proxy*>(this)), drain_delay_(main.CreateTimer([this] {
        for (const auto& host : hosts_) {
          if (!host->draining()) DrainHost(*host);
        }
        CheckAllDrained();
      })) {
  CHECK(workers > 0);
  for (int i = 0; i < workers; ++i) workers_.push_back(std::make_unique<Worker>());
}

Proxy::~Proxy() {
  // The workers use the resolver until they end, and it posts to them: so it falls silent first.
  resolver_.Shutdown();
}

void Proxy::Apply(config::ProxyConfig config) {
  std::vector<std::unique_ptr<TunnelHost>> old = std::exchange(hosts_, {});
  std::vector<std::uint64_t> added;
  for (const v1alpha1::Tunnel& tunnel : config.tunnels) {
    const auto same = std::find_if(old.begin(), old.end(), [&](const auto& host) {
      return host != nullptr && host->tunnel() == tunnel;
    });
    if (same != old.end() && !(*same)->draining()) {
      hosts_.push_back(std::move(*same));
      continue;
    }
    hosts_.push_back(std::make_unique<TunnelHost>(next_id_++, tunnel, main_, resolver_, workers_,
                                                  static_cast<core::StateListener&>(*this)));
    added.push_back(hosts_.back()->id());
  }
  // The old first, so that their ports are free for the new.
  for (std::unique_ptr<TunnelHost>& host : old) {
    if (host != nullptr) Retire(std::move(host));
  }
  {
    const std::lock_guard lock(mutex_);
    config_ = std::move(config);
  }
  PublishTunnels();
  StartAfterWorkers(added);
  reloads_ok_.fetch_add(1, std::memory_order_relaxed);
}

// Once every worker has done what was posted before: the listening sockets of retired tunnels are
// closed by then, and a changed tunnel gets its port at the first try.
void Proxy::StartAfterWorkers(const std::vector<std::uint64_t>& ids) {
  const auto remaining = std::make_shared<std::atomic<std::size_t>>(workers_.size());
  const std::weak_ptr<Proxy*> self = self_;
  for (const auto& worker : workers_) {
    worker->dispatcher().Post([main = &main_, self, remaining, ids] {
      if (remaining->fetch_sub(1) > 1) return;
      main->Post([self, ids] {
        const auto proxy = self.lock();
        if (proxy == nullptr) return;
        for (const auto& host : (*proxy)->hosts_) {
          const bool wanted = std::find(ids.begin(), ids.end(), host->id()) != ids.end();
          if (wanted && !host->draining()) host->Start();
        }
      });
    });
  }
}

void Proxy::Retire(std::unique_ptr<TunnelHost> host) {
  Log(LogLevel::kInfo, "tunnel removed", {{"tunnel", host->board()->label()}});
  if (host->drained()) return;
  TunnelHost& retired = *retiring_.emplace_back(std::move(host));
  if (!retired.draining()) DrainHost(retired);
}

void Proxy::DrainHost(TunnelHost& host) {
  host.Drain([this, id = host.id()] {
    main_.Defer([this, id] {
      std::erase_if(retiring_, [id](const auto& done) { return done->id() == id; });
      CheckAllDrained();
    });
  });
}

void Proxy::DrainAll(Duration delay, std::function<void()> drained) {
  if (draining_.exchange(true)) return;
  all_drained_ = std::move(drained);
  OnStateChanged();
  drain_delay_->Arm(delay);
}

void Proxy::CheckAllDrained() {
  if (all_drained_ == nullptr || drain_delay_->armed()) return;
  const auto drained = [](const auto& host) { return host->drained(); };
  if (!std::all_of(hosts_.begin(), hosts_.end(), drained) ||
      !std::all_of(retiring_.begin(), retiring_.end(), drained)) {
    return;
  }
  std::exchange(all_drained_, nullptr)();
}

void Proxy::PublishTunnels() {
  std::vector<std::shared_ptr<core::TunnelBoard>> boards;
  boards.reserve(hosts_.size());
  for (const auto& host : hosts_) boards.push_back(host->board());
  {
    const std::lock_guard lock(mutex_);
    boards_ = std::move(boards);
  }
  OnStateChanged();
}

void Proxy::OnStateChanged() {
  {
    const std::lock_guard lock(mutex_);
    ++version_;
  }
  changed_.notify_all();
}

core::ProxyInfo Proxy::Info() const {
  const std::lock_guard lock(mutex_);
  return {kVersion, config_.revision, started_, static_cast<int>(workers_.size()),
          draining_.load()};
}

core::ProcessCounters Proxy::Counters() const {
  core::ProcessCounters counters{reloads_ok_.load(), reloads_failed_.load(), 0};
  for (const auto& board : Tunnels()) {
    counters.accept_pauses += board->stats().accept_pauses.Get();
  }
  return counters;
}

std::vector<std::shared_ptr<core::TunnelBoard>> Proxy::Tunnels() const {
  const std::lock_guard lock(mutex_);
  return boards_;
}

std::uint64_t Proxy::StateVersion() const {
  const std::lock_guard lock(mutex_);
  return version_;
}

std::uint64_t Proxy::WaitForChange(std::uint64_t seen, std::chrono::milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [&] { return version_ > seen; });
  return version_;
}

bool Proxy::OnEveryWorker(std::function<void(Worker&)> task,
                          std::chrono::milliseconds timeout) const {
  struct Progress {
    std::mutex mutex;
    std::condition_variable done;
    std::size_t remaining;
  };
  const auto progress = std::make_shared<Progress>();
  progress->remaining = workers_.size();
  const auto shared_task = std::make_shared<std::function<void(Worker&)>>(std::move(task));
  for (const auto& worker : workers_) {
    Worker* const target = worker.get();
    target->dispatcher().Post([target, progress, shared_task] {
      (*shared_task)(*target);
      const std::lock_guard lock(progress->mutex);
      if (--progress->remaining == 0) progress->done.notify_all();
    });
  }
  std::unique_lock lock(progress->mutex);
  return progress->done.wait_for(lock, timeout, [&] { return progress->remaining == 0; });
}

std::shared_ptr<core::TunnelBoard> Proxy::Find(const std::string& label) const {
  for (const auto& board : Tunnels()) {
    if (board->label() == label) return board;
  }
  return nullptr;
}

Result<std::vector<core::ConnectionInfo>> Proxy::Connections(
    const std::string& tunnel, std::chrono::milliseconds timeout) const {
  if (!tunnel.empty() && Find(tunnel) == nullptr)
    return Fail(ErrorCode::kNotFound, "tunnel " + tunnel);
  struct Collected {
    std::mutex mutex;
    std::vector<core::ConnectionInfo> connections;
  };
  const auto collected = std::make_shared<Collected>();
  const bool all = OnEveryWorker(
      [collected, tunnel](Worker& worker) {
        std::vector<core::ConnectionInfo> some;
        worker.List(tunnel, some);
        const std::lock_guard lock(collected->mutex);
        std::move(some.begin(), some.end(), std::back_inserter(collected->connections));
      },
      timeout);
  if (!all) return Fail(ErrorCode::kTimeout, "a worker did not answer");
  const std::lock_guard lock(collected->mutex);
  return std::move(collected->connections);
}

Result<void> Proxy::Drain(const std::string& tunnel) {
  if (!tunnel.empty() && Find(tunnel) == nullptr)
    return Fail(ErrorCode::kNotFound, "tunnel " + tunnel);
  const std::weak_ptr<Proxy*> self = self_;
  main_.Post([self, tunnel] {
    const auto proxy = self.lock();
    if (proxy == nullptr) return;
    Proxy& here = **proxy;
    if (tunnel.empty()) {
      if (here.on_drain_requested_ != nullptr) here.on_drain_requested_();
      return;
    }
    for (const auto& host : here.hosts_) {
      if (host->board()->label() == tunnel && !host->draining()) here.DrainHost(*host);
    }
  });
  return {};
}

Result<void> Proxy::ResetCounters(const std::string& tunnel) {
  if (!tunnel.empty() && Find(tunnel) == nullptr)
    return Fail(ErrorCode::kNotFound, "tunnel " + tunnel);
  for (const auto& board : Tunnels()) {
    if (tunnel.empty() || board->label() == tunnel) board->stats().Reset();
  }
  return {};
}

std::string Proxy::ConfigText() const {
  const std::lock_guard lock(mutex_);
  return config::PrintProxyConfig(config_, false);
}

Result<void> Proxy::Ready(std::chrono::milliseconds timeout) const {
  if (draining_.load()) return Fail(ErrorCode::kDraining, "the proxy is shutting down");
  return Healthy(timeout);
}

Result<void> Proxy::Healthy(std::chrono::milliseconds timeout) const {
  if (!OnEveryWorker([](Worker&) {}, timeout))
    return Fail(ErrorCode::kTimeout, "a worker did not answer");
  return {};
}

}  // namespace underpass::app
