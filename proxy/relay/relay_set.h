// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "proxy/core/board.h"
#include "proxy/core/tunnel.h"
#include "proxy/relay/relay.h"
#include "proxy/relay/slots.h"

namespace underpass::relay {

// The live connections of one tunnel instance: counts them, shows them, and tells when the last one
// has ended. Thread: the loop. Owner: the tunnel. Destroying it ends every relay at once.
class RelaySet final : private RelayEvents {
 public:
  // All but idle_timeout (see Relay) outlive the set.
  RelaySet(core::Dispatcher& dispatcher, Resources& resources, core::TunnelBoard& board,
           Duration idle_timeout);
  ~RelaySet();

  struct Joint {
    std::unique_ptr<core::Stream> user;
    std::unique_ptr<core::Stream> target;
    std::string user_address;
    std::string target_address;
    Slots::Lease slot;
  };
  // Joins two streams. What was counted as waiting or dialling before is from here on an active
  // connection.
  void Join(Joint joint);

  bool empty() const { return live_.empty(); }
  void List(std::vector<core::ConnectionInfo>& out) const;
  // Called each time the last relay has ended, in a turn of its own.
  void OnEmpty(std::function<void()> callback) { on_empty_ = std::move(callback); }

 private:
  struct Live {
    std::uint64_t id;
    std::string user_address;
    std::string target_address;
    TimePoint began;
    std::chrono::system_clock::time_point started;
    Slots::Lease slot;
    std::unique_ptr<Relay> relay;
  };

  void OnRelayEnded(Relay& relay, const std::optional<Error>& error) override;

  core::Dispatcher& dispatcher_;
  Resources& resources_;
  core::TunnelBoard& board_;
  const Duration idle_timeout_;
  std::function<void()> on_empty_;
  std::unique_ptr<core::Timer> empty_timer_;
  std::unordered_map<const Relay*, Live> live_;
};

}  // namespace underpass::relay
