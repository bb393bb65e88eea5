// SPDX-License-Identifier: Apache-2.0
// A broken connection reaches the other side as one: nobody takes a cut for an end.
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "tests/proxy/relay_suite/relay_suite.h"

namespace underpass::relay_suite {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::Eventually;
using support::In;
using support::Pattern;
using support::Socket;
using Outcome = support::Socket::Outcome;

// Reads on until something other than data comes.
Outcome ReadToTheEnd(Socket& socket) {
  while (true) {
    const Outcome outcome = socket.Receive(1U << 16U, In(Scaled(seconds(5)))).outcome;
    if (outcome != Outcome::kData) return outcome;
  }
}

TEST_P(RelaySuite, UserResetReachesTheTarget) {
  OpenToListener();
  Joined joined = Join();
  EXPECT_TRUE(joined.user.SendAll("x", Patience()));
  EXPECT_EQ(joined.target.ReceiveExactly(1, Patience()), "x");
  joined.user.Reset();
  EXPECT_EQ(ReadToTheEnd(joined.target), Outcome::kReset);
}

TEST_P(RelaySuite, TargetResetReachesTheUser) {
  OpenToListener();
  Joined joined = Join();
  EXPECT_TRUE(joined.target.SendAll("x", Patience()));
  EXPECT_EQ(joined.user.ReceiveExactly(1, Patience()), "x");
  joined.target.Reset();
  EXPECT_EQ(ReadToTheEnd(joined.user), Outcome::kReset);
}

TEST_P(RelaySuite, TargetResetInTheMiddleOfItsAnswerIsNoEnd) {
  OpenToListener();
  Joined joined = Join();
  std::thread user([&] { EXPECT_EQ(ReadToTheEnd(joined.user), Outcome::kReset); });
  EXPECT_TRUE(joined.target.SendAll(Pattern(4U << 20U), Patience()));
  joined.target.Reset();
  user.join();
}

TEST_P(RelaySuite, UserResetStopsASendingTarget) {
  OpenToListener();
  Joined joined = Join();
  std::thread target([&] {
    const std::string piece = Pattern(1U << 20U);
    while (joined.target.SendAll(piece, In(Scaled(seconds(5))))) continue;
    EXPECT_NE(joined.target.Receive(1, In(milliseconds(0))).outcome, Outcome::kTimeout)
        << "stuck, not broken";
  });
  EXPECT_TRUE(joined.user.ReceiveExactly(1U << 20U, Patience()).has_value());
  joined.user.Reset();
  target.join();
}

// The user's end has been passed on, so nothing is read from it any more: its reset must be seen
// all the same, or the connection to a silent target would stay for ever.
TEST_P(RelaySuite, ResetAfterTheUsersEndEndsTheConnection) {
  OpenToListener();
  Joined joined = Join();
  joined.user.ShutdownWrite();
  EXPECT_EQ(ReadToTheEnd(joined.target), Outcome::kEnd);
  joined.user.Reset();
  EXPECT_TRUE(Eventually([&] { return path_->exit_stats().connections_active.Get() == 0; },
                         In(Scaled(seconds(5)))));
}

TEST_P(RelaySuite, ResetAfterTheTargetsEndEndsTheConnection) {
  OpenToListener();
  Joined joined = Join();
  joined.target.ShutdownWrite();
  EXPECT_EQ(ReadToTheEnd(joined.user), Outcome::kEnd);
  joined.target.Reset();
  EXPECT_TRUE(Eventually([&] { return path_->entry_stats().connections_active.Get() == 0; },
                         In(Scaled(seconds(5)))));
}

TEST_P(RelaySuite, RefusedTargetResetsTheUserAtOnce) {
  Open({support::FreePort()});
  Socket user = ConnectUser();
  EXPECT_EQ(user.Receive(1, In(Scaled(seconds(1)))).outcome, Outcome::kReset);
  EXPECT_GE(path_->exit_stats().connections_failed.Get(), 1);
}

TEST_P(RelaySuite, EndedConnectionsAreCounted) {
  OpenToListener();
  for (int i = 0; i < 3; ++i) {
    Joined joined = Join();
    joined.user.ShutdownWrite();
    EXPECT_EQ(joined.target.ReceiveUntilEof(Patience()), "");
    joined.target.Close();
    EXPECT_EQ(joined.user.ReceiveUntilEof(Patience()), "");
  }
  for (const core::TunnelStats* stats : {&path_->entry_stats(), &path_->exit_stats()}) {
    EXPECT_TRUE(Eventually([&] { return stats->connections_ok.Get() == 3; }, Patience()));
    EXPECT_EQ(stats->connections_active.Get(), 0);
    EXPECT_EQ(stats->connections_failed.Get(), 0);
  }
}

}  // namespace
}  // namespace underpass::relay_suite
