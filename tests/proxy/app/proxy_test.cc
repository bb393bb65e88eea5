// SPDX-License-Identifier: Apache-2.0
#include "proxy/app/proxy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/proxy/app/running_proxy.h"
#include "tests/proxy/app/tunnels.h"
#include "tests/support/socket.h"
#include "tests/support/target_server.h"

namespace underpass::app {
namespace {

using core::TunnelPhase;
using std::chrono::milliseconds;
using std::chrono::seconds;
using support::Eventually;
using support::FreePort;
using support::In;
using support::Socket;
using testing::HasSubstr;
using testing::Not;

support::Deadline Patience() { return In(seconds(20)); }

bool EchoOn(Socket& user) {
  return user.SendAll("echo", Patience()) && user.ReceiveExactly(4, Patience()) == "echo";
}

bool EchoThrough(std::uint16_t port) {
  return Eventually(
      [&] {
        Socket user = Socket::ConnectOnce(port, In(seconds(1)));
        return user.valid() && user.SendAll("echo", Patience()) &&
               user.ReceiveExactly(4, In(seconds(1))) == "echo";
      },
      Patience());
}

bool WaitRefused(std::uint16_t port) {
  return Eventually([&] { return !Socket::ConnectOnce(port, In(seconds(1))).valid(); }, Patience());
}

class ProxyTest : public testing::Test {
 protected:
  v1alpha1::Tunnel First() const { return ForwardTunnelSpec("first", port_, {target_.port()}); }
  v1alpha1::Tunnel Second() const { return ForwardTunnelSpec("second", other_, {target_.port()}); }

