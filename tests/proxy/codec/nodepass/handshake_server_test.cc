// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "proxy/codec/nodepass/handshake.h"

namespace underpass::nodepass {
namespace {

constexpr const char* kToken = "f9e66e179b6747ae54108f82f8ade8b3c25d76fd30afde6c395822c530196169";
constexpr std::int64_t kNow = 1795209873;  // Fri, 20 Nov 2026 21:24:33 GMT
const Secret kKey("secret");

http1::Request Handshake(http1::Headers extra = {}) {
  http1::Request request;
  request.method = "GET";
  request.target = "/";
  request.headers = {{"Host", "none"}, {"Authorization", std::string("Bearer ") + kToken}};
  request.headers.insert(request.headers.end(), extra.begin(), extra.end());
  return request;
}

ErrorCode ErrorOf(const http1::Request& request) {
  const auto result = JudgeRequest(request, kKey);
  EXPECT_FALSE(result.has_value());
  return result.has_value() ? ErrorCode::kInternal : result.error().code;
}

TEST(TokenTest, MatchesTheVector) { EXPECT_EQ(Token(kKey), kToken); }

TEST(JudgeRequestTest, AcceptsANodePassClient) {
  const auto accepted = JudgeRequest(Handshake(), kKey);
  ASSERT_TRUE(accepted.has_value());
  EXPECT_EQ(accepted->capabilities, std::nullopt);
}

TEST(JudgeRequestTest, AcceptsAQuery) {
  http1::Request request = Handshake();
  request.target = "/?x=/y";
  EXPECT_TRUE(JudgeRequest(request, kKey).has_value());
}

TEST(JudgeRequestTest, JudgesMethodThenPathThenToken) {
  http1::Request request;
  request.method = "POST";
  request.target = "/x";
  EXPECT_EQ(ErrorOf(request), ErrorCode::kMethodNotAllowed);
  request.method = "GET";
  EXPECT_EQ(ErrorOf(request), ErrorCode::kPathNotFound);
  request.target = "/";
  EXPECT_EQ(ErrorOf(request), ErrorCode::kAuthFailed);
}

TEST(JudgeRequestTest, RefusesEveryOtherToken) {
  std::string flipped = kToken;
  flipped.back() = '8';
  const std::string token = kToken;
  for (const std::string& value :
       {std::string(), std::string("Bearer"), std::string("Bearer "), token, "bearer " + token,
        "Basic " + token, "Bearer " + flipped, "Bearer " + token + "0", "Bearer  " + token,
        "Bearer " + token.substr(1)}) {
    http1::Request request = Handshake();
    request.headers[1].second = value;
    EXPECT_EQ(ErrorOf(request), ErrorCode::kAuthFailed) << value;
  }
}

TEST(JudgeRequestTest, KeepsTheTokenOutOfTheError) {
  const auto result = JudgeRequest(Handshake(), Secret("other"));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().ToString().find("f9e6"), std::string::npos);
}

TEST(JudgeRequestTest, ReadsTheOfferOfAPeerOfOurs) {
  struct Case {
    const char* header;
    std::optional<Capabilities> expected;
  };
  const Case cases[] = {
      {"1; caps=half-close,demand,goaway", Capabilities{true, true, true}},
      {"1;caps=goaway", Capabilities{false, false, true}},
      {" 1 ; x=y ; caps= half-close , lanes ,demand", Capabilities{true, true, false}},
      {"1; caps=", Capabilities{}},
      {"1", Capabilities{}},
      {"2; caps=demand", std::nullopt},
      {"", std::nullopt},
      {"; caps=demand", std::nullopt},
      {"caps=demand", std::nullopt},
  };
  for (const Case& c : cases) {
    const auto accepted = JudgeRequest(Handshake({{"underpass", c.header}}), kKey);
    ASSERT_TRUE(accepted.has_value()) << c.header;
    EXPECT_EQ(accepted->capabilities, c.expected) << c.header;
  }
}

TEST(AcceptResponseTest, IsTheAnswerOfNodePass) {
  EXPECT_EQ(AcceptResponse({}, std::nullopt, std::nullopt, kNow),
            "HTTP/1.1 200 OK\r\n"
            "Connection: close\r\n"
            "Content-Type: application/json\r\n"
            "Date: Fri, 20 Nov 2026 21:24:33 GMT\r\n"
            "Content-Length: 45\r\n"
            "\r\n"
            "{\"flow\":\"-\",\"max\":1024,\"tls\":\"0\",\"type\":\"0\"}\n");
}

TEST(AcceptResponseTest, AddsTheExtensionLast) {
  SessionId session{};
  session.front() = std::byte{0xab};
  const std::string answer =
      AcceptResponse({'+', 8, "1", "3"}, Capabilities{true, false, true}, session, kNow);
  EXPECT_EQ(answer.substr(answer.find("\r\n\r\n") + 4),
            "{\"flow\":\"+\",\"max\":8,\"tls\":\"1\",\"type\":\"3\",\"underpass\":{\"v\":1,"
            "\"caps\":[\"half-close\",\"goaway\"],"
            "\"session\":\"ab000000000000000000000000000000\"}}\n");
}

// 405, 404, 401 as recorded from Go's net/http with a handler that sets Connection and calls
// http.Error; 400 in the same form.
TEST(RejectResponseTest, IsTheAnswerOfGo) {
  const auto expected = [](const std::string& status, int length, const std::string& body) {
    return "HTTP/1.1 " + status +
           "\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n"
           "X-Content-Type-Options: nosniff\r\nDate: Fri, 20 Nov 2026 21:24:33 GMT\r\n"
           "Content-Length: " +
           std::to_string(length) + "\r\n\r\n" + body;
  };
  EXPECT_EQ(RejectResponse(ErrorCode::kMethodNotAllowed, kNow),
            expected("405 Method Not Allowed", 19, "Method Not Allowed\n"));
  EXPECT_EQ(RejectResponse(ErrorCode::kPathNotFound, kNow),
            expected("404 Not Found", 10, "Not Found\n"));
  EXPECT_EQ(RejectResponse(ErrorCode::kAuthFailed, kNow),
            expected("401 Unauthorized", 13, "Unauthorized\n"));
  EXPECT_EQ(RejectResponse(ErrorCode::kQueueFull, kNow),
            expected("503 Service Unavailable", 20, "Service Unavailable\n"));
  EXPECT_EQ(RejectResponse(ErrorCode::kMalformedFrame, kNow),
            expected("400 Bad Request", 12, "Bad Request\n"));
}

}  // namespace
}  // namespace underpass::nodepass
