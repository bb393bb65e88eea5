// SPDX-License-Identifier: Apache-2.0
// The proxy at one end, the minimal NodePass peer at the other: both roles, both flows, both
// dialects.
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "tests/interop/tunnel_pair.h"

namespace underpass::interop {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::In;

// NodePass itself takes 3.06 s for it, of which 3 s are its pause; the peer here pauses 0.1 s.
constexpr milliseconds kRecovery{2500};

class TrafficTest : public testing::TestWithParam<Ends> {
 protected:
  void SetUp() override {
    proxy_.emplace(ProxyProgram(), std::vector<std::string>{pair_.Url()});
    ASSERT_TRUE(proxy_->WaitReady(In(seconds(10)))) << proxy_->child().Output();
    pair_.StartPeer();
    ASSERT_TRUE(pair_.WaitUsable(In(seconds(10)))) << proxy_->child().Output();
  }

  TunnelPair pair_{GetParam()};
  std::optional<support::ProxyProcess> proxy_;
};

TEST_P(TrafficTest, CarriesAllSizes) {
  for (const std::size_t size : {1UL, 2UL, 1000UL, 65'536UL, 65'537UL, 1UL << 20U, 4UL << 20U}) {
    EXPECT_TRUE(pair_.Echo(size, In(seconds(10)))) << size;
  }
}

TEST_P(TrafficTest, CarriesFiftyUsersAtOnce) {
  std::atomic<int> served = 0;
  std::vector<std::thread> users;
  for (std::uint32_t i = 0; i < 50; ++i) {
    users.emplace_back([&, i] { served += pair_.Echo(20'000, In(seconds(10)), i) ? 1 : 0; });
  }
  for (std::thread& user : users) user.join();
  EXPECT_EQ(served, 50);
}

TEST_P(TrafficTest, RecoversFromItsOwnDeath) {
  proxy_->KillAndRestart();
  EXPECT_TRUE(pair_.WaitUsable(In(kRecovery))) << proxy_->child().Output();
}

TEST_P(TrafficTest, RecoversFromThePeersDeath) {
  pair_.KillPeer();
  pair_.StartPeer();
  EXPECT_TRUE(pair_.WaitUsable(In(kRecovery))) << proxy_->child().Output();
}

std::vector<Ends> AllEnds() {
  std::vector<Ends> all;
  for (const bool ours_is_server : {true, false}) {
    for (const char flow : {'-', '+'}) {
      for (const Dialect dialect : {Dialect::kJson, Dialect::kUrl})
        all.push_back({ours_is_server, flow, dialect});
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(AllEnds, TrafficTest, testing::ValuesIn(AllEnds()),
                         [](const auto& param_info) { return param_info.param.Name(); });

}  // namespace
}  // namespace underpass::interop
