// SPDX-License-Identifier: Apache-2.0
#include "proxy/relay/relay_set.h"

#include <atomic>
#include <utility>

#include "api/base/check.h"
#include "api/base/log.h"

namespace underpass::relay {
namespace {

std::uint64_t NextConnectionId() {
  static std::atomic<std::uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

RelaySet::RelaySet(core::Dispatcher& dispatcher, Resources& resources, core::TunnelBoard& board,
                   Duration idle_timeout)
    : dispatcher_(dispatcher),
      resources_(resources),
      board_(board),
      idle_timeout_(idle_timeout),
      empty_timer_(dispatcher.CreateTimer([this] {
        if (live_.empty() && on_empty_ != nullptr) on_empty_();
      })) {}

RelaySet::~RelaySet() {
  board_.stats().connections_active.Add(-static_cast<std::int64_t>(live_.size()));
}

void RelaySet::Join(Joint joint) {
  DCHECK(dispatcher_.IsInLoop());
  core::TunnelStats& stats = board_.stats();
  auto relay = std::make_unique<Relay>(dispatcher_, resources_, std::move(joint.user),
                                       std::move(joint.target),
                                       Relay::Counters{stats.bytes_to_target, stats.bytes_to_user},
                                       idle_timeout_, static_cast<RelayEvents&>(*this));
  Relay* const key = relay.get();
  Live live{NextConnectionId(), std::move(joint.user_address),    std::move(joint.target_address),
            dispatcher_.Now(),  std::chrono::system_clock::now(), std::move(joint.slot),
            std::move(relay)};
  stats.connections_active.Add(1);
  Log(LogLevel::kDebug, "connection joined",
      {{"tunnel", board_.label()}, {"user", live.user_address}, {"target", live.target_address}});
  live_.emplace(key, std::move(live));
  key->Start();
}

void RelaySet::List(std::vector<core::ConnectionInfo>& out) const {
  for (const auto& [key, live] : live_) {
    out.push_back({live.id, board_.label(), v1alpha1::Protocol::kTcp, live.user_address,
                   live.target_address, live.started, live.relay->bytes_to_target(),
                   live.relay->bytes_to_user()});
  }
}

void RelaySet::OnRelayEnded(Relay& relay, const std::optional<Error>& error) {
  const auto it = live_.find(&relay);
  CHECK(it != live_.end());
  Live& live = it->second;
  core::TunnelStats& stats = board_.stats();
  stats.connections_active.Add(-1);
  stats.connection_duration.Observe(dispatcher_.Now() - live.began);
  (error.has_value() ? stats.connections_failed : stats.connections_ok).Add();
  Log(LogLevel::kDebug, "connection ended",
      {{"tunnel", board_.label()},
       {"user", live.user_address},
       {"target", live.target_address},
       {"to_target", relay.bytes_to_target()},
       {"to_user", relay.bytes_to_user()},
       {"reason", error.has_value() ? Name(error->code) : "End"}});
  dispatcher_.DeferDelete(std::move(live.relay));
  live_.erase(it);
  if (live_.empty()) empty_timer_->Arm(Duration::zero());
}

}  // namespace underpass::relay
