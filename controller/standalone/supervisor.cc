// SPDX-License-Identifier: Apache-2.0
#include "controller/standalone/supervisor.h"

#include <algorithm>

#include "api/base/check.h"

namespace underpass::standalone {

Supervisor::Supervisor(const std::set<std::string>& left_over) {
  for (const std::string& proxy : left_over) entries_.try_emplace(proxy);
}

void Supervisor::SetWanted(const std::set<std::string>& proxies) {
  if (stopping_) return;
  for (auto& [proxy, entry] : entries_) entry.wanted = proxies.contains(proxy);
  for (const std::string& proxy : proxies) entries_[proxy].wanted = true;
}

void Supervisor::OnExited(const std::string& proxy, TimePoint now) {
  const auto found = entries_.find(proxy);
  CHECK(found != entries_.end());
  Entry& entry = found->second;
  if (entry.state != State::kRunning || now - entry.at >= kStableAfter) {
    entry.backoff = Duration{0};
  } else {
    entry.backoff = std::clamp<Duration>(entry.backoff * 2, kFirstBackoff, kMaxBackoff);
  }
  entry.state = State::kWaiting;
  entry.at = now + entry.backoff;
}

void Supervisor::StopAll() {
  stopping_ = true;
  for (auto& [proxy, entry] : entries_) entry.wanted = false;
}

void Supervisor::KillAll() {
  for (auto& [proxy, entry] : entries_) {
    if (entry.state != State::kRunning && entry.state != State::kEnding) continue;
    entry.state = State::kEnding;
    entry.at = TimePoint::min();
  }
}

// Takes the step of one proxy that is due, if there is one.
std::optional<Supervisor::ActionKind> Supervisor::Next(Entry& entry, TimePoint now) {
  switch (entry.state) {
    case State::kWaiting:
      if (!entry.wanted) return ActionKind::kRemove;
      if (now < entry.at) return std::nullopt;
      entry.state = State::kRunning;
      entry.at = now;
      return ActionKind::kStart;
    case State::kRunning:
      if (entry.wanted) return std::nullopt;
      entry.state = State::kEnding;
      entry.at = now + kKillAfter;
      return ActionKind::kTerminate;
    case State::kEnding:
      if (now < entry.at) return std::nullopt;
      entry.state = State::kKilled;
      return ActionKind::kKill;
    case State::kKilled:
      return std::nullopt;
  }
  CHECK(false);
}

std::vector<Supervisor::Action> Supervisor::Due(TimePoint now) {
  std::vector<Action> actions;
  for (auto it = entries_.begin(); it != entries_.end();) {
    if (stopping_ && it->second.state == State::kWaiting) {
      it = entries_.erase(it);
      continue;
    }
    const std::optional<ActionKind> kind = Next(it->second, now);
    if (kind) actions.push_back({*kind, it->first});
    it = kind == ActionKind::kRemove ? entries_.erase(it) : std::next(it);
  }
  return actions;
}

std::optional<TimePoint> Supervisor::NextDue() const {
  std::optional<TimePoint> next;
  for (const auto& [proxy, entry] : entries_) {
    std::optional<TimePoint> at;
    if (entry.state == State::kEnding || (entry.state == State::kWaiting && entry.wanted)) {
      at = entry.at;
    } else if (entry.state == State::kWaiting ||
               (entry.state == State::kRunning && !entry.wanted)) {
      at = TimePoint::min();
    }
    if (at && (!next || *at < *next)) next = at;
  }
  return next;
}

bool Supervisor::stopped() const {
  return stopping_ && std::all_of(entries_.begin(), entries_.end(), [](const auto& item) {
           return item.second.state == State::kWaiting;
         });
}

}  // namespace underpass::standalone
