// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel/pool/front_door.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "api/base/log.h"
#include "proxy/codec/nodepass/handshake.h"

namespace underpass::tunnel {
namespace {

using Action = core::IoResult::Action;
using std::chrono::milliseconds;

constexpr milliseconds kSilence{20};  // docs/protocol.md
constexpr std::chrono::seconds kLeave{1};
constexpr std::string_view kPrefaceMagic = "UPP1";
constexpr char kTlsHandshake = 0x16;

bool IsPrefixOfEither(std::string_view a, std::string_view b) {
  return a.starts_with(b) || b.starts_with(a);
}

}  // namespace

class FrontDoor::Visitor final : public core::Deferred, private core::StreamEvents {
 public:
  Visitor(FrontDoor& door, std::uint64_t id, std::unique_ptr<core::Stream> stream,
          const core::SocketAddress& peer)
      : door_(door),
        id_(id),
        stream_(std::move(stream)),
        peer_(peer),
        silent_(dispatcher().CreateTimer([this] { OnSilent(); })),
        deadline_(dispatcher().CreateTimer([this] { OnDeadline(); })) {
    deadline_->Arm(defaults::kHandshakeTimeout);
    if (door_.events_.ExpectsSilent(peer_))
      silent_->Arm(std::max<Duration>(kSilence, 2 * stream_->Rtt()));
    stream_->SetEvents(this);
  }

  std::uint64_t id() const { return id_; }
  const core::SocketAddress& peer() const { return peer_; }
  void Abort() { stream_->Abort(); }
  // What came before the connection was made known.
  void ReadFirst() { OnStreamReady(true, false); }

 private:
  enum class State : std::uint8_t { kSniffing, kRequest, kPreface, kLeaving, kGone };

  core::Dispatcher& dispatcher() { return door_.context_.dispatcher; }

  void OnStreamReady(bool readable, bool writable) override {
    if (state_ == State::kLeaving && writable && !unsent_.empty()) FlushAnswer();
    while (readable && state_ != State::kGone) {
      std::array<std::byte, 2048> buffer;
      const core::IoResult read = stream_->Read(buffer);
      if (read.action == Action::kWouldBlock) return;
      if (read.action != Action::kProgress) return OnEnd(read);
      if (state_ == State::kLeaving) continue;  // not interested any more
      silent_->Disarm();
      received_.append(reinterpret_cast<const char*>(buffer.data()), read.bytes);
      Judge();
    }
  }

  void OnEnd(const core::IoResult& read) {
    if (state_ == State::kLeaving) return Leave();
    Refuse(read.action == Action::kEnd
               ? Error{ErrorCode::kPeerClosed, 0, "closed before the handshake"}
               : ErrnoError(read.sys_errno, "read the handshake"));
  }

  void Judge() {
    if (state_ == State::kSniffing) Sniff();
    if (state_ == State::kRequest) return JudgeRequest();
    if (state_ == State::kPreface) return JudgePreface();
  }

  void Sniff() {
    if (IsPrefixOfEither(received_, kPrefaceMagic)) {
      if (received_.size() >= kPrefaceMagic.size()) state_ = State::kPreface;
    } else if (http1::MayBeRequest(received_)) {
      state_ = State::kRequest;
    } else if (received_.front() == kTlsHandshake) {
      Refuse(Error{ErrorCode::kUnsupported, 0, "TLS on a tunnel port without TLS"});
    } else {
      Refuse(Error{ErrorCode::kMalformedFrame, 0, "neither a handshake nor a pool connection"});
    }
  }

  void JudgeRequest() {
    Result<std::optional<std::pair<http1::Request, std::size_t>>> parsed =
        http1::ParseRequest(received_);
    if (!parsed.has_value()) return Refuse(parsed.error());
    if (!parsed->has_value()) return;
    unsent_ = door_.events_.OnRequest((*parsed)->first, peer_);
    state_ = State::kLeaving;
    deadline_->Arm(kLeave);
    FlushAnswer();
  }

