// SPDX-License-Identifier: Apache-2.0
// Lines on the control connection that no good peer sends: skipped, counted, and the tunnel goes
// on.
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <tuple>

#include "tests/interop/bad_input_fixture.h"

namespace underpass::interop {
namespace {

using std::chrono::seconds;
using support::In;

constexpr const char* kKey = "secret";

struct BadLine {
  std::string name;
  std::string bytes;
  std::string reason;
};

// How gtest shows it.
void PrintTo(const BadLine& value, std::ostream* out) { *out << value.name; }

class BadLineTest : public testing::TestWithParam<std::tuple<bool, BadLine>> {};

TEST_P(BadLineTest, IsSkippedAndTheSessionGoesOn) {
  const auto& [ours_is_server, line] = GetParam();
  BadInputFixture fixture({ours_is_server, '+', Dialect::kJson});
  ASSERT_TRUE(fixture.Start());
  fixture.attacked().StartPeer();
  ASSERT_TRUE(fixture.attacked().WaitUsable(In(seconds(5))));
  const int sessions = fixture.attacked().peer().sessions();

  ASSERT_TRUE(fixture.attacked().peer().SendRaw(line.bytes));
  EXPECT_TRUE(fixture.Refused(line.reason));
  EXPECT_TRUE(fixture.attacked().Echo(50'000, In(seconds(5)))) << fixture.proxy().child().Output();
  EXPECT_EQ(fixture.attacked().peer().sessions(), sessions);
}

INSTANTIATE_TEST_SUITE_P(
    Lines, BadLineTest,
    testing::Combine(
        testing::Bool(),
        testing::Values(
            BadLine{"Empty", "\n", "MalformedFrame"},
            BadLine{"NotBase64", "!!! not base64 !!!\n", "MalformedFrame"},
            BadLine{"NeitherJsonNorUrl", EncodeLine("hello", kKey), "MalformedFrame"},
            BadLine{"OfAnotherKey", EncodeLine(R"({"action":"ping"})", "other"), "MalformedFrame"},
            BadLine{"BadId",
                    EncodeLine(R"({"action":"tcp","remote":"127.0.0.1:1","id":"xyz"})", kKey),
                    "MalformedFrame"},
            BadLine{"DeepJson", EncodeLine(std::string(2500, '['), kKey), "MalformedFrame"},
            BadLine{"UnknownAction", EncodeLine(R"({"action":"dance"})", kKey), "Unsupported"},
            BadLine{"OfBefore113", EncodeLine("//3c8ee57e#1", kKey), "PeerTooOld"},
            BadLine{"OneMegabyte", std::string(1 << 20U, 'A') + "\n", "TooLarge"})),
    [](const auto& param_info) {
      return std::string(std::get<0>(param_info.param) ? "OursServer" : "OursClient") +
             std::get<1>(param_info.param).name;
    });

class StoppedPeerTest : public testing::TestWithParam<bool> {};

TEST_P(StoppedPeerTest, IsGivenUpBeforeItsAnswersFillTheMemory) {
  BadInputFixture fixture({GetParam(), '-', Dialect::kJson});
  ASSERT_TRUE(fixture.Start());
  fixture.attacked().StartPeer();
  ASSERT_TRUE(fixture.attacked().WaitUsable(In(seconds(5))));

  fixture.attacked().peer().StopReading();
  std::string pings;
  for (int i = 0; i < 1000; ++i) pings += EncodeLine(R"({"action":"ping"})", kKey);
  // Each is answered with as many bytes, which nobody reads: 50 MB in all, if it takes them.
  for (int i = 0; i < 2000 && fixture.attacked().peer().SendRaw(pings); ++i) {
  }
  EXPECT_TRUE(fixture.Refused("QueueFull"));

  fixture.attacked().KillPeer();
  fixture.attacked().StartPeer();
  EXPECT_TRUE(fixture.attacked().WaitUsable(In(seconds(5)))) << fixture.proxy().child().Output();
}

INSTANTIATE_TEST_SUITE_P(Roles, StoppedPeerTest, testing::Bool(), [](const auto& param_info) {
  return std::string(param_info.param ? "OursServer" : "OursClient");
});

}  // namespace
}  // namespace underpass::interop
