// SPDX-License-Identifier: Apache-2.0
// One instance on a loop of its own, over loopback. What all carriers do with bytes is in
// tests/proxy/relay_suite.
#include "proxy/tunnel/forward/forward_tunnel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "proxy/core/resolver.h"
#include "proxy/event/libevent_dispatcher.h"
#include "proxy/net/socket.h"
#include "tests/support/socket.h"
#include "tests/support/target_server.h"

namespace underpass::tunnel {
namespace {

using std::chrono::seconds;
using support::Eventually;
using support::In;
using support::Socket;
using Outcome = support::Socket::Outcome;

support::Deadline Patience() { return In(seconds(20)); }

class Nobody final : public core::StateListener {
 public:
  void OnStateChanged() override {}
};

// Knows IP literals; "held" is answered when the test says so.
class HeldResolver final : public core::Resolver {
 public:
  std::unique_ptr<core::PendingResolve> Resolve(core::Dispatcher& dispatcher,
                                                const std::string& host, std::uint16_t port,
                                                Duration /*cache_for*/,
                                                Callback callback) override {
    auto pending = std::make_unique<Pending>(*this, port, std::move(callback));
    if (host == "held") {
      held_ = pending.get();
      ++held_count;
    } else {
      pending->Arm(dispatcher);
    }
    return pending;
  }

  // In the loop. Requires: one is held.
  void AnswerHeld(core::Dispatcher& dispatcher) { held_->Arm(dispatcher); }

  std::atomic<int> held_count = 0;  // now

 private:
  class Pending final : public core::PendingResolve {
   public:
    Pending(HeldResolver& resolver, std::uint16_t port, Callback callback)
        : resolver_(resolver), port_(port), callback_(std::move(callback)) {}
    ~Pending() override {
      if (resolver_.held_ != this) return;
      resolver_.held_ = nullptr;
      --resolver_.held_count;
    }
    void Arm(core::Dispatcher& dispatcher) {
      timer_ = dispatcher.CreateTimer([this] {
        const Callback callback = callback_;  // outlives this
        callback(std::vector{*core::SocketAddress::FromIp("127.0.0.1", port_)});
      });
      timer_->Arm(Duration::zero());
    }

   private:
    HeldResolver& resolver_;
    const std::uint16_t port_;
    const Callback callback_;
    std::unique_ptr<core::Timer> timer_;
  };

  Pending* held_ = nullptr;
};

class ForwardTunnelTest : public testing::Test {
 protected:
  ForwardTunnelTest() : thread_([this] { loop_.Run(); }) {}
  ~ForwardTunnelTest() override {
    if (tunnel_ != nullptr) Destroy();
    loop_.Stop();
    thread_.join();
  }

