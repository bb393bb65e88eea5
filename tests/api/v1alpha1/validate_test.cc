// SPDX-License-Identifier: Apache-2.0
// What the documents of bad_specs.yaml cannot reach: specs made by a program, names of fields, what
// cannot be run.
#include "api/v1alpha1/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace underpass::v1alpha1 {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

TunnelSpec PoolWith(PoolSpec pool) {
  TunnelSpec spec;
  spec.kind = std::move(pool);
  spec.listen = ListenSpec{.address = "10.9.9.9", .port = 80, .protocols = {Protocol::kTcp}};
  return spec;
}

TunnelSpec Client(const HostPort& address, Flow flow, const HostPort& target) {
  TunnelSpec spec = PoolWith({.role = PoolRole::kClient, .address = address, .flow = flow});
  spec.targets = {{target}};
  return spec;
}

std::vector<std::string> Texts(const std::vector<Error>& errors) {
  std::vector<std::string> texts;
  for (const Error& error : errors) texts.push_back(error.context);
  return texts;
}

std::vector<std::string> Check(const TunnelSpec& spec) {
  return Texts(Validate(spec, PrefixNamer("spec.")));
}

TEST(ValidateTest, TakesAPlainPool) {
  EXPECT_THAT(Check(PoolWith({.address = {"", 10101}})), IsEmpty());
}

TEST(ValidateTest, RefusesWhatOnlyAProgramCanSay) {
  TunnelSpec spec = PoolWith({.address = {"a b", 0}});
  spec.listen->port = 0;
  EXPECT_THAT(Check(spec), ElementsAre(StartsWith("spec.pool.address: \"a b\" is not a host name"),
                                       StartsWith("spec.listen.port: 0 is not allowed")));
}

TEST(ValidateTest, RefusesTwoKeys) {
  PoolSpec pool{.address = {"", 10101}};
  pool.key.file = "key";
  pool.key.value = Secret("secret");
  const std::vector<std::string> errors = Check(PoolWith(pool));
  ASSERT_THAT(errors, ElementsAre(StartsWith("spec.pool.key: a second key")));
  EXPECT_EQ(errors[0].find("secret,"), std::string::npos);
}

TEST(ValidateTest, RefusesAKeyOver4096Bytes) {
  PoolSpec pool{.address = {"", 10101}};
  pool.key.value = Secret(std::string(4097, 'k'));
  EXPECT_THAT(Check(PoolWith(pool)), ElementsAre(HasSubstr("at most 4096")));
}

// A client that dials another machine may have a target of the same port on its own; one that may
// bind may not.
TEST(ValidateTest, ClientLoopsOnlyWhereItMayBind) {
  const HostPort local{"127.0.0.1", 5432};
  EXPECT_THAT(Check(Client({"db.example.com", 5432}, Flow::kForward, local)), IsEmpty());
  EXPECT_THAT(Check(Client({"db.example.com", 5432}, Flow::kAuto, local)),
              ElementsAre(HasSubstr("own port")));
  EXPECT_THAT(Check(Client({"127.0.0.1", 5432}, Flow::kForward, local)),
              ElementsAre(HasSubstr("own port")));
}

TEST(ValidateTest, NamesOfMetadataAreLabels) {
  const PrefixNamer namer("metadata.");
  EXPECT_THAT(Validate(ObjectName{"db-1", "shop"}, namer), IsEmpty());
  EXPECT_THAT(Texts(Validate(ObjectName{"-db", "Shop"}, namer)),
              ElementsAre(StartsWith("metadata.name: "), StartsWith("metadata.namespace: ")));
}

TEST(UnsupportedTest, PlainTcpRuns) {
  EXPECT_THAT(Unsupported(PoolWith({.address = {"", 10101}}), PrefixNamer("spec.")), IsEmpty());
}

TEST(UnsupportedTest, NamesEveryFieldThatCannotRun) {
  TunnelSpec spec = PoolWith({.transport = TransportKind::kHttp2});
  std::get<PoolSpec>(spec.kind).tls.mode = TlsMode::kSelfSigned;
  spec.balance = Balance::kLeastLatency;
  spec.listen->protocols = {Protocol::kUdp};
  spec.access.block = {BlockedProtocol::kHttp};
  spec.limits.bandwidth_mbps = 1;
  spec.proxy_protocol = ProxyProtocol::kV1;
  spec.dial.source_address = "10.0.0.1";
  const std::vector<Error> errors = Unsupported(spec, PrefixNamer("spec."));
  EXPECT_THAT(
      Texts(errors),
      ElementsAre(StartsWith("spec.pool.transport: transport HTTP2 cannot be run by this version"),
                  StartsWith("spec.pool.tls.mode: "), StartsWith("spec.balance: LeastLatency"),
                  StartsWith("spec.listen.protocols: "), StartsWith("spec.access.block: "),
                  StartsWith("spec.limits.bandwidthMbps: "), StartsWith("spec.proxyProtocol: "),
                  StartsWith("spec.dial.sourceAddress: ")));
  for (const Error& error : errors) EXPECT_EQ(error.code, ErrorCode::kUnsupported);
}

TEST(WarningsTest, DerivedKeyAndUdp) {
  TunnelSpec spec = PoolWith({.address = {"", 10101}});
  spec.listen->protocols = {Protocol::kTcp, Protocol::kUdp};
  EXPECT_THAT(
      Warnings(spec, PrefixNamer("spec.")),
      ElementsAre("spec.pool: no key is set; the one derived from port 10101 protects nothing",
                  "spec.listen.protocols: UDP is off; this version carries TCP only"));
}

TEST(WarningsTest, NoneForAKeyAndTcp) {
  PoolSpec pool{.address = {"", 10101}};
  pool.key.value = Secret("secret");
  EXPECT_THAT(Warnings(PoolWith(pool), PrefixNamer("spec.")), IsEmpty());
}

}  // namespace
}  // namespace underpass::v1alpha1
