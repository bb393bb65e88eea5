// SPDX-License-Identifier: Apache-2.0
#include "proxy/net/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

#include <cerrno>
#include <string>

#include "api/base/defaults.h"

namespace underpass::net {
namespace {

void SetInt(int fd, int level, int option, int value) {
  setsockopt(fd, level, option, &value, sizeof(value));
}

bool IsIpv6Any(const core::SocketAddress& address) {
  return address.family() == AF_INET6 &&
         IN6_IS_ADDR_UNSPECIFIED(&reinterpret_cast<const sockaddr_in6*>(address.get())->sin6_addr);
}

Result<UniqueFd> ListenOne(const core::SocketAddress& address, bool first) {
  const std::string what = "listen on " + address.ToString();
  UniqueFd fd(socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return Fail(ErrnoError(errno, what));
  SetInt(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (address.family() == AF_INET6)
    SetInt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, IsIpv6Any(address) ? 0 : 1);
  if (!first) SetInt(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  if (bind(fd.get(), address.get(), address.length()) != 0) return Fail(ErrnoError(errno, what));
  if (first) SetInt(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  if (listen(fd.get(), defaults::kListenBacklog) != 0) return Fail(ErrnoError(errno, what));
  return fd;
}

}  // namespace

Result<std::vector<UniqueFd>> ListenTcp(const core::SocketAddress& address, std::size_t count) {
  std::vector<UniqueFd> fds;
  Result<UniqueFd> first = ListenOne(address, true);
  core::SocketAddress bound = address;
  if (!first.has_value() && first.error().sys_errno == EAFNOSUPPORT && IsIpv6Any(address)) {
    bound = *core::SocketAddress::FromIp("0.0.0.0", address.port());
    first = ListenOne(bound, true);
  }
  if (!first.has_value()) return Fail(first.error());
  bound = bound.WithPort(LocalAddress(first->get()).port());
  fds.push_back(std::move(*first));
  while (fds.size() < count) {
    Result<UniqueFd> next = ListenOne(bound, false);
    if (!next.has_value()) return Fail(next.error());
    fds.push_back(std::move(*next));
  }
  return fds;
}

core::SocketAddress LocalAddress(int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
  return {reinterpret_cast<const sockaddr*>(&storage), length};
}

core::SocketAddress PeerAddress(int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
  return {reinterpret_cast<const sockaddr*>(&storage), length};
}

void SetStreamOptions(int fd) {
  constexpr int kPeriod = static_cast<int>(defaults::kTcpKeepAlive.count());
  SetInt(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  SetInt(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  SetInt(fd, IPPROTO_TCP, TCP_KEEPIDLE, kPeriod);
  SetInt(fd, IPPROTO_TCP, TCP_KEEPINTVL, kPeriod);
  SetInt(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

std::size_t RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace underpass::net
