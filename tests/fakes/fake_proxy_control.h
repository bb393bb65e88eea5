// SPDX-License-Identifier: Apache-2.0
// FakeProxyControl: a data plane that is only numbers. Tests set what it answers and read what it
// was asked. Thread: any; settings that a test changes while servers run are guarded.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxy/core/control.h"

namespace underpass::fakes {

class FakeProxyControl : public core::ProxyControl, public core::StateListener {
 public:
  core::ProxyInfo info{
      .version = "9.8.7",
      .revision = 7,
      .started = std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000)),
      .workers = 2,
      .draining = false};
  core::ProcessCounters counters;
  std::vector<core::ConnectionInfo> connections;
  std::optional<Error> connections_error;
  std::string config_text = "format: 1\n";

  // Appends a tunnel; set its state before the servers start, or through the board.
  core::TunnelBoard& AddTunnel(const std::string& name, const std::string& kind,
                               const std::string& role,
                               const std::string& namespace_name = "default") {
    auto board = std::make_shared<core::TunnelBoard>(v1alpha1::ObjectName{name, namespace_name},
                                                     kind, role, *this);
    const std::lock_guard lock(mutex_);
    boards_.push_back(board);
    return *board;
  }

  // What Ready and Healthy answer; nullopt: good.
  void SetNotReady(std::optional<Error> error) {
    const std::lock_guard lock(mutex_);
    not_ready_ = std::move(error);
  }
  void SetUnhealthy(std::optional<Error> error) {
    const std::lock_guard lock(mutex_);
    unhealthy_ = std::move(error);
  }

  // The tunnels ("" = the process) that Drain was asked for, in order.
  std::vector<std::string> drained() const {
    const std::lock_guard lock(mutex_);
    return drained_;
  }

  void OnStateChanged() override {
    {
      const std::lock_guard lock(mutex_);
      ++version_;
    }
    changed_.notify_all();
  }

  core::ProxyInfo Info() const override { return info; }
  core::ProcessCounters Counters() const override { return counters; }
  std::vector<std::shared_ptr<core::TunnelBoard>> Tunnels() const override {
    const std::lock_guard lock(mutex_);
    return boards_;
  }
  std::uint64_t StateVersion() const override {
    const std::lock_guard lock(mutex_);
    return version_;
  }
  std::uint64_t WaitForChange(std::uint64_t seen,
                              std::chrono::milliseconds timeout) const override {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, timeout, [&] { return version_ > seen; });
    return version_;
  }
  Result<std::vector<core::ConnectionInfo>> Connections(const std::string& tunnel,
                                                        std::chrono::milliseconds) const override {
    if (connections_error.has_value()) return Fail(*connections_error);
    RETURN_IF_ERROR(CheckKnown(tunnel));
    std::vector<core::ConnectionInfo> found;
    for (const core::ConnectionInfo& connection : connections) {
      if (tunnel.empty() || connection.tunnel == tunnel) found.push_back(connection);
    }
    return found;
  }
  Result<void> Drain(const std::string& tunnel) override {
    RETURN_IF_ERROR(CheckKnown(tunnel));
    const std::lock_guard lock(mutex_);
    drained_.push_back(tunnel);
    return {};
  }
  Result<void> ResetCounters(const std::string& tunnel) override {
    RETURN_IF_ERROR(CheckKnown(tunnel));
    for (const auto& board : Tunnels()) {
      if (tunnel.empty() || board->label() == tunnel) board->stats().Reset();
    }
    return {};
  }
  std::string ConfigText() const override { return config_text; }
  Result<void> Ready(std::chrono::milliseconds) const override { return Answer(not_ready_); }
  Result<void> Healthy(std::chrono::milliseconds) const override { return Answer(unhealthy_); }

 private:
  Result<void> CheckKnown(const std::string& tunnel) const {
    if (tunnel.empty()) return {};
    for (const auto& board : Tunnels()) {
      if (board->label() == tunnel) return {};
    }
    return Fail(ErrorCode::kNotFound, "tunnel " + tunnel);
  }
  Result<void> Answer(const std::optional<Error>& error) const {
    const std::lock_guard lock(mutex_);
    if (error.has_value()) return Fail(*error);
    return {};
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::shared_ptr<core::TunnelBoard>> boards_;
  std::uint64_t version_ = 1;
  std::vector<std::string> drained_;
  std::optional<Error> not_ready_;
  std::optional<Error> unhealthy_;
};

}  // namespace underpass::fakes
