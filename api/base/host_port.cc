// SPDX-License-Identifier: Apache-2.0
#include "api/base/host_port.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace underpass {
namespace {

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

Result<std::uint16_t> ParsePort(std::string_view text) {
  if (text.empty()) return Fail(ErrorCode::kInvalidConfig, "the port is missing; write host:port");
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range || (error == std::errc() && value > 65535)) {
    return Fail(ErrorCode::kInvalidConfig,
                "port " + std::string(text) + " is not allowed; 1..65535 are");
  }
  if (error != std::errc() || end != text.data() + text.size()) {
    return Fail(ErrorCode::kInvalidConfig, "port \"" + std::string(text) + "\" is not a number");
  }
  if (value == 0) return Fail(ErrorCode::kInvalidConfig, "port 0 is not allowed; 1..65535 are");
  return static_cast<std::uint16_t>(value);
}

}  // namespace

bool IsIpLiteral(std::string_view host) {
  const std::string text(host);
  in6_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1 ||
         inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

std::string HostPort::ToString() const {
  const bool bracket = host.find(':') != std::string::npos;
  return (bracket ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool HostPort::IsUnspecified() const { return host.empty() || host == "0.0.0.0" || host == "::"; }

bool HostPort::IsLoopback() const {
  return host == "localhost" || host == "::1" || (host.starts_with("127.") && IsIpLiteral(host));
}

bool HostPort::IsIpAddress() const { return IsIpLiteral(host); }

Result<HostPort> ParseHostPort(std::string_view text) {
  HostPort result;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos || close + 1 >= text.size() || text[close + 1] != ':') {
      return Fail(ErrorCode::kInvalidConfig, "\"" + std::string(text) + "\" is not [address]:port");
    }
    result.host = std::string(text.substr(1, close - 1));
    const std::string_view without_zone =
        std::string_view(result.host).substr(0, result.host.find('%'));
    if (!IsIpLiteral(without_zone) || without_zone.find(':') == std::string_view::npos) {
      return Fail(ErrorCode::kInvalidConfig, "\"" + result.host + "\" is not an IPv6 address");
    }
    port = text.substr(close + 2);
  } else {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
      return Fail(ErrorCode::kInvalidConfig,
                  "\"" + std::string(text) + "\" has no port; write host:port");
    }
    result.host = std::string(text.substr(0, colon));
    if (result.host.find(':') != std::string::npos) {
      return Fail(
          ErrorCode::kInvalidConfig,
          "\"" + std::string(text) + "\" has several colons; write an IPv6 address in brackets");
    }
    if (result.host.size() > 253 ||
        !std::all_of(result.host.begin(), result.host.end(), IsHostCharacter)) {
      return Fail(ErrorCode::kInvalidConfig,
                  "\"" + result.host + "\" is not a host name or address");
    }
    port = text.substr(colon + 1);
  }
  const Result<std::uint16_t> number = ParsePort(port);
  if (!number.has_value()) return Fail(number.error());
  result.port = *number;
  return result;
}

}  // namespace underpass
