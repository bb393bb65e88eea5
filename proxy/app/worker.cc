// SPDX-License-Identifier: Apache-2.0
#include "proxy/app/worker.h"

#include <utility>

#include "api/base/check.h"

namespace underpass::app {
namespace {

std::string RoleOf(const v1alpha1::TunnelSpec& spec) {
  const auto* pool = std::get_if<v1alpha1::PoolSpec>(&spec.kind);
  return pool == nullptr ? "" : std::string(Name(pool->role));
}

}  // namespace

SharedTunnel::SharedTunnel(v1alpha1::Tunnel resolved, core::StateListener& listener)
    : tunnel(std::move(resolved)),
      slots(tunnel.spec.limits.connections),
      board(std::make_shared<core::TunnelBoard>(tunnel.metadata, std::string(KindName(tunnel.spec)),
                                                RoleOf(tunnel.spec), listener)) {}

Worker::Worker() : thread_([this] { dispatcher_.Run(); }) {}

Worker::~Worker() {
  dispatcher_.Post([this] {
    while (!running_.empty()) Remove(running_.begin()->first);
  });
  dispatcher_.Stop();
  thread_.join();
}

void Worker::Add(std::uint64_t id, std::shared_ptr<SharedTunnel> shared,
                 std::unique_ptr<core::Tunnel> instance) {
  core::Tunnel& added = *instance;
  auto running = std::make_unique<Running>(std::move(shared), std::move(instance));
  CHECK(running_.emplace(id, std::move(running)).second);
  added.Start();
}

void Worker::Drain(std::uint64_t id, std::function<void()> drained) {
  const auto it = running_.find(id);
  if (it == running_.end()) return drained();
  it->second->instance->Drain(std::move(drained));
}

// Behind what the instance itself has deferred, which may still refer to it.
void Worker::Remove(std::uint64_t id) {
  auto node = running_.extract(id);
  if (!node.empty()) dispatcher_.DeferDelete(std::move(node.mapped()));
}

void Worker::List(const std::string& label, std::vector<core::ConnectionInfo>& out) const {
  for (const auto& [id, running] : running_) {
    if (label.empty() || running->shared->board->label() == label)
      running->instance->ListConnections(out);
  }
}

}  // namespace underpass::app
