// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>

#include "proxy/codec/nodepass/handshake.h"
#include "proxy/entry/user_listener.h"
#include "proxy/tunnel/pool/control_channel.h"
#include "proxy/tunnel/pool/exits.h"
#include "proxy/tunnel/pool/idle_pool.h"

namespace underpass::tunnel {

class Session;

class SessionEvents {
 public:
  // The peer's control connection speaks: users can be carried. Once.
  virtual void OnSessionUp(Session& session) = 0;
  // A pool connection became ready, or all were dropped by a flush.
  virtual void OnPoolChanged(Session& session) = 0;
  // The exit side took a pool connection: time to fill up.
  virtual void OnPoolTaken(Session& session) = 0;
  // The peer asks for `count` more pool connections now. Client only.
  virtual void OnGrow(Session& session, std::uint32_t count) = 0;
  // The peer takes no more users and will go.
  virtual void OnPeerDraining(Session& session) = 0;
  // The session is over; live connections go on. Once. The receiver hands it to DeferDelete.
  virtual void OnSessionDown(Session& session, const Error& error) = 0;

 protected:
  ~SessionEvents() = default;
};

// One authenticated peer after the handshake, at either end: its control connection and its idle
// pool.
//   kAwaitControl --pool connection 00000000--> kAwaitPeer --its dialect is known--> kUp
//   kAwaitControl --5 s--> kDown ; any --control lost | Close--> kDown (terminal)
// Thread: the loop. Owner: PoolServer or PoolClient.
class Session final : public core::Deferred, private ControlEvents {
 public:
  struct Peer {
    core::SocketAddress address;
    // Set: a peer of ours, with what both ends can do.
    std::optional<nodepass::Capabilities> capabilities;
    bool ours() const { return capabilities.has_value(); }
  };

  // exits: null where this side is the entry.   max_idle: more idle connections are refused.
  Session(PoolContext& context, const Peer& peer, Exits* exits, std::size_t max_idle,
          SessionEvents& events);
  ~Session() override;

  // --- pool connections ---
  // The id for the next one: 00000000 first, then random ones. Server only.
  nodepass::PoolId NewId();
  bool full() const { return idle_.size() >= max_idle_; }
  std::size_t idle() const { return idle_.size(); }
  // A pool connection with its id exchanged. The first 00000000 becomes the control connection; one
  // with an id that is there already is closed.
  void Add(nodepass::PoolId id, std::unique_ptr<core::Stream> stream);

  // --- users, entry side ---
  bool CanServe() const { return state_ == State::kUp && !draining_ && idle_.size() > 0; }
  // Puts a user on the oldest open pool connection. Returns the user back if none was open after
  // all.
  std::optional<entry::User> Serve(entry::User user);
  // Asks the peer so that `waiting` users find a connection; asked ones that have not come yet
  // count. Without effect on a peer that cannot.
  void Demand(std::size_t waiting);

  // Tells the peer that this side takes no new users and will go.
  void Goaway();
  void Close(ErrorCode code);

  bool up() const { return state_ == State::kUp; }
  const Peer& peer() const { return peer_; }
  std::string peer_kind() const;  // "Underpass", "NodePass 1.14", "NodePass 1.13"

 private:
  enum class State : std::uint8_t { kAwaitControl, kAwaitPeer, kUp, kDown };
  struct Expected {  // a signal that was faster than its pool connection
    std::string user;
    TimePoint deadline;
  };
  static constexpr std::size_t kMaxExpected = 65536;

  void OnSignal(const nodepass::Signal& signal) override;
  void OnControlReady() override;
  void OnPingInterval() override;
  void OnControlLost(const Error& error) override;

  void OnUserSignal(const nodepass::Signal& signal);
  void ExpireExpected();
  void FlushIdle();
  void Down(const Error& error);

  PoolContext& context_;
  const Peer peer_;
  Exits* const exits_;
  const std::size_t max_idle_;
  SessionEvents& events_;
  State state_ = State::kAwaitControl;
  bool draining_ = false;  // the peer said goaway
  bool first_id_given_ = false;
  IdlePool idle_;
  std::unique_ptr<ControlChannel> control_;
  std::unique_ptr<core::Timer> deadline_;  // for the control connection

  std::size_t demanded_ = 0;  // asked for, not yet come
  std::unordered_map<nodepass::PoolId, Expected> expected_;
  std::deque<nodepass::PoolId> expected_order_;
  std::unique_ptr<core::Timer> expire_;
  std::size_t unknown_ids_ = 0;  // since the last flush
};

}  // namespace underpass::tunnel
