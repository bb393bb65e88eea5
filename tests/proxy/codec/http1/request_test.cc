// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "api/base/defaults.h"
#include "proxy/codec/http1/http1.h"

namespace underpass::http1 {
namespace {

constexpr std::string_view kHandshake =
    "GET /a/b?c=d HTTP/1.1\r\nHost: none\r\nAuthorization:\t Bearer abc  \r\nX-Empty:\r\n\r\n";

// Feeds every prefix. Returns the first verdict that is not "incomplete", as its code, or nullopt.
std::optional<ErrorCode> FirstError(std::string_view in) {
  for (std::size_t size = 0; size <= in.size(); ++size) {
    const auto result = ParseRequest(in.substr(0, size));
    if (!result.has_value()) return result.error().code;
    if (result->has_value()) return std::nullopt;
  }
  return std::nullopt;
}

// The request and its size; a failure and nothing if `in` has no whole one.
std::pair<Request, std::size_t> Whole(std::string_view in) {
  const auto result = ParseRequest(in);
  if (result.has_value() && result->has_value()) return **result;
  ADD_FAILURE() << "no whole request";
  return {};
}

std::string HeadOfSize(std::size_t size) {
  const std::string_view start = "GET / HTTP/1.1\r\nX: ";
  const std::string_view end = "\r\n\r\n";
  return std::string(start) + std::string(size - start.size() - end.size(), 'x') + std::string(end);
}

std::string HeadWithHeaders(std::size_t count) {
  std::string head = "GET / HTTP/1.1\r\n";
  for (std::size_t i = 0; i < count; ++i) head += "A: b\r\n";
  return head + "\r\n";
}

TEST(ParseRequestTest, ReadsLineAndHeaders) {
  const auto [request, size] = Whole(kHandshake);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target, "/a/b?c=d");
  EXPECT_EQ(request.path(), "/a/b");
  EXPECT_EQ(request.minor_version, 1);
  const Headers expected = {{"Host", "none"}, {"Authorization", "Bearer abc"}, {"X-Empty", ""}};
  EXPECT_EQ(request.headers, expected);
  EXPECT_EQ(size, kHandshake.size());
}

TEST(ParseRequestTest, IsIncompleteForEveryShorterPrefix) {
  for (std::size_t size = 0; size < kHandshake.size(); ++size) {
    const auto result = ParseRequest(kHandshake.substr(0, size));
    ASSERT_TRUE(result.has_value()) << size;
    EXPECT_FALSE(result->has_value()) << size;
  }
}

TEST(ParseRequestTest, LeavesWhatFollowsTheHead) {
  EXPECT_EQ(Whole(std::string(kHandshake) + "\x01 more").second, kHandshake.size());
}

TEST(ParseRequestTest, ReadsHttp10) {
  const auto [request, size] = Whole("POST * HTTP/1.0\r\n\r\n");
  EXPECT_EQ(request.minor_version, 0);
  EXPECT_TRUE(request.headers.empty());
  EXPECT_EQ(size, 19u);
}

TEST(ParseRequestTest, RefusesAtTheByteThatCannotFit) {
  struct Case {
    std::string in;  // malformed exactly at its last byte
  };
  const Case cases[] = {
      {"g"},
      {" "},
      {std::string("\0", 1)},
      {"\x16"},
      {"\r"},
      {"GET\t"},
      {"GET  "},
      {"ABCDEFGHIJKLMNOPQ"},
      {"GET /\r"},
      {"GET /\n"},
      {"GET /\xff"},
      {"GET / h"},
      {"GET / HTTP/2"},
      {"GET / HTTP/1.2"},
      {"GET / HTTP/1.\r"},
      {"GET / HTTP/1.11"},
      {"GET / HTTP/1.1\n"},
      {"GET / HTTP/1.1\rx"},
      {"GET / HTTP/1.1\r\n "},
      {"GET / HTTP/1.1\r\n:"},
      {"GET / HTTP/1.1\r\nHost "},
      {"GET / HTTP/1.1\r\nHost\r"},
      {"GET / HTTP/1.1\r\nA: b\n"},
      {"GET / HTTP/1.1\r\nA: b\rc"},
      {std::string("GET / HTTP/1.1\r\nA: b\0", 21)},
      {"GET / HTTP/1.1\r\nA: b\x7f"},
      {"GET / HTTP/1.1\r\nA: b\r\n "},
      {"GET / HTTP/1.1\r\n\rx"},
  };
  for (const Case& c : cases) {
    const auto before = ParseRequest(std::string_view(c.in).substr(0, c.in.size() - 1));
    ASSERT_TRUE(before.has_value()) << testing::PrintToString(c.in);
    EXPECT_FALSE(before->has_value()) << testing::PrintToString(c.in);
    const auto result = ParseRequest(c.in);
    ASSERT_FALSE(result.has_value()) << testing::PrintToString(c.in);
    EXPECT_EQ(result.error().code, ErrorCode::kMalformedFrame);
  }
}

TEST(ParseRequestTest, TakesAHeadOfTheLimitAndRefusesOneByteMore) {
  EXPECT_EQ(Whole(HeadOfSize(defaults::kMaxHttpHeadBytes)).second, defaults::kMaxHttpHeadBytes);
  const std::string over = HeadOfSize(defaults::kMaxHttpHeadBytes + 1);
  EXPECT_EQ(FirstError(over), ErrorCode::kTooLarge);
  const auto whole = ParseRequest(over);
  ASSERT_FALSE(whole.has_value());
  EXPECT_EQ(whole.error().code, ErrorCode::kTooLarge);
}

TEST(ParseRequestTest, RefusesAnEndlessTarget) {
  EXPECT_EQ(FirstError("GET /" + std::string(defaults::kMaxHttpHeadBytes, 'a')),
            ErrorCode::kTooLarge);
}

TEST(ParseRequestTest, LimitsTheNumberOfHeaders) {
  EXPECT_EQ(Whole(HeadWithHeaders(kMaxHeaders)).first.headers.size(), kMaxHeaders);
  EXPECT_EQ(FirstError(HeadWithHeaders(kMaxHeaders + 1)), ErrorCode::kTooLarge);
}

TEST(FindTest, ComparesNamesWithoutCaseAndTakesTheFirst) {
  const Headers headers = {{"X-One", "1"}, {"x-ONE", "2"}};
  ASSERT_NE(Find(headers, "x-one"), nullptr);
  EXPECT_EQ(*Find(headers, "x-one"), "1");
  EXPECT_EQ(Find(headers, "x-on"), nullptr);
}

TEST(MayBeRequestTest, JudgesTheFirstBytes) {
  for (const char* yes :
       {"G", "GET", "GET ", "GET /", "UPP", "ABCDEFGHIJKLMNOP", "ABCDEFGHIJKLMNOP "})
    EXPECT_TRUE(MayBeRequest(yes)) << yes;
  for (const char* no :
       {"g", " ", "UPP1", "GET\r", "\x16\x03\x01", "ABCDEFGHIJKLMNOPQ", "\x05\x01"})
    EXPECT_FALSE(MayBeRequest(no)) << no;
}

TEST(FormatDateTest, WritesTheFixedForm) {
  EXPECT_EQ(FormatDate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(FormatDate(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110 section 5.6.7
}

}  // namespace
}  // namespace underpass::http1
