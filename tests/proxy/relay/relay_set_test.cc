// SPDX-License-Identifier: Apache-2.0
#include "proxy/relay/relay_set.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/fakes/counting_listener.h"
#include "tests/fakes/fake_dispatcher.h"
#include "tests/fakes/fake_stream.h"

namespace underpass::relay {
namespace {

using fakes::FakeStream;
using std::chrono::seconds;

class RelaySetTest : public testing::Test {
 protected:
  explicit RelaySetTest(Duration idle = Duration::zero())
      : relays_(dispatcher_, resources_, board_, idle) {
    std::tie(user_inside_, user_) = FakeStream::Pair(dispatcher_);
    std::tie(target_inside_, target_) = FakeStream::Pair(dispatcher_);
  }

  void Join() {
    relays_.Join(
        {std::move(user_inside_), std::move(target_inside_), "user", "target", slots_.TryTake()});
    dispatcher_.Run();
  }

  fakes::FakeDispatcher dispatcher_;
  fakes::CountingListener listener_;
  core::TunnelBoard board_{{"t"}, "pool", "Server", listener_};
  Slots slots_{1};
  Resources resources_;
  RelaySet relays_;
  std::unique_ptr<FakeStream> user_inside_, user_, target_inside_, target_;
};

TEST_F(RelaySetTest, CarriesBothDirectionsAndCounts) {
  user_->Send("question");  // before the join: no edge will tell of it
  Join();
  target_->Send("answer");
  dispatcher_.Run();
  EXPECT_EQ(target_->ReadAll(), "question");
  EXPECT_EQ(user_->ReadAll(), "answer");
  EXPECT_EQ(board_.stats().connections_active.Get(), 1);
  EXPECT_EQ(board_.stats().bytes_to_target.Get(), 8U);
  EXPECT_EQ(board_.stats().bytes_to_user.Get(), 6U);
  std::vector<core::ConnectionInfo> list;
  relays_.List(list);
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].user, "user");
  EXPECT_EQ(list[0].target, "target");
  EXPECT_EQ(list[0].bytes_to_target, 8U);
}

TEST_F(RelaySetTest, HalfCloseLeavesTheOtherDirectionOpen) {
  Join();
  user_->ShutdownWrite();
  dispatcher_.Run();
  EXPECT_TRUE(target_->ended());
  EXPECT_FALSE(relays_.empty());
  target_->Send("late answer");
  dispatcher_.Run();
  EXPECT_EQ(user_->ReadAll(), "late answer");
  target_->ShutdownWrite();
  dispatcher_.Run();
  EXPECT_TRUE(user_->ended());
  EXPECT_TRUE(relays_.empty());
  EXPECT_EQ(board_.stats().connections_ok.Get(), 1U);
}

TEST_F(RelaySetTest, ResetOfOneSideResetsTheOther) {
  Join();
  target_->Abort();
  target_.reset();
  dispatcher_.Run();
  EXPECT_TRUE(user_->was_reset());
  EXPECT_EQ(board_.stats().connections_failed.Get(), 1U);
  EXPECT_EQ(board_.stats().connections_active.Get(), 0);
}

TEST_F(RelaySetTest, ResetAfterTheEndEndsTheConnection) {
  Join();
  user_->ShutdownWrite();
  dispatcher_.Run();
  user_->Abort();
  user_.reset();
  dispatcher_.Run();
  EXPECT_TRUE(relays_.empty());
  EXPECT_TRUE(target_->was_reset());
}

TEST_F(RelaySetTest, SlotIsFreeAgainWhenTheRelayHasEnded) {
  Join();
  EXPECT_FALSE(slots_.TryTake());
  user_->ShutdownWrite();
  target_->ShutdownWrite();
  dispatcher_.Run();
  EXPECT_TRUE(slots_.TryTake());
}

TEST_F(RelaySetTest, TellsWhenTheLastRelayHasEnded) {
  int told = 0;
  relays_.OnEmpty([&] { ++told; });
  Join();
  EXPECT_EQ(told, 0);
  user_.reset();
  target_.reset();
  dispatcher_.Run();
  EXPECT_EQ(told, 1);
}

class IdleRelaySetTest : public RelaySetTest {
 protected:
  IdleRelaySetTest() : RelaySetTest(seconds(30)) {}
};

TEST_F(IdleRelaySetTest, EndsWithoutDataForTheIdleTimeout) {
  Join();
  dispatcher_.Advance(seconds(20));
  user_->Send("x");
  dispatcher_.Advance(seconds(20));
  EXPECT_FALSE(relays_.empty());
  dispatcher_.Advance(seconds(60));
  EXPECT_TRUE(relays_.empty());
  EXPECT_TRUE(user_->was_reset());
}

}  // namespace
}  // namespace underpass::relay
