// SPDX-License-Identifier: Apache-2.0
#include "proxy/codec/http1/http1.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "api/base/defaults.h"
#include "proxy/codec/http1/cursor.h"

namespace underpass::http1 {
namespace {

char Lower(char c) { return IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualWithoutCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

tl::unexpected<Error> HeadError(Step step) {
  if (step == Step::kTooLarge) return Fail(ErrorCode::kTooLarge, "HTTP head");
  return Fail(ErrorCode::kMalformedFrame, "not an HTTP/1.1 message");
}

// The part of `in` that a head may occupy.
std::string_view HeadWindow(std::string_view in) {
  return in.substr(0, defaults::kMaxHttpHeadBytes);
}

// A head that does not end within its window never will.
Step BoundHead(Step step, std::string_view in) {
  return step == Step::kMore && in.size() >= defaults::kMaxHttpHeadBytes ? Step::kTooLarge : step;
}

Step ReadVersion(Cursor& cursor, char end, int& minor) {
  if (const Step step = cursor.Expect("HTTP/1."); step != Step::kOk) return step;
  constexpr auto kKnownMinor = [](char c) { return c == '0' || c == '1'; };
  std::string_view digit;
  if (const Step step = cursor.ReadUntil(end, kKnownMinor, 1, digit); step != Step::kOk)
    return step;
  if (digit.empty()) return Step::kMalformed;
  minor = digit == "1" ? 1 : 0;
  return Step::kOk;
}

Step ReadRequest(Cursor& cursor, Request& request) {
  std::string_view method;
  std::string_view target;
  if (const Step step = cursor.ReadUntil(' ', IsUpper, kMaxMethod, method); step != Step::kOk)
    return step;
  if (method.empty()) return Step::kMalformed;
  if (const Step step = cursor.ReadUntil(' ', IsVisible, defaults::kMaxHttpHeadBytes, target);
      step != Step::kOk)
    return step;
  if (target.empty()) return Step::kMalformed;
  request.method = method;
  request.target = target;
  if (const Step step = ReadVersion(cursor, '\r', request.minor_version); step != Step::kOk)
    return step;
  if (const Step step = cursor.Expect("\n"); step != Step::kOk) return step;
  return cursor.ReadHeaders(request.headers);
}

Step ReadResponseHead(Cursor& cursor, Response& response) {
  int minor = 0;
  if (const Step step = ReadVersion(cursor, ' ', minor); step != Step::kOk) return step;
  // "200 OK", "200 " and "200": the phrase may be empty, and some servers leave its space out too.
  std::string_view line;
  if (const Step step = cursor.ReadUntil('\r', IsFieldChar, defaults::kMaxHttpHeadBytes, line);
      step != Step::kOk)
    return step;
  if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, IsDigit))
    return Step::kMalformed;
  if (line.size() > 3 && line[3] != ' ') return Step::kMalformed;
  response.status = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  if (response.status < 100 || response.status > 599) return Step::kMalformed;
  if (const Step step = cursor.Expect("\n"); step != Step::kOk) return step;
  return cursor.ReadHeaders(response.headers);
}

struct Framing {
  enum class Kind : std::uint8_t { kLength, kChunked, kToEnd, kInvalid } kind = Kind::kToEnd;
  std::size_t length = 0;  // kLength; saturated, so that any limit still sees it as too large
};

bool ParseLength(std::string_view text, std::size_t& length) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), IsDigit)) return false;
  constexpr std::size_t kSaturated = std::size_t{1} << 40;
  length = 0;
  for (const char c : text)
    length = std::min(length * 10 + static_cast<std::size_t>(c - '0'), kSaturated);
  return true;
}

Framing FramingOf(const Response& response) {
  if (response.status < 200 || response.status == 204 || response.status == 304)
    return {Framing::Kind::kLength, 0};
  Framing framing;
  for (const auto& [name, value] : response.headers) {
    const bool coding = EqualWithoutCase(name, "Transfer-Encoding");
    if (!coding && !EqualWithoutCase(name, "Content-Length")) continue;
    Framing next{coding ? Framing::Kind::kChunked : Framing::Kind::kLength, 0};
    if (coding ? !EqualWithoutCase(value, "chunked") : !ParseLength(value, next.length))
      return {Framing::Kind::kInvalid, 0};
    const bool same = framing.kind == Framing::Kind::kLength && framing.kind == next.kind &&
                      framing.length == next.length;
    if (framing.kind != Framing::Kind::kToEnd && !same) return {Framing::Kind::kInvalid, 0};
    framing = next;
  }
  return framing;
}

