// SPDX-License-Identifier: Apache-2.0
#include "proxy/net/connector.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "proxy/net/tcp_stream.h"

namespace underpass::net {

Connector::Connector(core::Dispatcher& dispatcher, core::Resolver& resolver,
                     const HostPort& address, Duration timeout, Duration dns_cache,
                     core::OpenEvents& events)
    : dispatcher_(dispatcher),
      address_(address),
      events_(events),
      deadline_(dispatcher.CreateTimer([this] { OnTimeout(); })) {
  deadline_->Arm(timeout);
  // An empty host means this host, as in NodePass ("client://:10101/…").
  const std::string host = address.host.empty() ? "127.0.0.1" : address.host;
  resolve_ = resolver.Resolve(dispatcher, host, address.port, dns_cache,
                              [this](Result<std::vector<core::SocketAddress>> addresses) {
                                OnResolved(std::move(addresses));
                              });
}

Connector::~Connector() { watcher_.reset(); }

void Connector::OnResolved(Result<std::vector<core::SocketAddress>> addresses) {
  if (!addresses.has_value()) return Finish(addresses.error());
  addresses_ = std::move(*addresses);
  ConnectNext();
}

void Connector::ConnectNext() {
  const core::SocketAddress& address = addresses_[next_];
  fd_.reset(socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_.valid()) return AddressFailed(errno);
  if (connect(fd_.get(), address.get(), address.length()) != 0 && errno != EINPROGRESS)
    return AddressFailed(errno);
  watcher_ = dispatcher_.Watch(fd_.get(), *this);
}

void Connector::OnFdReady(bool /*readable*/, bool writable) {
  if (!writable) return;
  // A socket that was just registered may report before the connection is made.
  pollfd state{fd_.get(), POLLOUT, 0};
  if (poll(&state, 1, 0) != 1) return;
  int error = 0;
  socklen_t length = sizeof(error);
  getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  watcher_.reset();
  if (error != 0) return AddressFailed(error);
  deadline_->Disarm();
  events_.OnOpened(std::make_unique<TcpStream>(dispatcher_, std::move(fd_)));
}

void Connector::OnTimeout() {
  resolve_.reset();
  watcher_.reset();
  const bool resolving = addresses_.empty();
  Finish(Error{ErrorCode::kTimeout, 0,
               (resolving ? "resolve " : "connect to ") + address_.ToString()});
}

void Connector::AddressFailed(int sys_errno) {
  watcher_.reset();
  fd_.reset();
  if (++next_ < addresses_.size()) return ConnectNext();
  Error error = ErrnoError(sys_errno, "connect to " + address_.ToString());
  if (error.code == ErrorCode::kIoError) error.code = ErrorCode::kConnectFailed;
  Finish(error);
}

void Connector::Finish(const Error& error) {
  deadline_->Disarm();
  events_.OnOpenFailed(error);
}

}  // namespace underpass::net
