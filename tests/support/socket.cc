// SPDX-License-Identifier: Apache-2.0
#include "tests/support/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace underpass::support {
namespace {

sockaddr_in Address(const std::string& ip, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, ip.c_str(), &address.sin_addr);
  return address;
}

const sockaddr* Generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// Waits for `events` (or an error) on `fd`. False: the deadline passed.
bool WaitFor(int fd, short events, Deadline deadline) {
  pollfd entry{fd, events, 0};
  while (true) {
    const int ready = poll(&entry, 1, PollTimeout(deadline));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

sockaddr_in PeerOf(int fd) {
  sockaddr_in address{};
  socklen_t length = sizeof(address);
  getpeername(fd, reinterpret_cast<sockaddr*>(&address), &length);
  return address;
}

std::uint16_t PortOf(int fd) {
  sockaddr_in address{};
  socklen_t length = sizeof(address);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.sin_port);
}

}  // namespace

Socket::Socket(int fd) : fd_(fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

Socket::Socket(Socket&& other) noexcept : fd_(other.fd_.exchange(-1)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    Close();
    fd_ = other.fd_.exchange(-1);
  }
  return *this;
}

Socket::~Socket() { Close(); }

Socket Socket::ConnectOnce(std::uint16_t port, Deadline deadline, const std::string& ip,
                           const std::string& source_ip) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  Socket result(fd);
  if (!source_ip.empty()) {
    const sockaddr_in source = Address(source_ip, 0);
    if (bind(fd, Generic(source), sizeof(source)) != 0) return Socket();
  }
  const sockaddr_in address = Address(ip, port);
  if (connect(fd, Generic(address), sizeof(address)) == 0) return result;
  if (errno != EINPROGRESS || !WaitFor(fd, POLLOUT, deadline)) return Socket();
  int failure = 0;
  socklen_t length = sizeof(failure);
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &length);
  return failure == 0 ? std::move(result) : Socket();
}

Socket Socket::Connect(std::uint16_t port, Deadline deadline, const std::string& ip,
                       const std::string& source_ip) {
  Socket result;
  Eventually(
      [&] {
        result = ConnectOnce(port, deadline, ip, source_ip);
        return result.valid();
      },
      deadline);
  return result;
}

std::uint16_t Socket::local_port() const { return PortOf(fd_); }

std::string Socket::peer_ip() const {
  char text[INET_ADDRSTRLEN] = "";
  const sockaddr_in address = PeerOf(fd_);
  inet_ntop(AF_INET, &address.sin_addr, text, sizeof(text));
  return text;
}

std::string Socket::peer_address() const {
  return peer_ip() + ":" + std::to_string(ntohs(PeerOf(fd_).sin_port));
}

bool Socket::SendAll(std::string_view data, Deadline deadline) {
  while (!data.empty()) {
    const ssize_t sent = send(fd_, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      data.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (!WaitFor(fd_, POLLOUT, deadline)) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

Socket::Received Socket::Receive(std::size_t max, Deadline deadline) {
  Received result;
  std::string buffer(std::min<std::size_t>(max, 256 * 1024), '\0');
  while (true) {
    const ssize_t received = recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (received > 0) {
      buffer.resize(static_cast<std::size_t>(received));
      return {Outcome::kData, std::move(buffer)};
    }
    if (received == 0) return {Outcome::kEnd, {}};
    if (errno == EAGAIN) {
      if (!WaitFor(fd_, POLLIN, deadline)) return {Outcome::kTimeout, {}};
    } else if (errno != EINTR) {
      return {Outcome::kReset, {}};
    }
  }
}

std::optional<std::string> Socket::ReceiveExactly(std::size_t size, Deadline deadline) {
  std::string result;
  while (result.size() < size) {
    const Received received = Receive(size - result.size(), deadline);
    if (received.outcome != Outcome::kData) return std::nullopt;
    result += received.data;
  }
  return result;
}

std::optional<std::string> Socket::ReceiveUntilEof(Deadline deadline) {
  std::string result;
  while (true) {
    const Received received = Receive(256 * 1024, deadline);
    if (received.outcome == Outcome::kEnd) return result;
    if (received.outcome != Outcome::kData) return std::nullopt;
    result += received.data;
  }
}

std::optional<std::string> Socket::ReceiveLine(Deadline deadline) {
  std::string line;
  while (true) {
    const Received received = Receive(1, deadline);
    if (received.outcome != Outcome::kData) return std::nullopt;
    if (received.data == "\n") return line;
    line += received.data;
  }
}

void Socket::ShutdownWrite() { shutdown(fd_, SHUT_WR); }

void Socket::Close() {
  const int fd = fd_.exchange(-1);
  if (fd >= 0) close(fd);
}

void Socket::Reset() {
  const linger abort{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
  Close();
}

void Socket::Interrupt() {
  if (fd_ >= 0) shutdown(fd_, SHUT_RDWR);
}

Listener::Listener(Listener&& other) noexcept : fd_(other.fd_.exchange(-1)), port_(other.port_) {}

Listener& Listener::operator=(Listener&& other) noexcept {
  if (this != &other) {
    Close();
    fd_ = other.fd_.exchange(-1);
    port_ = other.port_;
  }
  return *this;
}

Listener::~Listener() { Close(); }

Listener Listener::Bind(std::uint16_t port, const std::string& ip) {
  Listener result;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  result.fd_ = fd;
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const sockaddr_in address = Address(ip, port);
  if (bind(fd, Generic(address), sizeof(address)) != 0 || listen(fd, 4096) != 0) return Listener();
  result.port_ = PortOf(fd);
  return result;
}

Socket Listener::Accept(Deadline deadline) {
  while (true) {
    const int accepted = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted >= 0) return Socket(accepted);
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno != EAGAIN || !WaitFor(fd_, POLLIN, deadline)) return Socket();
  }
}

void Listener::Interrupt() {
  if (fd_ >= 0) shutdown(fd_, SHUT_RDWR);
}

void Listener::Close() {
  const int fd = fd_.exchange(-1);
  if (fd >= 0) close(fd);
}

std::uint16_t FreePort() {
  static std::mutex mutex;
  static std::set<std::uint16_t> told;
  const std::lock_guard lock(mutex);
  while (true) {
    const std::uint16_t port = Listener::Bind(0).port();
    if (told.insert(port).second) return port;
  }
}

std::string Pattern(std::size_t size, std::uint32_t seed) {
  std::string result(size, '\0');
  std::uint32_t state = seed * 2654435761U + 1;
  for (char& byte : result) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<char>(state >> 24U);
  }
  return result;
}

std::optional<std::string> Exchange(Socket& socket, std::string_view payload, Deadline deadline) {
  std::thread sender([&] { socket.SendAll(payload, deadline); });
  std::optional<std::string> result = socket.ReceiveExactly(payload.size(), deadline);
  if (!result) socket.Interrupt();
  sender.join();
  return result;
}

}  // namespace underpass::support