  void JudgePreface() {
    if (received_.size() < nodepass::kPrefaceBytes) return;
    if (received_.size() > nodepass::kPrefaceBytes) {
      return Refuse(
          Error{ErrorCode::kMalformedFrame, 0, "bytes behind the preface before the id was sent"});
    }
    const auto bytes = std::as_bytes(std::span(received_)).first<nodepass::kPrefaceBytes>();
    const Result<nodepass::DecodedPreface> preface =
        nodepass::DecodePreface(bytes, door_.context_.key);
    if (!preface.has_value()) return Refuse(preface.error());
    std::unique_ptr<core::Stream> stream = Release();
    door_.events_.OnPreface(*preface, std::move(stream));
  }

  void OnSilent() {
    std::unique_ptr<core::Stream> stream = Release();
    door_.events_.OnSilent(std::move(stream), peer_);
  }

  void OnDeadline() {
    if (state_ == State::kLeaving) return Leave();
    if (received_.empty() && door_.events_.HasForeignSession() &&
        !door_.events_.ExpectsSilent(peer_)) {
      return Refuse(
          Error{ErrorCode::kAddressMismatch, 0, "a pool connection from another address"});
    }
    Refuse(Error{ErrorCode::kTimeout, 0, "no whole handshake within 5 s"});
  }

  void FlushAnswer() {
    while (!unsent_.empty()) {
      const core::IoResult written = stream_->Write(std::as_bytes(std::span(unsent_)));
      if (written.action == Action::kFailed) return Leave();
      if (written.action != Action::kProgress) return;
      unsent_.erase(0, written.bytes);
    }
    stream_->ShutdownWrite();
  }

  void Refuse(const Error& error) {
    stream_->SetEvents(nullptr);
    state_ = State::kGone;
    door_.Refuse(*this, error);
  }

  void Leave() {
    stream_->SetEvents(nullptr);
    state_ = State::kGone;
    door_.Remove(*this);
  }

  std::unique_ptr<core::Stream> Release() {
    stream_->SetEvents(nullptr);
    state_ = State::kGone;
    std::unique_ptr<core::Stream> stream = std::move(stream_);
    door_.Remove(*this);
    return stream;
  }

  FrontDoor& door_;
  const std::uint64_t id_;
  std::unique_ptr<core::Stream> stream_;
  const core::SocketAddress peer_;
  State state_ = State::kSniffing;
  std::string received_;
  std::string unsent_;
  std::unique_ptr<core::Timer> silent_;
  std::unique_ptr<core::Timer> deadline_;
};

FrontDoor::FrontDoor(PoolContext& context, net::UniqueFd listening, FrontDoorEvents& events)
    : context_(context),
      events_(events),
      acceptor_(context.dispatcher, std::move(listening), static_cast<net::AcceptEvents&>(*this)) {}

FrontDoor::~FrontDoor() = default;

void FrontDoor::OnAccepted(std::unique_ptr<core::Stream> stream, const core::SocketAddress& peer) {
  if (visitors_.size() >= defaults::kMaxUnknownConnections) {
    Refuse(*visitors_.begin()->second,
           Error{ErrorCode::kQueueFull, 0, "too many connections without a handshake"});
  }
  const std::uint64_t id = next_visitor_++;
  Visitor& visitor =
      *visitors_.emplace(id, std::make_unique<Visitor>(*this, id, std::move(stream), peer))
           .first->second;
  visitor.ReadFirst();
}

void FrontDoor::OnAcceptPaused(int sys_errno) { core::TellAcceptPaused(context_.board, sys_errno); }

void FrontDoor::Refuse(Visitor& visitor, const Error& error) {
  context_.board.stats().CountDrop(error.code);
  Log(LogLevel::kInfo, "connection refused",
      {{"tunnel", context_.board.label()},
       {"peer", visitor.peer().ToString()},
       {"reason", Name(error.code)},
       {"error", error.ToString()}});
  visitor.Abort();
  Remove(visitor);
}

void FrontDoor::Remove(Visitor& visitor) {
  auto node = visitors_.extract(visitor.id());
  context_.dispatcher.DeferDelete(std::move(node.mapped()));
}

}  // namespace underpass::tunnel
