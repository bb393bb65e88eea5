// SPDX-License-Identifier: Apache-2.0
#include "api/v1alpha1/tunnel_spec.h"

#include <gtest/gtest.h>

#include <set>

#include "api/v1alpha1/enum_names.h"

namespace underpass::v1alpha1 {
namespace {

// wire facts of NodePass, section 2
TEST(PoolKeyTest, IsDerivedFromThePort) {
  EXPECT_EQ(PoolKey(Secret(), 10101).Reveal(), "e68be2b4");
  EXPECT_EQ(PoolKey(Secret(), 1).Reveal().size(), 8U);
}

TEST(PoolKeyTest, ExplicitKeyWins) {
  EXPECT_EQ(PoolKey(Secret("secret"), 10101).Reveal(), "secret");
}

TEST(MakeIdleTest, DefaultGivesWayToWhatWasGiven) {
  EXPECT_EQ(MakeIdle({}, {}), (IdleSpec{64, 1024}));
  EXPECT_EQ(MakeIdle({}, 32), (IdleSpec{32, 32}));
  EXPECT_EQ(MakeIdle(2000, {}), (IdleSpec{2000, 2000}));
  EXPECT_EQ(MakeIdle(9, 8), (IdleSpec{9, 8}));
}

template <typename E>
void ExpectNamesUnique() {
  std::set<std::string_view> names;
  for (const auto& [value, name] : kNames<E>) {
    EXPECT_EQ(Name(value), name);
    EXPECT_TRUE(names.insert(name).second) << name;
  }
  EXPECT_GE(names.size(), 2U);
}

TEST(EnumNamesTest, AreUnique) {
  ExpectNamesUnique<PoolRole>();
  ExpectNamesUnique<TransportKind>();
  ExpectNamesUnique<Flow>();
  ExpectNamesUnique<TlsMode>();
  ExpectNamesUnique<Balance>();
  ExpectNamesUnique<ProxyProtocol>();
  ExpectNamesUnique<Protocol>();
  ExpectNamesUnique<BlockedProtocol>();
}

TEST(KindNameTest, NamesTheKind) {
  TunnelSpec spec;
  EXPECT_EQ(KindName(spec), "pool");
  spec.kind = ForwardSpec{};
  EXPECT_EQ(KindName(spec), "forward");
}

}  // namespace
}  // namespace underpass::v1alpha1
