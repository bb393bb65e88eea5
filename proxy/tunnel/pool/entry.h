// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "proxy/entry/user_listener.h"
#include "proxy/tunnel/pool/session.h"

namespace underpass::tunnel {

class EntryEvents {
 public:
  // The session that the next user goes to, one with CanServe(); null if there is none.
  virtual Session* SessionForUser() = 0;
  // Users wait and no session can serve: pool connections are wanted now.
  virtual void OnUsersWaiting(std::size_t waiting) = 0;

 protected:
  ~EntryEvents() = default;
};

// The entry side: accepts users and puts each on a pool connection, at once or within the pool
// wait; also users that come while there is no session at all. At most defaults::kWaitingUsers
// wait. Thread: the loop. Owner: PoolServer or PoolClient.
class Entry final : private entry::UserSink {
 public:
  Entry(PoolContext& context, net::UniqueFd listening, EntryEvents& events);
  ~Entry();

  const core::SocketAddress& address() const { return address_; }
  // A session may be able to serve: call when one comes up or its pool changed.
  void ServeWaiting();
  // Closes the listening socket; who waits keeps waiting.
  void StopAccepting() { listener_.reset(); }
  bool empty() const { return waiting_.empty(); }

 private:
  void OnUser(entry::User user) override;
  void AskForConnections();
  void ExpireWaiting();
  void CountWaiting();

  PoolContext& context_;
  EntryEvents& events_;
  std::optional<entry::UserListener> listener_;
  const core::SocketAddress address_;
  std::deque<entry::User> waiting_;        // in the order of arrival
  std::unique_ptr<core::Timer> ask_;       // once a turn, for all users of a burst together
  std::unique_ptr<core::Timer> deadline_;  // of the first who waits
};

}  // namespace underpass::tunnel
