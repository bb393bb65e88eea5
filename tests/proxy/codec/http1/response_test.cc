// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "api/base/defaults.h"
#include "proxy/codec/http1/http1.h"

namespace underpass::http1 {
namespace {

constexpr std::size_t kMaxBody = 16;

// A failure and nothing if `in` has no whole answer.
Response WholeAnswer(std::string_view in, bool end_of_stream) {
  const auto result = ParseResponse(in, end_of_stream, kMaxBody);
  if (result.has_value() && result->has_value()) return **result;
  ADD_FAILURE() << "no whole answer";
  return {};
}

// An answer that is complete with its last byte, fed as every prefix.
void ExpectCompleteAtTheEnd(std::string_view in, int status, std::string_view body) {
  for (std::size_t size = 0; size < in.size(); ++size) {
    const auto open = ParseResponse(in.substr(0, size), false, kMaxBody);
    ASSERT_TRUE(open.has_value()) << size;
    EXPECT_FALSE(open->has_value()) << size;
    const auto ended = ParseResponse(in.substr(0, size), true, kMaxBody);
    ASSERT_FALSE(ended.has_value()) << size;
    EXPECT_EQ(ended.error().code, ErrorCode::kMalformedFrame) << size;
  }
  for (const bool end_of_stream : {false, true}) {
    const Response whole = WholeAnswer(in, end_of_stream);
    EXPECT_EQ(whole.status, status);
    EXPECT_EQ(whole.body, body);
  }
}

void ExpectError(const std::string& in, ErrorCode code) {
  std::optional<ErrorCode> first;
  for (std::size_t size = 0; size <= in.size() && !first; ++size) {
    const auto result = ParseResponse(std::string_view(in).substr(0, size), false, kMaxBody);
    if (!result.has_value()) first = result.error().code;
    ASSERT_FALSE(result.has_value() && result->has_value()) << testing::PrintToString(in);
  }
  EXPECT_EQ(first, code) << testing::PrintToString(in);
}

TEST(ParseResponseTest, ReadsABodyOfKnownLength) {
  ExpectCompleteAtTheEnd("HTTP/1.1 200 OK\r\nA: b\r\ncontent-length: 3\r\n\r\nabc", 200, "abc");
}

TEST(ParseResponseTest, ReadsAnEmptyBody) {
  ExpectCompleteAtTheEnd("HTTP/1.0 401\r\nContent-Length: 0\r\n\r\n", 401, "");
}

TEST(ParseResponseTest, ReadsAChunkedBody) {
  ExpectCompleteAtTheEnd(
      "HTTP/1.1 200 \r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0A\r\n0123456789\r\n0\r\nT: "
      "x\r\n\r\n",
      200, "abc0123456789");
}

TEST(ParseResponseTest, KnowsAnswersWithoutBody) {
  for (const char* status : {"101", "204", "304"})
    ExpectCompleteAtTheEnd(std::string("HTTP/1.1 ") + status + " x\r\nContent-Length: 9\r\n\r\n",
                           std::stoi(status), "");
}

TEST(ParseResponseTest, ReadsABodyThatEndsWithTheConnection) {
  const std::string in = "HTTP/1.1 503 no way\r\n\r\nsorry";
  const auto open = ParseResponse(in, false, kMaxBody);
  ASSERT_TRUE(open.has_value());
  EXPECT_FALSE(open->has_value());
  const Response ended = WholeAnswer(in, true);
  EXPECT_EQ(ended.status, 503);
  EXPECT_EQ(ended.body, "sorry");
}

TEST(ParseResponseTest, TakesEqualLengthsTwice) {
  ExpectCompleteAtTheEnd("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", 200,
                         "a");
}

TEST(ParseResponseTest, RefusesMalformedAnswers) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  for (const std::string& in : {
           std::string("HTTP/2 200\r\n"),
           std::string("GET / HTTP/1.1\r\n"),
           std::string("HTTP/1.1  200\r\n"),
           std::string("HTTP/1.1 20\r\n"),
           std::string("HTTP/1.1 2000\r\n"),
           std::string("HTTP/1.1 20x\r\n"),
           std::string("HTTP/1.1 099 x\r\n"),
           std::string("HTTP/1.1 600 x\r\n"),
           std::string("HTTP/1.1 200 OK\n"),
           ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
           ok + "Content-Length: -1\r\n\r\n",
           ok + "Content-Length: 0x1\r\n\r\n",
           ok + "Content-Length:\r\n\r\n",
           ok + "Transfer-Encoding: gzip, chunked\r\n\r\n",
           ok + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
           ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
           ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
           ok + "Transfer-Encoding: chunked\r\n\r\n\r\n",
           ok + "Transfer-Encoding: chunked\r\n\r\n1;a=b\r\n",
           ok + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc",
           ok + "Transfer-Encoding: chunked\r\n\r\n000000001\r\n",
       })
    ExpectError(in, ErrorCode::kMalformedFrame);
}

TEST(ParseResponseTest, BoundsTheBody) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  ExpectError(ok + "Content-Length: 17\r\n\r\n", ErrorCode::kTooLarge);
  ExpectError(ok + "Content-Length: 99999999999999999999999999\r\n\r\n", ErrorCode::kTooLarge);
  ExpectError(ok + "\r\n" + std::string(kMaxBody + 1, 'x'), ErrorCode::kTooLarge);
  ExpectError(ok + "Transfer-Encoding: chunked\r\n\r\n11\r\n", ErrorCode::kTooLarge);
  ExpectError(ok + "Transfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n9\r\n",
              ErrorCode::kTooLarge);
  ExpectError(ok + "Transfer-Encoding: chunked\r\n\r\nffffffff\r\n", ErrorCode::kTooLarge);
  ExpectCompleteAtTheEnd(ok + "Content-Length: 16\r\n\r\n0123456789abcdef", 200,
                         "0123456789abcdef");
}

TEST(ParseResponseTest, BoundsTheHeadAndTheTrailer) {
  const std::string many(defaults::kMaxHttpHeadBytes, 'x');
  ExpectError("HTTP/1.1 200 " + many, ErrorCode::kTooLarge);
  ExpectError("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: " + many,
              ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace underpass::http1
