// SPDX-License-Identifier: Apache-2.0
#include "proxy/net/tcp_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <utility>

#include "proxy/net/socket.h"

namespace underpass::net {

using Action = core::IoResult::Action;

TcpStream::TcpStream(core::Dispatcher& dispatcher, UniqueFd fd)
    : fd_(std::move(fd)), watcher_(dispatcher.Watch(fd_.get(), *this)) {
  SetStreamOptions(fd_.get());
}

TcpStream::~TcpStream() {
  watcher_.reset();  // before the descriptor that it watches
}

core::IoResult TcpStream::Receive(std::span<std::byte> buffer, int flags) {
  while (true) {
    const ssize_t n = recv(fd_.get(), buffer.data(), buffer.size(), flags);
    if (n > 0) return {Action::kProgress, static_cast<std::size_t>(n), 0};
    if (n == 0) return {Action::kEnd, 0, 0};
    if (errno == EINTR) continue;
    if (errno == EAGAIN) return {Action::kWouldBlock, 0, 0};
    return {Action::kFailed, 0, errno};
  }
}

core::IoResult TcpStream::Read(std::span<std::byte> buffer) { return Receive(buffer, 0); }

core::IoResult TcpStream::Peek(std::span<std::byte> buffer) { return Receive(buffer, MSG_PEEK); }

core::IoResult TcpStream::Write(std::span<const std::byte> buffer) {
  while (true) {
    const ssize_t n = send(fd_.get(), buffer.data(), buffer.size(), MSG_NOSIGNAL);
    if (n >= 0) return {Action::kProgress, static_cast<std::size_t>(n), 0};
    if (errno == EINTR) continue;
    if (errno == EAGAIN) return {Action::kWouldBlock, 0, 0};
    return {Action::kFailed, 0, errno};
  }
}

int TcpStream::Failure() {
  int error = 0;
  socklen_t length = sizeof(error);
  getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  return error;
}

void TcpStream::ShutdownWrite() { shutdown(fd_.get(), SHUT_WR); }

void TcpStream::Abort() {
  const linger reset{1, 0};
  setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
}

core::SocketAddress TcpStream::local() const { return LocalAddress(fd_.get()); }

core::SocketAddress TcpStream::peer() const { return PeerAddress(fd_.get()); }

Duration TcpStream::Rtt() const {
  tcp_info info{};
  socklen_t length = sizeof(info);
  if (getsockopt(fd_.get(), IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return Duration::zero();
  return std::chrono::microseconds(info.tcpi_rtt);
}

void TcpStream::OnFdReady(bool readable, bool writable) {
  if (events_ != nullptr) events_->OnStreamReady(readable, writable);
}

}  // namespace underpass::net
