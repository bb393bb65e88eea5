// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel/pool/pool_client.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

#include "api/base/check.h"
#include "api/base/log.h"

namespace underpass::tunnel {
namespace {

constexpr std::chrono::milliseconds kDrainCheck{20};
// Between two log lines about a server that is not reached, when the reasons alternate.
constexpr std::chrono::seconds kQuiet{1};

// Source: NodePass internal/common.go getServerName() @0c932f8.
std::string HostHeader(const v1alpha1::PoolSpec& pool) {
  if (!pool.tls.server_name.empty()) return pool.tls.server_name;
  return pool.address.host.empty() || pool.address.IsIpAddress() ? "none" : pool.address.host;
}

}  // namespace

PoolClient::PoolClient(core::Dispatcher& dispatcher, core::Resolver& resolver,
                       std::unique_ptr<core::Transport> transport, relay::Resources& resources,
                       relay::Slots& slots, std::shared_ptr<core::TunnelBoard> board,
                       const v1alpha1::TunnelSpec& spec, Secret key)
    : spec_(spec),
      pool_(std::get<v1alpha1::PoolSpec>(spec_.kind)),
      board_(std::move(board)),
      transport_(std::move(transport)),
      relays_(dispatcher, resources, *board_, spec_.limits.idle_timeout),
      context_{dispatcher, resolver, *board_, slots, relays_, std::move(key)},
      retry_(std::random_device()()),
      retry_timer_(dispatcher.CreateTimer([this] { Handshake(); })),
      drain_check_(dispatcher.CreateTimer([this] { CheckDrained(); })) {
  if (spec_.targets.empty()) return;
  upstream_.emplace(dispatcher, resolver, *board_, spec_.targets, spec_.dial.dns_cache);
  exits_.emplace(context_, *upstream_);
}

PoolClient::~PoolClient() = default;

void PoolClient::Start() {
  ShowState(core::TunnelPhase::kWaiting, std::nullopt);
  Handshake();
}

void PoolClient::Handshake() {
  state_ = State::kHandshaking;
  handshake_ = std::make_unique<ClientHandshake>(
      context_, *transport_, pool_.address,
      nodepass::Request(context_.key, HostHeader(pool_), kOurCapabilities),
      static_cast<HandshakeEvents&>(*this));
}

void PoolClient::OnHandshakeFailed(const Error& error) {
  context_.dispatcher.DeferDelete(std::move(handshake_));
  board_->stats().handshakes_failed.Add();
  Pause(error);
}

void PoolClient::OnHandshakeDone(const nodepass::ServerAnswer& answer,
                                 const core::SocketAddress& server) {
  context_.dispatcher.DeferDelete(std::move(handshake_));
  if (const Result<void> good = CheckAnswer(answer); !good.has_value()) {
    board_->stats().handshakes_failed.Add();
    return Pause(good.error());
  }
  board_->stats().handshakes_ok.Add();
  answer_ = answer;
  server_ = server;
  if (answer_.parameters.flow == '+' && !entry_.has_value()) return BindEntry();
  if (answer_.parameters.flow == '-') entry_.reset();
  BeginSession();
}

Result<void> PoolClient::CheckAnswer(const nodepass::ServerAnswer& answer) const {
  const nodepass::ServerParameters& parameters = answer.parameters;
  if (parameters.tls != "0") {
    return Fail(ErrorCode::kUnsupported, "the server asks for tls=" + parameters.tls);
  }
  if (parameters.type != "0") {
    return Fail(ErrorCode::kUnsupported, "the server asks for type=" + parameters.type);
  }
  if (parameters.flow == '+' && !spec_.listen.has_value()) {
    return Fail(ErrorCode::kFlowMismatch,
                "the server's flow is Forward, and there is no listen here");
  }
  if (parameters.flow == '-' && !upstream_.has_value()) {
    return Fail(ErrorCode::kFlowMismatch,
                "the server's flow is Reverse, and there are no targets here");
  }
  return {};
}

void PoolClient::BindEntry() {
  state_ = State::kBinding;
  binder_ = std::make_unique<net::Binder>(
      context_.dispatcher, context_.resolver, spec_.listen->ToHostPort(), 1,
      [this](Result<std::vector<net::UniqueFd>> fds) {
        if (!fds.has_value()) return Pause(fds.error());
        entry_.emplace(context_, std::move(fds->front()), static_cast<EntryEvents&>(*this));
        BeginSession();
      });
}

void PoolClient::BeginSession() {
  state_ = State::kSession;
  const bool exit = answer_.parameters.flow == '-';
  const int max = answer_.parameters.max;
  session_ = std::make_unique<Session>(context_, Session::Peer{server_, answer_.capabilities},
                                       exit ? &*exits_ : nullptr, static_cast<std::size_t>(max),
                                       static_cast<SessionEvents&>(*this));
  filler_ = std::make_unique<Filler>(
      context_, *transport_, pool_.address, FillPolicy(std::min(pool_.idle.min, max), max),
      answer_.capabilities.has_value() ? std::optional(answer_.session) : std::nullopt, *session_);
  filler_->Start();
}

void PoolClient::Pause(const Error& error) {
  board_->stats().CountDrop(error.code);
  const bool cannot_run = error.code == ErrorCode::kFlowMismatch ||
                          error.code == ErrorCode::kUnsupported ||
                          error.code == ErrorCode::kAddressInUse;
  const TimePoint now = context_.dispatcher.Now();
  if (last_reason_ != error.code && now >= quiet_until_) {
    last_reason_ = error.code;
    quiet_until_ = now + kQuiet;
    Log(LogLevel::kWarn, "server not reached",
        {{"tunnel", board_->label()},
         {"server", pool_.address.ToString()},
         {"reason", Name(error.code)},
         {"error", error.ToString()},
         {"next", NextStep(error.code)}});
  }
  if (state_ == State::kDraining) return;
  state_ = State::kPausing;
  ShowState(cannot_run ? core::TunnelPhase::kFailed : core::TunnelPhase::kWaiting, error);
  retry_timer_->Arm(retry_.Next(error.code, now));
}

void PoolClient::OnSessionUp(Session& session) {
  if (&session != session_.get()) return;
  last_reason_.reset();
  retry_.Succeeded();
  Log(LogLevel::kInfo, "peer connected",
      {{"tunnel", board_->label()},
       {"peer", server_.ToString()},
       {"kind", session.peer_kind()},
       {"flow", answer_.parameters.flow == '-' ? "Reverse" : "Forward"},
       {"users", entry_.has_value() ? entry_->address().ToString() : ""}});
  ShowState(
      state_ == State::kDraining ? core::TunnelPhase::kDraining : core::TunnelPhase::kConnected,
      std::nullopt);
  OnPoolChanged(session);
}

void PoolClient::OnPoolChanged(Session& session) {
  if (&session != session_.get()) return;
  if (entry_.has_value()) entry_->ServeWaiting();
  if (filler_ != nullptr) filler_->Kick();
}

void PoolClient::OnPoolTaken(Session& session) {
  if (&session == session_.get() && filler_ != nullptr) filler_->Kick();
}

void PoolClient::OnGrow(Session& session, std::uint32_t count) {
  if (&session == session_.get() && filler_ != nullptr) filler_->Grow(count);
}

void PoolClient::OnUsersWaiting(std::size_t waiting) {
  if (session_ == nullptr || !session_->up()) return;
  const std::size_t coming = filler_->opening();
  if (waiting > coming) filler_->Grow(waiting - coming);
}

// The old session keeps what it has; its successor is wanted now.
void PoolClient::OnPeerDraining(Session& session) {
  if (&session != session_.get()) return;
  Log(LogLevel::kInfo, "peer draining",
      {{"tunnel", board_->label()}, {"peer", server_.ToString()}});
  context_.dispatcher.DeferDelete(std::move(filler_));
  retiring_.push_back(std::move(session_));
  retry_.SessionLost(context_.dispatcher.Now());
  Pause(Error{ErrorCode::kPeerDraining, 0, "the server is shutting down"});
}

void PoolClient::OnSessionDown(Session& session, const Error& error) {
  const auto old = std::find_if(
      retiring_.begin(), retiring_.end(),
      [&](const std::unique_ptr<Session>& candidate) { return candidate.get() == &session; });
  if (old != retiring_.end()) {
    context_.dispatcher.DeferDelete(std::move(*old));
    retiring_.erase(old);
    return;
  }
  CHECK(session_.get() == &session);
  Log(LogLevel::kInfo, "peer gone",
      {{"tunnel", board_->label()},
       {"peer", server_.ToString()},
       {"reason", Name(error.code)},
       {"error", error.ToString()}});
  const bool was_up = board_->state()->phase == core::TunnelPhase::kConnected;
  context_.dispatcher.DeferDelete(std::move(filler_));
  context_.dispatcher.DeferDelete(std::move(session_));
  board_->stats().peer_rtt_us.Set(0);
  if (was_up) retry_.SessionLost(context_.dispatcher.Now());
  Pause(error);
}

void PoolClient::ShowState(core::TunnelPhase phase, std::optional<Error> error) {
  core::TunnelState state{
      .phase = phase, .tunnel_address = pool_.address.ToString(), .error = std::move(error)};
  if (entry_.has_value()) state.entry = entry_->address().ToString();
  if (session_ != nullptr && session_->up()) {
    state.peer = server_.ToString();
    state.peer_kind = session_->peer_kind();
    state.flow = answer_.parameters.flow == '-' ? "Reverse" : "Forward";
  }
  board_->Set(std::move(state));
}

void PoolClient::Drain(std::function<void()> drained) {
  const bool connected = state_ == State::kSession;
  state_ = State::kDraining;
  drained_ = std::move(drained);
  retry_timer_->Disarm();
  if (!connected) {
    handshake_.reset();
    binder_.reset();
  }
  if (entry_.has_value()) entry_->StopAccepting();
  if (session_ != nullptr) session_->Goaway();
  ShowState(core::TunnelPhase::kDraining, std::nullopt);
  drain_check_->Arm(Duration::zero());
}

void PoolClient::CheckDrained() {
  const bool waiting = entry_.has_value() && !entry_->empty() && session_ != nullptr;
  if (waiting || !relays_.empty() || (exits_.has_value() && !exits_->empty()))
    return drain_check_->Arm(kDrainCheck);
  drained_();
}

}  // namespace underpass::tunnel
