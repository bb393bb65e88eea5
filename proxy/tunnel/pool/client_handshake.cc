// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel/pool/client_handshake.h"

#include <array>
#include <span>
#include <utility>

#include "proxy/codec/http1/http1.h"

namespace underpass::tunnel {

using Action = core::IoResult::Action;

ClientHandshake::ClientHandshake(PoolContext& context, core::Transport& transport,
                                 const HostPort& server, std::string request,
                                 HandshakeEvents& events)
    : events_(events),
      unsent_(std::move(request)),
      deadline_(context.dispatcher.CreateTimer([this] {
        Fail(Error{ErrorCode::kTimeout, 0, "no answer to the handshake within 5 s"});
      })) {
  deadline_->Arm(defaults::kHandshakeTimeout);
  dial_ = transport.Open(server, defaults::kDialTimeout, static_cast<core::OpenEvents&>(*this));
}

ClientHandshake::~ClientHandshake() = default;

void ClientHandshake::OnOpened(std::unique_ptr<core::Stream> stream) {
  stream_ = std::move(stream);
  stream_->SetEvents(this);
  Send();
}

void ClientHandshake::OnStreamReady(bool readable, bool writable) {
  if (writable && !done_) Send();
  while (readable && !done_) {
    std::array<std::byte, 2048> buffer;
    const core::IoResult read = stream_->Read(buffer);
    if (read.action == Action::kWouldBlock) return;
    if (read.action == Action::kFailed)
      return Fail(ErrnoError(read.sys_errno, "read the answer to the handshake"));
    received_.append(reinterpret_cast<const char*>(buffer.data()), read.bytes);
    Judge(read.action == Action::kEnd);
  }
}

void ClientHandshake::Send() {
  while (!unsent_.empty()) {
    const core::IoResult written = stream_->Write(std::as_bytes(std::span(unsent_)));
    if (written.action == Action::kFailed)
      return Fail(ErrnoError(written.sys_errno, "send the handshake"));
    if (written.action != Action::kProgress) return;
    unsent_.erase(0, written.bytes);
  }
}

void ClientHandshake::Judge(bool end_of_stream) {
  if (end_of_stream && received_.empty()) {
    return Fail(
        Error{ErrorCode::kPeerClosed, 0,
              "the server closed the handshake without an answer (NodePass before 1.13 does)"});
  }
  const auto response =
      http1::ParseResponse(received_, end_of_stream, defaults::kMaxHandshakeBodyBytes);
  if (!response.has_value()) return Fail(response.error());
  if (!response->has_value()) return;
  const Result<nodepass::ServerAnswer> answer = nodepass::JudgeResponse(**response);
  if (!answer.has_value()) return Fail(answer.error());
  const core::SocketAddress server = stream_->peer();
  Finish();
  events_.OnHandshakeDone(*answer, server);
}

void ClientHandshake::Fail(const Error& error) {
  if (done_) return;
  Finish();
  events_.OnHandshakeFailed(error);
}

void ClientHandshake::Finish() {
  done_ = true;
  deadline_->Disarm();
  if (stream_ != nullptr) stream_->SetEvents(nullptr);
}

}  // namespace underpass::tunnel
