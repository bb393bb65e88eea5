// SPDX-License-Identifier: Apache-2.0
#include "api/v1alpha1/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "api/base/defaults.h"
#include "tests/api/v1alpha1/spec_generator.h"

namespace underpass::v1alpha1 {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kFull = R"(# a comment
apiVersion: v1
kind: Secret
metadata: {name: db-tunnel, namespace: shop}
type: Opaque
data: {key: c2VjcmV0, both: b25l}
stringData: {both: two}
---
---
apiVersion: underpass.dev/v1alpha1
kind: Tunnel
metadata: {name: db, namespace: shop, labels: {app: db}, annotations: {a: "1"}}
spec:
  pool:
    role: Server
    address: 0.0.0.0:10101
    transport: QUIC
    flow: Auto
    keySecretRef: {name: db-tunnel, key: key}
    tls: {mode: Certificate, secretName: db-tls, caSecretName: ca, serverName: db.example.com}
    idle: {min: 1, max: 2}
  targets: [{address: 10.0.0.7:5432}, {address: "[::1]:80"}]
  balance: PrimaryBackup
  listen: {address: 127.0.0.1, port: 15432, protocols: [UDP]}
  access: {block: [SOCKS, TLS]}
  limits: {bandwidthMbps: 3, connections: 4, idleTimeoutSeconds: 5}
  proxyProtocol: V2
  dial: {sourceAddress: 10.0.0.1, dnsCacheSeconds: 6}
  placement: {group: data}
)";

// Every field away from its default, so that one that is not read shows.
Tunnel FullTunnel() {
  PoolSpec pool;
  pool.address = {"0.0.0.0", 10101};
  pool.transport = TransportKind::kQuic;
  pool.flow = Flow::kAuto;
  pool.key.secret_ref = SecretKeyRef{"db-tunnel", "key"};
  pool.tls = {TlsMode::kCertificate, "db-tls", "ca", "", "", "db.example.com"};
  pool.idle = {1, 2};
  Tunnel tunnel{{"db", "shop"}, {}};
  tunnel.spec.kind = pool;
  tunnel.spec.targets = {{{"10.0.0.7", 5432}}, {{"::1", 80}}};
  tunnel.spec.balance = Balance::kPrimaryBackup;
  tunnel.spec.listen = ListenSpec{"127.0.0.1", 15432, {Protocol::kUdp}};
  tunnel.spec.access.block = {BlockedProtocol::kSocks, BlockedProtocol::kTls};
  tunnel.spec.limits = {3, 4, std::chrono::seconds(5)};
  tunnel.spec.proxy_protocol = ProxyProtocol::kV2;
  tunnel.spec.dial = {"10.0.0.1", std::chrono::seconds(6)};
  tunnel.spec.group = "data";
  return tunnel;
}

std::string OnlyError(std::string_view text) {
  const ReadOutcome outcome = ReadObjects(text, "db.yaml");
  EXPECT_TRUE(outcome.objects.empty());
  EXPECT_EQ(outcome.errors.size(), 1U);
  return outcome.errors.empty() ? "" : outcome.errors.front().context;
}

TEST(DocumentTest, ReadsEveryField) {
  const ReadOutcome outcome = ReadObjects(kFull, "db.yaml");
  ASSERT_TRUE(outcome.errors.empty()) << outcome.errors.front().context;
  ASSERT_EQ(outcome.objects.size(), 2U);
  const auto& secret = std::get<SecretObject>(outcome.objects[0]);
  EXPECT_EQ(secret.metadata, (ObjectName{"db-tunnel", "shop"}));
  EXPECT_EQ(secret.data.at("key").Reveal(), "secret");
  EXPECT_EQ(secret.data.at("both").Reveal(), "two");
  EXPECT_EQ(std::get<Tunnel>(outcome.objects[1]), FullTunnel());
}

TEST(DocumentTest, ReadsJson) {
  const ReadOutcome outcome = ReadObjects(
      R"({"apiVersion":"underpass.dev/v1alpha1","kind":"Tunnel","metadata":{"name":"j"},)"
      R"("spec":{"forward":{},"listen":{"port":1},"targets":[{"address":"a:2"}]}})",
      "j.json");
  ASSERT_TRUE(outcome.errors.empty()) << outcome.errors.front().context;
  EXPECT_EQ(std::get<Tunnel>(outcome.objects.at(0)).spec.listen->port, 1);
}

TEST(DocumentTest, NothingIsNoObject) {
  for (const char* text : {"", "\n", "---\n---\n", "# only a comment\n"}) {
    const ReadOutcome outcome = ReadObjects(text, "x");
    EXPECT_TRUE(outcome.objects.empty() && outcome.errors.empty()) << text;
  }
}

TEST(DocumentTest, PrintsWhatItReadsBack) {
  const std::uint32_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  SpecGenerator generator(seed, SpecForm::kTunnel);
  for (int i = 0; i < 500; ++i) {
    const Tunnel tunnel = generator.Make();
    const std::string printed = PrintTunnel(tunnel);
    const ReadOutcome outcome = ReadObjects(printed, "printed.yaml");
    ASSERT_TRUE(outcome.errors.empty()) << outcome.errors.front().context << "\n" << printed;
    ASSERT_EQ(std::get<Tunnel>(outcome.objects.at(0)), tunnel) << printed;
  }
}

