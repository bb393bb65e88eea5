// SPDX-License-Identifier: Apache-2.0
#include "api/config/proxy_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/api/v1alpha1/spec_generator.h"

namespace underpass::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::string_view kRendered = R"(format: 1
revision: 7
tunnels:
  - name: db
    namespace: shop
    pool: {role: Server, address: "0.0.0.0:10101", keyFile: material/db-tunnel/key}
    listen: {port: 15432, protocols: [TCP]}
)";

std::string With(std::string_view old_text, std::string_view new_text) {
  std::string text(kRendered);
  return text.replace(text.find(old_text), old_text.size(), new_text);
}

std::vector<std::string> Errors(std::string_view text) {
  const ParseOutcome outcome = ParseProxyConfig(text, "proxy.yaml");
  EXPECT_TRUE(outcome.errors.empty() || outcome.config.tunnels.empty());
  std::vector<std::string> texts;
  for (const Error& error : outcome.errors) texts.push_back(error.context);
  return texts;
}

TEST(ProxyConfigTest, ReadsARenderedOne) {
  const ParseOutcome outcome = ParseProxyConfig(kRendered, "proxy.yaml");
  ASSERT_THAT(Errors(kRendered), IsEmpty());
  EXPECT_THAT(outcome.warnings, IsEmpty());
  EXPECT_EQ(outcome.config.revision, 7U);
  ASSERT_EQ(outcome.config.tunnels.size(), 1U);
  const v1alpha1::Tunnel& tunnel = outcome.config.tunnels[0];
  EXPECT_EQ(tunnel.metadata, (v1alpha1::ObjectName{"db", "shop"}));
  EXPECT_EQ(std::get<v1alpha1::PoolSpec>(tunnel.spec.kind).key.file, "material/db-tunnel/key");
  EXPECT_EQ(tunnel.spec.listen->port, 15432);
}

TEST(ProxyConfigTest, APersonsOneHasNoRevision) {
  const ParseOutcome outcome = ParseProxyConfig("format: 1\ntunnels: []\n", "proxy.yaml");
  EXPECT_THAT(outcome.errors, IsEmpty());
  EXPECT_FALSE(outcome.config.revision.has_value());
}

TEST(ProxyConfigTest, PrintsWhatItReadsBack) {
  const std::uint32_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  v1alpha1::SpecGenerator generator(seed, v1alpha1::SpecForm::kProxyConfig);
  for (int i = 0; i < 200; ++i) {
    ProxyConfig config;
    if (i % 2 == 0) config.revision = static_cast<std::uint64_t>(i);
    for (int k = 0; k < i % 4; ++k) config.tunnels.push_back(generator.Make());
    const std::string printed = PrintProxyConfig(config, true);
    const ParseOutcome outcome = ParseProxyConfig(printed, "printed.yaml");
    ASSERT_THAT(outcome.errors, IsEmpty()) << outcome.errors.front().context << "\n" << printed;
    ASSERT_EQ(outcome.config.revision, config.revision);
    ASSERT_EQ(outcome.config.tunnels, config.tunnels) << printed;
  }
}

TEST(ProxyConfigTest, HidesKeysUnlessToldTo) {
  ProxyConfig config;
  v1alpha1::PoolSpec pool{.address = {"", 10101}};
  pool.key.value = Secret("hunter2");
  config.tunnels.push_back(
      {{"db", "default"}, {.kind = pool, .listen = v1alpha1::ListenSpec{.port = 1}}});
  EXPECT_THAT(PrintProxyConfig(config, false), HasSubstr("key: \"<redacted>\""));
  EXPECT_EQ(PrintProxyConfig(config, false).find("hunter2"), std::string::npos);
  EXPECT_THAT(PrintProxyConfig(config, true), HasSubstr("key: hunter2"));
}

TEST(ProxyConfigTest, ErrorsNameTheTunnelByItsPlace) {
  EXPECT_THAT(
      Errors(With(":10101", ":0")),
      ElementsAre("proxy.yaml:6: tunnels[0].pool.address: port 0 is not allowed; 1..65535 are"));
  EXPECT_THAT(Errors(With("port: 15432", "port: 10101")),
              ElementsAre(StartsWith(
                  "proxy.yaml:7: tunnels[0].listen.port: 10101 is the tunnel's own port")));
}

TEST(ProxyConfigTest, OnlyAPersonsUnknownKeyIsAnError) {
  const std::string newer = With("listen:", "colour: blue\n    listen:");
  const ParseOutcome rendered = ParseProxyConfig(newer, "proxy.yaml");
  EXPECT_THAT(rendered.errors, IsEmpty());
  EXPECT_THAT(rendered.warnings,
              ElementsAre(StartsWith("proxy.yaml:7: tunnels[0].colour: unknown key; allowed:")));

  std::string person = newer;
  person.erase(person.find("revision: 7\n"), 12);
  EXPECT_THAT(
      Errors(person),
      ElementsAre(StartsWith("proxy.yaml:6: tunnels[0].colour: unknown key; allowed: access")));
}

