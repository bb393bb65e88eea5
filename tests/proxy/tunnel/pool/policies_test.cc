// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>

#include "proxy/tunnel/pool/fill_policy.h"
#include "proxy/tunnel/pool/retry_schedule.h"

namespace underpass::tunnel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TimePoint kStart{std::chrono::hours(1)};

TEST(RetryScheduleTest, BeginsWithinMilliseconds) {
  RetrySchedule retry(1);
  for (const int expected : {2, 5, 10, 20}) {
    EXPECT_EQ(retry.Next(ErrorCode::kConnectRefused, kStart), milliseconds(expected));
  }
}

TEST(RetryScheduleTest, DoublesWithJitterUpToASecond) {
  RetrySchedule retry(1);
  for (int i = 0; i < 4; ++i) retry.Next(ErrorCode::kConnectRefused, kStart);
  for (const int ceiling : {40, 80, 160, 320, 640, 1000, 1000, 1000}) {
    const Duration wait = retry.Next(ErrorCode::kConnectRefused, kStart);
    EXPECT_LE(wait, milliseconds(ceiling));
    EXPECT_GE(wait, milliseconds(ceiling / 2));
  }
}

TEST(RetryScheduleTest, StaysFastForAMinuteAfterASession) {
  RetrySchedule retry(1);
  retry.SessionLost(kStart);
  for (int i = 0; i < 100; ++i) {
    EXPECT_LE(retry.Next(ErrorCode::kConnectRefused, kStart + seconds(59)), milliseconds(50));
  }
  EXPECT_GT(retry.Next(ErrorCode::kConnectRefused, kStart + seconds(61)), milliseconds(50));
}

TEST(RetryScheduleTest, WaitsWhereAPersonMustAct) {
  RetrySchedule retry(1);
  retry.SessionLost(kStart);
  EXPECT_EQ(retry.Next(ErrorCode::kAuthFailed, kStart), seconds(1));
  EXPECT_EQ(retry.Next(ErrorCode::kFlowMismatch, kStart), seconds(1));
}

TEST(RetryScheduleTest, BeginsAgainAfterSuccess) {
  RetrySchedule retry(1);
  for (int i = 0; i < 9; ++i) retry.Next(ErrorCode::kConnectRefused, kStart);
  retry.Succeeded();
  EXPECT_EQ(retry.Next(ErrorCode::kConnectRefused, kStart), milliseconds(2));
}

TEST(FillPolicyTest, TakesTheSmallerAsMinimum) {
  const FillPolicy policy(100, 8);
  EXPECT_EQ(policy.capacity(), 8);
  EXPECT_EQ(policy.max(), 100);
}

TEST(FillPolicyTest, CapacityFollowsDemandWithinItsBounds) {
  FillPolicy policy(10, 12);
  policy.AdjustCapacity(9);
  EXPECT_EQ(policy.capacity(), 11);
  policy.AdjustCapacity(11);
  policy.AdjustCapacity(12);
  EXPECT_EQ(policy.capacity(), 12);
  policy.AdjustCapacity(6);
  EXPECT_EQ(policy.capacity(), 12);
  for (int i = 0; i < 5; ++i) policy.AdjustCapacity(0);
  EXPECT_EQ(policy.capacity(), 10);
}

TEST(FillPolicyTest, IntervalShrinksWhenThePoolIsEmptyAndGrowsWhenItIsFull) {
  FillPolicy policy(64, 1024);
  EXPECT_EQ(policy.interval(), milliseconds(100));
  for (int i = 0; i < 20; ++i) policy.AdjustInterval(64);
  EXPECT_EQ(policy.interval(), seconds(1));
  policy.AdjustInterval(30);
  EXPECT_EQ(policy.interval(), seconds(1));
  policy.AdjustInterval(0);
  EXPECT_EQ(policy.interval(), milliseconds(900));
}

}  // namespace
}  // namespace underpass::tunnel
