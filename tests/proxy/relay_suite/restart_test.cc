// SPDX-License-Identifier: Apache-2.0
// Either end goes and comes back.
#include <gtest/gtest.h>

#include <string>

#include "tests/proxy/relay_suite/relay_suite.h"

namespace underpass::relay_suite {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::Eventually;
using support::In;
using support::Socket;
using support::TargetServer;

constexpr seconds kRecovery{1};

TEST_P(RelaySuite, ServesUsersWithinASecondAfterATunnelWasReplaced) {
  TargetServer target;
  Open({target.port()});
  for (std::size_t end = 0; end < path_->ends(); ++end) {
    path_->Replace(end);
    EXPECT_TRUE(Eventually([&] { return Echo("x", In(milliseconds(500))); }, In(Scaled(kRecovery))))
        << "end " << end;
  }
}

TEST_P(RelaySuite, KeepsLiveConnectionsWhenATunnelIsReplaced) {
  TargetServer target;
  Open({target.port()});
  Socket user = ConnectUser();
  for (std::size_t end = 0; end < path_->ends(); ++end) {
    path_->Replace(end);
    ASSERT_TRUE(Eventually([&] { return Echo("x", In(milliseconds(500))); }, Patience()));
    EXPECT_TRUE(user.SendAll("alive", Patience()));
    EXPECT_EQ(user.ReceiveExactly(5, Patience()), "alive") << "end " << end;
  }
}

TEST_P(RelaySuite, ServesUsersWithinASecondAfterAnEndWasKilled) {
  TargetServer target;
  Open({target.port()});
  for (std::size_t end = 0; end < path_->ends(); ++end) {
    path_->KillAndRestart(end);
    EXPECT_TRUE(Eventually([&] { return Echo("x", In(milliseconds(500))); }, In(Scaled(kRecovery))))
        << "end " << end;
  }
}

TEST_P(RelaySuite, BreaksLiveConnectionsOfAnEndThatWasKilled) {
  TargetServer target;
  Open({target.port()});
  for (std::size_t end = 0; end < path_->ends(); ++end) {
    Socket user = Socket::Connect(user_port_, Patience());
    ASSERT_TRUE(Eventually([&] { return Echo("x", In(milliseconds(500))); }, Patience()));
    path_->KillAndRestart(end);
    EXPECT_NE(user.Receive(1, In(Scaled(seconds(2)))).outcome, Socket::Outcome::kTimeout)
        << "end " << end;
  }
}

}  // namespace
}  // namespace underpass::relay_suite
