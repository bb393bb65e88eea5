// SPDX-License-Identifier: Apache-2.0
// Every example URL of NodePass's published pages, against
// tests/golden/import/seed_urls.golden.txt. UPDATE_GOLDEN=1 rewrites that file; review the
// difference.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "api/config/proxy_config.h"
#include "api/import/nodepass_url.h"

namespace underpass::import {
namespace {

const std::string kFolder = UNDERPASS_SOURCE_DIR "/tests/golden/import/";

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string Outcome(const std::string& url) {
  const Result<ImportedTunnel> imported = ParseNodePassUrl(url);
  if (!imported.has_value()) return "error: " + imported.error().ToString() + "\n";
  std::string text;
  if (imported->log_level) text += "log: " + std::string(Name(*imported->log_level)) + "\n";
  for (const std::string& warning : imported->warnings) text += "warning: " + warning + "\n";
  for (const Error& error : imported->unsupported) text += "unsupported: " + error.context + "\n";
  return text + config::PrintProxyConfig({.revision = {}, .tunnels = {imported->tunnel}}, true);
}

TEST(SeedUrlsTest, MatchGolden) {
  std::istringstream urls(ReadAll(kFolder + "seed_urls.txt"));
  std::string actual;
  std::size_t count = 0;
  for (std::string url; std::getline(urls, url); ++count)
    actual += "# " + url + "\n" + Outcome(url) + "\n";
  EXPECT_GT(count, 100U);
  const std::string golden = kFolder + "seed_urls.golden.txt";
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(golden) << actual;
    return;
  }
  EXPECT_EQ(ReadAll(golden), actual);
}

}  // namespace
}  // namespace underpass::import
