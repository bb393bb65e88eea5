// SPDX-License-Identifier: Apache-2.0
// Back-pressure, places, idle time, and which target a user gets.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/proxy/relay_suite/relay_suite.h"
#include "tests/proxy/relay_suite/small_buffers.h"

namespace underpass::relay_suite {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::Eventually;
using support::In;
using support::Pattern;
using support::Socket;
using support::TargetServer;
using Outcome = support::Socket::Outcome;

// The product keeps at most a block a direction, and sets no buffer sizes: the kernel may let each
// socket on the way grow to its limits.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kMostKept =
    256U << 20U;  // the sanitizers hold back what was freed, and shadow the rest
#else
constexpr std::size_t kMostKept = 2U << 20U;
#endif

std::size_t KernelLimit(const char* name) {
  std::ifstream file(std::string("/proc/sys/net/ipv4/") + name);
  std::size_t value = 0;
  for (int i = 0; i < 3; ++i) file >> value;  // minimum, default, maximum
  return value;
}

// What four connections in a row can hold, and so more than any carrier does.
std::size_t MostInFlight() { return 4 * (KernelLimit("tcp_rmem") + KernelLimit("tcp_wmem")); }

// Memory of this process, and so of both ends, without what the kernel keeps for sockets.
std::size_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// Sends one piece after the other from a thread of its own, until told to stop or until more has
// been taken than can be in flight; then ends its direction.
class EndlessSender {
 public:
  EndlessSender(Socket& socket, const std::string& piece)
      : thread_([this, &socket, &piece] {
          while (!stop_ && taken_ < MostInFlight() && socket.SendAll(piece, Patience()))
            taken_ += piece.size();
          socket.ShutdownWrite();
        }) {}
  ~EndlessSender() {
    stop_ = true;
    thread_.join();
  }

