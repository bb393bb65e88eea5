// SPDX-License-Identifier: Apache-2.0
// SIGTERM: who is connected finishes, who comes later is refused, and the exit code tells.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/proxy/app/program/program_fixture.h"
#include "tests/support/child.h"
#include "tests/support/http_get.h"
#include "tests/support/proxy_process.h"
#include "tests/support/socket.h"
#include "tests/support/target_server.h"

namespace underpass::app {
namespace {

const std::string kProgram = UNDERPASS_BIN_DIR "/underpass-proxy";

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::In;
using support::ProxyProcess;
using support::Socket;

// Which process gets the signal, and which others the users' way goes through.
enum class Role : std::uint8_t { kForward, kServer, kClient };

std::string NameOf(const testing::TestParamInfo<Role>& info) {
  constexpr const char* kNames[] = {"Forward", "Server", "Client"};
  return kNames[static_cast<std::size_t>(info.param)];
}

class ShutdownTest : public testing::TestWithParam<Role> {
 protected:
  // flags: for the process that gets the signals.
  void Start(const std::vector<std::string>& flags = {}) {
    const std::string server = ServerUrl(tunnel_port_, user_port_);
    const std::string client = ClientUrl(tunnel_port_, target_.port());
    std::vector<std::string> args = flags;
    switch (GetParam()) {
      case Role::kForward:
        args.push_back(ForwardUrl(user_port_, target_.port()));
        break;
      case Role::kServer:
        args.push_back(server);
        other_ = std::make_unique<ProxyProcess>(kProgram, std::vector{client});
        break;
      case Role::kClient:
        args.push_back(client);
        other_ = std::make_unique<ProxyProcess>(kProgram, std::vector{server});
        break;
    }
    proxy_ = std::make_unique<ProxyProcess>(kProgram, args);
    ASSERT_TRUE(proxy_->WaitReady(Patience())) << proxy_->child().Output();
    ASSERT_TRUE(EchoThrough(user_port_, Patience())) << proxy_->child().Output();
  }

  support::Child& child() { return proxy_->child(); }
  void Terminate() {
    child().Kill(SIGTERM);
    ASSERT_TRUE(proxy_->WaitLog("msg=draining", Patience())) << child().Output();
  }

  const std::uint16_t user_port_ = support::FreePort();
  const std::uint16_t tunnel_port_ = support::FreePort();
  support::TargetServer target_;
  std::unique_ptr<ProxyProcess> other_;
  std::unique_ptr<ProxyProcess> proxy_;
};

INSTANTIATE_TEST_SUITE_P(Of, ShutdownTest,
                         testing::Values(Role::kForward, Role::kServer, Role::kClient), NameOf);

TEST_P(ShutdownTest, WithoutConnectionsEndsAtOnce) {
  Start();
  Terminate();
  EXPECT_EQ(child().Wait(In(seconds(3))), 0) << child().Output();
}

TEST_P(ShutdownTest, LiveConnectionFinishes) {
  Start();
  Socket user = Socket::Connect(user_port_, Patience());
  ASSERT_TRUE(EchoOn(user, "before"));
  Terminate();
  if (GetParam() != Role::kClient) {  // the client's users come to the server, which goes on
    EXPECT_TRUE(WaitRefused(user_port_, Patience()));
  }
  EXPECT_TRUE(EchoOn(user, "after"));
  EXPECT_TRUE(child().Running());
  user.Close();
  EXPECT_EQ(child().Wait(In(seconds(3))), 0) << child().Output();
}

TEST_P(ShutdownTest, SecondSignalEndsAtOnce) {
  Start();
  Socket user = Socket::Connect(user_port_, Patience());
  ASSERT_TRUE(EchoOn(user, "before"));
  Terminate();
  child().Kill(SIGTERM);
  EXPECT_EQ(child().Wait(In(seconds(3))), 2) << child().Output();
  EXPECT_NE(user.Receive(1, Patience()).outcome, Socket::Outcome::kTimeout);
}

TEST_P(ShutdownTest, GraceTimeEnds) {
  Start({"--grace", "1"});
  Socket user = Socket::Connect(user_port_, Patience());
  ASSERT_TRUE(EchoOn(user, "before"));
  const auto began = std::chrono::steady_clock::now();
  Terminate();
  EXPECT_EQ(child().Wait(Patience()), 2) << child().Output();
  EXPECT_GE(std::chrono::steady_clock::now() - began, milliseconds(950));
  EXPECT_LE(std::chrono::steady_clock::now() - began, seconds(4));
}

TEST_P(ShutdownTest, DrainDelayTakesUsersAndSaysNotReady) {
  Start({"--drain-delay", "2"});
  const auto began = std::chrono::steady_clock::now();
  Terminate();
  const std::optional<std::string> line = proxy_->child().WaitForLine("msg=metrics", Patience());
  const auto port =
      static_cast<std::uint16_t>(std::stoi(line->substr(line->find("127.0.0.1:") + 10)));
  EXPECT_TRUE(support::Eventually(
      [&] {
        const std::optional<support::HttpReply> ready =
            support::HttpGet(port, "/readyz", Patience());
        return ready && ready->status == 503;
      },
      In(seconds(1))));
  EXPECT_TRUE(EchoThrough(user_port_, In(seconds(1))));
  EXPECT_EQ(child().Wait(Patience()), 0) << child().Output();
  EXPECT_GE(std::chrono::steady_clock::now() - began, milliseconds(1950));
}

// Ctrl-C, with a tunnel that still waits for its peer.
TEST(InterruptTest, EndsAWaitingPoolAtOnce) {
  for (const std::string& url : {ServerUrl(support::FreePort(), support::FreePort()),
                                 ClientUrl(support::FreePort(), support::FreePort())}) {
    ProxyProcess proxy(kProgram, {url});
    ASSERT_TRUE(proxy.WaitReady(Patience())) << proxy.child().Output();
    proxy.child().Kill(SIGINT);
    EXPECT_EQ(proxy.child().Wait(In(seconds(3))), 0) << proxy.child().Output();
  }
}

}  // namespace
}  // namespace underpass::app
