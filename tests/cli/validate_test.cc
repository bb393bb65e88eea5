// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "cli/commands.h"
#include "tests/support/temp_dir.h"

namespace underpass::cli {
namespace {

using testing::HasSubstr;

constexpr char kTunnel[] = R"(
apiVersion: underpass.dev/v1alpha1
kind: Tunnel
metadata: {name: web}
spec:
  forward: {}
  targets: [{address: "127.0.0.1:8080"}]
  listen: {port: 18080, protocols: [TCP]}
)";

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

Outcome Validate(const std::vector<std::string>& inputs, const std::string& in = "") {
  std::istringstream input(in);
  std::ostringstream out;
  std::ostringstream err;
  const int code = RunValidate(inputs, {input, out, err});
  return {code, out.str(), err.str()};
}

TEST(ValidateTest, AGoodTunnel) {
  const Outcome outcome = Validate({"-"}, kTunnel);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "1 tunnel valid\n");
  EXPECT_EQ(outcome.err, "");
}

TEST(ValidateTest, AGoodProxyConfig) {
  const Outcome outcome = Validate({"-"}, R"(
format: 1
tunnels:
  - {name: web, forward: {}, targets: [{address: "127.0.0.1:1"}], listen: {port: 2, protocols: [TCP]}}
)");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "1 tunnel valid\n");
}

TEST(ValidateTest, GoodUrls) {
  const Outcome outcome =
      Validate({"server://k@0.0.0.0:1/127.0.0.1:2?noudp=1", "client://k@h:1/127.0.0.1:3?noudp=1"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "2 tunnels valid\n");
}

TEST(ValidateTest, AnErrorNamesSourceLineAndField) {
  const Outcome outcome = Validate({"-"}, R"(apiVersion: underpass.dev/v1alpha1
kind: Tunnel
metadata: {name: web}
spec:
  forward: {}
  targets: [{address: "127.0.0.1:0"}]
  listen: {port: 18080, colour: red}
)");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("error: standard input:6: "));
  EXPECT_THAT(outcome.err, HasSubstr("spec.targets[0].address"));
  EXPECT_THAT(outcome.err, HasSubstr("error: standard input:7: "));
  EXPECT_THAT(outcome.err, HasSubstr("colour"));
  EXPECT_EQ(outcome.out, "0 tunnels valid, 2 errors\n");
}

TEST(ValidateTest, WhatThisVersionCannotRunIsAnErrorInEveryForm) {
  const std::string tunnel = std::string(kTunnel) + "  proxyProtocol: V1\n";
  const Outcome from_tunnel = Validate({"-"}, tunnel);
  EXPECT_EQ(from_tunnel.code, 1);
  EXPECT_THAT(from_tunnel.err, HasSubstr("spec.proxyProtocol"));
  EXPECT_THAT(from_tunnel.err, HasSubstr("Unsupported"));

  const Outcome from_config = Validate({"-"}, R"(
format: 1
tunnels:
  - {name: web, forward: {}, targets: [{address: "127.0.0.1:1"}], proxyProtocol: V1,
     listen: {port: 2, protocols: [TCP]}}
)");
  EXPECT_EQ(from_config.code, 1);
  EXPECT_THAT(from_config.err, HasSubstr("tunnels[0].proxyProtocol"));
  EXPECT_EQ(from_config.out, "0 tunnels valid, 1 error\n") << from_config.err;

  const Outcome from_url = Validate({"server://k@0.0.0.0:1/127.0.0.1:2?noudp=1&proxy=1"});
  EXPECT_EQ(from_url.code, 1);
  EXPECT_THAT(from_url.err, HasSubstr("?proxy=1"));
}

TEST(ValidateTest, ASecretThatIsNotAmongTheFilesIsAWarning) {
  const Outcome outcome = Validate({"-"}, R"(
apiVersion: underpass.dev/v1alpha1
kind: Tunnel
metadata: {name: db}
spec:
  pool: {role: Server, address: "0.0.0.0:10101", keySecretRef: {name: db-tunnel, key: key}}
  listen: {port: 15432, protocols: [TCP]}
)");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("warning: "));
  EXPECT_THAT(outcome.err, HasSubstr("db-tunnel"));
}

TEST(ValidateTest, ATunnelThatTwoFilesHaveIsAnError) {
  const support::TempDir folder;
  folder.Write("a.yaml", kTunnel);
  folder.Write("b.yaml", kTunnel);
  const Outcome outcome = Validate({folder.path()});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("error: tunnel default/web: "));
}

TEST(ValidateTest, OneBadInputDoesNotHideTheOthers) {
  const Outcome outcome = Validate({"/nonexistent.yaml", "tcp://x", "-"}, kTunnel);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("/nonexistent.yaml"));
  EXPECT_EQ(outcome.out, "1 tunnel valid, 2 errors\n");
}

TEST(ValidateTest, ADocumentThatIsTooLargeIsAnError) {
  const Outcome outcome = Validate({"-"}, std::string(10'000'000, '#'));
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("TooLarge"));
}

}  // namespace
}  // namespace underpass::cli
