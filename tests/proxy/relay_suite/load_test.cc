// SPDX-License-Identifier: Apache-2.0
// Many users together.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/proxy/relay_suite/relay_suite.h"

namespace underpass::relay_suite {
namespace {

using support::Eventually;
using support::Pattern;
using support::Socket;
using support::TargetServer;

constexpr std::uint32_t kUsers = 1000;

// Each user sends its own 64 bytes, all before the first answer is read. Returns how many got
// theirs back.
int EchoAll(std::vector<Socket>& users, std::uint32_t round) {
  for (std::uint32_t i = 0; i < users.size(); ++i)
    users[i].SendAll(Pattern(64, round * kUsers + i), Patience());
  const support::Deadline deadline = Patience();
  int served = 0;
  for (std::uint32_t i = 0; i < users.size(); ++i) {
    const std::string sent = Pattern(64, round * kUsers + i);
    served += users[i].ReceiveExactly(sent.size(), deadline) == sent ? 1 : 0;
  }
  return served;
}

TEST_P(RelaySuite, KeepsAThousandConnectionsOpenTogether) {
  TargetServer target;
  Open({target.port()});
  std::vector<Socket> users;
  for (std::uint32_t i = 0; i < kUsers; ++i) {
    users.push_back(ConnectUser());
    ASSERT_TRUE(users.back().valid());
  }
  EXPECT_EQ(EchoAll(users, 1), kUsers);
  EXPECT_EQ(target.open(), kUsers);
  EXPECT_EQ(path_->entry_stats().connections_active.Get(), kUsers);
  EXPECT_EQ(path_->exit_stats().connections_active.Get(), kUsers);
  EXPECT_EQ(EchoAll(users, 2), kUsers);
  users.clear();
  EXPECT_TRUE(Eventually(
      [&] { return target.open() == 0 && path_->entry_stats().connections_active.Get() == 0; },
      Patience()));
}

TEST_P(RelaySuite, LosesNoneOfABurstOnANearlyEmptyPool) {
  TargetServer target;
  OpenEnds(MakeEnds({target.port()}, 1));
  std::vector<Socket> users;
  for (std::uint32_t i = 0; i < kUsers; ++i) users.push_back(ConnectUser());
  EXPECT_EQ(EchoAll(users, 1), kUsers);
  EXPECT_EQ(path_->entry_stats().connections_failed.Get(), 0);
  EXPECT_EQ(path_->exit_stats().connections_failed.Get(), 0);
}

}  // namespace
}  // namespace underpass::relay_suite
