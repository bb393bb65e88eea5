// SPDX-License-Identifier: Apache-2.0
#include "api/v1alpha1/base64.h"

#include <cstdint>

namespace underpass::v1alpha1 {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool IsBlank(char c) { return c == '\n' || c == '\r' || c == ' ' || c == '\t'; }

}  // namespace

std::optional<std::string> DecodeBase64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  std::size_t symbols = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (IsBlank(c)) continue;
    ++symbols;
    if (c == '=') {
      ++padding;
      continue;
    }
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos || padding > 0) return std::nullopt;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    const std::size_t phase = symbols % 4;  // a byte is complete after the 2nd, 3rd and 4th symbol
    if (phase == 2) out += static_cast<char>((bits >> 4U) & 0xffU);
    if (phase == 3) out += static_cast<char>((bits >> 2U) & 0xffU);
    if (phase == 0) out += static_cast<char>(bits & 0xffU);
  }
  if (symbols % 4 != 0 || padding > 2) return std::nullopt;
  return out;
}

}  // namespace underpass::v1alpha1
