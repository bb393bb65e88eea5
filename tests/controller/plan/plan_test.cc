// SPDX-License-Identifier: Apache-2.0
#include "controller/plan/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "api/base/defaults.h"

namespace underpass::plan {
namespace {

using testing::HasSubstr;
using v1alpha1::SecretObject;
using v1alpha1::Tunnel;

Tunnel MakeServer(const std::string& name, std::uint16_t port, const std::string& group = "") {
  v1alpha1::PoolSpec pool;
  pool.address = {"127.0.0.1", port};
  Tunnel tunnel;
  tunnel.metadata.name = name;
  tunnel.spec.kind = pool;
  tunnel.spec.listen = v1alpha1::ListenSpec{
      "127.0.0.1", static_cast<std::uint16_t>(port + 1), {v1alpha1::Protocol::kTcp}};
  tunnel.spec.group = group;
  return tunnel;
}

Tunnel WithKey(Tunnel tunnel, const std::string& secret, const std::string& key) {
  std::get<v1alpha1::PoolSpec>(tunnel.spec.kind).key.secret_ref =
      v1alpha1::SecretKeyRef{secret, key};
  return tunnel;
}

SecretObject MakeSecret(const std::string& name, const std::string& key, const std::string& value) {
  SecretObject secret;
  secret.metadata.name = name;
  secret.data[key] = Secret(value);
  return secret;
}

std::string OnlyProblem(const Planned& planned) {
  EXPECT_EQ(planned.problems.size(), 1u);
  return planned.problems.empty() ? "" : planned.problems.front().error.ToString();
}

TEST(PlanTest, OfTwoTunnelsWithOneNameTheFirstRuns) {
  const Planned planned = Plan({MakeServer("db", 10101), MakeServer("db", 10201)}, {});
  ASSERT_EQ(planned.proxies.size(), 1u);
  const Tunnel& running = planned.proxies.front().config.tunnels.front();
  EXPECT_EQ(std::get<v1alpha1::PoolSpec>(running.spec.kind).address.port, 10101);
  EXPECT_THAT(OnlyProblem(planned), HasSubstr("metadata.name: there are several"));
}

TEST(PlanTest, SecretThatIsGivenTwiceDifferentlyIsNotGuessed) {
  const Planned planned = Plan({WithKey(MakeServer("db", 10101), "s", "key")},
                               {MakeSecret("s", "key", "one"), MakeSecret("s", "key", "two")});
  EXPECT_TRUE(planned.proxies.empty());
  EXPECT_THAT(OnlyProblem(planned), HasSubstr("spec.pool.keySecretRef.name: there are different"));
}

TEST(PlanTest, SecretThatIsRepeatedIsOne) {
  const Planned planned = Plan({WithKey(MakeServer("db", 10101), "s", "key")},
                               {MakeSecret("s", "key", "one"), MakeSecret("s", "key", "one")});
  EXPECT_TRUE(planned.problems.empty());
  EXPECT_EQ(planned.proxies.size(), 1u);
}

TEST(PlanTest, SecretOfAnotherNamespaceIsNotUsed) {
  SecretObject secret = MakeSecret("s", "key", "value");
  secret.metadata.namespace_name = "other";
  const Planned planned = Plan({WithKey(MakeServer("db", 10101), "s", "key")}, {secret});
  EXPECT_TRUE(planned.proxies.empty());
  EXPECT_THAT(OnlyProblem(planned), HasSubstr("NotFound"));
}

TEST(PlanTest, KeyThatWouldLeaveTheFolderIsRefused) {
  for (const std::string key : {"..", "../../proxy.yaml", "a/b", ""}) {
    const Planned planned =
        Plan({WithKey(MakeServer("db", 10101), "s", key)}, {MakeSecret("s", key, "value")});
    EXPECT_TRUE(planned.proxies.empty()) << key;
    EXPECT_THAT(OnlyProblem(planned), HasSubstr("become a file")) << key;
  }
}

TEST(PlanTest, KeyOfUnusableSizeIsRefused) {
  for (const std::size_t size : {std::size_t{0}, defaults::kMaxKeyBytes + 1}) {
    const Planned planned = Plan({WithKey(MakeServer("db", 10101), "s", "key")},
                                 {MakeSecret("s", "key", std::string(size, 'k') + "\n")});
    EXPECT_TRUE(planned.proxies.empty()) << size;
    EXPECT_THAT(OnlyProblem(planned), HasSubstr("bytes, it has " + std::to_string(size)));
  }
}

TEST(PlanTest, LongestKeyWithItsNewlineIsTaken) {
  const std::string value = std::string(defaults::kMaxKeyBytes, 'k') + "\n";
  const Planned planned =
      Plan({WithKey(MakeServer("db", 10101), "s", "key")}, {MakeSecret("s", "key", value)});
  ASSERT_EQ(planned.proxies.size(), 1u);
  EXPECT_EQ(planned.proxies.front().material.at("material/s/key").Reveal(), value);
}

TEST(PlanTest, OrderOfTheInputDoesNotMatter) {
  std::vector<Tunnel> tunnels = {WithKey(MakeServer("a", 10101, "g"), "s", "key"),
                                 MakeServer("b", 10101, "g"), MakeServer("c", 10301, "g"),
                                 WithKey(MakeServer("d", 10401), "missing", "key")};
  const std::vector<SecretObject> secrets = {MakeSecret("s", "key", "value")};
  const Planned forward = Plan(tunnels, secrets);
  std::reverse(tunnels.begin(), tunnels.end());
  const Planned backward = Plan(tunnels, secrets);
  ASSERT_EQ(forward.proxies.size(), 1u);
  ASSERT_EQ(backward.proxies.size(), 1u);
  EXPECT_EQ(forward.proxies[0].config.tunnels, backward.proxies[0].config.tunnels);
  ASSERT_EQ(forward.problems.size(), 2u);  // of b and d
  ASSERT_EQ(backward.problems.size(), 2u);
  for (std::size_t i = 0; i < forward.problems.size(); ++i) {
    EXPECT_EQ(forward.problems[i].error.ToString(), backward.problems[i].error.ToString());
  }
}

TEST(PlanTest, NothingGivesNothing) {
  const Planned planned = Plan({}, {});
  EXPECT_TRUE(planned.proxies.empty());
  EXPECT_TRUE(planned.problems.empty());
}

}  // namespace
}  // namespace underpass::plan
