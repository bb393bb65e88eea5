// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "proxy/codec/nodepass/handshake.h"

namespace underpass::nodepass {
namespace {

const Secret kKey("secret");
constexpr const char* kPlain = R"({"flow":"-","max":1024,"tls":"0","type":"0"})";

http1::Response Answer(std::string body, int status = 200) {
  http1::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

// The request and its size; a failure and nothing if `in` has no whole one.
std::pair<http1::Request, std::size_t> Whole(std::string_view in) {
  const auto result = http1::ParseRequest(in);
  if (result.has_value() && result->has_value()) return **result;
  ADD_FAILURE() << "no whole request";
  return {};
}

// A failure and nothing if `in` has no whole answer.
http1::Response WholeAnswer(std::string_view in) {
  const auto result = http1::ParseResponse(in, false, 4096);
  if (result.has_value() && result->has_value()) return **result;
  ADD_FAILURE() << "no whole answer";
  return {};
}

// The plain answer with one member's text replaced.
std::string With(const std::string& from, const std::string& to) {
  std::string body = kPlain;
  return body.replace(body.find(from), from.size(), to);
}

std::string WithExtension(const std::string& member) {
  std::string body = kPlain;
  body.back() = ',';
  return body + "\"underpass\":" + member + "}";
}

std::optional<ErrorCode> ErrorOf(const http1::Response& response) {
  const auto result = JudgeResponse(response);
  if (result.has_value()) return std::nullopt;
  return result.error().code;
}

TEST(RequestTest, IsReadByTheServerSide) {
  const Capabilities offer{true, false, true};
  const std::string bytes = Request(kKey, "db.example.com", offer);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto open = http1::ParseRequest(std::string_view(bytes).substr(0, size));
    ASSERT_TRUE(open.has_value() && !open->has_value()) << size;
  }
  const auto [request, size] = Whole(bytes);
  EXPECT_EQ(size, bytes.size());
  ASSERT_NE(http1::Find(request.headers, "Host"), nullptr);
  EXPECT_EQ(*http1::Find(request.headers, "Host"), "db.example.com");
  const auto accepted = JudgeRequest(request, kKey);
  ASSERT_TRUE(accepted.has_value());
  EXPECT_EQ(accepted->capabilities, offer);
}

TEST(RequestTest, HasTheDocumentedBytes) {
  EXPECT_EQ(Request(kKey, "none", {true, true, true}),
            "GET / HTTP/1.1\r\nHost: none\r\nAuthorization: Bearer "
            "f9e66e179b6747ae54108f82f8ade8b3c25d76fd30afde6c395822c530196169\r\n"
            "Underpass: 1; caps=half-close,demand,goaway\r\nConnection: close\r\n\r\n");
}

TEST(JudgeResponseTest, ReadsANodePassServer) {
  const auto answer = JudgeResponse(Answer(R"({"max":8,"flow":"+","type":"2","x":{},"tls":"1"})"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->parameters.flow, '+');
  EXPECT_EQ(answer->parameters.max, 8);
  EXPECT_EQ(answer->parameters.tls, "1");
  EXPECT_EQ(answer->parameters.type, "2");
  EXPECT_EQ(answer->capabilities, std::nullopt);
}

TEST(JudgeResponseTest, ReadsAServerOfOurs) {
  SessionId session{};
  session.back() = std::byte{0x7f};
  const std::string bytes =
      AcceptResponse({'+', 65536, "2", "1"}, Capabilities{false, true, false}, session, 0);
  const auto answer = JudgeResponse(WholeAnswer(bytes));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->parameters.max, 65536);
  EXPECT_EQ(answer->capabilities, (Capabilities{false, true, false}));
  EXPECT_EQ(answer->session, session);
}

TEST(JudgeResponseTest, IgnoresUnknownCapabilities) {
  const auto answer = JudgeResponse(Answer(WithExtension(
      R"({"v":1,"caps":["lanes","goaway"],"session":"00000000000000000000000000000000","y":1})")));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->capabilities, (Capabilities{false, false, true}));
}

TEST(JudgeResponseTest, NamesTheStatus) {
  EXPECT_EQ(ErrorOf(Answer(kPlain, 401)), ErrorCode::kAuthFailed);
  for (const int status : {101, 204, 302, 404, 405, 503}) {
    const auto result = JudgeResponse(Answer(kPlain, status));
    ASSERT_FALSE(result.has_value()) << status;
    EXPECT_EQ(result.error().code, ErrorCode::kHandshakeRejected);
    EXPECT_NE(result.error().context.find(std::to_string(status)), std::string::npos);
  }
}

TEST(JudgeResponseTest, RefusesWhatIsNotThatJson) {
  for (const std::string& body : {
           std::string(),
           std::string("<html>"),
           std::string("[]"),
           std::string("{}"),
           std::string(kPlain) + "x",
           With(R"("-")", "0"),
           With("\"flow\"", "\"Flow\""),
           With("1024", "\"1024\""),
           With("1024", "8.0"),
           With("1024", "null"),
           With(R"("tls":"0")", R"("tls":0)"),
           With(R"(,"type":"0")", ""),
           With(R"("tls":"0")", "\"tls\":\"\xff\""),
       })
    EXPECT_EQ(ErrorOf(Answer(body)), ErrorCode::kMalformedFrame) << body;
}

TEST(JudgeResponseTest, NamesAPeerOfAnUnknownKind) {
  for (const std::string& body : {
           With(R"("-")", R"("?")"),
           With(R"("-")", R"("")"),
           With("1024", "0"),
           With("1024", "-1"),
           With("1024", "65537"),
           With("1024", "4294967297"),
           With("1024", "18446744073709551615"),
           With(R"("tls":"0")", R"("tls":"3")"),
           With(R"("tls":"0")", R"("tls":"00")"),
           With(R"("type":"0")", R"("type":"4")"),
           With(R"("type":"0")", R"("type":"")"),
       })
    EXPECT_EQ(ErrorOf(Answer(body)), ErrorCode::kPeerUnknown) << body;
}

TEST(JudgeResponseTest, RefusesABadExtension) {
  const std::string session = R"("session":"00000000000000000000000000000000")";
  for (const std::string& member : {
           std::string("1"),
           std::string("null"),
           std::string("{}"),
           R"({"v":"1","caps":[],)" + session + "}",
           R"({"v":1,)" + session + "}",
           R"({"v":1,"caps":"demand",)" + session + "}",
           R"({"v":1,"caps":[1],)" + session + "}",
           std::string(R"({"v":1,"caps":[]})"),
           std::string(R"({"v":1,"caps":[],"session":"00"})"),
           std::string(R"({"v":1,"caps":[],"session":"0000000000000000000000000000000g"})"),
       })
    EXPECT_EQ(ErrorOf(Answer(WithExtension(member))), ErrorCode::kMalformedFrame) << member;
  EXPECT_EQ(ErrorOf(Answer(WithExtension(R"({"v":2,"caps":[],)" + session + "}"))),
            ErrorCode::kPeerUnknown);
}

}  // namespace
}  // namespace underpass::nodepass