  std::size_t taken() const { return taken_; }
  // Waits until nothing was taken for a while.
  void WaitStuck() const {
    std::size_t before = taken_;
    auto since = std::chrono::steady_clock::now();
    EXPECT_TRUE(Eventually(
        [&] {
          const auto now = std::chrono::steady_clock::now();
          if (before != taken_) since = now;
          before = taken_;
          return now - since > Scaled(milliseconds(300));
        },
        Patience()));
  }
  void Stop() { stop_ = true; }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<std::size_t> taken_ = 0;
  std::thread thread_;
};

// Reads to the end; returns how many bytes came. They are `piece` again and again.
std::size_t Drain(Socket& reader, const std::string& piece) {
  std::size_t count = 0;
  while (true) {
    const auto received = reader.ReceiveExactly(piece.size(), Patience());
    if (!received) return count;
    EXPECT_TRUE(*received == piece);
    count += received->size();
  }
}

void ExpectBackPressure(Socket& sender, Socket& reader) {
  const std::string piece = Pattern(64U << 10U);
  const std::size_t memory = ResidentBytes();
  EndlessSender sending(sender, piece);
  sending.WaitStuck();
  EXPECT_LT(sending.taken(), MostInFlight());
  EXPECT_LT(ResidentBytes(), memory + kMostKept);
  sending.Stop();
  const std::size_t arrived = Drain(reader, piece);
  EXPECT_EQ(arrived, sending.taken());
}

TEST_P(RelaySuite, SlowTargetHoldsTheUserBack) {
  SmallListener target;
  Open({target.port()});
  Socket user = ConnectWithSmallBuffers(user_port_);
  Socket accepted = target.Accept();
  ASSERT_TRUE(user.valid() && accepted.valid());
  ExpectBackPressure(user, accepted);
}

TEST_P(RelaySuite, SlowUserHoldsTheTargetBack) {
  SmallListener target;
  Open({target.port()});
  Socket user = ConnectWithSmallBuffers(user_port_);
  Socket accepted = target.Accept();
  ASSERT_TRUE(user.valid() && accepted.valid());
  ExpectBackPressure(accepted, user);
}

void ExpectOneTooMany(std::uint16_t user_port, std::size_t limit) {
  std::vector<Socket> users;
  for (std::size_t i = 0; i < limit; ++i) {
    users.push_back(Socket::Connect(user_port, Patience()));
    ASSERT_TRUE(users.back().SendAll("x", Patience()));
    ASSERT_EQ(users.back().ReceiveExactly(1, Patience()), "x");
  }
  Socket one_more = Socket::Connect(user_port, Patience());
  EXPECT_EQ(one_more.Receive(1, In(Scaled(seconds(1)))).outcome, Outcome::kReset);
  EXPECT_TRUE(users.front().SendAll("y", Patience()));
  EXPECT_EQ(users.front().ReceiveExactly(1, Patience()), "y");
}

TEST_P(RelaySuite, UserOverTheLimitOfTheEntryIsRefusedAtOnce) {
  TargetServer target;
  std::vector<v1alpha1::Tunnel> ends = MakeEnds({target.port()});
  ends.front().spec.limits.connections = 3;
  OpenEnds(ends);
  ExpectOneTooMany(user_port_, 3);
  // All have left: there is room again.
  EXPECT_TRUE(Eventually([&] { return Echo("z", Patience()); }, Patience()));
}

TEST_P(RelaySuite, UserOverTheLimitOfTheExitIsRefusedAtOnce) {
  TargetServer target;
  std::vector<v1alpha1::Tunnel> ends = MakeEnds({target.port()});
  ends.back().spec.limits.connections = 3;
  OpenEnds(ends);
  ExpectOneTooMany(user_port_, 3);
  EXPECT_TRUE(Eventually([&] { return Echo("z", Patience()); }, Patience()));
}

TEST_P(RelaySuite, SilentConnectionEndsAfterTheIdleTimeAndABusyOneDoesNot) {
  target_ = support::Listener::Bind(0);
  std::vector<v1alpha1::Tunnel> ends = MakeEnds({target_.port()});
  ends.front().spec.limits.idle_timeout = seconds(1);
  OpenEnds(ends);
  Joined silent = Join();
  Joined busy = Join();
  const auto began = std::chrono::steady_clock::now();
  Outcome outcome = Outcome::kTimeout;
  while (outcome == Outcome::kTimeout && std::chrono::steady_clock::now() < began + seconds(5)) {
    outcome = silent.user.Receive(1, In(milliseconds(100))).outcome;
    ASSERT_TRUE(busy.target.SendAll("x", Patience()));
    ASSERT_EQ(busy.user.ReceiveExactly(1, Patience()), "x");
  }
  EXPECT_EQ(outcome, Outcome::kReset);
  EXPECT_GE(std::chrono::steady_clock::now() - began, milliseconds(900));
  EXPECT_LE(std::chrono::steady_clock::now() - began, Scaled(milliseconds(2500)));
  EXPECT_EQ(silent.target.Receive(1, Patience()).outcome, Outcome::kReset);
}

TEST_P(RelaySuite, UsersAreSpreadOverTheTargetsThatLive) {
  TargetServer first;
  TargetServer second;
  Open({support::FreePort(), first.port(), second.port()});
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(Echo("x", Patience())) << "user " << i;
  // Of three users two get the first: its own, and the one of the dead target before it.
  EXPECT_GE(first.connections(), 35);
  EXPECT_GE(second.connections(), 15);
  EXPECT_EQ(first.connections() + second.connections(), 60);
}

TEST_P(RelaySuite, ATargetThatComesBackIsUsedAgain) {
  TargetServer first;
  const std::uint16_t port = support::FreePort();
  Open({first.port(), port});
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(Echo("x", Patience()));
  TargetServer second({.port = port});
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(Echo("x", Patience()));
  EXPECT_GE(second.connections(), 2);
}

}  // namespace
}  // namespace underpass::relay_suite
