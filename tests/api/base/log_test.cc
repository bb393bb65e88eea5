// SPDX-License-Identifier: Apache-2.0
#include "api/base/log.h"

#include <gtest/gtest.h>

namespace underpass {
namespace {

using std::string_literals::operator""s;

TEST(LogTest, LogfmtQuotesOnlyWhereNeeded) {
  EXPECT_EQ(FormatLogLine(LogFormat::kLogfmt, LogLevel::kWarn, "dial failed",
                          {{"tunnel", "db"}, {"count", 3}, {"error", "no route"}, {"peer", ""}}),
            "level=warn msg=\"dial failed\" tunnel=db count=3 error=\"no route\" peer=\"\"");
}

TEST(LogTest, JsonKeepsNumbers) {
  EXPECT_EQ(
      FormatLogLine(LogFormat::kJson, LogLevel::kInfo, "up", {{"count", 3}, {"peer", "a\"b"}}),
      R"({"level":"info","msg":"up","count":3,"peer":"a\"b"})");
}

TEST(LogTest, PeerCannotForgeALine) {
  for (const LogFormat format : {LogFormat::kLogfmt, LogFormat::kJson}) {
    const std::string line =
        FormatLogLine(format, LogLevel::kInfo, "x",
                      {{"peer", "a\nlevel=error msg=forged\r\x1b[2J\0\x7f\" key=1"s}});
    for (const char c : line) {
      EXPECT_GE(static_cast<unsigned char>(c), 0x20);
      EXPECT_NE(c, 0x7f);
    }
    EXPECT_NE(line.find("a\\nlevel=error"), std::string::npos) << line;
    EXPECT_NE(line.find("\\\" key=1"), std::string::npos) << line;
  }
}

TEST(LogTest, LevelNamesRoundTrip) {
  for (const LogLevel level : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn, LogLevel::kError,
                               LogLevel::kEvent, LogLevel::kNone}) {
    LogLevel parsed = LogLevel::kDebug;
    EXPECT_TRUE(ParseLogLevel(Name(level), parsed));
    EXPECT_EQ(parsed, level);
  }
  LogLevel untouched = LogLevel::kWarn;
  EXPECT_FALSE(ParseLogLevel("verbose", untouched));
  EXPECT_EQ(untouched, LogLevel::kWarn);
}

}  // namespace
}  // namespace underpass