  void InLoop(const std::function<void()>& task) {
    std::promise<void> done;
    loop_.Post([&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }

  void Start(const std::string& host, std::uint16_t target_port) {
    v1alpha1::TunnelSpec spec;
    spec.kind = v1alpha1::ForwardSpec{};
    spec.targets = {{{host, target_port}}};
    auto fds = net::ListenTcp(*core::SocketAddress::FromIp("127.0.0.1", 0), 1);
    ASSERT_TRUE(fds.has_value());
    port_ = net::LocalAddress(fds->front().get()).port();
    InLoop([&] {
      tunnel_ = std::make_unique<ForwardTunnel>(loop_, resolver_, resources_, slots_, board_, spec,
                                                std::move(fds->front()));
      tunnel_->Start();
    });
  }
  void Drain() {
    InLoop([this] {
      tunnel_->Drain([this] { ++drained_; });
      EXPECT_EQ(drained_, 0) << "called inside Drain";
    });
  }
  void Destroy() {
    InLoop([this] { tunnel_.reset(); });
  }
  std::vector<core::ConnectionInfo> Connections() {
    std::vector<core::ConnectionInfo> all;
    InLoop([&] { tunnel_->ListConnections(all); });
    return all;
  }
  Socket User() const { return Socket::Connect(port_, Patience()); }
  static bool EchoOn(Socket& user) {
    return user.SendAll("echo", Patience()) && user.ReceiveExactly(4, Patience()) == "echo";
  }
  bool WaitHeld() {
    return Eventually([this] { return resolver_.held_count == 1; }, Patience());
  }
  bool WaitRefused() const {
    return Eventually([this] { return !Socket::ConnectOnce(port_, In(seconds(1))).valid(); },
                      Patience());
  }
  bool WaitDrained() {
    return Eventually([this] { return drained_ == 1; }, Patience());
  }

  support::TargetServer target_;
  event::LibeventDispatcher loop_;
  HeldResolver resolver_;
  relay::Resources resources_;
  relay::Slots slots_{2};
  Nobody nobody_;
  const std::shared_ptr<core::TunnelBoard> board_ = std::make_shared<core::TunnelBoard>(
      v1alpha1::ObjectName{"web", "default"}, "forward", "", nobody_);
  std::unique_ptr<ForwardTunnel> tunnel_;
  std::uint16_t port_ = 0;
  std::atomic<int> drained_ = 0;
  std::thread thread_;
};

TEST_F(ForwardTunnelTest, CarriesAUserAndListsIt) {
  Start("127.0.0.1", target_.port());
  Socket user = User();
  ASSERT_TRUE(EchoOn(user));
  const std::vector<core::ConnectionInfo> all = Connections();
  ASSERT_EQ(all.size(), 1);
  EXPECT_EQ(all[0].tunnel, "web");
  EXPECT_EQ(all[0].user, "127.0.0.1:" + std::to_string(user.local_port()));
  EXPECT_EQ(all[0].target, "127.0.0.1:" + std::to_string(target_.port()));
  user.Close();
  EXPECT_TRUE(Eventually([&] { return Connections().empty(); }, Patience()));
}

// What the user says before there is a target waits for it.
TEST_F(ForwardTunnelTest, KeepsEarlyBytesForTheTarget) {
  Start("held", target_.port());
  Socket user = User();
  ASSERT_TRUE(user.SendAll("early", Patience()));
  ASSERT_TRUE(WaitHeld());
  InLoop([this] { resolver_.AnswerHeld(loop_); });
  EXPECT_EQ(user.ReceiveExactly(5, Patience()), "early");
}

TEST_F(ForwardTunnelTest, UserOfADeadTargetIsResetAndItsPlaceIsFree) {
  Start("127.0.0.1", support::FreePort());
  for (int i = 0; i < 5; ++i) {  // more than there are places
    Socket user = Socket::ConnectOnce(port_, Patience());
    if (user.valid()) {  // else it was reset while connecting
      EXPECT_EQ(user.Receive(1, Patience()).outcome, Outcome::kReset);
    }
    EXPECT_TRUE(Eventually(
        [&] { return board_->stats().connections_failed.Get() == static_cast<unsigned>(i + 1); },
        Patience()));
  }
  const auto refused = static_cast<std::size_t>(ErrorCode::kConnectRefused);
  EXPECT_EQ(board_->stats().drops[refused].Get(), 5);
}

TEST_F(ForwardTunnelTest, UserWhoseTargetIsDialledHoldsAPlace) {
  Start("held", target_.port());
  Socket first = User();
  ASSERT_TRUE(WaitHeld());
  const relay::Slots::Lease other = slots_.TryTake();
  ASSERT_TRUE(other);
  EXPECT_FALSE(slots_.TryTake());
}

TEST_F(ForwardTunnelTest, DrainWaitsForTheLastConnection) {
  Start("127.0.0.1", target_.port());
  Socket user = User();
  ASSERT_TRUE(EchoOn(user));
  Drain();
  EXPECT_TRUE(WaitRefused());
  EXPECT_TRUE(EchoOn(user));
  EXPECT_EQ(drained_, 0);
  user.Close();
  EXPECT_TRUE(WaitDrained());
}

TEST_F(ForwardTunnelTest, DrainWaitsForAUserWhoseTargetIsDialled) {
  Start("held", target_.port());
  Socket user = User();
  ASSERT_TRUE(WaitHeld());
  Drain();
  EXPECT_TRUE(WaitRefused());
  EXPECT_EQ(drained_, 0);
  InLoop([this] { resolver_.AnswerHeld(loop_); });
  EXPECT_TRUE(EchoOn(user));
  EXPECT_EQ(drained_, 0);
  user.Close();
  EXPECT_TRUE(WaitDrained());
}

TEST_F(ForwardTunnelTest, DrainWithoutUsersIsQuick) {
  Start("127.0.0.1", target_.port());
  Drain();
  EXPECT_TRUE(WaitDrained());
}

TEST_F(ForwardTunnelTest, DestroyingCutsEverybody) {
  Start("held", target_.port());
  Socket carried = User();
  ASSERT_TRUE(WaitHeld());
  InLoop([this] { resolver_.AnswerHeld(loop_); });
  ASSERT_TRUE(EchoOn(carried));
  Socket dialling = User();
  ASSERT_TRUE(WaitHeld());
  Destroy();
  EXPECT_NE(carried.Receive(1, Patience()).outcome, Outcome::kTimeout);
  EXPECT_NE(dialling.Receive(1, Patience()).outcome, Outcome::kTimeout);
  EXPECT_EQ(board_->stats().connections_active.Get(), 0);
  EXPECT_EQ(resolver_.held_count, 0);
  EXPECT_TRUE(slots_.TryTake()) << "places are free again";
}

}  // namespace
}  // namespace underpass::tunnel
