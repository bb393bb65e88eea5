// SPDX-License-Identifier: Apache-2.0
// Supervisor: which proxies to start, end or kill, given which ones are wanted, what became of
// their processes, and the time. It does none of it: the caller carries out Due() and reports back.
//
//   kWaiting --kStart--> kRunning --kTerminate--> kEnding --kKill--> kKilled
//   exit of kRunning: kWaiting, with back-off     exit of kEnding, kKilled: kWaiting, at once
//   kWaiting and not wanted: kRemove, forgotten
//
// Thread: any one thread; no locks, no clock of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/base/clock.h"

namespace underpass::standalone {

// Longer than a proxy's own grace time (defaults::kGrace), so that it ends by itself.
inline constexpr std::chrono::seconds kKillAfter{35};
// A proxy that lived at least this long starts again at once, a younger one after a back-off.
inline constexpr std::chrono::seconds kStableAfter{10};
inline constexpr std::chrono::milliseconds kFirstBackoff{100};
inline constexpr std::chrono::milliseconds kMaxBackoff{5000};

class Supervisor {
 public:
  enum class ActionKind : std::uint8_t {
    kStart,
    kTerminate,  // SIGTERM
    kKill,       // SIGKILL
    kRemove,     // no process is left and none is wanted: its files can go
  };
  struct Action {
    ActionKind kind;
    std::string proxy;
    friend bool operator==(const Action&, const Action&) = default;
  };

  // left_over: proxies that have files from an earlier life, but no process.
  explicit Supervisor(const std::set<std::string>& left_over);

  // All proxies that are to run from now on. Without effect after StopAll.
  void SetWanted(const std::set<std::string>& proxies);

  // The process ended, or could not be started. Requires: its last action was not kRemove.
  void OnExited(const std::string& proxy, TimePoint now);

  // Ends every proxy in order; files stay.
  void StopAll();
  // Kills what still runs, without grace. After StopAll.
  void KillAll();

  // What to do now, by name; each action is told once. A started proxy counts as running from `now`
  // on.
  std::vector<Action> Due(TimePoint now);

  // When Due() will have something to do if nothing happens before; nullopt: not by time.
  std::optional<TimePoint> NextDue() const;

  // StopAll was called and no process is left.
  bool stopped() const;

 private:
  enum class State : std::uint8_t { kWaiting, kRunning, kEnding, kKilled };
  struct Entry {
    State state = State::kWaiting;
    bool wanted = false;
    TimePoint at{};  // kWaiting: when to start; kRunning: since when; kEnding: when to kill
    Duration backoff{0};
  };

  static std::optional<ActionKind> Next(Entry& entry, TimePoint now);

  std::map<std::string, Entry> entries_;
  bool stopping_ = false;
};

}  // namespace underpass::standalone
