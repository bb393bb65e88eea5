// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/nodepass_line.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <map>

namespace underpass::interop {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string Xor(std::string_view text, std::string_view key) {
  std::string result(text);
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = static_cast<char>(result[i] ^ key[i % key.size()]);
  }
  return result;
}

// 1.13's fragments.
const std::map<std::string, std::string>& Fragments() {
  static const std::map<std::string, std::string> fragments = {
      {"ping", "i"}, {"pong", "o"}, {"flush", "f"}, {"tcp", "1"}, {"udp", "2"}};
  return fragments;
}

std::optional<Signal> ParseUrl(const std::string& text) {
  const std::size_t hash = text.rfind('#');
  if (!text.starts_with("np:") || hash == std::string::npos) return std::nullopt;
  Signal signal;
  for (const auto& [action, fragment] : Fragments()) {
    if (text.substr(hash + 1) == fragment) signal.action = action;
  }
  if (signal.action.empty()) return std::nullopt;
  if (text.starts_with("np://")) {
    const std::size_t slash = text.find('/', 5);
    if (slash == std::string::npos || slash > hash) return std::nullopt;
    signal.remote = text.substr(5, slash - 5);
    signal.id = text.substr(slash + 1, hash - slash - 1);
  }
  return signal;
}

}  // namespace

std::string_view Name(Dialect dialect) { return dialect == Dialect::kJson ? "1.14" : "1.13"; }

std::string Base64(std::string_view bytes) {
  std::string result;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8U | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      result += i + j <= bytes.size() ? kAlphabet[group >> (18 - 6 * j) & 63U] : '=';
    }
  }
  return result;
}

std::optional<std::string> FromBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string result;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::uint32_t group = 0;
    std::size_t padding = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const char digit = text[i + j];
      const bool pad = digit == '=' && i + 4 == text.size() && j >= 2;
      const std::size_t value = pad ? 0 : kAlphabet.find(digit);
      if (value == std::string_view::npos || (padding > 0 && !pad)) return std::nullopt;
      padding += pad ? 1 : 0;
      group = group << 6U | static_cast<std::uint32_t>(value);
    }
    for (std::size_t j = 0; j < 3 - padding; ++j)
      result += static_cast<char>(group >> (16 - 8 * j) & 255U);
  }
  return result;
}

std::string EncodeLine(std::string_view text, std::string_view key) {
  return Base64(Xor(text, key)) + "\n";
}

std::optional<std::string> DecodeLine(std::string_view line, std::string_view key) {
  const std::optional<std::string> bytes = FromBase64(line);
  if (!bytes) return std::nullopt;
  return Xor(*bytes, key);
}

std::string SignalText(const Signal& signal, Dialect dialect) {
  if (dialect == Dialect::kUrl) {
    const std::string& fragment = Fragments().at(signal.action);
    if (signal.id.empty()) return "np:#" + fragment;
    return "np://" + signal.remote + "/" + signal.id + "#" + fragment;
  }
  std::string text = R"({"action":")" + signal.action + '"';
  if (!signal.remote.empty()) text += R"(,"remote":")" + signal.remote + '"';
  if (!signal.id.empty()) text += R"(,"id":")" + signal.id + '"';
  return text + "}";
}

std::optional<Signal> ParseSignalText(const std::string& text, Dialect dialect) {
  if (dialect == Dialect::kUrl) return ParseUrl(text);
  const std::optional<std::string> action = JsonMember(text, "action");
  if (!action) return std::nullopt;
  return Signal{*action, JsonMember(text, "remote").value_or(""),
                JsonMember(text, "id").value_or("")};
}

std::optional<std::string> JsonMember(const std::string& json, const std::string& name) {
  const std::string lead = "\"" + name + "\":";
  if (!json.starts_with("{")) return std::nullopt;
  std::size_t begin = json.find(lead);
  if (begin == std::string::npos) return std::nullopt;
  begin = std::min(json.find_first_not_of(' ', begin + lead.size()), json.size());
  const bool quoted = begin < json.size() && json[begin] == '"';
  if (quoted) ++begin;
  const std::size_t end = json.find_first_of(quoted ? "\"" : ",}", begin);
  if (end == std::string::npos) return std::nullopt;
  return json.substr(begin, end - begin);
}

std::string Token(const std::string& key) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), nullptr, 0, digest.data(), &size);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += kHex[digest[i] >> 4U];
    text += kHex[digest[i] & 15U];
  }
  return text;
}

}  // namespace underpass::interop
