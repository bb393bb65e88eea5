// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "api/base/result.h"
#include "proxy/core/dispatcher.h"
#include "proxy/core/stream.h"
#include "proxy/relay/direction.h"

namespace underpass::relay {

class Relay;

class RelayEvents {
 public:
  // Once, never inside Start. error: kConnectionReset, kIoError or kIdleTimeout; none = both sides
  // ended in order. The receiver hands the relay to DeferDelete.
  virtual void OnRelayEnded(Relay& relay, const std::optional<Error>& error) = 0;

 protected:
  ~RelayEvents() = default;
};

// Joins a user's stream and a target's until both directions have ended. A broken side resets the
// other, so that neither takes a cut for an end.   kRunning --both done | broken | idle too long-->
// kEnded Thread: the loop. Owner: RelaySet.
class Relay final : public core::Deferred {
 public:
  struct Counters {
    core::Counter& to_target;
    core::Counter& to_user;
  };

  // idle_timeout: zero = none; without a byte in either direction for that long the relay ends.
  Relay(core::Dispatcher& dispatcher, Resources& resources, std::unique_ptr<core::Stream> user,
        std::unique_ptr<core::Stream> target, Counters counters, Duration idle_timeout,
        RelayEvents& events);
  ~Relay() override;

  // Begins to move bytes. Once.
  void Start();

  std::uint64_t bytes_to_target() const { return to_target_.bytes(); }
  std::uint64_t bytes_to_user() const { return to_user_.bytes(); }

 private:
  // Turns an edge of one stream into a turn of the direction that it concerns.
  struct Side final : core::StreamEvents {
    Side(Relay& owner, Direction& from_here, Direction& to_here)
        : relay(owner), outbound(from_here), inbound(to_here) {}
    void OnStreamReady(bool readable, bool writable) override {
      // An edge says "writable" with nearly every "readable"; only a direction that was blocked
      // cares.
      relay.Pump(readable ? &outbound : nullptr,
                 writable && inbound.holding() ? &inbound : nullptr);
    }
    Relay& relay;
    Direction& outbound;
    Direction& inbound;
  };

  void Pump(Direction* first, Direction* second);
  void CheckIdle();
  void End(const std::optional<Error>& error);

  core::Dispatcher& dispatcher_;
  const std::unique_ptr<core::Stream> user_;
  const std::unique_ptr<core::Stream> target_;
  Direction to_target_;
  Direction to_user_;
  Side user_side_;
  Side target_side_;
  RelayEvents& events_;
  const Duration idle_timeout_;
  std::unique_ptr<core::Timer> idle_;  // only with an idle time-out
  std::uint64_t bytes_at_check_ = 0;
  std::unique_ptr<core::Timer> again_;  // armed = a turn of both directions is due
  bool ended_ = false;
};

}  // namespace underpass::relay
