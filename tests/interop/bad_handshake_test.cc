// SPDX-License-Identifier: Apache-2.0
// What does not belong on a tunnel port, and answers that no server should give.
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "tests/interop/bad_input_fixture.h"

namespace underpass::interop {
namespace {

using std::chrono::seconds;
using support::In;
using support::Socket;

struct Refusal {
  std::string name;
  std::string bytes;
  std::string reason;
  std::string answer;  // begins so; "" = none at all
};

// How gtest shows it.
void PrintTo(const Refusal& value, std::ostream* out) { *out << value.name; }

class BadRequestTest : public testing::TestWithParam<Refusal> {};

TEST_P(BadRequestTest, IsRefusedWithItsReason) {
  BadInputFixture fixture({true, '-', Dialect::kJson});
  ASSERT_TRUE(fixture.Start());

  Socket visitor = Socket::Connect(fixture.attacked().tunnel_port(), In(seconds(2)));
  visitor.SendAll(GetParam().bytes, In(seconds(5)));
  const std::string answer = visitor.ReceiveUntilEof(In(seconds(5))).value_or("");
  EXPECT_EQ(answer.substr(0, GetParam().answer.size()), GetParam().answer);
  EXPECT_EQ(answer.empty(), GetParam().answer.empty()) << answer;
  EXPECT_TRUE(fixture.Refused(GetParam().reason));

  fixture.attacked().StartPeer();
  EXPECT_TRUE(fixture.attacked().WaitUsable(In(seconds(5)))) << fixture.proxy().child().Output();
}

INSTANTIATE_TEST_SUITE_P(
    Requests, BadRequestTest,
    testing::Values(
        Refusal{"WrongToken", HandshakeRequest(Token("other")), "AuthFailed",
                "HTTP/1.1 401 Unauthorized\r\n"},
        Refusal{"NoToken", "GET / HTTP/1.1\r\nHost: none\r\n\r\n", "AuthFailed",
                "HTTP/1.1 401 Unauthorized\r\n"},
        Refusal{"WrongMethod", HandshakeRequest(Token("secret"), "POST"), "MethodNotAllowed",
                "HTTP/1.1 405 Method Not Allowed\r\n"},
        Refusal{"WrongPath", HandshakeRequest(Token("secret"), "GET", "/x"), "PathNotFound",
                "HTTP/1.1 404 Not Found\r\n"},
        Refusal{"BrokenHead", "GET / HTTP/1.1\r\nno colon here\r\n\r\n", "MalformedFrame", ""},
        Refusal{"EndlessHead", "GET / HTTP/1.1\r\nX: " + std::string(64 * 1024, 'x'), "TooLarge",
                ""},
        Refusal{"Garbage", std::string("\x01\x02\xff\x00garbage", 11), "MalformedFrame", ""},
        Refusal{"RawHandshakeOfBefore113", EncodeLine("secret", "secret"), "MalformedFrame", ""},
        Refusal{"TlsClientHello", std::string("\x16\x03\x01\x02\x00\x01\x00", 7), "Unsupported",
                ""},
        Refusal{"ForgedPreface", "UPP1" + std::string(40, 'x'), "AuthFailed", ""}),
    [](const auto& param_info) { return param_info.param.name; });

std::string HttpAnswer(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status +
         "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

std::string ConfigAnswer(const std::string& flow, const std::string& max, const std::string& type) {
  return HttpAnswer("200 OK", R"({"flow":")" + flow + R"(","max":)" + max +
                                  R"(,"tls":"0","type":")" + type + "\"}\n");
}

class BadAnswerTest : public testing::TestWithParam<Refusal> {};

TEST_P(BadAnswerTest, IsRefusedAndAGoodServerIsFoundLater) {
  BadInputFixture fixture({false, '-', Dialect::kJson});
  fixture.attacked().peer_options().raw_answer = GetParam().bytes;
  fixture.attacked().StartPeer();
  ASSERT_TRUE(fixture.Start());
  EXPECT_TRUE(fixture.Refused(GetParam().reason));

  fixture.attacked().KillPeer();
  fixture.attacked().peer_options().raw_answer.clear();
  fixture.attacked().StartPeer();
  EXPECT_TRUE(fixture.attacked().WaitUsable(In(seconds(5)))) << fixture.proxy().child().Output();
}

INSTANTIATE_TEST_SUITE_P(
    Answers, BadAnswerTest,
    testing::Values(
        Refusal{"UnknownType", ConfigAnswer("-", "8", "9"), "PeerUnknown", ""},
        Refusal{"UnknownFlow", ConfigAnswer("*", "8", "0"), "PeerUnknown", ""},
        Refusal{"ImpossibleMax", ConfigAnswer("-", "0", "0"), "PeerUnknown", ""},
        Refusal{"AnotherCarrier", ConfigAnswer("-", "8", "1"), "Unsupported", ""},
        Refusal{"ServerError", HttpAnswer("500 Internal Server Error", ""), "HandshakeRejected",
                ""},
        Refusal{"NotJson", HttpAnswer("200 OK", "hello"), "MalformedFrame", ""},
        Refusal{"UrlOfBefore113", EncodeLine("//127.0.0.1:1/1#-", "secret"), "MalformedFrame", ""},
        Refusal{"EndlessHead", "HTTP/1.1 200 OK\r\nX: " + std::string(64 * 1024, 'x'), "TooLarge",
                ""},
        Refusal{"EndlessBody", HttpAnswer("200 OK", std::string(1 << 20U, ' ')), "TooLarge", ""}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(KeyMismatchTest, IsToldToOurClient) {
  BadInputFixture fixture({false, '+', Dialect::kJson});
  fixture.attacked().peer_options().key = "other";
  fixture.attacked().StartPeer();
  ASSERT_TRUE(fixture.Start());
  EXPECT_TRUE(fixture.Refused("AuthFailed"));
}

TEST(KeyMismatchTest, IsToldToThePeersClient) {
  BadInputFixture fixture({true, '+', Dialect::kJson});
  ASSERT_TRUE(fixture.Start());
  PeerOptions options;
  options.key = "other";
  options.tunnel_port = fixture.attacked().tunnel_port();
  const NodePassClient client(options);
  EXPECT_TRUE(fixture.Refused("AuthFailed"));
  EXPECT_TRUE(support::Eventually([&] { return client.last_status() == 401; }, In(seconds(2))));
}

}  // namespace
}  // namespace underpass::interop
