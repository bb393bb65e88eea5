// SPDX-License-Identifier: Apache-2.0
// The peer against itself: what the other tests of this folder stand on.
#include "tests/interop/minimal_nodepass_peer.h"

#include <gtest/gtest.h>

#include "tests/support/target_server.h"

namespace underpass::interop {
namespace {

using std::chrono::seconds;
using support::In;
using support::Pattern;

TEST(NodePassLineTest, EncodesThePublishedVectors) {
  EXPECT_EQ(Token("secret"), "f9e66e179b6747ae54108f82f8ade8b3c25d76fd30afde6c395822c530196169");
  EXPECT_EQ(EncodeLine(SignalText({"ping", "", ""}, Dialect::kJson), "secret"),
            "CEcCEREdHAtBSEcEGgsEUBg=\n");
  EXPECT_EQ(
      EncodeLine(SignalText({"tcp", "127.0.0.1:40000", "3c8ee57e"}, Dialect::kJson), "secret"),
      "CEcCEREdHAtBSEcAEBVBXkcGFggMBgBWSUdSQFJaQ0tTXFROR1VTQlVWX0cKFkdOUVYASgARRlIGUBg=\n");
}

TEST(NodePassLineTest, ReadsBackWhatItWrites) {
  for (const Dialect dialect : {Dialect::kJson, Dialect::kUrl}) {
    const std::string line =
        EncodeLine(SignalText({"tcp", "10.0.0.1:5", "0a1b2c3d"}, dialect), "key");
    const auto text = DecodeLine(line.substr(0, line.size() - 1), "key");
    ASSERT_TRUE(text);
    const auto signal = ParseSignalText(*text, dialect);
    ASSERT_TRUE(signal);
    EXPECT_EQ(signal->action + " " + signal->remote + " " + signal->id, "tcp 10.0.0.1:5 0a1b2c3d");
  }
}

struct Case {
  char flow;
  Dialect dialect;
};

class MinimalNodePassPeerTest : public testing::TestWithParam<Case> {};

TEST_P(MinimalNodePassPeerTest, CarriesUsersToItself) {
  support::TargetServer target;
  PeerOptions options;
  options.flow = GetParam().flow;
  options.dialect = GetParam().dialect;
  options.target_port = target.port();
  options.user_port = support::FreePort();
  const NodePassServer server(options);
  options.tunnel_port = server.tunnel_port();
  const NodePassClient client(options);
  ASSERT_TRUE(server.WaitReady(In(seconds(5))));
  ASSERT_TRUE(client.WaitReady(In(seconds(5))));

  for (const std::size_t size : {std::size_t{1}, std::size_t{100'000}}) {
    support::Socket user = support::Socket::Connect(options.user_port, In(seconds(5)));
    EXPECT_EQ(support::Exchange(user, Pattern(size), In(seconds(5))), Pattern(size));
  }
}

INSTANTIATE_TEST_SUITE_P(Flows, MinimalNodePassPeerTest,
                         testing::Values(Case{'-', Dialect::kJson}, Case{'+', Dialect::kJson},
                                         Case{'-', Dialect::kUrl}, Case{'+', Dialect::kUrl}),
                         [](const auto& param_info) {
                           return std::string(param_info.param.flow == '-' ? "Reverse"
                                                                           : "Forward") +
                                  (param_info.param.dialect == Dialect::kJson ? "114" : "113");
                         });

}  // namespace
}  // namespace underpass::interop
