// SPDX-License-Identifier: Apache-2.0
#include "proxy/entry/user_listener.h"

#include <utility>

#include "api/base/log.h"

namespace underpass::entry {

UserListener::UserListener(core::Dispatcher& dispatcher, net::UniqueFd listening,
                           relay::Slots& slots, core::TunnelBoard& board, UserSink& sink)
    : dispatcher_(dispatcher),
      slots_(slots),
      board_(board),
      sink_(sink),
      acceptor_(dispatcher, std::move(listening), *this) {}

void UserListener::OnAccepted(std::unique_ptr<core::Stream> stream,
                              const core::SocketAddress& peer) {
  relay::Slots::Lease slot = slots_.TryTake();
  if (!slot) {
    board_.stats().CountDrop(ErrorCode::kSlotLimit);
    board_.stats().connections_failed.Add();
    Log(LogLevel::kDebug, "user refused",
        {{"tunnel", board_.label()},
         {"user", peer.ToString()},
         {"reason", Name(ErrorCode::kSlotLimit)}});
    stream->Abort();
    return;
  }
  sink_.OnUser({std::move(stream), peer, std::move(slot), dispatcher_.Now()});
}

void UserListener::OnAcceptPaused(int sys_errno) { core::TellAcceptPaused(board_, sys_errno); }

}  // namespace underpass::entry
