// SPDX-License-Identifier: Apache-2.0
#include "api/import/nodepass_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace underpass::import {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using v1alpha1::PoolSpec;
using v1alpha1::Protocol;

ImportedTunnel Import(std::string_view url) {
  Result<ImportedTunnel> imported = ParseNodePassUrl(url);
  EXPECT_TRUE(imported.has_value()) << imported.error().ToString();
  return imported.has_value() ? *std::move(imported) : ImportedTunnel{};
}

PoolSpec Pool(std::string_view url) { return std::get<PoolSpec>(Import(url).tunnel.spec.kind); }

TEST(NodePassUrlTest, ServerWithEveryParameter) {
  const ImportedTunnel imported = Import(
      "server://k%40y@0.0.0.0:10101/"
      "db:5432,[::1]:80?log=debug&tls=2&crt=a.crt&key=b.key&dns=90s&max=32&mode=2&type=2"
      "&dial=10.0.0.1&read=1500ms&rate=5&slot=0&proxy=1&block=31&noudp=1&lbs=2");
  PoolSpec pool;
  pool.address = {"0.0.0.0", 10101};
  pool.transport = v1alpha1::TransportKind::kWebSocket;
  pool.flow = v1alpha1::Flow::kForward;
  pool.key.value = Secret("k@y");
  pool.tls.mode = v1alpha1::TlsMode::kCertificate;
  pool.tls.cert_file = "a.crt";
  pool.tls.key_file = "b.key";
  pool.idle = {32, 32};
  v1alpha1::Tunnel tunnel{{"server-10101", "default"}, {}};
  tunnel.spec.kind = pool;
  tunnel.spec.targets = {{{"db", 5432}}, {{"::1", 80}}};
  tunnel.spec.listen = v1alpha1::ListenSpec{"db", 5432, {Protocol::kTcp}};
  tunnel.spec.balance = v1alpha1::Balance::kPrimaryBackup;
  tunnel.spec.access.block = {v1alpha1::BlockedProtocol::kSocks, v1alpha1::BlockedProtocol::kTls};
  tunnel.spec.limits = {5, 0, std::chrono::seconds(2)};
  tunnel.spec.dial = {"10.0.0.1", std::chrono::seconds(90)};
  tunnel.spec.proxy_protocol = v1alpha1::ProxyProtocol::kV1;
  EXPECT_EQ(imported.tunnel, tunnel);
  EXPECT_EQ(imported.log_level, LogLevel::kDebug);
  EXPECT_THAT(imported.warnings, IsEmpty());
}

TEST(NodePassUrlTest, DefaultsAreNodePasss) {
  const ImportedTunnel imported = Import("server://:10101/:8080");
  PoolSpec pool;
  pool.address = {"", 10101};
  pool.flow = v1alpha1::Flow::kAuto;
  v1alpha1::TunnelSpec spec;
  spec.kind = pool;
  spec.targets = {{{"", 8080}}};
  spec.listen = v1alpha1::ListenSpec{.port = 8080};
  EXPECT_EQ(imported.tunnel.spec, spec);
  EXPECT_EQ(spec.limits.connections, 65536);
  EXPECT_EQ(spec.dial.dns_cache, std::chrono::minutes(5));
  EXPECT_THAT(imported.unsupported, IsEmpty());
}

TEST(NodePassUrlTest, EmptyValueIsTheDefault) {
  EXPECT_EQ(Import("server://:10101/:8080?log=&tls=&dns=&max=&mode=&rate=&dial=").tunnel,
            Import("server://:10101/:8080").tunnel);
}