Step ReadChunk(Cursor& cursor, std::size_t max_body, std::string& body, bool& last) {
  std::string_view size_text;
  if (const Step step = cursor.ReadUntil('\r', IsHexDigit, 8, size_text); step != Step::kOk)
    return step;
  if (size_text.empty()) return Step::kMalformed;
  if (const Step step = cursor.Expect("\n"); step != Step::kOk) return step;
  const std::size_t size = std::stoul(std::string(size_text), nullptr, 16);
  last = size == 0;
  if (last) return Step::kOk;
  if (size > max_body - body.size()) return Step::kTooLarge;
  std::string_view data;
  if (const Step step = cursor.Read(size, data); step != Step::kOk) return step;
  body += data;
  return cursor.Expect("\r\n");
}

Step ReadChunked(Cursor& cursor, std::size_t max_body, std::string& body) {
  for (bool last = false; !last;) {
    if (const Step step = ReadChunk(cursor, max_body, body, last); step != Step::kOk) return step;
  }
  Cursor trailer(HeadWindow(cursor.rest()));
  Headers ignored;
  return BoundHead(trailer.ReadHeaders(ignored), cursor.rest());
}

Step ReadBody(Cursor& cursor, bool end_of_stream, std::size_t max_body, Response& response) {
  const Framing framing = FramingOf(response);
  std::string_view body = cursor.rest();
  switch (framing.kind) {
    case Framing::Kind::kInvalid:
      return Step::kMalformed;
    case Framing::Kind::kChunked:
      return ReadChunked(cursor, max_body, response.body);
    case Framing::Kind::kLength:
      if (framing.length > max_body) return Step::kTooLarge;
      if (const Step step = cursor.Read(framing.length, body); step != Step::kOk) return step;
      break;
    case Framing::Kind::kToEnd:
      if (body.size() > max_body) return Step::kTooLarge;
      if (!end_of_stream) return Step::kMore;
      break;
  }
  response.body = body;
  return Step::kOk;
}

}  // namespace

const std::string* Find(const Headers& headers, std::string_view name) {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& header) {
    return EqualWithoutCase(header.first, name);
  });
  return found == headers.end() ? nullptr : &found->second;
}

std::string_view Request::path() const {
  const std::string_view whole = target;
  return whole.substr(0, whole.find('?'));
}

Result<std::optional<std::pair<Request, std::size_t>>> ParseRequest(std::string_view in) {
  Cursor cursor(HeadWindow(in));
  Request request;
  const Step step = BoundHead(ReadRequest(cursor, request), in);
  if (step == Step::kMore) return std::nullopt;
  if (step != Step::kOk) return HeadError(step);
  return std::make_pair(std::move(request), cursor.position());
}

Result<std::optional<Response>> ParseResponse(std::string_view in, bool end_of_stream,
                                              std::size_t max_body) {
  Cursor head(HeadWindow(in));
  Response response;
  Step step = BoundHead(ReadResponseHead(head, response), in);
  if (step == Step::kOk) {
    Cursor body(in.substr(head.position()));
    step = ReadBody(body, end_of_stream, max_body, response);
    if (step == Step::kTooLarge) return Fail(ErrorCode::kTooLarge, "HTTP body");
  }
  if (step == Step::kMore && end_of_stream)
    return Fail(ErrorCode::kMalformedFrame, "the connection ended within the HTTP answer");
  if (step == Step::kMore) return std::nullopt;
  if (step != Step::kOk) return HeadError(step);
  return response;
}

bool MayBeRequest(std::string_view in) {
  Cursor cursor(in);
  std::string_view method;
  const Step step = cursor.ReadUntil(' ', IsUpper, kMaxMethod, method);
  return step == Step::kMore || (step == Step::kOk && !method.empty());
}

std::string FormatDate(std::int64_t unix_seconds) {
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t time = unix_seconds;
  std::tm utc{};
  gmtime_r(&time, &utc);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                kDays.at(static_cast<std::size_t>(utc.tm_wday)), utc.tm_mday,
                kMonths.at(static_cast<std::size_t>(utc.tm_mon)), utc.tm_year + 1900, utc.tm_hour,
                utc.tm_min, utc.tm_sec);
  return text.data();
}

}  // namespace underpass::http1
