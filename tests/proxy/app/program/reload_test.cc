// SPDX-License-Identifier: Apache-2.0
// The config file changes under the running program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/proxy/app/program/program_fixture.h"
#include "tests/support/proxy_process.h"
#include "tests/support/socket.h"
#include "tests/support/target_server.h"
#include "tests/support/temp_dir.h"

namespace underpass::app {
namespace {

const std::string kProgram = UNDERPASS_BIN_DIR "/underpass-proxy";

using std::chrono::seconds;
using support::Eventually;
using support::In;
using support::ProxyProcess;
using support::Socket;

class ReloadTest : public testing::Test {
 protected:
  // target: 0 = target_.
  std::string Forward(const std::string& name, std::uint16_t port, std::uint16_t target = 0) const {
    return "  - name: " + name +
           "\n    forward: {}\n    listen: {address: 127.0.0.1, port: " + std::to_string(port) +
           ", protocols: [TCP]}\n    targets: [{address: '" +
           Loopback(target == 0 ? target_.port() : target) + "'}]\n";
  }
  static std::string Config(const std::string& tunnels) {
    return "format: 1\ntunnels:\n" + tunnels;
  }
  // As an editor or a deployment does it: in one step.
  void Replace(const std::string& text) const {
    folder_.Write("proxy.yaml.new", text);
    std::filesystem::rename(folder_.File("proxy.yaml.new"), path_);
  }
  void Start(const std::string& text) {
    folder_.Write("proxy.yaml", text);
    StartOn(path_);
  }
  void StartOn(const std::string& path) {
    proxy_ = std::make_unique<ProxyProcess>(kProgram, std::vector<std::string>{"--config", path});
    ASSERT_TRUE(proxy_->WaitReady(Patience())) << proxy_->child().Output();
    ASSERT_TRUE(EchoThrough(first_, Patience()));
  }
  std::string Output() const { return proxy_->child().Output(); }
  bool WaitLoaded(std::size_t times) const {
    return Eventually([&] { return CountOf("msg=\"config loaded\"", Output()) >= times; },
                      Patience());
  }

