// SPDX-License-Identifier: Apache-2.0
// The operating system refuses: descriptors run out, a port is taken.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "tests/proxy/app/program/program_fixture.h"
#include "tests/support/proxy_process.h"
#include "tests/support/socket.h"
#include "tests/support/target_server.h"

namespace underpass::app {
namespace {

const std::string kProgram = UNDERPASS_BIN_DIR "/underpass-proxy";

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::Eventually;
using support::In;
using support::ProxyProcess;
using support::Socket;

// Not in the sanitizers' build: UBSan opens a pipe to look at an object's type, and takes each
// object of a process without descriptors for a broken one.
#if !defined(__SANITIZE_ADDRESS__)

// From now on the process can open none beyond those that it has.
void FreezeDescriptors(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid) + "/fd/";
  rlim_t first_free = 0;
  while (
      std::filesystem::exists(std::filesystem::symlink_status(folder + std::to_string(first_free))))
    ++first_free;
  const rlimit limit{first_free, first_free};
  ASSERT_EQ(prlimit(pid, RLIMIT_NOFILE, &limit, nullptr), 0);
}

// User and system time of the process so far.
milliseconds CpuTime(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 2));  // from field 3, the state
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  long user = 0;
  long system = 0;
  fields >> user >> system;
  return milliseconds((user + system) * 1000 / sysconf(_SC_CLK_TCK));
}

class ExhaustionTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(proxy_.WaitReady(Patience())) << proxy_.child().Output();
    for (int i = 0; i < 10; ++i) {
      users_.push_back(Socket::Connect(user_port_, Patience()));
      ASSERT_TRUE(EchoOn(users_.back(), "first")) << i;
    }
    FreezeDescriptors(proxy_.child().pid());
  }

  // As told by the log, which counts all and prints the 1st, 2nd, 4th, 8th...
  std::size_t Pauses() {
    const std::string output = proxy_.child().Output();
    const std::size_t line = output.rfind("msg=\"accepting paused\"");
    if (line == std::string::npos) return 0;
    const std::size_t count = output.find("count=", line);
    return count == std::string::npos ? 0 : std::stoul(output.substr(count + 6));
  }

  support::TargetServer target_;
  const std::uint16_t user_port_ = support::FreePort();
  ProxyProcess proxy_{kProgram, {ForwardUrl(user_port_, target_.port()), "--workers", "1"}};
  std::vector<Socket> users_;
};

TEST_F(ExhaustionTest, PausesAcceptingWithoutSpinningAndServesLater) {
  Socket waiting = Socket::Connect(user_port_, Patience());
  ASSERT_TRUE(waiting.SendAll("late", Patience()));
  ASSERT_TRUE(Eventually([&] { return Pauses() >= 1; }, Patience())) << proxy_.child().Output();

  // Five more pauses are half a second.
  const std::size_t pauses = Pauses();
  const auto began = std::chrono::steady_clock::now();
  const milliseconds cpu = CpuTime(proxy_.child().pid());
  ASSERT_TRUE(Eventually([&] { return Pauses() >= pauses + 5; }, Patience()))
      << proxy_.child().Output();
  const auto window = std::chrono::steady_clock::now() - began;
  EXPECT_GE(window, milliseconds(350));
  EXPECT_LT((CpuTime(proxy_.child().pid()) - cpu) * 5, window) << "more than a fifth of a CPU";

  for (Socket& user : users_) EXPECT_TRUE(EchoOn(user, "still alive"));
  users_.resize(5);
  ASSERT_EQ(waiting.ReceiveExactly(4, Patience()), "late") << proxy_.child().Output();
  EXPECT_TRUE(EchoThrough(user_port_, Patience()));
  EXPECT_GE(proxy_.Metric("underpass_accept_pauses_total"), 6);
}

TEST_F(ExhaustionTest, EndsInOrderWhileExhausted) {
  Socket waiting = Socket::Connect(user_port_, Patience());
  ASSERT_TRUE(Eventually([&] { return Pauses() >= 1; }, Patience())) << proxy_.child().Output();
  proxy_.child().Kill(SIGTERM);
  ASSERT_TRUE(WaitRefused(user_port_, Patience()));
  users_.clear();
  EXPECT_EQ(proxy_.child().Wait(In(seconds(3))), 0) << proxy_.child().Output();
}

#endif

TEST(PortInUseTest, OtherTunnelsRunAndItRecovers) {
  support::TargetServer target;
  support::Listener holder = support::Listener::Bind(0);
  const std::uint16_t taken = holder.port();
  const std::uint16_t tunnel_port = support::FreePort();
  const std::uint16_t free_port = support::FreePort();
  for (const std::string& url : {ForwardUrl(taken, target.port()), ServerUrl(tunnel_port, taken),
                                 ServerUrl(taken, support::FreePort())}) {
    if (!holder.valid()) holder = support::Listener::Bind(taken);
    ASSERT_TRUE(holder.valid());
    ProxyProcess proxy(kProgram, {url, ForwardUrl(free_port, target.port())});
    ASSERT_TRUE(proxy.WaitReady(Patience())) << proxy.child().Output();
    const std::optional<std::string> line =
        proxy.child().WaitForLine("msg=\"tunnel cannot listen\"", Patience());
    ASSERT_TRUE(line) << proxy.child().Output();
    EXPECT_THAT(*line, testing::HasSubstr("reason=AddressInUse"));
    EXPECT_THAT(*line, testing::HasSubstr(Loopback(taken)));
    EXPECT_TRUE(EchoThrough(free_port, Patience()));
    EXPECT_GE(proxy.Drops("AddressInUse"), 1);
    holder.Close();
    EXPECT_TRUE(
        Eventually([&] { return CountOf("msg=\"tunnel listening\"", proxy.child().Output()) == 2; },
                   In(seconds(5))))
        << proxy.child().Output();
    EXPECT_TRUE(Socket::ConnectOnce(taken, Patience()).valid());
  }
}

// A client of forward flow whose entry port is taken.
TEST(PortInUseTest, ClientEntryRecovers) {
  support::TargetServer target;
  support::Listener holder = support::Listener::Bind(0);
  const std::uint16_t taken = holder.port();
  const std::string tunnel = Loopback(support::FreePort());
  ProxyProcess server(
      kProgram, {"server://secret@" + tunnel + "/" + Loopback(target.port()) + "?mode=2&noudp=1"});
  ProxyProcess client(
      kProgram, {"client://secret@" + tunnel + "/" + Loopback(taken) + "?mode=2&min=4&noudp=1"});
  ASSERT_TRUE(server.WaitReady(Patience()) && client.WaitReady(Patience()));
  ASSERT_TRUE(client.WaitLog("reason=AddressInUse", Patience())) << client.child().Output();
  holder.Close();
  EXPECT_TRUE(EchoThrough(taken, In(seconds(5)))) << client.child().Output();
}

}  // namespace
}  // namespace underpass::app
