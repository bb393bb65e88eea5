// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "api/config/proxy_config.h"

namespace underpass::config {
namespace {

using testing::HasSubstr;

class ResolveFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "underpass-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& content) {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << content;
  }

  Result<ProxyConfig> Resolve(const std::string& file) {
    ProxyConfig config;
    v1alpha1::PoolSpec pool;
    pool.key.file = file;
    config.tunnels = {{{"f", "default"}, {.kind = v1alpha1::ForwardSpec{}}},
                      {{"db", "default"}, {.kind = pool}}};
    return ResolveFiles(std::move(config), folder_);
  }

  std::string KeyOf(const std::string& file) {
    const Result<ProxyConfig> resolved = Resolve(file);
    if (!resolved.has_value()) return "error: " + resolved.error().ToString();
    return std::get<v1alpha1::PoolSpec>(resolved->tunnels[1].spec.kind).key.value.Reveal();
  }

  std::string folder_;
};

TEST_F(ResolveFilesTest, ReadsAndDropsOneNewline) {
  Write("plain", "secret");
  Write("line", "secret\n");
  Write("lines", "secret\n\n");
  EXPECT_EQ(KeyOf("plain"), "secret");
  EXPECT_EQ(KeyOf("line"), "secret");
  EXPECT_EQ(KeyOf("lines"), "secret\n");
  EXPECT_EQ(KeyOf(folder_ + "/plain"), "secret");
}

TEST_F(ResolveFilesTest, TakesExactly4096Bytes) {
  Write("full", std::string(4096, 'k') + "\n");
  Write("over", std::string(4097, 'k'));
  EXPECT_EQ(KeyOf("full").size(), 4096U);
  EXPECT_THAT(KeyOf("over"), HasSubstr("too long; at most 4096 bytes are allowed: InvalidConfig"));
}

TEST_F(ResolveFilesTest, EmptyFileIsRefused) {
  Write("empty", "\n");
  EXPECT_THAT(KeyOf("empty"), HasSubstr("the file is empty"));
}

TEST_F(ResolveFilesTest, MissingFileNamesFieldAndFile) {
  EXPECT_EQ(KeyOf("gone"), "error: tunnels[1].pool.keyFile: " + folder_ +
                               "/gone: NotFound (No such file or directory)");
}

TEST_F(ResolveFilesTest, FolderIsNoKey) {
  EXPECT_THAT(KeyOf("."), HasSubstr("IoError (Is a directory)"));
}

TEST_F(ResolveFilesTest, PrintedConfigHasTheFileNotTheKey) {
  Write("plain", "hunter2");
  const Result<ProxyConfig> resolved = Resolve("plain");
  ASSERT_TRUE(resolved.has_value());
  EXPECT_THAT(PrintProxyConfig(*resolved, true), HasSubstr("keyFile: plain"));
  EXPECT_EQ(PrintProxyConfig(*resolved, true).find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace underpass::config
