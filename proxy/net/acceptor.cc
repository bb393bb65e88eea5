// SPDX-License-Identifier: Apache-2.0
#include "proxy/net/acceptor.h"

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "proxy/net/socket.h"
#include "proxy/net/tcp_stream.h"

namespace underpass::net {
namespace {

constexpr int kAcceptsPerTurn = 64;
constexpr std::chrono::milliseconds kPause{100};

bool IsExhaustion(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Acceptor::Acceptor(core::Dispatcher& dispatcher, UniqueFd listening, AcceptEvents& events)
    : dispatcher_(dispatcher),
      fd_(std::move(listening)),
      address_(LocalAddress(fd_.get())),
      events_(events),
      resume_(dispatcher.CreateTimer([this] { AcceptSome(); })),
      watcher_(dispatcher.Watch(fd_.get(), *this)) {}

Acceptor::~Acceptor() {
  if (destroyed_ != nullptr) *destroyed_ = true;
  watcher_.reset();
}

void Acceptor::OnFdReady(bool /*readable*/, bool /*writable*/) {
  if (!resume_->armed()) AcceptSome();
}

void Acceptor::AcceptSome() {
  bool destroyed = false;
  destroyed_ = &destroyed;
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    sockaddr_storage storage{};
    socklen_t length = sizeof(storage);
    UniqueFd fd(accept4(fd_.get(), reinterpret_cast<sockaddr*>(&storage), &length,
                        SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd.valid()) {
      const int error = errno;
      destroyed_ = nullptr;
      if (IsExhaustion(error)) {
        resume_->Arm(kPause);
        events_.OnAcceptPaused(error);
      } else if (error != EAGAIN) {
        // ECONNABORTED and the network errors of accept(2): that connection is gone, the next may
        // be there.
        resume_->Arm(Duration::zero());
      }
      return;
    }
    const core::SocketAddress peer(reinterpret_cast<const sockaddr*>(&storage), length);
    events_.OnAccepted(std::make_unique<TcpStream>(dispatcher_, std::move(fd)), peer);
    if (destroyed) return;
  }
  destroyed_ = nullptr;
  resume_->Arm(Duration::zero());
}

}  // namespace underpass::net
