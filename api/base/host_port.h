// SPDX-License-Identifier: Apache-2.0
// "host:port" as people write it: a name, an IPv4 address, a bracketed IPv6 address, or nothing
// (all addresses). Syntax only; nothing is resolved.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/base/result.h"

namespace underpass {

struct HostPort {
  std::string host;        // without brackets; empty = all addresses
  std::uint16_t port = 0;  // 1..65535 once validated

  // "[::1]:80", "name:80", ":80"
  std::string ToString() const;
  // True for an empty host, 0.0.0.0 and ::.
  bool IsUnspecified() const;
  // True for 127.0.0.0/8, ::1, and the name localhost.
  bool IsLoopback() const;
  // True if the host is an IP address literal.
  bool IsIpAddress() const;

  friend bool operator==(const HostPort&, const HostPort&) = default;
};

// Errors: kInvalidConfig, whose context says what is wrong without naming a field ("port 0 is not
// allowed; 1..65535 are"). A missing port, a port out of 1..65535, an unbracketed IPv6 address, a
// host with characters other than letters, digits, '.', '-', '_' (and ':' and '%' in brackets) or
// longer than 253 are errors.
Result<HostPort> ParseHostPort(std::string_view text);

// True if host is a valid IPv4 or IPv6 literal (IPv6 without brackets, without zone).
bool IsIpLiteral(std::string_view host);

}  // namespace underpass
