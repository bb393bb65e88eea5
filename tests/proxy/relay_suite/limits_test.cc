// SPDX-License-Identifier: Apache-2.0
// Back-pressure, places, idle time, and which target a user gets.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
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

constexpr std::size_t kPiece = 64U << 10U;

// Sends `payload` in pieces from a thread of its own, and tells how many bytes were taken so far.
class CountedSender {
 public:
  CountedSender(Socket& socket, const std::string& payload)
      : thread_([this, &socket, &payload] {
          for (std::size_t at = 0; at < payload.size(); at += kPiece) {
            if (!socket.SendAll(std::string_view(payload).substr(at, kPiece), Patience())) return;
            taken_ = std::min(at + kPiece, payload.size());
          }
        }) {}
  ~CountedSender() { thread_.join(); }

  // Waits until nothing was taken for a while; returns how much was.
  std::size_t WaitStuck() const {
    std::size_t before = taken_;
    auto since = std::chrono::steady_clock::now();
    Eventually(
        [&] {
          const std::size_t now = taken_;
          if (now != before) since = std::chrono::steady_clock::now();
          before = now;
          return std::chrono::steady_clock::now() - since > Scaled(milliseconds(400));
        },
        Patience());
    return before;
  }

 private:
  std::atomic<std::size_t> taken_ = 0;
  std::thread thread_;
};

void ExpectBackPressure(Socket& sender, Socket& reader) {
  const std::string payload = Pattern(LargestTransfer());
  CountedSender sending(sender, payload);
  EXPECT_LT(sending.WaitStuck(), kMostInFlight);
  EXPECT_TRUE(reader.ReceiveExactly(payload.size(), Patience()) == payload);
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