  support::TargetServer target_;
  const std::uint16_t port_ = FreePort();
  const std::uint16_t other_ = FreePort();
  RunningProxy running_;
  Proxy& proxy_ = running_.proxy();
};

TEST_F(ProxyTest, ListsTunnelsInTheOrderOfTheConfig) {
  running_.Apply({Second(), First()});
  ASSERT_EQ(proxy_.Tunnels().size(), 2);
  EXPECT_EQ(proxy_.Tunnels()[0]->label(), "second");
  EXPECT_EQ(proxy_.Tunnels()[1]->label(), "first");
  EXPECT_TRUE(EchoThrough(port_));
  EXPECT_TRUE(EchoThrough(other_));
}

TEST_F(ProxyTest, DoesNotTouchWhatDidNotChange) {
  running_.Apply({First()});
  ASSERT_TRUE(EchoThrough(port_));
  const auto board = running_.Board("first");
  Socket user = Socket::Connect(port_, Patience());
  ASSERT_TRUE(EchoOn(user));
  running_.Apply({Second(), First()});
  EXPECT_EQ(running_.Board("first"), board);
  EXPECT_TRUE(EchoThrough(other_));
  EXPECT_TRUE(EchoOn(user));
  EXPECT_EQ(proxy_.Counters().reloads_ok, 2);
}

TEST_F(ProxyTest, ChangedTunnelKeepsLiveConnectionsAndServesTheNewWay) {
  running_.Apply({First()});
  Socket user = Socket::Connect(port_, Patience());
  ASSERT_TRUE(EchoOn(user));
  support::TargetServer changed;
  running_.Apply({ForwardTunnelSpec("first", port_, {changed.port()})});
  EXPECT_TRUE(
      Eventually([&] { return EchoThrough(port_) && changed.connections() > 0; }, Patience()));
  EXPECT_TRUE(EchoOn(user));
}

TEST_F(ProxyTest, RemovedTunnelRefusesUsersAndLetsLiveOnesFinish) {
  running_.Apply({First(), Second()});
  ASSERT_TRUE(EchoThrough(other_));
  Socket user = Socket::Connect(port_, Patience());
  ASSERT_TRUE(EchoOn(user));
  running_.Apply({Second()});
  EXPECT_EQ(running_.Board("first"), nullptr);
  EXPECT_TRUE(WaitRefused(port_));
  EXPECT_TRUE(EchoOn(user));
  EXPECT_TRUE(EchoThrough(other_));
}

TEST_F(ProxyTest, TellsOfEachChange) {
  const std::uint64_t before = proxy_.StateVersion();
  std::atomic<std::uint64_t> seen = 0;
  std::thread waiting([&] { seen = proxy_.WaitForChange(before, seconds(20)); });
  running_.Apply({First()});
  waiting.join();
  EXPECT_GT(seen, before);
  ASSERT_TRUE(running_.WaitPhase("first", TunnelPhase::kConnected, Patience()));
  const std::uint64_t quiet = proxy_.StateVersion();
  EXPECT_EQ(proxy_.WaitForChange(quiet, milliseconds(50)), quiet);
}

TEST_F(ProxyTest, ListsLiveConnections) {
  running_.Apply({First(), Second()});
  Socket one = Socket::Connect(port_, Patience());
  Socket two = Socket::Connect(other_, Patience());
  ASSERT_TRUE(EchoOn(one) && EchoOn(two));
  EXPECT_EQ(proxy_.Connections("", seconds(5))->size(), 2);
  const auto listed = proxy_.Connections("first", seconds(5));
  ASSERT_TRUE(listed.has_value());
  ASSERT_EQ(listed->size(), 1);
  EXPECT_EQ(listed->front().tunnel, "first");
  EXPECT_EQ(listed->front().user, "127.0.0.1:" + std::to_string(one.local_port()));
  EXPECT_EQ(listed->front().target, "127.0.0.1:" + std::to_string(target_.port()));
  EXPECT_EQ(listed->front().bytes_to_target, 4);
  EXPECT_EQ(listed->front().bytes_to_user, 4);
  EXPECT_EQ(proxy_.Connections("none", seconds(5)).error().code, ErrorCode::kNotFound);
}

TEST_F(ProxyTest, DrainsOneTunnelUntilItIsAppliedAgain) {
  running_.Apply({First(), Second()});
  Socket user = Socket::Connect(port_, Patience());
  ASSERT_TRUE(EchoOn(user));
  EXPECT_EQ(proxy_.Drain("none").error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(proxy_.Drain("first").has_value());
  EXPECT_TRUE(running_.WaitPhase("first", TunnelPhase::kDraining, Patience()));
  EXPECT_TRUE(WaitRefused(port_));
  EXPECT_TRUE(EchoOn(user));
  EXPECT_TRUE(EchoThrough(other_));
  running_.Apply({First(), Second()});
  EXPECT_TRUE(EchoThrough(port_));
}

TEST_F(ProxyTest, ForgetsARemovedTunnelOnceItsUsersHaveLeft) {
  running_.Apply({First()});
  Socket user = Socket::Connect(port_, Patience());
  ASSERT_TRUE(EchoOn(user));
  const std::weak_ptr<core::TunnelBoard> board = running_.Board("first");
  running_.Apply({});
  EXPECT_TRUE(EchoOn(user));
  EXPECT_FALSE(board.expired());
  user.Close();
  EXPECT_TRUE(Eventually([&] { return board.expired(); }, In(seconds(3))));
}

TEST_F(ProxyTest, ForgetsARemovedTunnelThatWasDrainedBefore) {
  running_.Apply({First()});
  ASSERT_TRUE(EchoThrough(port_));
  const std::weak_ptr<core::TunnelBoard> board = running_.Board("first");
  ASSERT_TRUE(proxy_.Drain("first").has_value());
  ASSERT_TRUE(WaitRefused(port_));
  running_.Apply({});
  EXPECT_TRUE(Eventually([&] { return board.expired(); }, In(seconds(3))));
}

TEST_F(ProxyTest, AsksForADrainOfTheWholeProcess) {
  std::atomic<int> asked = 0;
  proxy_.OnDrainRequested([&] { ++asked; });
  EXPECT_TRUE(proxy_.Drain("").has_value());
  EXPECT_TRUE(Eventually([&] { return asked == 1; }, Patience()));
}

TEST_F(ProxyTest, DrainsAllAfterTheDelayAndTellsWhenTheLastUserHasLeft) {
  running_.Apply({First(), Second()});
  Socket user = Socket::Connect(port_, Patience());
  ASSERT_TRUE(EchoOn(user));
  EXPECT_TRUE(proxy_.Ready(seconds(5)).has_value());
  std::atomic<int> drained = 0;
  running_.DrainAll(milliseconds(200), [&] { ++drained; });
  EXPECT_EQ(proxy_.Ready(seconds(5)).error().code, ErrorCode::kDraining);
  EXPECT_TRUE(proxy_.Healthy(seconds(5)).has_value());
  EXPECT_TRUE(proxy_.Info().draining);
  EXPECT_TRUE(WaitRefused(port_));
  EXPECT_TRUE(EchoOn(user));
  EXPECT_EQ(drained, 0);
  user.Close();
  EXPECT_TRUE(Eventually([&] { return drained == 1; }, Patience()));
}

TEST_F(ProxyTest, DrainsWithoutTunnels) {
  std::atomic<int> drained = 0;
  running_.DrainAll(milliseconds(0), [&] { ++drained; });
  EXPECT_TRUE(Eventually([&] { return drained == 1; }, Patience()));
}

// Users of a removed tunnel count too.
TEST_F(ProxyTest, DrainWaitsForRemovedTunnels) {
  running_.Apply({First()});
  Socket user = Socket::Connect(port_, Patience());
  ASSERT_TRUE(EchoOn(user));
  running_.Apply({});
  std::atomic<int> drained = 0;
  running_.DrainAll(milliseconds(0), [&] { ++drained; });
  EXPECT_TRUE(EchoOn(user));
  EXPECT_EQ(drained, 0);
  user.Close();
  EXPECT_TRUE(Eventually([&] { return drained == 1; }, Patience()));
}

TEST_F(ProxyTest, ShowsTheConfigWithoutKeys) {
  running_.Apply({PoolServerSpec("db", FreePort(), v1alpha1::Flow::kReverse, port_, {})});
  EXPECT_THAT(proxy_.ConfigText(), HasSubstr("name: db"));
  EXPECT_THAT(proxy_.ConfigText(), Not(HasSubstr("a key of tests")));
}

TEST_F(ProxyTest, ResetsCountersOfOneTunnel) {
  running_.Apply({First(), Second()});
  ASSERT_TRUE(EchoThrough(port_) && EchoThrough(other_));
  const auto first = running_.Board("first");
  const auto second = running_.Board("second");
  ASSERT_TRUE(Eventually(
      [&] {
        return first->stats().connections_ok.Get() >= 1 &&
               second->stats().connections_ok.Get() >= 1;
      },
      Patience()));
  EXPECT_TRUE(proxy_.ResetCounters("first").has_value());
  EXPECT_EQ(first->stats().bytes_to_user.Get(), 0);
  EXPECT_GE(second->stats().bytes_to_user.Get(), 4);
  EXPECT_EQ(proxy_.ResetCounters("none").error().code, ErrorCode::kNotFound);
}

// A NodePass client without a mode: what it can bind it forwards from, what it cannot it dials.
TEST_F(ProxyTest, AutoClientForwardsOrDials) {
  const std::uint16_t tunnel_port = FreePort();
  v1alpha1::Tunnel client = PoolClientSpec("client", tunnel_port, 0, {target_.port()});
  std::get<v1alpha1::PoolSpec>(client.spec.kind).flow = v1alpha1::Flow::kAuto;
  {
    RunningProxy alone;
    alone.Apply({client});
    EXPECT_TRUE(EchoThrough(tunnel_port));
  }
  running_.Apply({PoolServerSpec("server", tunnel_port, v1alpha1::Flow::kReverse, port_, {})});
  ASSERT_TRUE(running_.WaitPhase("server", TunnelPhase::kWaiting, Patience()));
  RunningProxy dialling;
  dialling.Apply({client});
  EXPECT_TRUE(EchoThrough(port_));
}

// A NodePass server without a mode: a target address that it cannot bind is one to dial.
TEST_F(ProxyTest, AutoServerIsEntryOrExit) {
  const std::uint16_t tunnel_port = FreePort();
  v1alpha1::Tunnel server = PoolServerSpec("server", tunnel_port, v1alpha1::Flow::kAuto,
                                           target_.port(), {target_.port()});
  running_.Apply({server});
  ASSERT_TRUE(running_.WaitPhase("server", TunnelPhase::kWaiting, Patience()));
  EXPECT_EQ(running_.Board("server")->state()->flow, "Forward");
  server.spec.listen->port = other_;
  running_.Apply({server});
  EXPECT_TRUE(
      Eventually([&] { return running_.Board("server")->state()->flow == "Reverse"; }, Patience()));
}

TEST_F(ProxyTest, WrongKeyIsShownAtTheClient) {
  const std::uint16_t tunnel_port = FreePort();
  running_.Apply({PoolServerSpec("server", tunnel_port, v1alpha1::Flow::kReverse, port_, {})});
  v1alpha1::Tunnel client = PoolClientSpec("client", tunnel_port, 0, {target_.port()});
  std::get<v1alpha1::PoolSpec>(client.spec.kind).key.value = Secret("another");
  RunningProxy other;
  other.Apply({client});
  EXPECT_TRUE(Eventually(
      [&] {
        const auto error = other.Board("client")->state()->error;
        return error.has_value() && error->code == ErrorCode::kAuthFailed;
      },
      Patience()));
}

}  // namespace
}  // namespace underpass::app
