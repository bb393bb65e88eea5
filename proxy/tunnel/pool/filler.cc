// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel/pool/filler.h"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "api/base/log.h"
#include "proxy/codec/nodepass/preface.h"

namespace underpass::tunnel {

using Action = core::IoResult::Action;

// kDialling --connected, preface sent--> kAwaitId --4 bytes--> done ; any --failed | deadline-->
// failed
class Filler::Opening final : public core::Deferred,
                              private core::OpenEvents,
                              private core::StreamEvents {
 public:
  explicit Opening(Filler& filler)
      : filler_(filler), deadline_(filler.context_.dispatcher.CreateTimer([this] {
          Fail(Error{ErrorCode::kTimeout, 0, "no id on a pool connection within 5 s"});
        })) {
    dial_ = filler_.transport_.Open(filler_.server_, defaults::kDialTimeout, *this);
  }

 private:
  void OnOpened(std::unique_ptr<core::Stream> stream) override {
    stream_ = std::move(stream);
    if (filler_.session_id_.has_value()) {
      const nodepass::Preface preface = nodepass::EncodePreface(
          *filler_.session_id_, filler_.next_counter_++, filler_.context_.key);
      const core::IoResult written = stream_->Write(preface);
      if (written.bytes != preface.size()) {  // a fresh connection takes 44 bytes, or is broken
        return Fail(ErrnoError(written.sys_errno, "send the preface of a pool connection"));
      }
    }
    deadline_->Arm(defaults::kHandshakeTimeout);
    stream_->SetEvents(this);
    OnStreamReady(true, false);
  }

  void OnOpenFailed(const Error& error) override { Fail(error); }

  void OnStreamReady(bool readable, bool /*writable*/) override {
    if (!readable || done_) return;
    while (received_ < id_.size()) {
      // No byte more than the id: what follows is the user's.
      const core::IoResult read = stream_->Read(std::span(id_).subspan(received_));
      if (read.action == Action::kWouldBlock) return;
      if (read.action == Action::kEnd) {
        return Fail(
            Error{ErrorCode::kPeerClosed, 0, "the server closed a pool connection before its id"});
      }
      if (read.action == Action::kFailed)
        return Fail(ErrnoError(read.sys_errno, "read the id of a pool connection"));
      received_ += read.bytes;
    }
    done_ = true;
    stream_->SetEvents(nullptr);
    nodepass::PoolId id = 0;
    for (const std::byte byte : id_) id = id << 8 | std::to_integer<nodepass::PoolId>(byte);
    filler_.OnOpened(*this, id, std::move(stream_));
  }

  void Fail(const Error& error) {
    if (std::exchange(done_, true)) return;
    if (stream_ != nullptr) stream_->SetEvents(nullptr);
    filler_.OnFailed(*this, error);
  }

  Filler& filler_;
  std::unique_ptr<core::PendingStream> dial_;
  std::unique_ptr<core::Stream> stream_;
  std::array<std::byte, 4> id_{};
  std::size_t received_ = 0;
  bool done_ = false;
  std::unique_ptr<core::Timer> deadline_;
};

Filler::Filler(PoolContext& context, core::Transport& transport, const HostPort& server,
               FillPolicy policy, std::optional<nodepass::SessionId> session_id, Session& session)
    : context_(context),
      transport_(transport),
      server_(server),
      policy_(policy),
      session_id_(session_id),
      session_(session),
      retry_(std::random_device()()),
      tick_(context.dispatcher.CreateTimer([this] { Tick(); })),
      fill_(context.dispatcher.CreateTimer([this] { Fill(); })),
      pause_(context.dispatcher.CreateTimer([this] { Fill(); })) {}

Filler::~Filler() { context_.board.stats().pool_capacity.Set(0); }

void Filler::Start() { Tick(); }

void Filler::Tick() {
  policy_.AdjustCapacity(std::exchange(created_, 0));
  policy_.AdjustInterval(static_cast<int>(session_.idle()));
  context_.board.stats().pool_capacity.Set(policy_.capacity());
  Fill();
  tick_->Arm(policy_.interval());
}

void Filler::Kick() {
  if (!fill_->armed()) fill_->Arm(Duration::zero());
}

void Filler::Grow(std::size_t count) {
  wanted_ = std::min(wanted_ + count, static_cast<std::size_t>(policy_.max()));
  Kick();
}

void Filler::Fill() {
  if (pause_->armed()) return;
  const std::size_t have = session_.idle() + openings_.size();
  const std::size_t room = static_cast<std::size_t>(policy_.max()) -
                           std::min<std::size_t>(have, static_cast<std::size_t>(policy_.max()));
  const auto capacity = static_cast<std::size_t>(policy_.capacity());
  const std::size_t lacking = capacity - std::min(have, capacity);
  Open(std::min(room, std::max(lacking, std::exchange(wanted_, 0))));
}

void Filler::Open(std::size_t count) {
  for (; count > 0; --count) {
    auto opening = std::make_unique<Opening>(*this);
    const Opening* const key = opening.get();
    openings_.emplace(key, std::move(opening));
  }
}

void Filler::OnOpened(Opening& opening, nodepass::PoolId id, std::unique_ptr<core::Stream> stream) {
  context_.dispatcher.DeferDelete(Remove(opening));
  retry_.Succeeded();
  ++created_;
  session_.Add(id, std::move(stream));
}

void Filler::OnFailed(Opening& opening, const Error& error) {
  context_.dispatcher.DeferDelete(Remove(opening));
  context_.board.stats().CountDrop(error.code);
  wanted_ = std::min(wanted_ + 1,
                     static_cast<std::size_t>(policy_.max()));  // users may wait for this one
  if (pause_->armed()) return;
  Log(LogLevel::kDebug, "pool connection not opened",
      {{"tunnel", context_.board.label()},
       {"reason", Name(error.code)},
       {"error", error.ToString()}});
  pause_->Arm(retry_.Next(error.code, context_.dispatcher.Now()));
}

std::unique_ptr<core::Deferred> Filler::Remove(Opening& opening) {
  auto node = openings_.extract(&opening);
  return std::move(node.mapped());
}

}  // namespace underpass::tunnel
