// SPDX-License-Identifier: Apache-2.0
#include "proxy/relay/resources.h"

#include <gtest/gtest.h>

#include <vector>

#include "proxy/relay/slots.h"

namespace underpass::relay {
namespace {

TEST(ResourcesTest, BlocksAreUsedAgain) {
  Resources resources;
  auto block = resources.TakeBlock();
  const Block* const address = block.get();
  resources.ReturnBlock(std::move(block));
  EXPECT_EQ(resources.TakeBlock().get(), address);
}

TEST(ResourcesTest, PipesAreBoundedAndUsedAgain) {
  Resources resources;
  std::vector<Pipe> pipes;
  while (const auto pipe = resources.TakePipe()) pipes.push_back(*pipe);
  EXPECT_EQ(pipes.size(), 256U);
  resources.ReturnPipe(pipes.back(), true);
  const auto again = resources.TakePipe();
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->read_end, pipes.back().read_end);
  for (const Pipe pipe : pipes) resources.ReturnPipe(pipe, false);
}

TEST(SlotsTest, GivesNoMoreThanTheLimit) {
  Slots slots(2);
  auto first = slots.TryTake();
  {
    const auto second = slots.TryTake();
    EXPECT_TRUE(second);
    EXPECT_FALSE(slots.TryTake());
  }
  EXPECT_TRUE(slots.TryTake());
  const Slots::Lease moved = std::move(first);
  EXPECT_TRUE(moved);
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): what a moved lease is, is the test
}

TEST(SlotsTest, ZeroIsUnlimited) {
  Slots slots(0);
  std::vector<Slots::Lease> leases;
  for (int i = 0; i < 1000; ++i) leases.push_back(slots.TryTake());
  for (const Slots::Lease& lease : leases) EXPECT_TRUE(lease);
}

}  // namespace
}  // namespace underpass::relay
