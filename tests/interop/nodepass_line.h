// SPDX-License-Identifier: Apache-2.0
// The line coding and the signals of NodePass, written a second time for tests, apart from
// proxy/codec/nodepass: tests must not judge the proxy by its own code. Source: NodePass @0c932f8
// (1.14) and tag v1.13.0. Thread: any; pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace underpass::interop {

enum class Dialect : std::uint8_t { kJson, kUrl };  // 1.14, 1.13

std::string_view Name(Dialect dialect);

struct Signal {
  std::string action;  // "tcp" "udp" "ping" "pong" "flush", in either dialect
  std::string remote;  // "ip:port" of the user
  std::string id;      // 8 hex digits
};

std::string Base64(std::string_view bytes);
std::optional<std::string> FromBase64(std::string_view text);

// base64(XOR(text, key)) and a newline; and back, without the newline.
std::string EncodeLine(std::string_view text, std::string_view key);
std::optional<std::string> DecodeLine(std::string_view line, std::string_view key);

std::string SignalText(const Signal& signal, Dialect dialect);
std::optional<Signal> ParseSignalText(const std::string& text, Dialect dialect);

// The value of a string or number member of a flat JSON object; nullopt if it has none.
std::optional<std::string> JsonMember(const std::string& json, const std::string& name);

// What a client sends as bearer token: lower hex of HMAC-SHA256(key, "").
std::string Token(const std::string& key);

}  // namespace underpass::interop
