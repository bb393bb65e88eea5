// SPDX-License-Identifier: Apache-2.0
// An IP address with a port, as the kernel has it. Values; an IPv4 address mapped into IPv6 prints
// and compares as IPv4, so that one peer is one address whatever socket it came by.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace underpass::core {

class SocketAddress {
 public:
  SocketAddress() = default;  // no address: family() is AF_UNSPEC
  SocketAddress(const sockaddr* address, socklen_t length);

  // ip: a literal, IPv6 with or without brackets and zone. nullopt if it is none.
  static std::optional<SocketAddress> FromIp(std::string_view ip, std::uint16_t port);

  int family() const { return storage_.ss_family; }
  std::uint16_t port() const;
  SocketAddress WithPort(std::uint16_t port) const;

  std::string ip() const;        // "192.0.2.1", "2001:db8::1", "" if none
  std::string ToString() const;  // "192.0.2.1:80", "[2001:db8::1]:80", "" if none
  bool SameIp(const SocketAddress& other) const { return ip() == other.ip(); }

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t length() const { return length_; }

 private:
  sockaddr_storage storage_{};
  socklen_t length_ = 0;
};

}  // namespace underpass::core
