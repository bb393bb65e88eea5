// SPDX-License-Identifier: Apache-2.0
// docs/configuration.md lists every constant of api/base/defaults.h with its value.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "api/base/defaults.h"

namespace underpass::defaults {
namespace {

std::string Text(std::uint64_t value) { return std::to_string(value); }

std::string Text(milliseconds value) {
  const auto count = value.count();
  if (count != 0 && count % 60000 == 0 && count < 31536000000)
    return std::to_string(count / 60000) + " min";
  if (count % 1000 == 0) return std::to_string(count / 1000) + " s";
  return std::to_string(count) + " ms";
}

std::string Read(const std::string& path) {
  std::ifstream file(std::string(UNDERPASS_SOURCE_DIR) + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

#define ENTRY(name) {#name, Text(name)}

const std::map<std::string, std::string> kValues = {ENTRY(kPoolMin),
                                                    ENTRY(kPoolMax),
                                                    ENTRY(kPoolLimit),
                                                    ENTRY(kPoolMinInterval),
                                                    ENTRY(kPoolMaxInterval),
                                                    ENTRY(kPoolIntervalStep),
                                                    ENTRY(kPoolWait),
                                                    ENTRY(kConnectionLimit),
                                                    ENTRY(kWaitingUsers),
                                                    ENTRY(kHandshakeTimeout),
                                                    ENTRY(kDialTimeout),
                                                    ENTRY(kPingInterval),
                                                    ENTRY(kControlSilence),
                                                    ENTRY(kTcpKeepAlive),
                                                    ENTRY(kDnsCacheByUrl),
                                                    ENTRY(kDrainDelay),
                                                    ENTRY(kGrace),
                                                    ENTRY(kListenRetry),
                                                    ENTRY(kMaxSeconds),
                                                    ENTRY(kRetryMax),
                                                    ENTRY(kRetryMaxAfterSession),
                                                    ENTRY(kRetryFastFor),
                                                    ENTRY(kMaxDocumentBytes),
                                                    ENTRY(kMaxUrlBytes),
                                                    ENTRY(kMaxKeyBytes),
                                                    ENTRY(kMaxTargets),
                                                    ENTRY(kMaxHttpHeadBytes),
                                                    ENTRY(kMaxHandshakeBodyBytes),
                                                    ENTRY(kMaxSignalLineBytes),
                                                    ENTRY(kMaxUnknownConnections),
                                                    ENTRY(kListenBacklog),
                                                    ENTRY(kAdminPortFirst),
                                                    ENTRY(kAdminPortLast)};

TEST(DefaultsDocumentTest, ListsEveryConstantWithItsValue) {
  std::map<std::string, std::string> documented;
  const std::string page = Read("/docs/configuration.md");
  const std::regex row(R"(\| `(k[A-Za-z]+)` \| ([^|]+) \|)");
  for (std::sregex_iterator it(page.begin(), page.end(), row), end; it != end; ++it) {
    documented[(*it)[1]] = (*it)[2];
  }
  EXPECT_EQ(documented, kValues);
}

TEST(DefaultsDocumentTest, KnowsEveryConstantOfTheHeader) {
  const std::string header = Read("/api/base/defaults.h");
  const std::regex constant(R"(inline constexpr [a-z_:0-9]+ (k[A-Za-z]+))");
  std::size_t count = 0;
  for (std::sregex_iterator it(header.begin(), header.end(), constant), end; it != end;
       ++it, ++count) {
    EXPECT_TRUE(kValues.contains((*it)[1])) << (*it)[1];
  }
  EXPECT_EQ(count, kValues.size());
}

}  // namespace
}  // namespace underpass::defaults
