// SPDX-License-Identifier: Apache-2.0
#include "proxy/codec/nodepass/preface.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "proxy/codec/nodepass/hex.h"

namespace underpass::nodepass {
namespace {

const Secret kKey("secret");

SessionId CountingSession() {
  SessionId session{};
  for (std::size_t i = 0; i < session.size(); ++i) session[i] = static_cast<std::byte>(i);
  return session;
}

TEST(PrefaceTest, HasTheDocumentedBytes) {
  // The proof is the beginning of: printf ... | openssl dgst -sha256 -hmac secret
  const Preface preface = EncodePreface(CountingSession(), 0x0102030405060708, kKey);
  EXPECT_EQ(HexOfBytes(preface),
            "55505031"
            "000102030405060708090a0b0c0d0e0f"
            "0102030405060708"
            "e8ebe06caf97c0e211b6416f9417fd05");
}

TEST(PrefaceTest, ReadsWhatItWrites) {
  const std::uint64_t counters[] = {0, 1, 255, 256, std::numeric_limits<std::uint64_t>::max()};
  for (const std::uint64_t counter : counters) {
    const auto decoded = DecodePreface(EncodePreface(CountingSession(), counter, kKey), kKey);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->session, CountingSession());
    EXPECT_EQ(decoded->counter, counter);
  }
}

TEST(PrefaceTest, RefusesAChangeOfAnyByte) {
  for (std::size_t i = 0; i < kPrefaceBytes; ++i) {
    Preface preface = EncodePreface(CountingSession(), 7, kKey);
    preface[i] ^= std::byte{1};
    const auto decoded = DecodePreface(preface, kKey);
    ASSERT_FALSE(decoded.has_value()) << i;
    EXPECT_EQ(decoded.error().code, i < 4 ? ErrorCode::kMalformedFrame : ErrorCode::kAuthFailed)
        << i;
  }
}

TEST(PrefaceTest, RefusesAnotherKey) {
  const auto decoded = DecodePreface(EncodePreface(CountingSession(), 7, kKey), Secret("other"));
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code, ErrorCode::kAuthFailed);
}

TEST(ReplayWindowTest, AcceptsEachCounterOnce) {
  ReplayWindow window;
  for (std::uint64_t counter = 0; counter < 20000; ++counter) {
    EXPECT_TRUE(window.Accept(counter)) << counter;
    EXPECT_FALSE(window.Accept(counter)) << counter;
  }
}

TEST(ReplayWindowTest, AcceptsAnyOrderWithinTheWindow) {
  ReplayWindow window;
  for (std::uint64_t counter = 30000; counter > 30000 - 8192; --counter)
    EXPECT_TRUE(window.Accept(counter)) << counter;
  for (std::uint64_t counter = 30000; counter > 30000 - 8192; --counter)
    EXPECT_FALSE(window.Accept(counter)) << counter;
}

TEST(ReplayWindowTest, EndsTheWindowAtItsEdge) {
  ReplayWindow window;
  EXPECT_TRUE(window.Accept(10000));
  EXPECT_FALSE(window.Accept(10000 - 8192));
  EXPECT_TRUE(window.Accept(10000 - 8191));
  EXPECT_TRUE(window.Accept(10001));
  EXPECT_FALSE(window.Accept(10000 - 8191));
}

TEST(ReplayWindowTest, KnowsWhichOfTheSkippedCountersAreNew) {
  ReplayWindow window;
  EXPECT_TRUE(window.Accept(5));
  EXPECT_TRUE(window.Accept(5 + 8191));  // 6 .. 8195 were skipped; 5 is the last of the window
  EXPECT_FALSE(window.Accept(5));
  EXPECT_TRUE(window.Accept(6));
  EXPECT_TRUE(window.Accept(8195));
  EXPECT_TRUE(window.Accept(5 + 8192));  // shares its place with 5
  EXPECT_FALSE(window.Accept(5 + 8192));
  EXPECT_FALSE(window.Accept(6));
}

TEST(ReplayWindowTest, ForgetsAllAfterAJumpOverTheWindow) {
  ReplayWindow window;
  EXPECT_TRUE(window.Accept(1));
  EXPECT_TRUE(window.Accept(1 + 8192));
  EXPECT_FALSE(window.Accept(1));
  EXPECT_TRUE(window.Accept(2));
  const std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
  EXPECT_TRUE(window.Accept(last));
  EXPECT_FALSE(window.Accept(last));
  EXPECT_FALSE(window.Accept(1 + 8192));
  EXPECT_FALSE(window.Accept(0));
  EXPECT_TRUE(window.Accept(last - 8191));
  EXPECT_FALSE(window.Accept(last - 8192));
}

TEST(ReplayWindowTest, TakesAnyFirstCounter) {
  ReplayWindow zero;
  EXPECT_TRUE(zero.Accept(0));
  EXPECT_FALSE(zero.Accept(0));
  ReplayWindow high;
  EXPECT_TRUE(high.Accept(std::numeric_limits<std::uint64_t>::max()));
}

}  // namespace
}  // namespace underpass::nodepass
