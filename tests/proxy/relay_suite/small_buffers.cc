// SPDX-License-Identifier: Apache-2.0
#include "tests/proxy/relay_suite/small_buffers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace underpass::relay_suite {
namespace {

// Not smaller: a window under loopback's segment size of 64 KiB makes every transfer crawl.
constexpr int kBufferBytes = 128 * 1024;

// Set before connecting or listening, so that the window is small from the beginning.
int MakeSmallSocket() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kBufferBytes, sizeof(kBufferBytes));
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kBufferBytes, sizeof(kBufferBytes));
  return fd;
}

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

support::Socket ConnectWithSmallBuffers(std::uint16_t port) {
  const int fd = MakeSmallSocket();
  const sockaddr_in address = Loopback(port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(fd);
    return {};
  }
  return support::Socket(fd);
}

SmallListener::SmallListener() : fd_(MakeSmallSocket()) {
  sockaddr_in address = Loopback(0);
  socklen_t length = sizeof(address);
  const timeval limit{.tv_sec = 10, .tv_usec = 0};  // of accept
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  if (bind(fd_, reinterpret_cast<const sockaddr*>(&address), length) == 0 && listen(fd_, 8) == 0 &&
      getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length) == 0) {
    port_ = ntohs(address.sin_port);
  }
}

SmallListener::~SmallListener() { close(fd_); }

support::Socket SmallListener::Accept() const {
  const int fd = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
  return fd >= 0 ? support::Socket(fd) : support::Socket();
}

}  // namespace underpass::relay_suite
