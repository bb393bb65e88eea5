// SPDX-License-Identifier: Apache-2.0
#include "controller/standalone/supervisor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace underpass::standalone {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

using Action = Supervisor::Action;
using Kind = Supervisor::ActionKind;

class SupervisorTest : public testing::Test {
 protected:
  // What is due now.
  std::vector<Action> Due() { return supervisor_.Due(now_); }
  void Exit(const std::string& proxy) { supervisor_.OnExited(proxy, now_); }
  void Run(const std::string& proxy) {
    supervisor_.SetWanted({proxy});
    ASSERT_THAT(Due(), ElementsAre(Action{Kind::kStart, proxy}));
  }

  Supervisor supervisor_{{}};
  TimePoint now_ = TimePoint{} + 1h;
};

TEST_F(SupervisorTest, StartsWhatIsWantedOnce) {
  supervisor_.SetWanted({"a", "b"});
  EXPECT_EQ(supervisor_.NextDue().value_or(TimePoint::max()), TimePoint{});  // at once
  EXPECT_THAT(Due(), ElementsAre(Action{Kind::kStart, "a"}, Action{Kind::kStart, "b"}));
  EXPECT_THAT(Due(), IsEmpty());
  EXPECT_FALSE(supervisor_.NextDue().has_value());
}

TEST_F(SupervisorTest, LeavesWhatStaysWantedAlone) {
  Run("a");
  supervisor_.SetWanted({"a", "b"});
  EXPECT_THAT(Due(), ElementsAre(Action{Kind::kStart, "b"}));
}

TEST_F(SupervisorTest, EndsWhatIsNoLongerWantedThenRemovesItsFiles) {
  Run("a");
  supervisor_.SetWanted({});
  EXPECT_THAT(Due(), ElementsAre(Action{Kind::kTerminate, "a"}));
  EXPECT_THAT(Due(), IsEmpty());
  Exit("a");
  EXPECT_THAT(Due(), ElementsAre(Action{Kind::kRemove, "a"}));
  EXPECT_FALSE(supervisor_.NextDue().has_value());
}

TEST_F(SupervisorTest, KillsWhatDoesNotEnd) {
  Run("a");
  supervisor_.SetWanted({});
  Due();
  ASSERT_TRUE(supervisor_.NextDue().has_value());
  EXPECT_EQ(*supervisor_.NextDue(), now_ + kKillAfter);
  now_ += kKillAfter - 1ms;
  EXPECT_THAT(Due(), IsEmpty());
  now_ += 1ms;
  EXPECT_THAT(Due(), ElementsAre(Action{Kind::kKill, "a"}));
  EXPECT_THAT(Due(), IsEmpty());
  Exit("a");
  EXPECT_THAT(Due(), ElementsAre(Action{Kind::kRemove, "a"}));
}

TEST_F(SupervisorTest, WantedAgainWhileEndingStartsAfterTheOldOneEnded) {
  Run("a");
  supervisor_.SetWanted({});
  Due();
  supervisor_.SetWanted({"a"});
  EXPECT_THAT(Due(), IsEmpty());
  Exit("a");
  EXPECT_THAT(Due(), ElementsAre(Action{Kind::kStart, "a"}));
}

TEST_F(SupervisorTest, OneThatLivedLongIsRestartedAtOnce) {
  Run("a");
  now_ += kStableAfter;
  Exit("a");
  EXPECT_THAT(Due(), ElementsAre(Action{Kind::kStart, "a"}));
}

TEST_F(SupervisorTest, BackoffDoublesUpToItsLimit) {
  Run("a");
  for (const auto delay : {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 5000ms, 5000ms}) {
    now_ += 1s;
    Exit("a");
    ASSERT_TRUE(supervisor_.NextDue().has_value());
    EXPECT_EQ(*supervisor_.NextDue(), now_ + delay);
    now_ += delay - 1ms;
    EXPECT_THAT(Due(), IsEmpty()) << delay.count();
    now_ += 1ms;
    EXPECT_THAT(Due(), ElementsAre(Action{Kind::kStart, "a"})) << delay.count();
  }
}

TEST_F(SupervisorTest, BackoffBeginsAnewAfterALongLife) {
  Run("a");
  Exit("a");
  now_ += 100ms;
  Due();
  Exit("a");
  now_ += 200ms;
  Due();
  now_ += kStableAfter;
  Exit("a");
  EXPECT_THAT(Due(), ElementsAre(Action{Kind::kStart, "a"}));
  Exit("a");
  EXPECT_EQ(supervisor_.NextDue().value_or(TimePoint{}), now_ + kFirstBackoff);
}

TEST_F(SupervisorTest, OneInBackoffThatIsNoLongerWantedIsRemoved) {
  Run("a");
  Exit("a");
  supervisor_.SetWanted({});
  EXPECT_THAT(Due(), ElementsAre(Action{Kind::kRemove, "a"}));
}

TEST_F(SupervisorTest, StopAllEndsEveryProxyAndKeepsFiles) {
  supervisor_.SetWanted({"a", "b", "c"});
  Due();
  Exit("c");  // in back-off
  supervisor_.StopAll();
  EXPECT_FALSE(supervisor_.stopped());
  EXPECT_THAT(Due(), ElementsAre(Action{Kind::kTerminate, "a"}, Action{Kind::kTerminate, "b"}));
  Exit("a");
  EXPECT_FALSE(supervisor_.stopped());
  Exit("b");
  EXPECT_TRUE(supervisor_.stopped());
  EXPECT_THAT(Due(), IsEmpty());
}

TEST_F(SupervisorTest, NothingStartsAfterStopAll) {
  Run("a");
  supervisor_.StopAll();
  supervisor_.SetWanted({"a", "b"});
  EXPECT_THAT(Due(), ElementsAre(Action{Kind::kTerminate, "a"}));
  Exit("a");
  EXPECT_THAT(Due(), IsEmpty());
}

TEST_F(SupervisorTest, StopAllWithoutProcessesIsStopped) {
  EXPECT_FALSE(supervisor_.stopped());
  supervisor_.StopAll();
  EXPECT_TRUE(supervisor_.stopped());
}

TEST_F(SupervisorTest, KillAllKillsAtOnce) {
  supervisor_.SetWanted({"a", "b"});
  Due();
  supervisor_.StopAll();
  Due();
  Exit("a");
  supervisor_.KillAll();
  ASSERT_TRUE(supervisor_.NextDue().has_value());
  EXPECT_LE(*supervisor_.NextDue(), now_);
  EXPECT_THAT(Due(), ElementsAre(Action{Kind::kKill, "b"}));
  EXPECT_FALSE(supervisor_.stopped());
  Exit("b");
  EXPECT_TRUE(supervisor_.stopped());
}

TEST_F(SupervisorTest, KillAllBeforeTerminateWasToldKillsToo) {
  Run("a");
  supervisor_.StopAll();
  supervisor_.KillAll();
  EXPECT_THAT(Due(), ElementsAre(Action{Kind::kKill, "a"}));
}

TEST(SupervisorLeftOverTest, FilesOfAnEarlierLifeAreRemovedUnlessWanted) {
  Supervisor supervisor({"kept", "old"});
  supervisor.SetWanted({"kept"});
  EXPECT_THAT(supervisor.Due(TimePoint{} + 1h),
              ElementsAre(Action{Kind::kStart, "kept"}, Action{Kind::kRemove, "old"}));
}

}  // namespace
}  // namespace underpass::standalone
