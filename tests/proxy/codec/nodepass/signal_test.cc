// SPDX-License-Identifier: Apache-2.0
#include "proxy/codec/nodepass/signal.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "proxy/codec/nodepass/line_code.h"

namespace underpass::nodepass {
namespace {

const Secret kKey("secret");

Signal Make(Action action, std::string remote = "", PoolId id = 0, std::uint32_t count = 0,
            std::string fingerprint = "") {
  Signal signal;
  signal.action = action;
  signal.remote = std::move(remote);
  signal.id = id;
  signal.count = count;
  signal.fingerprint = std::move(fingerprint);
  return signal;
}

std::string TextOf(const Signal& signal, Dialect dialect) {
  std::string line = EncodeSignal(signal, dialect, kKey);
  EXPECT_EQ(line.back(), '\n');
  line.pop_back();
  return DecodeLine(line, kKey).value_or("not base64");
}

Result<DecodedSignal> DecodeText(std::string_view text) {
  return DecodeSignal(EncodeLine(std::string(text), kKey), kKey);
}

std::optional<ErrorCode> ErrorOf(const Result<DecodedSignal>& result) {
  if (result.has_value()) return std::nullopt;
  return result.error().code;
}

TEST(PoolIdTest, FormatsAndParses) {
  EXPECT_EQ(FormatId(0), "00000000");
  EXPECT_EQ(FormatId(0x0a0b0c0d), "0a0b0c0d");
  EXPECT_EQ(ParseId("3c8ee57e"), 0x3c8ee57eu);
  EXPECT_EQ(ParseId("FFFFFFFF"), 0xffffffffu);
  for (const char* bad :
       {"", "0", "1234567", "123456789", "1234567g", "-1234567", "0x123456", " 1234567"})
    EXPECT_EQ(ParseId(bad), std::nullopt) << bad;
}

TEST(EncodeSignalTest, MatchesTheRecordedVectors) {
  EXPECT_EQ(EncodeSignal(Make(Action::kPing), Dialect::kJson, kKey), "CEcCEREdHAtBSEcEGgsEUBg=\n");
  EXPECT_EQ(EncodeSignal(Make(Action::kTcp, "127.0.0.1:40000", 0x3c8ee57e), Dialect::kJson, kKey),
            "CEcCEREdHAtBSEcAEBVBXkcGFggMBgBWSUdSQFJaQ0tTXFROR1VTQlVWX0cKFkdOUVYASgARRlIGUBg=\n");
  EXPECT_EQ(EncodeSignal(Make(Action::kPing), Dialect::kUrl, kKey), "HRVZUQw=\n");
  EXPECT_EQ(EncodeSignal(Make(Action::kPong), Dialect::kUrl, kKey), "HRVZUQo=\n");
}

TEST(EncodeSignalTest, WritesJsonMembersInOrder) {
  EXPECT_EQ(TextOf(Make(Action::kUdp, "[::1]:53", 1), Dialect::kJson),
            R"({"action":"udp","remote":"[::1]:53","id":"00000001"})");
  EXPECT_EQ(TextOf(Make(Action::kPong), Dialect::kJson), R"({"action":"pong"})");
  EXPECT_EQ(TextOf(Make(Action::kFlush), Dialect::kJson), R"({"action":"flush"})");
  EXPECT_EQ(TextOf(Make(Action::kVerify, "", 0xabcdef01, 0, "sha256:AA:BB"), Dialect::kJson),
            R"({"action":"verify","id":"abcdef01","fp":"sha256:AA:BB"})");
  EXPECT_EQ(TextOf(Make(Action::kVerify, "", 2), Dialect::kJson),
            R"({"action":"verify","id":"00000002"})");
  EXPECT_EQ(TextOf(Make(Action::kGrow, "", 0, 0x1f), Dialect::kJson),
            R"({"action":"grow","id":"1f"})");
  EXPECT_EQ(TextOf(Make(Action::kGoaway), Dialect::kJson), R"({"action":"goaway"})");
}

TEST(EncodeSignalTest, EscapesAsGoDoes) {
  EXPECT_EQ(TextOf(Make(Action::kTcp, "a\"\\<>&%\x7f\x01", 1), Dialect::kJson),
            "{\"action\":\"tcp\",\"remote\":\"a\\\"\\\\\\u003c\\u003e\\u0026%\x7f\\u0001\","
            "\"id\":\"00000001\"}");
}

TEST(EncodeSignalTest, WritesUrls) {
  EXPECT_EQ(TextOf(Make(Action::kTcp, "127.0.0.1:40000", 0x3c8ee57e), Dialect::kUrl),
            "np://127.0.0.1:40000/3c8ee57e#1");
  EXPECT_EQ(TextOf(Make(Action::kUdp, "[fe80::1%eth0]:80", 0x0a0b0c0d), Dialect::kUrl),
            "np://[fe80::1%25eth0]:80/0a0b0c0d#2");
  EXPECT_EQ(TextOf(Make(Action::kVerify, "10.0.0.1:5", 1, 0, "sha256:AA"), Dialect::kUrl),
            "np://10.0.0.1:5/00000001#v");
  EXPECT_EQ(TextOf(Make(Action::kFlush), Dialect::kUrl), "np:#f");
}

TEST(DecodeSignalTest, ReadsWhatItWrites) {
  const Signal both[] = {Make(Action::kTcp, "127.0.0.1:40000", 0x3c8ee57e),
                         Make(Action::kUdp, "[fe80::1%eth0]:80", 1), Make(Action::kPing),
                         Make(Action::kPong), Make(Action::kFlush)};
  const Signal json_only[] = {Make(Action::kVerify, "", 7, 0, "sha256:AA:BB"),
                              Make(Action::kGrow, "", 0, 65536), Make(Action::kGoaway)};
  const Signal url_only[] = {Make(Action::kVerify, "10.0.0.1:5", 7)};
  const auto expect_same = [](const Signal& signal, Dialect dialect) {
    std::string line = EncodeSignal(signal, dialect, kKey);
    line.pop_back();
    const auto decoded = DecodeSignal(line, kKey);
    ASSERT_TRUE(decoded.has_value()) << decoded.error().ToString();
    EXPECT_EQ(decoded->signal, signal);
    EXPECT_EQ(decoded->dialect, dialect);
  };
  for (const Signal& signal : both) expect_same(signal, Dialect::kJson);
  for (const Signal& signal : both) expect_same(signal, Dialect::kUrl);
  for (const Signal& signal : json_only) expect_same(signal, Dialect::kJson);
  for (const Signal& signal : url_only) expect_same(signal, Dialect::kUrl);
}

TEST(DecodeSignalTest, TakesAnyOrderAndUnknownMembers) {
  const auto decoded =
      DecodeText(R"({"x":[{}],"id":"0000000A","fp":null,"remote":"1.2.3.4:5","action":"tcp"})");
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->signal, Make(Action::kTcp, "1.2.3.4:5", 10));
}

TEST(DecodeSignalTest, RefusesWhatIsNotBase64) {
  for (const char* line :
       {"", "A", "AAA", "====", "AA=A", "A===", "AAAA=", "AA AAAAA", "AAA-", "AAA\n", "\nAAA",
        "CEcCEREdHAtBSEcEGgsEUBg", "CEcCEREdHAtBSEcEGgsEUBg=\r"})
    EXPECT_EQ(ErrorOf(DecodeSignal(line, kKey)), ErrorCode::kMalformedFrame) << line;
}

TEST(DecodeSignalTest, RefusesWhatIsNeitherJsonNorUrl) {
  for (const char* text : {"x", "[]", "{", "{}", "{\"action\":\"ping\"} x", "\"ping\"", "null",
                           "{\"action\":1}", "{\"action\":\"\"}", "{\"action\":\"\xff\"}",
                           "http:#i", "np:", "np", "np://1.2.3.4:5/00000001", "np:#", "ping"}) {
    const auto code = ErrorOf(DecodeText(text));
    const bool unknown_fragment = std::string_view(text) == "np:#";
    EXPECT_EQ(code, unknown_fragment ? ErrorCode::kUnsupported : ErrorCode::kMalformedFrame)
        << text;
  }
}

TEST(DecodeSignalTest, RefusesBadMembers) {
  const std::string long_remote(kMaxRemoteBytes + 1, '1');
  const std::string long_fingerprint(kMaxFingerprintBytes + 1, 'A');
  for (const std::string& text : {
           std::string(R"({"action":"tcp"})"),
           std::string(R"({"action":"tcp","id":"00000001"})"),
           std::string(R"({"action":"tcp","remote":"1.2.3.4:5"})"),
           std::string(R"({"action":"tcp","remote":"1.2.3.4:5","id":1})"),
           std::string(R"({"action":"tcp","remote":"1.2.3.4:5","id":"1"})"),
           std::string(R"({"action":"tcp","remote":5,"id":"00000001"})"),
           std::string(R"({"action":"udp","remote":"1.2.3.4:5\r\nX","id":"00000001"})"),
           std::string(R"({"action":"udp","remote":"1.2.3.4 5","id":"00000001"})"),
           std::string(R"({"action":"udp","remote":"1.2.3.4/5","id":"00000001"})"),
           R"({"action":"tcp","remote":")" + long_remote + R"(","id":"00000001"})",
           std::string(R"({"action":"verify","fp":"sha256:AA"})"),
           std::string(R"({"action":"verify","id":"00000001","fp":7})"),
           std::string(R"({"action":"verify","id":"00000001","fp":"a\nb"})"),
           R"({"action":"verify","id":"00000001","fp":")" + long_fingerprint + R"("})",
           std::string(R"({"action":"grow"})"),
           std::string(R"({"action":"grow","id":"0"})"),
           std::string(R"({"action":"grow","id":"10001"})"),
           std::string(R"({"action":"grow","id":"fffffffff"})"),
           std::string(R"({"action":"grow","id":"-1"})"),
           std::string("np:#1"),
           std::string("np:x#i"),
           std::string("np://1.2.3.4:5#1"),
           std::string("np:///00000001#1"),
           std::string("np://1.2.3.4:5/0001#1"),
           std::string("np://1.2.3.4:5/00000001/#2"),
           std::string("np://1.2.3.4:5/00000001?x#2"),
           std::string("np://a?b/00000001#2"),
           std::string("np://1.2.3.4:5\n/00000001#v"),
           "np://" + long_remote + "/00000001#1",
       })
    EXPECT_EQ(ErrorOf(DecodeText(text)), ErrorCode::kMalformedFrame) << text;
}

TEST(DecodeSignalTest, NamesAnUnknownActionAsUnsupported) {
  EXPECT_EQ(ErrorOf(DecodeText(R"({"action":"dance"})")), ErrorCode::kUnsupported);
  EXPECT_EQ(ErrorOf(DecodeText("np:#x")), ErrorCode::kUnsupported);
  EXPECT_EQ(ErrorOf(DecodeText("np://1.2.3.4:5/00000001#11")), ErrorCode::kUnsupported);
}

TEST(DecodeSignalTest, NamesAnOldPeer) {
  EXPECT_EQ(ErrorOf(DecodeText("//3c8ee57e#1")), ErrorCode::kPeerTooOld);
  EXPECT_EQ(ErrorOf(DecodeText("#i")), ErrorCode::kPeerTooOld);
}

TEST(DecodeSignalTest, RefusesALineOverTheLimit) {
  const std::string longest(defaults::kMaxSignalLineBytes, 'A');
  EXPECT_EQ(ErrorOf(DecodeSignal(longest, kKey)), ErrorCode::kMalformedFrame);
  EXPECT_EQ(ErrorOf(DecodeSignal(longest + "A", kKey)), ErrorCode::kTooLarge);
}

TEST(DecodeSignalTest, FailsUnderAnotherKeyWithoutShowingTheText) {
  std::string line = EncodeSignal(Make(Action::kTcp, "203.0.113.77:5", 1), Dialect::kJson, kKey);
  line.pop_back();
  EXPECT_EQ(ErrorOf(DecodeSignal(line, Secret("other"))), ErrorCode::kMalformedFrame);
  const auto bad = DecodeText(R"({"action":"tcp","remote":"203.0.113.77 5","id":"00000001"})");
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().ToString().find("203.0.113"), std::string::npos);
}

TEST(DecodeSignalTest, IsIncompleteAsAnyPrefixOfALine) {
  std::string line = EncodeSignal(Make(Action::kTcp, "1.2.3.4:5", 1), Dialect::kJson, kKey);
  line.pop_back();
  for (std::size_t size = 0; size < line.size(); ++size)
    EXPECT_EQ(ErrorOf(DecodeSignal(line.substr(0, size), kKey)), ErrorCode::kMalformedFrame)
        << size;
}

}  // namespace
}  // namespace underpass::nodepass
