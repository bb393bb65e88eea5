// SPDX-License-Identifier: Apache-2.0
// Reads the parts of an HTTP message from bytes of which more may come. Every step says whether the
// bytes fit, cannot fit any more, or end too early to tell, so that a caller's verdict does not
// depend on how they were split.
// Thread: any one thread, no locks. The bytes outlive the cursor and the views it gives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/codec/http1/http1.h"

namespace underpass::http1 {

enum class Step : std::uint8_t { kOk, kMore, kMalformed, kTooLarge };

class Cursor {
 public:
  explicit Cursor(std::string_view in) : in_(in) {}

  std::size_t position() const { return position_; }
  std::string_view rest() const { return in_.substr(position_); }

  // Exactly these bytes.
  Step Expect(std::string_view literal);
  // Bytes that satisfy `allowed`, at most `limit` of them, then `end`, which is taken and not part
  // of `out`.
  Step ReadUntil(char end, bool (*allowed)(char), std::size_t limit, std::string_view& out);
  // Exactly `count` bytes of any value.
  Step Read(std::size_t count, std::string_view& out);
  // Header lines and the empty line after them.
  Step ReadHeaders(Headers& out);

 private:
  std::string_view in_;
  std::size_t position_ = 0;
};

bool IsUpper(char c);
bool IsDigit(char c);
bool IsHexDigit(char c);
bool IsVisible(char c);    // VCHAR, RFC 5234
bool IsTokenChar(char c);  // tchar, RFC 9110 section 5.6.2
bool IsFieldChar(char c);  // VCHAR, obs-text, space, tab: RFC 9110 section 5.5

}  // namespace underpass::http1
