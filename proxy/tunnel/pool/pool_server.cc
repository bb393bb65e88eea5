// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel/pool/pool_server.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <ctime>
#include <random>
#include <utility>

#include "api/base/check.h"
#include "api/base/log.h"

namespace underpass::tunnel {
namespace {

using v1alpha1::Flow;

constexpr std::chrono::milliseconds kDrainCheck{20};

nodepass::Capabilities Common(const nodepass::Capabilities& a, const nodepass::Capabilities& b) {
  return {.half_close = a.half_close && b.half_close,
          .demand = a.demand && b.demand,
          .goaway = a.goaway && b.goaway};
}

nodepass::SessionId RandomSessionId() {
  std::random_device device;  // getrandom(2)
  nodepass::SessionId id;
  for (std::size_t i = 0; i < id.size(); i += sizeof(unsigned)) {
    const unsigned word = device();
    std::memcpy(id.data() + i, &word, sizeof(word));
  }
  return id;
}

}  // namespace

PoolServer::PoolServer(core::Dispatcher& dispatcher, core::Resolver& resolver,
                       relay::Resources& resources, relay::Slots& slots,
                       std::shared_ptr<core::TunnelBoard> board, const v1alpha1::TunnelSpec& spec,
                       Secret key)
    : spec_(spec),
      pool_(std::get<v1alpha1::PoolSpec>(spec_.kind)),
      board_(std::move(board)),
      relays_(dispatcher, resources, *board_, spec_.limits.idle_timeout),
      context_{dispatcher, resolver, *board_, slots, relays_, std::move(key)},
      flow_(pool_.flow),
      retry_(dispatcher.CreateTimer([this] { Bind(); })),
      drain_check_(dispatcher.CreateTimer([this] { CheckDrained(); })) {
  if (!spec_.targets.empty()) {
    upstream_.emplace(dispatcher, resolver, *board_, spec_.targets, spec_.dial.dns_cache);
  }
}

PoolServer::~PoolServer() { board_->stats().pool_capacity.Set(0); }

void PoolServer::Start() { Bind(); }

void PoolServer::Bind() {
  binder_ = std::make_unique<net::Binder>(context_.dispatcher, context_.resolver, pool_.address, 1,
                                          [this](Result<std::vector<net::UniqueFd>> fds) {
                                            if (!fds.has_value()) return BindFailed(fds.error());
                                            tunnel_fd_ = std::move(fds->front());
                                            BindEntry();
                                          });
}

void PoolServer::BindEntry() {
  if (pool_.flow == Flow::kForward || !spec_.listen.has_value()) return Open(Flow::kForward);
  binder_ = std::make_unique<net::Binder>(
      context_.dispatcher, context_.resolver, spec_.listen->ToHostPort(), 1,
      [this](Result<std::vector<net::UniqueFd>> fds) {
        if (fds.has_value()) {
          entry_.emplace(context_, std::move(fds->front()), static_cast<EntryEvents&>(*this));
          Open(Flow::kReverse);
        } else if (pool_.flow == Flow::kAuto) {
          Open(Flow::kForward);
        } else {
          BindFailed(fds.error());
        }
      });
}

void PoolServer::Open(Flow flow) {
  flow_ = flow;
  if (flow == Flow::kForward) {
    if (pool_.flow == Flow::kReverse || !upstream_.has_value()) {
      return BindFailed(
          Error{ErrorCode::kFlowMismatch, 0,
                flow_ == pool_.flow || pool_.flow == Flow::kAuto
                    ? "flow Forward makes the server dial targets, and there are none"
                    : "flow Reverse makes the server accept users, and there is no listen"});
    }
    exits_.emplace(context_, *upstream_);
  }
  door_.emplace(context_, std::move(tunnel_fd_), static_cast<FrontDoorEvents&>(*this));
  if (state_ == State::kBinding) state_ = State::kOpen;
  board_->stats().pool_capacity.Set(pool_.idle.max);
  Log(LogLevel::kInfo, "tunnel listening",
      {{"tunnel", board_->label()},
       {"address", door_->address().ToString()},
       {"flow", Name(flow_)},
       {"users", entry_.has_value() ? entry_->address().ToString() : ""}});
  ShowState(std::nullopt);
}

void PoolServer::BindFailed(const Error& error) {
  tunnel_fd_.reset();
  entry_.reset();
  board_->stats().CountDrop(error.code);
  const auto before = board_->state()->error;
  if (!before.has_value() || before->code != error.code) {  // once, not once a second
    Log(LogLevel::kError, "tunnel cannot listen",
        {{"tunnel", board_->label()},
         {"reason", Name(error.code)},
         {"error", error.ToString()},
         {"next", NextStep(error.code)}});
  }
  board_->Set({.phase = core::TunnelPhase::kFailed,
               .tunnel_address = pool_.address.ToString(),
               .error = error});
  retry_->Arm(defaults::kListenRetry);
}

std::string PoolServer::OnRequest(const http1::Request& request, const core::SocketAddress& peer) {
  const std::int64_t now = std::time(nullptr);
  Result<nodepass::AcceptedHandshake> accepted = nodepass::JudgeRequest(request, context_.key);
  if (accepted.has_value() && state_ == State::kDraining) {
    accepted = Fail(ErrorCode::kDraining, "handshake while draining");
  }
  if (accepted.has_value() && sessions_.size() >= kMaxSessions) {
    accepted = Fail(ErrorCode::kQueueFull, "too many sessions");
  }
  if (!accepted.has_value()) {
    board_->stats().handshakes_failed.Add();
    Refuse(peer, accepted.error());
    return nodepass::RejectResponse(accepted.error().code, now);
  }
  board_->stats().handshakes_ok.Add();
  Session::Peer session_peer{peer, std::nullopt};
  if (accepted->capabilities.has_value())
    session_peer.capabilities = Common(*accepted->capabilities, kOurCapabilities);
  const std::optional<nodepass::Capabilities> capabilities = session_peer.capabilities;
  const nodepass::SessionId id = AddSession(session_peer);
  const nodepass::ServerParameters parameters{.flow = flow_ == Flow::kReverse ? '-' : '+',
                                              .max = pool_.idle.max};
  return nodepass::AcceptResponse(parameters, capabilities,
                                  capabilities.has_value() ? std::optional(id) : std::nullopt, now);
}

nodepass::SessionId PoolServer::AddSession(const Session::Peer& peer) {
  if (!peer.ours()) {
    if (Session* const old = ForeignSession(peer.address)) old->Close(ErrorCode::kPeerClosed);
  }
  Member& member = sessions_.emplace_back();
  member.id = RandomSessionId();
  member.session = std::make_unique<Session>(
      context_, peer, exits_.has_value() ? &*exits_ : nullptr,
      static_cast<std::size_t>(pool_.idle.max), static_cast<SessionEvents&>(*this));
  return member.id;
}

void PoolServer::OnPreface(const nodepass::DecodedPreface& preface,
                           std::unique_ptr<core::Stream> stream) {
  const auto member =
      std::find_if(sessions_.begin(), sessions_.end(), [&](const Member& candidate) {
        return candidate.session->peer().ours() && candidate.id == preface.session;
      });
  if (member == sessions_.end()) {
    return Refuse(stream->peer(),
                  Error{ErrorCode::kNotFound, 0, "a pool connection of a session that has ended"});
  }
  if (!member->seen.Accept(preface.counter)) {
    stream->Abort();
    return Refuse(stream->peer(),
                  Error{ErrorCode::kReplayed, 0, "a pool connection that was seen before"});
  }
  Admit(*member->session, std::move(stream));
}

void PoolServer::OnSilent(std::unique_ptr<core::Stream> stream, const core::SocketAddress& peer) {
  // The session may have ended while the connection was watched.
  if (Session* const session = ForeignSession(peer)) Admit(*session, std::move(stream));
}

void PoolServer::Admit(Session& session, std::unique_ptr<core::Stream> stream) {
  if (session.full()) {
    return Refuse(stream->peer(),
                  Error{ErrorCode::kPoolFull, 0, "more idle pool connections than max"});
  }
  const nodepass::PoolId id = session.NewId();
  const std::array<std::byte, 4> bytes = {std::byte(id >> 24), std::byte(id >> 16 & 0xff),
                                          std::byte(id >> 8 & 0xff), std::byte(id & 0xff)};
  if (stream->Write(bytes).bytes != bytes.size()) return;  // it has closed already
  session.Add(id, std::move(stream));
}

bool PoolServer::HasForeignSession() {
  return std::any_of(sessions_.begin(), sessions_.end(),
                     [](const Member& member) { return !member.session->peer().ours(); });
}

Session* PoolServer::ForeignSession(const core::SocketAddress& peer) {
  for (const Member& member : sessions_) {
    const Session::Peer& known = member.session->peer();
    if (!known.ours() && known.address.SameIp(peer)) return member.session.get();
  }
  return nullptr;
}

void PoolServer::OnSessionUp(Session& session) {
  Log(LogLevel::kInfo, "peer connected",
      {{"tunnel", board_->label()},
       {"peer", session.peer().address.ToString()},
       {"kind", session.peer_kind()},
       {"flow", Name(flow_)}});
  ShowState(std::nullopt);
  OnPoolChanged(session);
}

void PoolServer::OnPoolChanged(Session& /*session*/) {
  if (entry_.has_value()) entry_->ServeWaiting();
}

void PoolServer::OnPoolTaken(Session& /*session*/) {}

void PoolServer::OnPeerDraining(Session& session) {
  Log(LogLevel::kInfo, "peer draining",
      {{"tunnel", board_->label()}, {"peer", session.peer().address.ToString()}});
}

void PoolServer::OnSessionDown(Session& session, const Error& error) {
  const auto member =
      std::find_if(sessions_.begin(), sessions_.end(),
                   [&](const Member& candidate) { return candidate.session.get() == &session; });
  CHECK(member != sessions_.end());
  board_->stats().CountDrop(error.code);
  Log(LogLevel::kInfo, "peer gone",
      {{"tunnel", board_->label()},
       {"peer", session.peer().address.ToString()},
       {"reason", Name(error.code)},
       {"error", error.ToString()}});
  context_.dispatcher.DeferDelete(std::move(member->session));
  sessions_.erase(member);
  ShowState(error);
}

// Round robin over the sessions that have a pool connection ready.
Session* PoolServer::SessionForUser() {
  for (auto it = sessions_.begin(); it != sessions_.end(); ++it) {
    if (!it->session->CanServe()) continue;
    sessions_.splice(sessions_.end(), sessions_, it);
    return sessions_.back().session.get();
  }
  return nullptr;
}

void PoolServer::OnUsersWaiting(std::size_t waiting) {
  for (Member& member : sessions_) member.session->Demand(waiting);
}

void PoolServer::Refuse(const core::SocketAddress& peer, const Error& error) {
  board_->stats().CountDrop(error.code);
  Log(LogLevel::kWarn, "peer refused",
      {{"tunnel", board_->label()},
       {"peer", peer.ToString()},
       {"reason", Name(error.code)},
       {"error", error.ToString()}});
}

void PoolServer::ShowState(std::optional<Error> error) {
  core::TunnelState state{.phase = core::TunnelPhase::kWaiting, .flow = std::string(Name(flow_))};
  if (door_.has_value()) state.tunnel_address = door_->address().ToString();
  if (entry_.has_value()) state.entry = entry_->address().ToString();
  std::size_t up = 0;
  for (const Member& member : sessions_) {
    if (!member.session->up()) continue;
    if (up++ > 0) continue;
    state.peer = member.session->peer().address.ToString();
    state.peer_kind = member.session->peer_kind();
  }
  if (up > 1) state.peer += " +" + std::to_string(up - 1);
  if (up > 0) {
    state.phase = core::TunnelPhase::kConnected;
  } else {
    state.error = std::move(error);
    board_->stats().peer_rtt_us.Set(0);
  }
  if (state_ == State::kDraining) state.phase = core::TunnelPhase::kDraining;
  board_->Set(std::move(state));
}

void PoolServer::Drain(std::function<void()> drained) {
  state_ = State::kDraining;
  drained_ = std::move(drained);
  retry_->Disarm();
  binder_.reset();
  if (entry_.has_value()) entry_->StopAccepting();
  for (Member& member : sessions_) member.session->Goaway();
  CloseDoor();
  ShowState(std::nullopt);
  drain_check_->Arm(Duration::zero());
}

// Users who wait may still get a pool connection. After that a refused dial tells clients more than
// an answer would.
void PoolServer::CloseDoor() {
  if (!entry_.has_value() || entry_->empty()) door_.reset();
}

void PoolServer::CheckDrained() {
  CloseDoor();
  const bool dialling = exits_.has_value() && !exits_->empty();
  if (door_.has_value() || dialling || !relays_.empty()) return drain_check_->Arm(kDrainCheck);
  drained_();
}

}  // namespace underpass::tunnel
