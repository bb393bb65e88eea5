// SPDX-License-Identifier: Apache-2.0
// proxy/entry: users in. UserListener accepts them, within the tunnel's limit of connections.
#pragma once

#include <memory>

#include "proxy/core/board.h"
#include "proxy/net/acceptor.h"
#include "proxy/relay/slots.h"

namespace underpass::entry {

// A user that was let in.
struct User {
  std::unique_ptr<core::Stream> stream;
  core::SocketAddress address;
  relay::Slots::Lease slot;
  TimePoint arrived;
};

class UserSink {
 public:
  virtual void OnUser(User user) = 0;

 protected:
  ~UserSink() = default;
};

// Thread: the loop. Destroying it closes the listening socket.
class UserListener final : private net::AcceptEvents {
 public:
  // listening: from net::ListenTcp. A user over the limit is closed at once and counted as
  // kSlotLimit.
  UserListener(core::Dispatcher& dispatcher, net::UniqueFd listening, relay::Slots& slots,
               core::TunnelBoard& board, UserSink& sink);

  const core::SocketAddress& address() const { return acceptor_.address(); }

 private:
  void OnAccepted(std::unique_ptr<core::Stream> stream, const core::SocketAddress& peer) override;
  void OnAcceptPaused(int sys_errno) override;

  core::Dispatcher& dispatcher_;
  relay::Slots& slots_;
  core::TunnelBoard& board_;
  UserSink& sink_;
  net::Acceptor acceptor_;
};

}  // namespace underpass::entry
