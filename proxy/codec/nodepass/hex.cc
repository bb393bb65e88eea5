// SPDX-License-Identifier: Apache-2.0
#include "proxy/codec/nodepass/hex.h"

#include <charconv>

namespace underpass::nodepass {

std::string HexOfBytes(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::byte byte : bytes) {
    const auto value = std::to_integer<unsigned>(byte);
    text += kDigits[value >> 4];
    text += kDigits[value & 0xf];
  }
  return text;
}

bool BytesOfHex(std::string_view text, std::span<std::byte> out) {
  if (text.size() != out.size() * 2) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto value = NumberOfHex(text.substr(i * 2, 2));
    if (!value) return false;
    out[i] = static_cast<std::byte>(*value);
  }
  return true;
}

std::optional<std::uint32_t> NumberOfHex(std::string_view text) {
  if (text.size() > 8) return std::nullopt;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace underpass::nodepass