TEST(NodePassUrlTest, ClientModes) {
  EXPECT_EQ(Pool("client://s:10101/:80").flow, v1alpha1::Flow::kAuto);
  EXPECT_EQ(Pool("client://s:10101/:80?mode=2&min=7&sni=a.b").flow, v1alpha1::Flow::kForward);
  EXPECT_EQ(Pool("client://s:10101/:80?mode=2&min=7&sni=a.b").idle, (v1alpha1::IdleSpec{7, 1024}));
  EXPECT_EQ(Pool("client://s:10101/:80?mode=2&min=7&sni=a.b").tls.server_name, "a.b");
  EXPECT_EQ(Pool("client://:10101/:80?mode=2").address.host, "localhost");
  const v1alpha1::TunnelSpec forward =
      Import("client://127.0.0.1:1080/a:80,b:81?mode=1").tunnel.spec;
  EXPECT_TRUE(std::holds_alternative<v1alpha1::ForwardSpec>(forward.kind));
  EXPECT_EQ(forward.listen->ToHostPort(), (HostPort{"127.0.0.1", 1080}));
  EXPECT_EQ(forward.targets.size(), 2U);
}

TEST(NodePassUrlTest, ServerModes) {
  EXPECT_EQ(Pool("server://:1/:2?mode=0").flow, v1alpha1::Flow::kAuto);
  EXPECT_EQ(Pool("server://:1/:2?mode=1").flow, v1alpha1::Flow::kReverse);
  EXPECT_EQ(Pool("server://:1/:2?mode=2").flow, v1alpha1::Flow::kForward);
}

TEST(NodePassUrlTest, CarriersThatNeedTlsBringIt) {
  EXPECT_EQ(Pool("server://:1/:2?type=1").tls.mode, v1alpha1::TlsMode::kSelfSigned);
  EXPECT_EQ(Pool("server://:1/:2?type=3").tls.mode, v1alpha1::TlsMode::kSelfSigned);
  EXPECT_EQ(Pool("server://:1/:2?type=2").tls.mode, v1alpha1::TlsMode::kDisabled);
  EXPECT_EQ(Pool("server://:1/:2?quic=1").transport, v1alpha1::TransportKind::kQuic);
  EXPECT_THAT(Import("server://:1/:2?quic=1").warnings,
              Contains(StartsWith("?quic=1: read as type=1")));
}

TEST(NodePassUrlTest, FirstOfARepeatedParameterCounts) {
  EXPECT_EQ(Pool("client://s:1/:2?min=5&min=6").idle.min, 5);
}

TEST(NodePassUrlTest, MinAndMaxOfZeroAreTheDefaults) {
  EXPECT_EQ(Pool("server://:1/:2?max=0").idle, v1alpha1::IdleSpec{});
  EXPECT_EQ(Pool("client://s:1/:2?min=0").idle, v1alpha1::IdleSpec{});
}

TEST(NodePassUrlTest, UnknownAndInapplicableParametersAreOneWarning) {
  EXPECT_THAT(Import("client://key@s:1/:2?tls=1&max=9&foo=bar&noudp=1&type=7").warnings,
              ElementsAre("ignored parameters: foo, max, tls, type; not of a client URL"));
  EXPECT_THAT(Import("server://key@:1/:2?sni=a&min=3&crt=a&noudp=1").warnings,
              ElementsAre("ignored parameters: crt, min, sni; not of a server URL"));
  EXPECT_THAT(Import("client://:1/:2?mode=1&min=3&sni=a&noudp=1").warnings,
              ElementsAre("ignored parameters: min, sni; not of a client URL with mode=1"));
}

TEST(NodePassUrlTest, WarnsOfDerivedKeyAndUdp) {
  EXPECT_THAT(
      Import("server://:10101/:2").warnings,
      ElementsAre("tunnel key: no key is set; the one derived from port 10101 protects nothing",
                  "?noudp=: UDP is off; this version carries TCP only"));
}

struct Case {
  std::string url;
  std::string says;
};

void PrintTo(const Case& value, std::ostream* out) {
  *out << '"' << value.url.substr(0, 80) << '"';
}

class UnsupportedUrlTest : public testing::TestWithParam<Case> {};

