// SPDX-License-Identifier: Apache-2.0
// proxy/codec/http1: just enough HTTP/1.1 for a handshake on a tunnel port: one request head, one
// answer with a Content-Length or chunked body (or a body that ends with the connection). Without
// I/O; what it does not know it refuses: bare LF, folded headers, chunk extensions, a message with
// both Content-Length and Transfer-Encoding.
// Source: RFC 9112.
// Thread: any one thread, no locks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/base/result.h"

namespace underpass::http1 {

inline constexpr std::size_t kMaxHeaders = 64;  // of one head
inline constexpr std::size_t kMaxMethod = 16;   // bytes

using Headers = std::vector<std::pair<std::string, std::string>>;  // in order; values trimmed

// The first value of a header, names compared without case; nullptr if there is none.
const std::string* Find(const Headers& headers, std::string_view name);

struct Request {
  std::string method;     // 1..16 of A-Z
  std::string target;     // as sent: "/", "/path?query"; at least 1 byte of visible ASCII
  int minor_version = 1;  // HTTP/1.0 or 1.1
  Headers headers;        // at most kMaxHeaders
  // The target without its query. Valid as long as `target` is.
  std::string_view path() const;
};

struct Response {
  int status = 0;  // 100..599
  Headers headers;
  std::string body;  // at most the limit given
};

// Looks for one request head at the start of `in` (all bytes received so far).
//   in: 0..any bytes.   Returns nullopt while the head is incomplete, else the request and how many
//   bytes it took.
// Errors: kMalformedFrame, as soon as the bytes cannot become a request; kTooLarge for a head over
// defaults::kMaxHttpHeadBytes or with more than kMaxHeaders headers.
Result<std::optional<std::pair<Request, std::size_t>>> ParseRequest(std::string_view in);

// Looks for one whole answer at the start of `in`; what follows it is not looked at.
//   end_of_stream: no more bytes will come; completes a body without Content-Length, and makes an
//   incomplete answer kMalformedFrame.   max_body: bytes.   Chunked bodies are decoded. Answers
//   1xx, 204 and 304 have no body.
// Errors: kMalformedFrame; kTooLarge (head as above, body over max_body).
Result<std::optional<Response>> ParseResponse(std::string_view in, bool end_of_stream,
                                              std::size_t max_body);

// True if `in` (at least 1 byte) can be the beginning of an HTTP request: 1..16 upper-case letters,
// then a space.
bool MayBeRequest(std::string_view in);

// The value of a Date header: "Fri, 20 Nov 2026 20:41:36 GMT".   unix_seconds: years 0..9999.
std::string FormatDate(std::int64_t unix_seconds);

}  // namespace underpass::http1
