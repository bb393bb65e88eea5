// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel/pool/session.h"

#include <optional>

#include "tests/proxy/tunnel/pool/pool_fixture.h"

namespace underpass::tunnel {
namespace {

using nodepass::Action;
using nodepass::Signal;
using std::chrono::seconds;

constexpr nodepass::Capabilities kAll{.half_close = true, .demand = true, .goaway = true};

class SessionTest : public PoolFixture, protected SessionEvents {
 protected:
  void Begin(std::optional<nodepass::Capabilities> capabilities) {
    session_ = std::make_unique<Session>(context_, Session::Peer{{}, capabilities}, nullptr, 4,
                                         static_cast<SessionEvents&>(*this));
  }
  // Adds a pool connection; returns the peer's end.
  std::unique_ptr<fakes::FakeStream> Add(nodepass::PoolId id) {
    auto [inside, outside] = NewStream();
    session_->Add(id, std::move(inside));
    dispatcher_.Run();
    return std::move(outside);
  }
  void BeginUp(std::optional<nodepass::Capabilities> capabilities) {
    Begin(capabilities);
    control_ = Add(nodepass::kControlId);
    if (!capabilities.has_value()) Say(Signal{});
    Received(*control_);
  }
  void Say(const Signal& signal) {
    control_->Send(Line(signal));
    dispatcher_.Run();
  }
  entry::User NewUser() {
    auto [inside, outside] = NewStream();
    user_ = std::move(outside);
    return {std::move(inside), *core::SocketAddress::FromIp("192.0.2.7", 7), slots_.TryTake(),
            dispatcher_.Now()};
  }

  void OnSessionUp(Session&) override { ++ups_; }
  void OnPoolChanged(Session&) override { ++changes_; }
  void OnPoolTaken(Session&) override { ++taken_; }
  void OnGrow(Session&, std::uint32_t count) override { grown_ += count; }
  void OnPeerDraining(Session&) override { ++draining_; }
  void OnSessionDown(Session&, const Error& error) override { down_ = error.code; }

  std::unique_ptr<fakes::FakeStream> control_;
  std::unique_ptr<fakes::FakeStream> user_;
  std::unique_ptr<Session> session_;
  int ups_ = 0, changes_ = 0, taken_ = 0, draining_ = 0;
  std::uint32_t grown_ = 0;
  std::optional<ErrorCode> down_;
};

TEST_F(SessionTest, FirstIdIsTheControlConnectionLaterOnesDiffer) {
  Begin(kAll);
  EXPECT_EQ(session_->NewId(), nodepass::kControlId);
  const nodepass::PoolId a = session_->NewId();
  EXPECT_NE(a, nodepass::kControlId);
  EXPECT_NE(a, session_->NewId());
}

TEST_F(SessionTest, EndsWithoutAControlConnectionInFiveSeconds) {
  Begin(kAll);
  const auto idle = Add(1);
  dispatcher_.Advance(seconds(5));
  EXPECT_EQ(down_, ErrorCode::kTimeout);
}

TEST_F(SessionTest, PeerOfOursIsUpWithItsControlConnection) {
  BeginUp(kAll);
  EXPECT_EQ(ups_, 1);
  EXPECT_EQ(session_->peer_kind(), "Underpass");
}

TEST_F(SessionTest, ForeignPeerIsUpWithItsFirstLine) {
  Begin(std::nullopt);
  control_ = Add(nodepass::kControlId);
  EXPECT_EQ(ups_, 0);
  control_->Send(Line(Signal{}, nodepass::Dialect::kUrl));
  dispatcher_.Run();
  EXPECT_EQ(ups_, 1);
  EXPECT_EQ(session_->peer_kind(), "NodePass 1.13");
}

TEST_F(SessionTest, ServesAUserOnAPoolConnection) {
  BeginUp(kAll);
  EXPECT_FALSE(session_->CanServe());
  const auto carrier = Add(0x12345678);
  ASSERT_TRUE(session_->CanServe());
  EXPECT_FALSE(session_->Serve(NewUser()).has_value());
  user_->Send("hello");
  dispatcher_.Run();
  const std::vector<Signal> expected = {
      Signal{.action = Action::kTcp, .remote = "192.0.2.7:7", .id = 0x12345678}};
  EXPECT_EQ(Received(*control_), expected);
  EXPECT_EQ(carrier->ReadAll(), "hello");
  EXPECT_EQ(taken_, 1);
}

TEST_F(SessionTest, GivesTheUserBackWhenEveryConnectionHasClosed) {
  BeginUp(kAll);
  auto carrier = Add(1);
  carrier.reset();
  const auto back = session_->Serve(NewUser());
  EXPECT_TRUE(back.has_value());
  EXPECT_TRUE(Received(*control_).empty());
}

TEST_F(SessionTest, AsksForWhatIsMissingOnce) {
  BeginUp(kAll);
  session_->Demand(10);
  session_->Demand(10);
  session_->Demand(12);
  const std::vector<Signal> expected = {Signal{.action = Action::kGrow, .count = 4},
                                        Signal{.action = Action::kGrow, .count = 4},
                                        Signal{.action = Action::kGrow, .count = 4}};
  EXPECT_EQ(Received(*control_), expected);
}

TEST_F(SessionTest, AsksAForeignPeerForNothing) {
  BeginUp(std::nullopt);
  Received(*control_);
  session_->Demand(10);
  session_->Goaway();
  EXPECT_TRUE(Received(*control_).empty());
}

TEST_F(SessionTest, PeerThatDrainsGetsNoMoreUsers) {
  BeginUp(kAll);
  const auto carrier = Add(1);
  Say(Signal{.action = Action::kGoaway});
  EXPECT_EQ(draining_, 1);
  EXPECT_FALSE(session_->CanServe());
}

TEST_F(SessionTest, EntryRefusesAUserSignal) {
  BeginUp(kAll);
  const auto carrier = Add(1);
  Say(Signal{.action = Action::kTcp, .remote = "192.0.2.7:7", .id = 1});
  EXPECT_EQ(Drops(ErrorCode::kMalformedFrame), 1U);
  EXPECT_EQ(session_->idle(), 1U);
}

TEST_F(SessionTest, FlushDropsTheIdleConnections) {
  BeginUp(std::nullopt);
  const auto carrier = Add(1);
  Say(Signal{.action = Action::kFlush});
  EXPECT_EQ(session_->idle(), 0U);
  EXPECT_TRUE(carrier->ended());
}

TEST_F(SessionTest, TheSameIdTwiceIsRefused) {
  BeginUp(kAll);
  const auto first = Add(1);
  const auto second = Add(1);
  EXPECT_EQ(session_->idle(), 1U);
  EXPECT_TRUE(second->ended());
  EXPECT_EQ(Drops(ErrorCode::kMalformedFrame), 1U);
}

TEST_F(SessionTest, LostControlConnectionEndsItAndItsIdleOnes) {
  BeginUp(kAll);
  const auto carrier = Add(1);
  control_.reset();
  dispatcher_.Run();
  EXPECT_EQ(down_, ErrorCode::kPeerClosed);
  EXPECT_TRUE(carrier->ended());
}

}  // namespace
}  // namespace underpass::tunnel