TEST(ProxyConfigTest, RenderedTunnelOfAnUnknownKindIsLeftOut) {
  const ParseOutcome outcome =
      ParseProxyConfig(std::string(kRendered) + "  - {name: new, mapping: {}}\n", "proxy.yaml");
  EXPECT_THAT(outcome.errors, IsEmpty());
  EXPECT_EQ(outcome.config.tunnels.size(), 1U);
  EXPECT_THAT(outcome.warnings,
              ElementsAre(HasSubstr("tunnels[1]: no kind that this version knows")));
  EXPECT_THAT(Errors("format: 1\ntunnels: [{name: new, mapping: {}}]\n"), testing::SizeIs(2));
}

TEST(ProxyConfigTest, WarnsOfWhatAPersonShouldKnow) {
  const ParseOutcome outcome =
      ParseProxyConfig(With(", keyFile: material/db-tunnel/key", ""), "proxy.yaml");
  EXPECT_THAT(outcome.warnings, ElementsAre(HasSubstr("tunnels[0].pool: no key is set")));
}

TEST(ProxyConfigTest, OneBadTunnelDoesNotHideTheNextOnesErrors) {
  const std::string text =
      With("Server", "Peer") + "  - name: b\n    pool: {role: Server, address: ':1'}\n";
  EXPECT_THAT(Errors(text),
              ElementsAre(HasSubstr("tunnels[0].pool.role"), HasSubstr("tunnels[1].targets")));
}

struct Refused {
  std::string text;
  std::string says;
};

void PrintTo(const Refused& refused, std::ostream* out) {
  *out << testing::PrintToString(refused.says);
}

class BadProxyConfigTest : public testing::TestWithParam<Refused> {};

TEST_P(BadProxyConfigTest, IsRefusedByNameOfTheField) {
  EXPECT_THAT(Errors(GetParam().text), testing::Contains(HasSubstr(GetParam().says)));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadProxyConfigTest,
    testing::Values(
        Refused{"", "proxy.yaml:1: 0 documents are not allowed; exactly one is"},
        Refused{"format: 1\ntunnels: []\n---\nformat: 1\n", "2 documents are not allowed"},
        Refused{"[]", "a map is expected"}, Refused{"tunnels: []\n", "format: is needed; 1"},
        Refused{"format: 1\n", "tunnels: is needed"},
        Refused{With("format: 1", "format: 2"), "format: 2 is not allowed; 1..1 is"},
        Refused{With("format: 1", "format: \"1\""), "format: \"1\" is text"},
        Refused{With("revision: 7", "revision: -1"), "revision: -1 is not allowed"},
        Refused{With("tunnels:", "tunnels: {}\nx:"),
                "tunnels: a map is not allowed; a list is expected"},
        Refused{With("name: db", "nam: db"), "tunnels[0].name: is needed"},
        Refused{With("name: db", "name: Db"), "tunnels[0].name: \"Db\" is not allowed"},
        Refused{With("revision: 7\n", "revision: 7\nrevision: 8\n"),
                "revision: the key is given twice"},
        Refused{With("keyFile: material/db-tunnel/key", "keyFile: a, key: b"),
                "tunnels[0].pool.key: a second key"},
        Refused{With("keyFile: material/db-tunnel/key", "keyFile: \"\""),
                "tunnels[0].pool.keyFile: must not be empty"},
        Refused{With("keyFile: material/db-tunnel/key", "key: 1234"),
                "1234 is not text; put it in quotes"},
        Refused{With("keyFile:", "tls: {mode: Certificate, certFile: a}, keyFile:"),
                "needs secretName, or certFile and keyFile"},
        Refused{std::string(kRendered) + "  - {name: db, namespace: shop, forward: {}, listen: "
                                         "{port: 1}, targets: [{address: 'a:1'}]}\n",
                "tunnels[1].name: \"db\" is given twice"}));

TEST(ProxyConfigTest, TenMegabytesAreRefusedBeforeParsing) {
  const ParseOutcome outcome = ParseProxyConfig(std::string(10U << 20U, '['), "big.yaml");
  ASSERT_EQ(outcome.errors.size(), 1U);
  EXPECT_EQ(outcome.errors[0].code, ErrorCode::kTooLarge);
  EXPECT_THAT(outcome.errors[0].context, HasSubstr("10485760 bytes; at most 1048576"));
}

}  // namespace
}  // namespace underpass::config
