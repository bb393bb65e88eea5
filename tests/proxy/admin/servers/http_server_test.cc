// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <chrono>

#include "proxy/admin/admin_server.h"
#include "tests/fakes/fake_proxy_control.h"
#include "tests/support/socket.h"

namespace underpass::admin {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using support::In;
using testing::HasSubstr;

class HttpServerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto server = HttpServer::Start(control_, "127.0.0.1", 0, 0);
    ASSERT_TRUE(server.has_value()) << server.error().ToString();
    server_ = std::move(*server);
    const std::string address = server_->address();
    ASSERT_TRUE(address.starts_with("127.0.0.1:")) << address;
    port_ = static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1)));
    ASSERT_NE(port_, 0);
  }

  // All that the server sends until it closes the connection.
  std::string Exchange(const std::string& request) {
    support::Socket socket = support::Socket::Connect(port_, In(seconds(20)));
    EXPECT_TRUE(socket.SendAll(request, In(seconds(20))));
    return socket.ReceiveUntilEof(In(seconds(20))).value_or("no end of the connection");
  }

  fakes::FakeProxyControl control_;
  std::unique_ptr<HttpServer> server_;
  std::uint16_t port_ = 0;
};

TEST_F(HttpServerTest, ServesThePages) {
  httplib::Client client("127.0.0.1", port_);
  const std::pair<const char*, const char*> pages[] = {
      {"/metrics", "underpass_build_info{version=\"9.8.7\"} 1"},
      {"/healthz", "ok"},
      {"/readyz?verbose", "ok"},
      {"/status", "\"version\": \"9.8.7\""},
  };
  for (const auto& [path, text] : pages) {
    const httplib::Result result = client.Get(path);
    ASSERT_TRUE(result) << path;
    EXPECT_EQ(result->status, 200) << path;
    EXPECT_THAT(result->body, HasSubstr(text)) << path;
  }
}

TEST_F(HttpServerTest, StatusShowsWhereTheMetricsAre) {
  const httplib::Result result = httplib::Client("127.0.0.1", port_).Get("/status");
  ASSERT_TRUE(result);
  EXPECT_THAT(result->body, HasSubstr(server_->address()));
}

TEST_F(HttpServerTest, NotReadyIs503WithTheReason) {
  control_.SetNotReady(Error{ErrorCode::kDraining, 0, "the process"});
  const httplib::Result result = httplib::Client("127.0.0.1", port_).Get("/readyz");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 503);
  EXPECT_THAT(result->body, HasSubstr("Draining"));
}

TEST_F(HttpServerTest, AnUnknownPathIs404WithTheList) {
  const httplib::Result result = httplib::Client("127.0.0.1", port_).Get("/nothing");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 404);
  EXPECT_THAT(result->body, HasSubstr("/metrics"));
}

TEST_F(HttpServerTest, HeadHasTheHeadersAndNoBody) {
  const std::string answer = Exchange("HEAD /healthz HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST_F(HttpServerTest, OtherMethodsAre405AndEndTheConnection) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
    const std::string answer = Exchange(std::string(method) +
                                        " /metrics HTTP/1.1\r\nContent-Length: 40\r\n\r\n"
                                        "GET /metrics HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 405 ")) << method << ": " << answer;
    EXPECT_THAT(answer, HasSubstr("Allow: GET, HEAD"));
    EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << "the body was taken as a request";
  }
}

TEST_F(HttpServerTest, AConnectionServesSeveralRequests) {
  const std::string request = "GET /healthz HTTP/1.1\r\n\r\n";
  const std::string last = "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n";
  const std::string answer = Exchange(request + request + last);
  std::size_t count = 0;
  for (std::size_t at = 0; (at = answer.find("HTTP/1.1 200", at)) != std::string::npos; ++at) {
    ++count;
  }
  EXPECT_EQ(count, 3u) << answer;
}

TEST_F(HttpServerTest, GarbageAndTooMuchEndTheConnection) {
  EXPECT_EQ(Exchange("\x16\x03\x01 garbage\r\n\r\n").find("200"), std::string::npos);
  std::string endless = "GET /metrics HTTP/1.1\r\n";
  for (int i = 0; i < 400; ++i) endless += "X: " + std::string(60, 'x') + "\r\n";
  support::Socket socket = support::Socket::Connect(port_, In(seconds(20)));
  socket.SendAll(endless, In(seconds(20)));
  const auto received = socket.Receive(1024, In(seconds(4)));
  EXPECT_NE(received.outcome, support::Socket::Outcome::kTimeout);
  EXPECT_EQ(received.data.find("200"), std::string::npos);
}

TEST_F(HttpServerTest, TheNextPortOfTheRangeIsTakenWhenOneIsInUse) {
  // Both ends of the range [port_, port_ + 1]; another program may hold the second, which is an
  // error by name.
  const auto next = static_cast<std::uint16_t>(port_ + 1);
  const auto second = HttpServer::Start(control_, "127.0.0.1", port_, next);
  if (second.has_value()) {
    EXPECT_EQ((*second)->address(), "127.0.0.1:" + std::to_string(next));
  } else {
    EXPECT_EQ(second.error().code, ErrorCode::kAddressInUse);
  }
}

TEST_F(HttpServerTest, AnErrorWhenNoPortIsFree) {
  const auto second = HttpServer::Start(control_, "127.0.0.1", port_, port_);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kAddressInUse);
  EXPECT_THAT(second.error().ToString(), HasSubstr(server_->address()));
}

TEST_F(HttpServerTest, ANameIsNoAddress) {
  const auto server = HttpServer::Start(control_, "localhost", 0, 0);
  ASSERT_FALSE(server.has_value());
  EXPECT_EQ(server.error().code, ErrorCode::kInvalidConfig);
}

TEST_F(HttpServerTest, StopsWithinASecondWithOpenConnections) {
  // One that has been used and is kept open, one that never asked, one in the middle of its
  // request.
  support::Socket kept = support::Socket::Connect(port_, In(seconds(20)));
  ASSERT_TRUE(kept.SendAll("GET /healthz HTTP/1.1\r\n\r\n", In(seconds(20))));
  ASSERT_TRUE(kept.ReceiveLine(In(seconds(20))).has_value());
  support::Socket silent = support::Socket::Connect(port_, In(seconds(20)));
  support::Socket half = support::Socket::Connect(port_, In(seconds(20)));
  ASSERT_TRUE(half.SendAll("GET /healthz HT", In(seconds(20))));

  const auto begin = steady_clock::now();
  server_.reset();
  EXPECT_LT(steady_clock::now() - begin, seconds(1));
}

}  // namespace
}  // namespace underpass::admin