TEST(DocumentTest, PrintLeavesDefaultsOut) {
  Tunnel tunnel{{"db", "default"}, {}};
  tunnel.spec.kind = PoolSpec{.address = {"", 10101}};
  tunnel.spec.listen = ListenSpec{.port = 80};
  EXPECT_EQ(
      PrintTunnel(tunnel),
      "apiVersion: underpass.dev/v1alpha1\nkind: Tunnel\nmetadata:\n  name: db\nspec:\n  pool:\n"
      "    role: Server\n    address: \":10101\"\n  listen:\n    port: 80\n");
}

TEST(DocumentTest, ErrorNamesSourceLineTunnelAndField) {
  std::string text(kFull);
  text.replace(text.find("15432"), 5, "0");
  EXPECT_EQ(OnlyError(text),
            "db.yaml:24: Tunnel shop/db: spec.listen.port: 0 is not allowed; 1..65535 is");
}

TEST(DocumentTest, ValidatorsErrorHasTheLineOfItsField) {
  std::string text(kFull);
  text.replace(text.find("min: 1,"), 7, "min: 3,");
  EXPECT_THAT(OnlyError(text),
              StartsWith("db.yaml:21: Tunnel shop/db: spec.pool.idle.min: 3 is more than max"));
}

TEST(DocumentTest, EveryErrorIsFoundInTheOrderOfTheText) {
  std::string text(kFull);
  text.replace(text.find("role: Server"), 12, "role: Peer");
  text.replace(text.find("balance: "), 9, "balanse: ");
  text.replace(text.find("data: {key: c2VjcmV0"), 20, "data: {key: '%%'");
  const ReadOutcome outcome = ReadObjects(text, "db.yaml");
  ASSERT_EQ(outcome.errors.size(), 3U);
  EXPECT_THAT(outcome.errors[0].context, HasSubstr("db.yaml:6: Secret shop/db-tunnel: data"));
  EXPECT_THAT(outcome.errors[1].context, HasSubstr("db.yaml:15: Tunnel shop/db: spec.pool.role"));
  EXPECT_THAT(outcome.errors[2].context, HasSubstr("did you mean balance?"));
  EXPECT_TRUE(outcome.objects.empty());
}

TEST(DocumentTest, SecretsValueIsInNoError) {
  const std::string error =
      OnlyError("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {key: 'hunter2!'}\n");
  EXPECT_THAT(error, HasSubstr("not base64"));
  EXPECT_EQ(error.find("hunter2"), std::string::npos);
}

TEST(DocumentTest, SameNameTwiceIsRefused) {
  const std::string one = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n";
  EXPECT_THAT(OnlyError(one + "---\n" + one), HasSubstr("metadata.name: is given twice"));
}

TEST(DocumentTest, TenMegabytesAreRefusedBeforeParsing) {
  const ReadOutcome outcome = ReadObjects(std::string(10U << 20U, '['), "big.yaml");
  ASSERT_EQ(outcome.errors.size(), 1U);
  EXPECT_EQ(outcome.errors[0].code, ErrorCode::kTooLarge);
  EXPECT_EQ(outcome.errors[0].context,
            "big.yaml:1: the document has 10485760 bytes; at most 1048576 are allowed");
}

struct Refused {
  std::string text;
  std::string says;
};

void PrintTo(const Refused& refused, std::ostream* out) {
  *out << testing::PrintToString(refused.text.substr(0, 20)) << " of " << refused.text.size()
       << " bytes";
}

class NotYamlTest : public testing::TestWithParam<Refused> {};

TEST_P(NotYamlTest, IsOneErrorWithItsLine) {
  const std::string error = OnlyError(GetParam().text);
  EXPECT_THAT(error, StartsWith("db.yaml:"));
  EXPECT_THAT(error, HasSubstr(GetParam().says));
}

std::string Repeat(const std::string& text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

INSTANTIATE_TEST_SUITE_P(
    All, NotYamlTest,
    testing::Values(Refused{"a: [b\n", "not YAML"}, Refused{"a: b: c\n", "not YAML"},
                    Refused{", a\n", "cannot begin like this"},
                    Refused{"\n\nkind: &x Tunnel\n", "db.yaml:3: an anchor (&name) is not allowed"},
                    Refused{"a: &x 1\nb: *x\n", "anchor"},
                    Refused{"a: !!str x\n", "a tag (!name) is not allowed"},
                    Refused{"? [a]\n: b\n", "a key must be text"},
                    Refused{"just text\n", "a map is expected"},
                    Refused{"- a\n", "a map is expected"},
                    Refused{Repeat("[", 40) + Repeat("]", 40), "nested too deep; at most 32"},
                    Refused{Repeat("- ", 1 << 19), "nested too deep"},
                    Refused{Repeat("[", 1 << 20), ""}, Refused{Repeat("{a: ", 1 << 18), ""},
                    Refused{Repeat("? ", 1 << 19), ""}));

}  // namespace
}  // namespace underpass::v1alpha1
