// SPDX-License-Identifier: Apache-2.0
#include "api/import/url_parts.h"

#include <algorithm>
#include <utility>

namespace underpass::import {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Bytes of the UTF-8 sequence that begins at `i`, or 0 (RFC 3629: no overlong form, surrogate or
// value > U+10FFFF).
std::size_t SequenceLength(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t at) -> unsigned {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  };
  const unsigned first = byte(i);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte(i + k) & 0xc0U) != 0x80U) return 0;
  }
  const unsigned second = byte(i + 1);
  const bool wrong = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                     (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
  return wrong ? 0 : length;
}

bool IsUtf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = SequenceLength(text, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

// part: its name in errors.
Result<std::string> Decode(std::string_view text, std::string_view part, bool plus_is_blank) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? HexValue(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexValue(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return Fail(ErrorCode::kInvalidConfig,
                    std::string(part) +
                        ": a '%' must be followed by two hex digits; write %25 for '%' itself");
      }
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  if (!IsUtf8(out)) return Fail(ErrorCode::kInvalidConfig, std::string(part) + ": not UTF-8 text");
  return out;
}

std::pair<std::string_view, std::string_view> Cut(std::string_view text,
                                                  std::string_view separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + separator.size())};
}

Result<bool> SplitAuthority(std::string_view authority, UrlParts& parts) {
  const std::size_t at = authority.rfind('@');
  parts.host = std::string(at == std::string_view::npos ? authority : authority.substr(at + 1));
  if (at == std::string_view::npos) return true;
  const std::string_view user_info = authority.substr(0, at);
  Result<std::string> user = Decode(user_info.substr(0, user_info.find(':')), "tunnel key", false);
  RETURN_IF_ERROR(user);
  parts.user = *std::move(user);
  parts.has_password = user_info.find(':') != std::string_view::npos;
  return true;
}

Result<bool> SplitQuery(std::string_view query, UrlParts& parts) {
  while (!query.empty()) {
    const auto [parameter, rest] = Cut(query, "&");
    query = rest;
    if (parameter.empty()) continue;
    const auto [raw_name, raw_value] = Cut(parameter, "=");
    Result<std::string> name = Decode(raw_name, "parameters", true);
    RETURN_IF_ERROR(name);
    Result<std::string> value = Decode(raw_value, "?" + *name + "=", true);
    RETURN_IF_ERROR(value);
    parts.query.emplace(*std::move(name), *std::move(value));
  }
  return true;
}

}  // namespace

Result<UrlParts> SplitUrl(std::string_view url) {
  const auto is_control = [](char c) { return (c >= 0 && c <= 0x20) || c == 0x7f; };
  if (std::any_of(url.begin(), url.end(), is_control)) {
    return Fail(ErrorCode::kInvalidConfig,
                "URL: blanks and control characters are not allowed; write %20");
  }
  UrlParts parts;
  const auto [before_fragment, fragment] = Cut(url, "#");
  const auto [hierarchy, query] = Cut(before_fragment, "?");
  if (hierarchy.find("://") == std::string_view::npos) {
    return Fail(ErrorCode::kInvalidConfig,
                "scheme: missing; server://, client:// and master:// are allowed");
  }
  const auto [scheme, remainder] = Cut(hierarchy, "://");
  parts.scheme = std::string(scheme);
  const auto [authority, path] = Cut(remainder, "/");
  RETURN_IF_ERROR(SplitAuthority(authority, parts));
  Result<std::string> decoded = Decode(path, "target address", false);
  RETURN_IF_ERROR(decoded);
  parts.path = *std::move(decoded);
  RETURN_IF_ERROR(SplitQuery(query, parts));
  return parts;
}

}  // namespace underpass::import
