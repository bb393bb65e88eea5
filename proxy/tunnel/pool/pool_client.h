// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proxy/core/transport.h"
#include "proxy/core/tunnel.h"
#include "proxy/net/binder.h"
#include "proxy/tunnel/pool/client_handshake.h"
#include "proxy/tunnel/pool/entry.h"
#include "proxy/tunnel/pool/exits.h"
#include "proxy/tunnel/pool/filler.h"
#include "proxy/tunnel/pool/retry_schedule.h"
#include "proxy/tunnel/pool/session.h"

namespace underpass::tunnel {

// The client end of a pool tunnel: dials the server, adopts its parameters, keeps the pool filled,
// and begins again whenever the session ends. The server's flow decides whether this side is the
// entry or the exit.
//
//   kHandshaking --answer--> kBinding (entry only) --> kSession --session down | peer draining-->
//   kHandshaking any --error--> kPausing --RetrySchedule--> kHandshaking ; any --Drain--> kDraining
//
// A session whose peer drains lives on beside its successor until the peer closes it. The entry's
// port stays open while sessions come and go: users wait.   Thread: the loop of its home worker.
class PoolClient final : public core::Tunnel,
                         private HandshakeEvents,
                         private SessionEvents,
                         private EntryEvents {
 public:
  // spec: a pool Client that Validate and Unsupported accept.   key: not empty.   All references
  // outlive the tunnel.
  PoolClient(core::Dispatcher& dispatcher, core::Resolver& resolver,
             std::unique_ptr<core::Transport> transport, relay::Resources& resources,
             relay::Slots& slots, std::shared_ptr<core::TunnelBoard> board,
             const v1alpha1::TunnelSpec& spec, Secret key);
  ~PoolClient() override;

  void Start() override;
  void Drain(std::function<void()> drained) override;
  void ListConnections(std::vector<core::ConnectionInfo>& out) const override { relays_.List(out); }

 private:
  enum class State : std::uint8_t { kPausing, kHandshaking, kBinding, kSession, kDraining };

  void Handshake();
  void OnHandshakeDone(const nodepass::ServerAnswer& answer,
                       const core::SocketAddress& server) override;
  void OnHandshakeFailed(const Error& error) override;
  Result<void> CheckAnswer(const nodepass::ServerAnswer& answer) const;
  void BindEntry();
  void BeginSession();
  void Pause(const Error& error);

  void OnSessionUp(Session& session) override;
  void OnPoolChanged(Session& session) override;
  void OnPoolTaken(Session& session) override;
  void OnGrow(Session& session, std::uint32_t count) override;
  void OnPeerDraining(Session& session) override;
  void OnSessionDown(Session& session, const Error& error) override;

  Session* SessionForUser() override {
    return session_ != nullptr && session_->CanServe() ? session_.get() : nullptr;
  }
  void OnUsersWaiting(std::size_t waiting) override;

  void ShowState(core::TunnelPhase phase, std::optional<Error> error);
  void CheckDrained();

  const v1alpha1::TunnelSpec spec_;
  const v1alpha1::PoolSpec& pool_;
  const std::shared_ptr<core::TunnelBoard> board_;
  const std::unique_ptr<core::Transport> transport_;
  relay::RelaySet relays_;
  PoolContext context_;
  std::optional<upstream::Upstream> upstream_;
  std::optional<Exits> exits_;
  std::optional<Entry> entry_;

  State state_ = State::kPausing;
  nodepass::ServerAnswer answer_;  // of the last handshake
  core::SocketAddress server_;
  std::unique_ptr<ClientHandshake> handshake_;
  std::unique_ptr<net::Binder> binder_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Filler> filler_;                  // with session_
  std::vector<std::unique_ptr<Session>> retiring_;  // whose peer drains
  RetrySchedule retry_;
  std::optional<ErrorCode> last_reason_;  // that was logged
  TimePoint quiet_until_{};
  std::unique_ptr<core::Timer> retry_timer_;
  std::function<void()> drained_;
  std::unique_ptr<core::Timer> drain_check_;
};

}  // namespace underpass::tunnel
