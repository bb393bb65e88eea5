// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel/pool/session.h"

#include <random>
#include <utility>

#include "api/base/check.h"
#include "api/base/log.h"

namespace underpass::tunnel {
namespace {

using nodepass::Action;
using nodepass::Signal;

nodepass::PoolId RandomId() {
  static thread_local std::random_device device;  // getrandom(2); ids must not be guessable
  return device();
}

}  // namespace

Session::Session(PoolContext& context, const Peer& peer, Exits* exits, std::size_t max_idle,
                 SessionEvents& events)
    : context_(context),
      peer_(peer),
      exits_(exits),
      max_idle_(max_idle),
      events_(events),
      idle_(context.dispatcher, context.board.stats().pool_idle),
      deadline_(context.dispatcher.CreateTimer(
          [this] { Down(Error{ErrorCode::kTimeout, 0, "no control connection within 5 s"}); })),
      expire_(context.dispatcher.CreateTimer([this] { ExpireExpected(); })) {
  deadline_->Arm(defaults::kHandshakeTimeout);
}

Session::~Session() = default;

nodepass::PoolId Session::NewId() {
  if (!std::exchange(first_id_given_, true)) return nodepass::kControlId;
  while (true) {
    const nodepass::PoolId id = RandomId();
    if (id != nodepass::kControlId && !idle_.Contains(id)) return id;
  }
}

void Session::Add(nodepass::PoolId id, std::unique_ptr<core::Stream> stream) {
  DCHECK(context_.dispatcher.IsInLoop());
  if (state_ == State::kDown) return;
  if (id == nodepass::kControlId && control_ == nullptr) {
    deadline_->Disarm();
    state_ = State::kAwaitPeer;
    control_ = std::make_unique<ControlChannel>(context_, std::move(stream), peer_.ours(),
                                                static_cast<ControlEvents&>(*this));
    if (peer_.ours()) OnControlReady();
    if (state_ != State::kDown) control_->Start();
    return;
  }
  if (id == nodepass::kControlId || idle_.Contains(id)) {
    context_.board.stats().CountDrop(ErrorCode::kMalformedFrame);
    return;
  }
  if (demanded_ > 0) --demanded_;
  if (const auto expected = expected_.extract(id)) {
    exits_->Begin(std::move(stream), std::move(expected.mapped().user));
    return events_.OnPoolTaken(*this);
  }
  idle_.Add(id, std::move(stream));
  events_.OnPoolChanged(*this);
}

std::optional<entry::User> Session::Serve(entry::User user) {
  auto [id, stream] = idle_.TakeOldest();
  if (stream == nullptr) return user;
  context_.board.stats().pool_wait.Observe(context_.dispatcher.Now() - user.arrived);
  const std::string address = user.address.ToString();
  const std::string carrier = stream->peer().ToString();
  control_->Send(Signal{.action = Action::kTcp, .remote = address, .id = id});
  context_.relays.Join(
      {std::move(user.stream), std::move(stream), address, carrier, std::move(user.slot)});
  events_.OnPoolTaken(*this);
  return std::nullopt;
}

void Session::Demand(std::size_t waiting) {
  if (state_ != State::kUp || draining_ || !peer_.ours() || !peer_.capabilities->demand) return;
  if (waiting <= demanded_) return;
  const auto count =
      static_cast<std::uint32_t>(std::min<std::size_t>(waiting - demanded_, max_idle_));
  demanded_ += count;
  control_->Send(Signal{.action = Action::kGrow, .count = count});
}

void Session::Goaway() {
  if (state_ == State::kUp && peer_.ours() && peer_.capabilities->goaway) {
    control_->Send(Signal{.action = Action::kGoaway});
  }
}

void Session::Close(ErrorCode code) { Down(Error{code, 0, "closed by this side"}); }

std::string Session::peer_kind() const {
  if (peer_.ours()) return "Underpass";
  const bool url = control_ != nullptr && control_->dialect() == nodepass::Dialect::kUrl;
  return url ? "NodePass 1.13" : "NodePass 1.14";
}

void Session::OnControlReady() {
  state_ = State::kUp;
  events_.OnSessionUp(*this);
}

void Session::OnSignal(const Signal& signal) {
  switch (signal.action) {
    case Action::kTcp:
    case Action::kUdp:
      return OnUserSignal(signal);
    case Action::kFlush:
      return FlushIdle();
    case Action::kGrow:
      if (peer_.ours()) events_.OnGrow(*this, signal.count);
      return;
    case Action::kGoaway:
      if (!peer_.ours() || std::exchange(draining_, true)) return;
      // Users that were put on a connection were told of before, on this same control connection.
      idle_.Clear();
      return events_.OnPeerDraining(*this);
    case Action::kVerify:  // of a certificate, and there is none on plain TCP
    case Action::kPing:
    case Action::kPong:
      return;
  }
}

void Session::OnUserSignal(const Signal& signal) {
  core::TunnelStats& stats = context_.board.stats();
  if (exits_ == nullptr) {  // only the entry may send it
    stats.CountDrop(ErrorCode::kMalformedFrame);
    return;
  }
  std::unique_ptr<core::Stream> stream = idle_.Take(signal.id);
  if (signal.action == Action::kUdp) {
    // Closing the connection ends the peer's session for that user at once.
    stats.CountDrop(ErrorCode::kUnsupported);
    if (stream != nullptr) events_.OnPoolTaken(*this);
    return;
  }
  if (stream != nullptr) {
    exits_->Begin(std::move(stream), signal.remote);
    return events_.OnPoolTaken(*this);
  }
  if (expected_.size() >= kMaxExpected) return stats.CountDrop(ErrorCode::kQueueFull);
  const TimePoint deadline = context_.dispatcher.Now() + defaults::kPoolWait;
  if (expected_.try_emplace(signal.id, Expected{signal.remote, deadline}).second) {
    expected_order_.push_back(signal.id);
    if (!expire_->armed()) expire_->Arm(defaults::kPoolWait);
  }
}

void Session::ExpireExpected() {
  const TimePoint now = context_.dispatcher.Now();
  while (!expected_order_.empty()) {
    const auto it = expected_.find(expected_order_.front());
    if (it != expected_.end()) {
      if (it->second.deadline > now) return expire_->Arm(it->second.deadline - now);
      ++unknown_ids_;
      context_.board.stats().CountDrop(ErrorCode::kUnknownId);
      context_.board.stats().connections_failed.Add();
      Log(LogLevel::kWarn, "no such pool connection",
          {{"tunnel", context_.board.label()},
           {"peer", peer_.address.ToString()},
           {"reason", Name(ErrorCode::kUnknownId)},
           {"id", nodepass::FormatId(it->first)},
           {"user", it->second.user}});
      expected_.erase(it);
    }
    expected_order_.pop_front();
  }
}

// As NodePass: too many ids that the peer has and this side has not mean that the two pools differ.
void Session::OnPingInterval() {
  demanded_ = 0;  // what was asked for and did not come may be asked for again
  if (unknown_ids_ <= idle_.size() / 2) return;
  unknown_ids_ = 0;
  control_->Send(Signal{.action = Action::kFlush});
  if (state_ != State::kDown) FlushIdle();
}

void Session::FlushIdle() {
  idle_.Clear();
  events_.OnPoolChanged(*this);
}

void Session::OnControlLost(const Error& error) { Down(error); }

void Session::Down(const Error& error) {
  if (state_ == State::kDown) return;
  state_ = State::kDown;
  deadline_->Disarm();
  expire_->Disarm();
  idle_.Clear();
  events_.OnSessionDown(*this, error);
}

}  // namespace underpass::tunnel