TEST_P(UnsupportedUrlTest, ParsesAndNamesItsParameter) {
  const ImportedTunnel imported = Import(GetParam().url);
  ASSERT_EQ(imported.unsupported.size(), 1U);
  EXPECT_EQ(imported.unsupported[0].code, ErrorCode::kUnsupported);
  EXPECT_THAT(imported.unsupported[0].context, StartsWith(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    All, UnsupportedUrlTest,
    testing::Values(
        Case{"server://:1/:2?tls=1", "?tls=1: "},
        Case{"server://:1/:2?tls=2&crt=a&key=b", "?tls=2: "},
        Case{"server://:1/:2?tls=2", "?tls=2: "}, Case{"server://:1/:2?type=1", "?type=1: "},
        Case{"server://:1/:2?type=2", "?type=2: "}, Case{"server://:1/:2?type=3", "?type=3: "},
        Case{"server://:1/:2?quic=1", "?quic=1: "}, Case{"client://s:1/:2?rate=7", "?rate=7: "},
        Case{"client://s:1/:2?proxy=2", "?proxy=2: "},
        Case{"client://s:1/:2?block=12", "?block=12: "},
        Case{"client://s:1/:2?notcp=1", "?notcp=1: "}, Case{"client://s:1/:2?lbs=1", "?lbs=1: "},
        Case{"client://s:1/:2?dial=10.0.0.1", "?dial=10.0.0.1: "}));

class BadUrlTest : public testing::TestWithParam<Case> {};

TEST_P(BadUrlTest, IsRefusedByNameOfItsPart) {
  const Result<ImportedTunnel> imported = ParseNodePassUrl(GetParam().url);
  ASSERT_FALSE(imported.has_value());
  EXPECT_EQ(imported.error().code, ErrorCode::kInvalidConfig);
  EXPECT_THAT(imported.error().context, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Parts, BadUrlTest,
    testing::Values(
        Case{"", "scheme: missing"},
        Case{"0.0.0.0:10101/:80", "scheme: missing; server://, client:// and master://"},
        Case{"http://:1/:2", "scheme \"http\": unknown; server, client and master are allowed"},
        Case{"Server://:1/:2", "scheme \"Server\": unknown"},
        Case{"server://", "tunnel address: \"\" has no port"},
        Case{"server:///:2", "tunnel address: "},
        Case{"server://host/:2", "tunnel address: \"host\" has no port; write host:port"},
        Case{"server://:0/:2", "tunnel address: port 0 is not allowed; 1..65535 are"},
        Case{"server://:65536/:2", "tunnel address: port 65536 is not allowed; 1..65535 are"},
        Case{"server://a:1,b:1/:2", "tunnel address: a list is not allowed"},
        Case{"server://:1", "target address: missing"},
        Case{"server://:1/", "target address: missing"},
        Case{"server://:1/,", "target address: missing"},
        Case{"server://:1/a:2,b:0", "target address: port 0 is not allowed; 1..65535 are"},
        Case{"server://:1/a:65536", "target address: port 65536 is not allowed; 1..65535 are"},
        Case{"server://:1/::1:80", "target address: \"::1:80\" has several colons"},
        Case{"server://0.0.0.0:10101/127.0.0.1:10101",
             "target address: 127.0.0.1:10101 is the tunnel's own port"},
        Case{"server://10.1.0.1:10101/localhost:10101", "own port"},
        Case{"client://:10101/:10101", "own port"},
        Case{"client://127.0.0.1:80/:80?mode=1", "target address: :80 is the listen address"},
        Case{"server://%zz@:1/:2", "tunnel key: a '%' must be followed by two hex digits"},
        Case{"server://%ff@:1/:2", "tunnel key: not UTF-8"},
        Case{"server://:1/:2?crt=%4", "?crt=: a '%'"},
        Case{"server://a b@:1/:2", "blanks and control characters are not allowed"}));

INSTANTIATE_TEST_SUITE_P(
    Values, BadUrlTest,
    testing::Values(
        Case{"client://s:1/:2?min=20&max=10",
             "?min=20: more than max; at most max, which is 10, is allowed"},
        Case{"server://:1/:2?min=20&max=10", "?min=20: more than max"},
        Case{"client://s:1/:2?min=-1", "?min=-1: not allowed; a whole number of 0..2147483647 is"},
        Case{"client://s:1/:2?min=70000", "?min=70000: 70000 is not allowed; 1..65536 are"},
        Case{"server://:1/:2?max=many", "?max=many: not allowed; a whole number"},
        Case{"server://:1/:2?rate=1.5", "?rate=1.5: not allowed"},
        Case{"server://:1/:2?slot=3000000000", "?slot="},
        Case{"server://:1/:2?mode=3", "?mode=3: not allowed; 0, 1, 2 are"},
        Case{"server://:1/:2?type=4", "?type=4: not allowed; 0, 1, 2, 3 are"},
        Case{"server://:1/:2?tls=on", "?tls=on: not allowed; 0, 1, 2 are"},
        Case{"server://:1/:2?proxy=3", "?proxy=3: not allowed; 0, 1, 2 are"},
        Case{"server://:1/:2?block=14",
             "?block=14: not allowed; 0, or any of the digits 1 (SOCKS)"},
        Case{"server://:1/:2?notcp=yes", "?notcp=yes: not allowed; 0, 1 are"},
        Case{"server://:1/:2?noudp=2", "?noudp=2: not allowed; 0, 1 are"},
        Case{"server://:1/:2?notcp=1&noudp=1", "?notcp=1: not allowed with noudp=1"},
        Case{"server://:1/:2?lbs=3", "?lbs=3: not allowed; 0, 1, 2 are"},
        Case{"server://:1/:2?log=loud",
             "?log=loud: not allowed; none, debug, info, warn, error, event are"},
        Case{"server://:1/:2?dns=5", "?dns=5: not a duration; one such as 500ms"},
        Case{"server://:1/:2?read=-5s", "?read=-5s: not a duration"},
        Case{"server://:1/:2?read=9000h", "?read=9000h: 32400000 is not allowed; 0..31536000 are"},
        Case{"server://:1/:2?dial=eth0", "?dial=eth0: not allowed; auto or an IP address is"},
        Case{"client://s:1/:2?sni=a%20b", "?sni=a b: \"a b\" is not allowed; a host name is"}));

TEST(NodePassUrlTest, MasterIsUnsupported) {
  const Result<ImportedTunnel> imported = ParseNodePassUrl("master://:9090/api?log=info");
  ASSERT_FALSE(imported.has_value());
  EXPECT_EQ(imported.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(imported.error().context, HasSubstr("scheme master"));
}

TEST(NodePassUrlTest, OverlongIsTooLarge) {
  const Result<ImportedTunnel> imported =
      ParseNodePassUrl("server://:1/:2?x=" + std::string(8192, 'x'));
  ASSERT_FALSE(imported.has_value());
  EXPECT_EQ(imported.error().code, ErrorCode::kTooLarge);
}

TEST(NodePassUrlTest, NoErrorOrWarningShowsTheKey) {
  for (const char* url :
       {"server://hunter2@:0/:2", "server://hunter2:x@:1/:2", "server://hunter2@:1/:1"}) {
    const Result<ImportedTunnel> imported = ParseNodePassUrl(url);
    std::string text = imported.has_value() ? "" : imported.error().ToString();
    if (imported.has_value()) text = testing::PrintToString(imported->warnings);
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
  }
}

TEST(GoDurationTest, ReadsWhatGoDoes) {
  using std::chrono::nanoseconds;
  const std::vector<std::pair<std::string_view, std::int64_t>> cases = {
      {"0", 0},
      {"0s", 0},
      {"1ns", 1},
      {"2us", 2000},
      {"500ms", 500'000'000},
      {"30s", 30'000'000'000},
      {"5m", 300'000'000'000},
      {"1h30m", 5'400'000'000'000},
      {"1.5h", 5'400'000'000'000},
      {".5s", 500'000'000},
      {"1.s", 1'000'000'000},
      {"1m0.5s", 60'500'000'000}};
  for (const auto& [text, expected] : cases) {
    const Result<nanoseconds> parsed = ParseGoDuration(text);
    ASSERT_TRUE(parsed.has_value()) << text;
    EXPECT_EQ(parsed->count(), expected) << text;
  }
}

TEST(GoDurationTest, RefusesTheRest) {
  for (const char* text : {"", "5", "s", ".s", "-5s", "5 s", "5d", "5S", "1h30", "1e3s",
                           "99999999999999999999s", "9999999h", "2562047h47m16.9s"}) {
    EXPECT_FALSE(ParseGoDuration(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace underpass::import
