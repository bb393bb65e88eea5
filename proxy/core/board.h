// SPDX-License-Identifier: Apache-2.0
// TunnelBoard: where one tunnel shows its state and numbers to the admin threads. It outlives the
// tunnel's instances on the workers, which write it. Thread: any.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "api/base/error.h"
#include "api/v1alpha1/tunnel_spec.h"
#include "proxy/core/stats.h"

namespace underpass::core {

//   kStarting --> kWaiting <--> kConnected ; any --> kFailed --> kStarting (retried) ; any -->
//   kDraining
enum class TunnelPhase : std::uint8_t {
  kStarting,   // resolving, binding
  kWaiting,    // pool: no peer yet, or lost
  kConnected,  // can carry users (forward: listening)
  kFailed,     // cannot run: the error says why; retried where that can help
  kDraining,   // takes no new users
};

// "Starting", "Waiting", ...
std::string_view Name(TunnelPhase phase);

struct TunnelState {
  TunnelPhase phase = TunnelPhase::kStarting;
  std::string peer;            // "192.0.2.7:51234", or "" without one
  std::string peer_kind;       // "Underpass", "NodePass 1.14", "NodePass 1.13", or ""
  std::string flow;            // "Reverse", "Forward", or "" while unknown
  std::string entry;           // where users connect on this side, as bound; "" if not here
  std::string tunnel_address;  // Server: as bound. Client: as configured. "" for forward
  std::optional<Error> error;  // why it is not connected, or what last broke it
  std::chrono::system_clock::time_point since;  // of this phase; Set fills it
};

// Told about each change of a state, in the thread that made it; it must return at once.
class StateListener {
 public:
  virtual ~StateListener() = default;
  virtual void OnStateChanged() = 0;
};

class TunnelBoard {
 public:
  // listener: outlives the board.
  TunnelBoard(v1alpha1::ObjectName name, std::string kind, std::string role,
              StateListener& listener);

  const v1alpha1::ObjectName& name() const { return name_; }
  // The `tunnel` label and log field: "name", or "namespace/name" outside the namespace default.
  const std::string& label() const { return label_; }
  const std::string& kind() const { return kind_; }  // "pool", "forward"
  const std::string& role() const { return role_; }  // "Server", "Client", ""

  TunnelStats& stats() { return stats_; }
  const TunnelStats& stats() const { return stats_; }

  std::shared_ptr<const TunnelState> state() const;
  void Set(TunnelState state);

 private:
  const v1alpha1::ObjectName name_;
  const std::string label_;
  const std::string kind_;
  const std::string role_;
  StateListener& listener_;
  TunnelStats stats_;
  mutable std::mutex mutex_;  // held for a pointer copy
  std::shared_ptr<const TunnelState> state_;
};

// Counts a pause of accepting (kDescriptorsExhausted), and logs the 1st, 2nd, 4th, 8th...: they
// come ten times a second while descriptors are short.
void TellAcceptPaused(TunnelBoard& board, int sys_errno);

}  // namespace underpass::core
