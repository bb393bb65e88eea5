// SPDX-License-Identifier: Apache-2.0
#include "proxy/relay/direction.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/fakes/fake_dispatcher.h"
#include "tests/fakes/fake_stream.h"

namespace underpass::relay {
namespace {

using fakes::FakeStream;
using Outcome = Direction::Outcome;

class DirectionTest : public testing::Test {
 protected:
  explicit DirectionTest(std::size_t room = 1 << 20) {
    std::tie(source_, sender_) = FakeStream::Pair(dispatcher_, 1 << 24);
    std::tie(destination_, receiver_) = FakeStream::Pair(dispatcher_, room);
    direction_ = std::make_unique<Direction>(*source_, *destination_, resources_, bytes_);
  }

  fakes::FakeDispatcher dispatcher_;
  Resources resources_;
  core::Counter bytes_;
  std::unique_ptr<FakeStream> source_, sender_, destination_, receiver_;
  std::unique_ptr<Direction> direction_;
};

TEST_F(DirectionTest, CopiesAndWaits) {
  sender_->Send("hello");
  EXPECT_EQ(direction_->Pump(), Outcome::kWaiting);
  EXPECT_EQ(receiver_->ReadAll(), "hello");
  EXPECT_EQ(direction_->bytes(), 5U);
  EXPECT_EQ(bytes_.Get(), 5U);
  EXPECT_FALSE(direction_->holding());
}

TEST_F(DirectionTest, PassesTheEndOnAfterTheLastByte) {
  sender_->Send("bye");
  sender_->ShutdownWrite();
  EXPECT_EQ(direction_->Pump(), Outcome::kDone);
  EXPECT_FALSE(receiver_->ended());
  EXPECT_EQ(receiver_->ReadAll(), "bye");
  EXPECT_TRUE(receiver_->ended());
}

TEST_F(DirectionTest, TellsAResetSource) {
  sender_->Abort();
  sender_.reset();
  EXPECT_EQ(direction_->Pump(), Outcome::kFailed);
  EXPECT_EQ(direction_->sys_errno(), ECONNRESET);
}

TEST_F(DirectionTest, StopsAfterItsBudget) {
  sender_->Send(std::string(3 << 20, 'x'));
  receiver_->SetRoom(1 << 24);
  EXPECT_EQ(direction_->Pump(), Outcome::kAgain);
  EXPECT_LT(direction_->bytes(), 3U << 20);
  while (direction_->Pump() == Outcome::kAgain) {
  }
  EXPECT_EQ(direction_->bytes(), 3U << 20);
}

class SlowReceiverTest : public DirectionTest {
 protected:
  SlowReceiverTest() : DirectionTest(1000) {}
};

TEST_F(SlowReceiverTest, HoldsOneBlockAndReadsNoFurther) {
  const std::string sent(1 << 20, 'x');
  sender_->Send(sent);
  EXPECT_EQ(direction_->Pump(), Outcome::kWaiting);
  EXPECT_TRUE(direction_->holding());
  EXPECT_EQ(direction_->bytes(), 1000U);
  std::string got;
  while (got.size() < sent.size()) {
    const std::string part = receiver_->ReadAll();
    ASSERT_FALSE(part.empty());
    got += part;
    direction_->Pump();
  }
  EXPECT_EQ(got, sent);
  EXPECT_FALSE(direction_->holding());
}

TEST_F(SlowReceiverTest, EndWaitsForHeldBytes) {
  sender_->Send(std::string(1500, 'x'));
  sender_->ShutdownWrite();
  EXPECT_EQ(direction_->Pump(), Outcome::kWaiting);
  EXPECT_EQ(receiver_->ReadAll().size(), 1000U);
  EXPECT_EQ(direction_->Pump(), Outcome::kDone);
  EXPECT_EQ(receiver_->ReadAll().size(), 500U);
  EXPECT_TRUE(receiver_->ended());
}

}  // namespace
}  // namespace underpass::relay