  support::TargetServer target_;
  const support::TempDir folder_;
  const std::string path_ = folder_.File("proxy.yaml");
  const std::uint16_t first_ = support::FreePort();
  const std::uint16_t second_ = support::FreePort();
  std::unique_ptr<ProxyProcess> proxy_;
};

TEST_F(ReloadTest, NewTunnelComesAndTheOldKeepsItsConnections) {
  Start(Config(Forward("first", first_)));
  Socket user = Socket::Connect(first_, Patience());
  ASSERT_TRUE(EchoOn(user, "before"));
  Replace(Config(Forward("first", first_) + Forward("second", second_)));
  EXPECT_TRUE(EchoThrough(second_, In(seconds(2)))) << Output();
  EXPECT_TRUE(EchoOn(user, "after"));
  EXPECT_TRUE(EchoThrough(first_, Patience()));
  EXPECT_EQ(CountOf("msg=\"tunnel listening\" tunnel=first", Output()), 1);
}

TEST_F(ReloadTest, FileWrittenInPlaceIsRead) {
  Start(Config(Forward("first", first_)));
  folder_.Write("proxy.yaml", Config(Forward("first", first_) + Forward("second", second_)));
  EXPECT_TRUE(EchoThrough(second_, In(seconds(2)))) << Output();
}

// How Kubernetes updates a mounted ConfigMap: `..data` is renamed over.
TEST_F(ReloadTest, FolderSwappedByALinkIsRead) {
  namespace fs = std::filesystem;
  fs::create_directory(folder_.File("v1"));
  fs::create_directory(folder_.File("v2"));
  folder_.Write("v1/proxy.yaml", Config(Forward("first", first_)));
  folder_.Write("v2/proxy.yaml", Config(Forward("first", first_) + Forward("second", second_)));
  fs::create_symlink("v1", folder_.File("..data"));
  fs::create_symlink("..data/proxy.yaml", path_);
  StartOn(path_);
  fs::create_symlink("v2", folder_.File("..data_tmp"));
  fs::rename(folder_.File("..data_tmp"), folder_.File("..data"));
  EXPECT_TRUE(EchoThrough(second_, In(seconds(2)))) << Output();
}

TEST_F(ReloadTest, RemovedTunnelRefusesUsersAndLetsLiveOnesFinish) {
  Start(Config(Forward("first", first_) + Forward("second", second_)));
  ASSERT_TRUE(EchoThrough(second_, Patience()));
  Socket user = Socket::Connect(second_, Patience());
  ASSERT_TRUE(EchoOn(user, "before"));
  Replace(Config(Forward("first", first_)));
  EXPECT_TRUE(WaitRefused(second_, Patience()));
  EXPECT_TRUE(EchoOn(user, "after"));
  EXPECT_TRUE(EchoThrough(first_, Patience()));
}

// The address did not change: its port is taken over without waiting for a retry of the bind.
TEST_F(ReloadTest, ChangedTunnelServesUsersAgainAtOnce) {
  constexpr std::chrono::milliseconds kMostOutage{300};
  Start(Config(Forward("first", first_)));
  const support::TargetServer changed;
  Replace(Config(Forward("first", first_, changed.port())));
  auto served = std::chrono::steady_clock::now();
  auto outage = std::chrono::steady_clock::duration::zero();
  ASSERT_TRUE(Eventually(
      [&] {
        Socket user = Socket::ConnectOnce(first_, In(seconds(1)));
        if (!user.valid() || !EchoOn(user, "x")) return false;
        const auto now = std::chrono::steady_clock::now();
        outage = std::max(outage, now - served);
        served = now;
        return changed.connections() > 0;
      },
      Patience()))
      << Output();
  EXPECT_LT(outage, kMostOutage);
}

TEST_F(ReloadTest, BadConfigKeepsTheOldOneAndSaysSo) {
  Start(Config(Forward("first", first_)));
  Socket user = Socket::Connect(first_, Patience());
  ASSERT_TRUE(EchoOn(user, "before"));
  Replace(Config(Forward("first", first_) + Forward("second", 0)));
  const std::optional<std::string> line =
      proxy_->child().WaitForLine("config not loaded", Patience());
  ASSERT_TRUE(line) << Output();
  EXPECT_THAT(*line, testing::HasSubstr("tunnels[1].listen.port"));
  EXPECT_TRUE(EchoOn(user, "after"));
  EXPECT_TRUE(EchoThrough(first_, Patience()));
  EXPECT_EQ(proxy_->Metric("underpass_config_reloads_total", {"result=\"failed\""}), 1);
  Replace(Config(Forward("first", first_) + Forward("second", second_)));
  EXPECT_TRUE(EchoThrough(second_, In(seconds(2)))) << Output();
}

TEST_F(ReloadTest, HangUpSignalReportsEachTime) {
  Start(Config(Forward("first", first_)));
  Replace("format: 1\ntunnels: [");
  ASSERT_TRUE(proxy_->WaitLog("config not loaded", Patience())) << Output();
  const std::size_t told = CountOf("config not loaded", Output());
  proxy_->child().Kill(SIGHUP);
  EXPECT_TRUE(
      Eventually([&] { return CountOf("config not loaded", Output()) > told; }, Patience()));
  EXPECT_TRUE(EchoThrough(first_, Patience()));
}

// The file says the same, but a key file that it names does not.
TEST_F(ReloadTest, ChangedKeyFileRestartsTheTunnel) {
  std::filesystem::create_directory(folder_.File("keys"));
  folder_.Write("keys/db", "old key\n");
  const std::uint16_t tunnel_port = support::FreePort();
  Start(Config(Forward("first", first_) + "  - name: db\n    pool: {role: Server, address: '" +
               Loopback(tunnel_port) +
               "', keyFile: keys/db}\n    listen: {address: 127.0.0.1, port: " +
               std::to_string(second_) + ", protocols: [TCP]}\n"));
  const std::string address = "client://new%20key@" + Loopback(tunnel_port);
  ProxyProcess client(kProgram,
                      {address + "/" + Loopback(target_.port()) + "?mode=2&min=4&noudp=1"});
  ASSERT_TRUE(client.WaitReady(Patience()));
  ASSERT_TRUE(client.WaitLog("reason=AuthFailed", Patience())) << client.child().Output();
  folder_.Write("keys/db", "new key\n");
  EXPECT_TRUE(WaitLoaded(1)) << Output();
  EXPECT_TRUE(EchoThrough(second_, Patience())) << Output();
}

}  // namespace
}  // namespace underpass::app
