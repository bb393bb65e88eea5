// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel/pool/control_channel.h"

#include <array>
#include <bit>
#include <utility>

#include "api/base/check.h"
#include "api/base/log.h"

namespace underpass::tunnel {

using Action = core::IoResult::Action;

ControlChannel::ControlChannel(const PoolContext& context, std::unique_ptr<core::Stream> stream,
                               bool peer_is_ours, ControlEvents& events)
    : context_(context),
      stream_(std::move(stream)),
      events_(events),
      state_(peer_is_ours ? State::kReady : State::kAwaitDialect),
      ping_(context.dispatcher.CreateTimer([this] { Ping(); })),
      silence_(context.dispatcher.CreateTimer([this] {
        Lose(Error{ErrorCode::kPeerSilent, 0, "no line on the control connection for 15 s"});
      })),
      dialect_deadline_(context.dispatcher.CreateTimer([this] { BecomeReady(); })) {}

ControlChannel::~ControlChannel() { stream_->SetEvents(nullptr); }

void ControlChannel::Start() {
  stream_->SetEvents(this);
  silence_->Arm(defaults::kControlSilence);
  if (state_ == State::kAwaitDialect) dialect_deadline_->Arm(defaults::kHandshakeTimeout);
  Ping();
  if (state_ != State::kLost) ReadLines();
}

void ControlChannel::Ping() {
  last_ping_ = context_.dispatcher.Now();
  ping_->Arm(defaults::kPingInterval);
  Send(nodepass::Signal{});
  if (state_ != State::kLost) events_.OnPingInterval();
}

void ControlChannel::Send(const nodepass::Signal& signal) {
  if (state_ == State::kLost) return;
  unsent_ += nodepass::EncodeSignal(signal, dialect_, context_.key);
  Flush();
}

void ControlChannel::Flush() {
  while (!unsent_.empty()) {
    const core::IoResult written = stream_->Write(std::as_bytes(std::span(unsent_)));
    if (written.action == Action::kFailed)
      return Lose(ErrnoError(written.sys_errno, "write to the control connection"));
    if (written.action != Action::kProgress) break;
    unsent_.erase(0, written.bytes);
  }
  if (unsent_.size() > kMaxQueuedBytes) {
    Lose(Error{ErrorCode::kQueueFull, 0, "the peer does not read the control connection"});
  }
}

void ControlChannel::OnStreamReady(bool readable, bool writable) {
  if (writable && !unsent_.empty()) Flush();
  if (readable && state_ != State::kLost) ReadLines();
}

void ControlChannel::ReadLines() {
  std::array<std::byte, 4096> buffer;
  while (state_ != State::kLost) {
    const core::IoResult read = stream_->Read(buffer);
    if (read.action == Action::kWouldBlock) return;
    if (read.action == Action::kEnd)
      return Lose(Error{ErrorCode::kPeerClosed, 0, "the control connection was closed"});
    if (read.action == Action::kFailed)
      return Lose(ErrnoError(read.sys_errno, "read the control connection"));
    lines_.Feed({reinterpret_cast<const char*>(buffer.data()), read.bytes},
                [this](Result<std::string_view> line) {
                  if (line.has_value()) {
                    OnLine(*line);
                  } else {
                    OnBadLine(line.error());
                  }
                  return state_ != State::kLost;
                });
  }
}

void ControlChannel::OnLine(std::string_view line) {
  silence_->Arm(defaults::kControlSilence);
  const Result<nodepass::DecodedSignal> decoded = nodepass::DecodeSignal(line, context_.key);
  if (!decoded.has_value()) return OnBadLine(decoded.error());
  if (state_ == State::kAwaitDialect) {
    dialect_ = decoded->dialect;
    BecomeReady();
  }
  switch (decoded->signal.action) {
    case nodepass::Action::kPing:
      return Send(nodepass::Signal{.action = nodepass::Action::kPong});
    case nodepass::Action::kPong:
      context_.board.stats().peer_rtt_us.Set(
          std::chrono::ceil<std::chrono::microseconds>(context_.dispatcher.Now() - last_ping_)
              .count());
      return;
    default:
      return events_.OnSignal(decoded->signal);
  }
}

// A foreign line is skipped, as NodePass skips it. Logged at the 1st, 2nd, 4th, 8th...: a peer
// cannot flood the log.
void ControlChannel::OnBadLine(const Error& error) {
  context_.board.stats().CountDrop(error.code);
  if (!std::has_single_bit(++bad_lines_)) return;
  Log(LogLevel::kWarn, "signal skipped",
      {{"tunnel", context_.board.label()},
       {"peer", stream_->peer().ToString()},
       {"reason", Name(error.code)},
       {"error", error.ToString()},
       {"count", bad_lines_}});
}

void ControlChannel::BecomeReady() {
  if (state_ != State::kAwaitDialect) return;
  state_ = State::kReady;
  dialect_deadline_->Disarm();
  events_.OnControlReady();
}

void ControlChannel::Lose(const Error& error) {
  if (state_ == State::kLost) return;
  state_ = State::kLost;
  stream_->SetEvents(nullptr);
  ping_->Disarm();
  silence_->Disarm();
  dialect_deadline_->Disarm();
  events_.OnControlLost(error);
}

}  // namespace underpass::tunnel
