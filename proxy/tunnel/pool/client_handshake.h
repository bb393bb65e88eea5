// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "proxy/codec/nodepass/handshake.h"
#include "proxy/core/transport.h"
#include "proxy/tunnel/pool/context.h"

namespace underpass::tunnel {

class HandshakeEvents {
 public:
  // Exactly one of the two, once, never inside the constructor. The receiver hands the handshake to
  // DeferDelete.
  virtual void OnHandshakeDone(const nodepass::ServerAnswer& answer,
                               const core::SocketAddress& server) = 0;
  // Errors of Transport::Open and nodepass::JudgeResponse, and kTimeout, kPeerClosed,
  // kConnectionReset.
  virtual void OnHandshakeFailed(const Error& error) = 0;

 protected:
  ~HandshakeEvents() = default;
};

// The client's side of the handshake on a connection of its own, within
// defaults::kHandshakeTimeout.
//   kDialling --connected, request sent--> kAwaitAnswer --whole answer--> done ; any --error | 5
//   s--> failed
// Thread: the loop. Owner: PoolClient. Destroying it gives up.
class ClientHandshake final : public core::Deferred,
                              private core::OpenEvents,
                              private core::StreamEvents {
 public:
  // request: from nodepass::Request.
  ClientHandshake(PoolContext& context, core::Transport& transport, const HostPort& server,
                  std::string request, HandshakeEvents& events);
  ~ClientHandshake() override;

 private:
  void OnOpened(std::unique_ptr<core::Stream> stream) override;
  void OnOpenFailed(const Error& error) override { Fail(error); }
  void OnStreamReady(bool readable, bool writable) override;
  void Send();
  void Judge(bool end_of_stream);
  void Fail(const Error& error);
  void Finish();

  HandshakeEvents& events_;
  std::string unsent_;
  std::string received_;
  bool done_ = false;
  std::unique_ptr<core::PendingStream> dial_;
  std::unique_ptr<core::Stream> stream_;
  std::unique_ptr<core::Timer> deadline_;
};

}  // namespace underpass::tunnel
