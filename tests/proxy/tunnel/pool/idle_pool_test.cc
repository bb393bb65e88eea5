// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel/pool/idle_pool.h"

#include <array>

#include "tests/proxy/tunnel/pool/pool_fixture.h"

namespace underpass::tunnel {
namespace {

class IdlePoolTest : public PoolFixture {
 protected:
  std::unique_ptr<fakes::FakeStream> Add(nodepass::PoolId id) {
    auto [inside, outside] = NewStream();
    pool_.Add(id, std::move(inside));
    return std::move(outside);
  }
  std::int64_t shown() const { return board_.stats().pool_idle.Get(); }

  IdlePool pool_{dispatcher_, board_.stats().pool_idle};
};

TEST_F(IdlePoolTest, GivesTheOldestFirst) {
  const auto a = Add(1);
  const auto b = Add(2);
  EXPECT_EQ(shown(), 2);
  EXPECT_EQ(pool_.TakeOldest().first, 1U);
  EXPECT_EQ(pool_.TakeOldest().first, 2U);
  EXPECT_EQ(pool_.TakeOldest().second, nullptr);
  EXPECT_EQ(shown(), 0);
}

TEST_F(IdlePoolTest, TakesById) {
  const auto a = Add(1);
  const auto b = Add(2);
  EXPECT_EQ(pool_.Take(3), nullptr);
  EXPECT_NE(pool_.Take(2), nullptr);
  EXPECT_FALSE(pool_.Contains(2));
  EXPECT_TRUE(pool_.Contains(1));
}

TEST_F(IdlePoolTest, ClosedConnectionLeaves) {
  auto a = Add(1);
  const auto b = Add(2);
  a.reset();
  dispatcher_.Run();
  EXPECT_EQ(pool_.size(), 1U);
  EXPECT_EQ(pool_.TakeOldest().first, 2U);
}

TEST_F(IdlePoolTest, ConnectionThatClosedBeforeItWasAddedLeaves) {
  auto [inside, outside] = NewStream();
  outside.reset();
  pool_.Add(1, std::move(inside));
  dispatcher_.Run();
  EXPECT_EQ(pool_.size(), 0U);
}

TEST_F(IdlePoolTest, OldestThatJustClosedIsNotGiven) {
  auto a = Add(1);
  const auto b = Add(2);
  a.reset();  // its edge has not been delivered yet
  EXPECT_EQ(pool_.TakeOldest().first, 2U);
}

TEST_F(IdlePoolTest, BytesThatComeEarlyStayInTheConnection) {
  const auto outside = Add(1);
  outside->Send("early");
  dispatcher_.Run();
  const auto stream = pool_.Take(1);
  ASSERT_NE(stream, nullptr);
  std::array<std::byte, 16> buffer{};
  EXPECT_EQ(stream->Read(buffer).bytes, 5U);
}

}  // namespace
}  // namespace underpass::tunnel
