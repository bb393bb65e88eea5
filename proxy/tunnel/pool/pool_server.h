// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proxy/core/tunnel.h"
#include "proxy/net/binder.h"
#include "proxy/tunnel/pool/entry.h"
#include "proxy/tunnel/pool/exits.h"
#include "proxy/tunnel/pool/front_door.h"
#include "proxy/tunnel/pool/session.h"

namespace underpass::tunnel {

// The server end of a pool tunnel: listens on the tunnel address, judges handshakes, and holds one
// session a client: any number of clients of ours, and one NodePass client an address, the newest.
//
//   kBinding --both ports bound--> kOpen ; kBinding --failed--> kBinding again after 1 s ; any
//   --Drain--> kDraining
//
// Flow: Reverse binds the listen address, Forward dials targets, Auto tries to bind and else dials.
// Thread: the loop of its home worker.
class PoolServer final : public core::Tunnel,
                         private FrontDoorEvents,
                         private SessionEvents,
                         private EntryEvents {
 public:
  // spec: a pool Server that Validate and Unsupported accept.   key: not empty.   All references
  // outlive the tunnel.
  PoolServer(core::Dispatcher& dispatcher, core::Resolver& resolver, relay::Resources& resources,
             relay::Slots& slots, std::shared_ptr<core::TunnelBoard> board,
             const v1alpha1::TunnelSpec& spec, Secret key);
  ~PoolServer() override;

  void Start() override;
  void Drain(std::function<void()> drained) override;
  void ListConnections(std::vector<core::ConnectionInfo>& out) const override { relays_.List(out); }

 private:
  enum class State : std::uint8_t { kBinding, kOpen, kDraining };
  struct Member {
    nodepass::SessionId id{};  // of a peer of ours
    nodepass::ReplayWindow seen;
    std::unique_ptr<Session> session;
  };
  static constexpr std::size_t kMaxSessions = 1024;

  void Bind();
  void BindEntry();
  void Open(v1alpha1::Flow flow);
  void BindFailed(const Error& error);

  std::string OnRequest(const http1::Request& request, const core::SocketAddress& peer) override;
  void OnPreface(const nodepass::DecodedPreface& preface,
                 std::unique_ptr<core::Stream> stream) override;
  bool ExpectsSilent(const core::SocketAddress& peer) override {
    return ForeignSession(peer) != nullptr;
  }
  void OnSilent(std::unique_ptr<core::Stream> stream, const core::SocketAddress& peer) override;
  bool HasForeignSession() override;

  void OnSessionUp(Session& session) override;
  void OnPoolChanged(Session& session) override;
  void OnPoolTaken(Session& session) override;
  void OnGrow(Session& /*session*/, std::uint32_t /*count*/) override {
  }  // only a client opens connections
  void OnPeerDraining(Session& session) override;
  void OnSessionDown(Session& session, const Error& error) override;

  Session* SessionForUser() override;
  void OnUsersWaiting(std::size_t waiting) override;

  nodepass::SessionId AddSession(const Session::Peer& peer);
  Session* ForeignSession(const core::SocketAddress& peer);
  void Admit(Session& session, std::unique_ptr<core::Stream> stream);
  void Refuse(const core::SocketAddress& peer, const Error& error);
  void ShowState(std::optional<Error> error);
  void CloseDoor();
  void CheckDrained();

  const v1alpha1::TunnelSpec spec_;
  const v1alpha1::PoolSpec& pool_;
  const std::shared_ptr<core::TunnelBoard> board_;
  relay::RelaySet relays_;
  PoolContext context_;
  std::optional<upstream::Upstream> upstream_;
  std::optional<Exits> exits_;  // where this side is the exit
  std::optional<Entry> entry_;  // where this side is the entry
  std::optional<FrontDoor> door_;
  std::list<Member> sessions_;  // front: whose turn it is for the next user

  State state_ = State::kBinding;
  v1alpha1::Flow flow_;
  std::unique_ptr<net::Binder> binder_;
  net::UniqueFd tunnel_fd_;  // bound, waiting for the entry's port
  std::unique_ptr<core::Timer> retry_;
  std::function<void()> drained_;
  std::unique_ptr<core::Timer> drain_check_;
};

}  // namespace underpass::tunnel
