// SPDX-License-Identifier: Apache-2.0
#include "proxy/codec/http1/cursor.h"

#include <algorithm>

namespace underpass::http1 {
namespace {

std::string_view Trim(std::string_view value) {
  const auto first = value.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return value.substr(first, value.find_last_not_of(" \t") - first + 1);
}

}  // namespace

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool IsVisible(char c) { return c > ' ' && c < '\x7f'; }

bool IsTokenChar(char c) {
  return IsDigit(c) || IsUpper(c) || (c >= 'a' && c <= 'z') ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool IsFieldChar(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= ' ' && byte != 0x7f);
}

Step Cursor::Expect(std::string_view literal) {
  const std::string_view have = rest().substr(0, literal.size());
  if (have != literal.substr(0, have.size())) return Step::kMalformed;
  if (have.size() < literal.size()) return Step::kMore;
  position_ += literal.size();
  return Step::kOk;
}

Step Cursor::ReadUntil(char end, bool (*allowed)(char), std::size_t limit, std::string_view& out) {
  const std::string_view have = rest();
  for (std::size_t i = 0; i < have.size(); ++i) {
    if (have[i] == end) {
      out = have.substr(0, i);
      position_ += i + 1;
      return Step::kOk;
    }
    if (i == limit || !allowed(have[i])) return Step::kMalformed;
  }
  return Step::kMore;
}

Step Cursor::Read(std::size_t count, std::string_view& out) {
  if (rest().size() < count) return Step::kMore;
  out = rest().substr(0, count);
  position_ += count;
  return Step::kOk;
}

Step Cursor::ReadHeaders(Headers& out) {
  constexpr auto kNoLimit = std::string_view::npos;  // the caller bounds the whole head
  while (!rest().empty()) {
    if (rest().front() == '\r') return Expect("\r\n");
    if (out.size() == kMaxHeaders) return Step::kTooLarge;
    std::string_view name;
    std::string_view value;
    if (const Step step = ReadUntil(':', IsTokenChar, kNoLimit, name); step != Step::kOk)
      return step;
    if (name.empty()) return Step::kMalformed;
    if (const Step step = ReadUntil('\r', IsFieldChar, kNoLimit, value); step != Step::kOk)
      return step;
    if (const Step step = Expect("\n"); step != Step::kOk) return step;
    out.emplace_back(name, Trim(value));
  }
  return Step::kMore;
}

}  // namespace underpass::http1
