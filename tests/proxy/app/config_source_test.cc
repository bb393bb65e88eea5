// SPDX-License-Identifier: Apache-2.0
#include "proxy/app/config_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace underpass::app {
namespace {

using support::TempDir;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kServer = "server://key@127.0.0.1:10101/127.0.0.1:80?mode=1&noudp=1";

std::vector<std::string> NamesOf(const LoadedConfig& loaded) {
  std::vector<std::string> names;
  names.reserve(loaded.config.tunnels.size());
  for (const v1alpha1::Tunnel& tunnel : loaded.config.tunnels)
    names.push_back(tunnel.metadata.name);
  return names;
}

TEST(LoadUrlsTest, GivesEachTunnelANameOfItsOwn) {
  const LoadOutcome loaded = LoadUrls({kServer, kServer, kServer});
  ASSERT_TRUE(loaded.has_value());
  EXPECT_THAT(NamesOf(*loaded), ElementsAre("server-10101", "server-10101-2", "server-10101-3"));
}

TEST(LoadUrlsTest, TellsEveryBadUrl) {
  const LoadOutcome loaded = LoadUrls({"server://k@1.2.3.4:0/1.2.3.4:5", kServer, "nonsense"});
  ASSERT_FALSE(loaded.has_value());
  ASSERT_EQ(loaded.error().size(), 2);
  EXPECT_THAT(loaded.error()[0].context, HasSubstr("tunnel address"));
}

TEST(LoadUrlsTest, RunsTheOthersWhenOneIsUnsupported) {
  const LoadOutcome loaded = LoadUrls({kServer + "&tls=1", kServer});
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->config.tunnels.size(), 1);
  ASSERT_EQ(loaded->refused.size(), 1);
  EXPECT_EQ(loaded->refused[0].code, ErrorCode::kUnsupported);
  EXPECT_THAT(loaded->refused[0].context, HasSubstr("?tls="));
}

TEST(LoadUrlsTest, TakesTheFirstLogLevelThatIsSaid) {
  const LoadOutcome loaded = LoadUrls({kServer, kServer + "&log=warn", kServer + "&log=debug"});
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->log_level, LogLevel::kWarn);
  EXPECT_EQ(LoadUrls({kServer})->log_level, std::nullopt);
}

std::string ServerTunnel(const std::string& name, const std::string& more) {
  return "  - {name: " + name + ", pool: {role: Server, address: '127.0.0.1:10101'" + more +
         "}, listen: {port: 80, protocols: [TCP]}}\n";
}

TEST(LoadConfigFileTest, ReadsKeyFilesBesideTheConfig) {
  const TempDir folder;
  mkdir(folder.File("material").c_str(), 0700);
  folder.Write("material/key", "from the file\n");
  const std::string text = "format: 1\ntunnels:\n" + ServerTunnel("db", ", keyFile: material/key");
  const LoadOutcome loaded = LoadConfigFile(folder.Write("proxy.yaml", text));
  ASSERT_TRUE(loaded.has_value());
  const auto& pool = std::get<v1alpha1::PoolSpec>(loaded->config.tunnels.at(0).spec.kind);
  EXPECT_EQ(pool.key.value.Reveal(), "from the file");
  EXPECT_EQ(loaded->text, text);
}

TEST(LoadConfigFileTest, RunsTheOthersWhenOneIsUnsupported) {
  const TempDir folder;
  const LoadOutcome loaded = LoadConfigFile(
      folder.Write("proxy.yaml", "format: 1\ntunnels:\n" + ServerTunnel("a", ", key: k") +
                                     ServerTunnel("b", ", key: k, transport: QUIC")));
  ASSERT_TRUE(loaded.has_value());
  EXPECT_THAT(NamesOf(*loaded), ElementsAre("a"));
  ASSERT_EQ(loaded->refused.size(), 1);
  EXPECT_EQ(loaded->refused[0].code, ErrorCode::kUnsupported);
  EXPECT_THAT(loaded->refused[0].context, HasSubstr("tunnels[1].pool.transport"));
}

TEST(LoadConfigFileTest, TellsEveryErrorWithItsField) {
  const TempDir folder;
  const LoadOutcome loaded = LoadConfigFile(
      folder.Write("proxy.yaml", "format: 1\ntunnels:\n" + ServerTunnel("A!", ", key: k") +
                                     ServerTunnel("b", ", key: k, idle: {max: 0}")));
  ASSERT_FALSE(loaded.has_value());
  ASSERT_EQ(loaded.error().size(), 2);
  EXPECT_THAT(loaded.error()[0].context, HasSubstr("tunnels[0].name"));
  EXPECT_THAT(loaded.error()[1].context, HasSubstr("tunnels[1].pool.idle.max"));
}

TEST(LoadConfigFileTest, RefusesAFileOverTheLimit) {
  const TempDir folder;
  const std::string text = "format: 1\ntunnels: []\n#" + std::string(1 << 20, 'x');
  const LoadOutcome loaded = LoadConfigFile(folder.Write("proxy.yaml", text));
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error()[0].code, ErrorCode::kTooLarge);
}

TEST(LoadConfigFileTest, NamesAFileThatCannotBeRead) {
  const TempDir folder;
  const LoadOutcome missing = LoadConfigFile(folder.File("none.yaml"));
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error()[0].code, ErrorCode::kNotFound);
  EXPECT_THAT(missing.error()[0].context, HasSubstr(folder.File("none.yaml")));
  EXPECT_FALSE(LoadConfigFile(folder.path()).has_value()) << "a folder is no config";
}

}  // namespace
}  // namespace underpass::app
