// SPDX-License-Identifier: Apache-2.0
#include "controller/standalone/state_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "tests/controller/standalone/temp_folder.h"

namespace underpass::standalone {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

plan::Proxy MakeProxy(const std::string& name, std::uint16_t port, const std::string& key) {
  v1alpha1::PoolSpec pool;
  pool.address = {"127.0.0.1", port};
  pool.key.file = "material/s/key";
  v1alpha1::Tunnel tunnel;
  tunnel.metadata.name = "db";
  tunnel.spec.kind = pool;
  tunnel.spec.listen = v1alpha1::ListenSpec{"127.0.0.1", 15432, {v1alpha1::Protocol::kTcp}};
  plan::Proxy proxy;
  proxy.name.name = name;
  proxy.config.tunnels = {tunnel};
  proxy.material["material/s/key"] = Secret(key);
  return proxy;
}

unsigned ModeOf(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777u;
}

class StateDirTest : public testing::Test {
 protected:
  void SetUp() override { Reopen(); }
  // As another controller after this one would.
  void Reopen() {
    state_.reset();
    Result<StateDir> opened = StateDir::Open(path_);
    ASSERT_TRUE(opened.has_value()) << opened.error().ToString();
    state_.emplace(std::move(*opened));
  }
  std::string File(const std::string& name) const { return path_ + "/default.edge/" + name; }
  void ExpectWrite(const plan::Proxy& proxy, std::uint64_t revision, bool changed) {
    const Result<StateDir::Written> written = state_->Write(proxy);
    ASSERT_TRUE(written.has_value()) << written.error().ToString();
    EXPECT_EQ(written->revision, revision);
    EXPECT_EQ(written->changed, changed);
  }

  TempFolder folder_;
  std::string path_ = folder_ / "new/state";
  std::optional<StateDir> state_;
};

TEST_F(StateDirTest, FolderIsPrivate) { EXPECT_EQ(ModeOf(path_), 0700u); }

TEST_F(StateDirTest, WritesConfigAndMaterialPrivately) {
  ExpectWrite(MakeProxy("edge", 10101, "value\n"), 1, true);
  EXPECT_THAT(ReadText(File("proxy.yaml")), HasSubstr("revision: 1\n"));
  EXPECT_THAT(ReadText(File("proxy.yaml")), HasSubstr("keyFile: material/s/key\n"));
  EXPECT_EQ(ReadText(File("material/s/key")), "value\n");
  EXPECT_EQ(ModeOf(File("")), 0700u);
  EXPECT_EQ(ModeOf(File("proxy.yaml")), 0600u);
  EXPECT_EQ(ModeOf(File("material/s")), 0700u);
  EXPECT_EQ(ModeOf(File("material/s/key")), 0600u);
  EXPECT_FALSE(std::filesystem::exists(File(".writing")));
}

TEST_F(StateDirTest, RevisionGrowsWithTheContentOnly) {
  ExpectWrite(MakeProxy("edge", 10101, "value"), 1, true);
  ExpectWrite(MakeProxy("edge", 10101, "value"), 1, false);
  ExpectWrite(MakeProxy("edge", 10102, "value"), 2, true);
  ExpectWrite(MakeProxy("edge", 10102, "rotated"), 3, true);
  EXPECT_EQ(ReadText(File("material/s/key")), "rotated");
}

TEST_F(StateDirTest, RevisionOutlivesTheController) {
  ExpectWrite(MakeProxy("edge", 10101, "value"), 1, true);
  ExpectWrite(MakeProxy("edge", 10102, "value"), 2, true);
  Reopen();
  EXPECT_THAT(state_->Proxies(), ElementsAre("default.edge"));
  ExpectWrite(MakeProxy("edge", 10102, "value"), 2, false);
  ExpectWrite(MakeProxy("edge", 10103, "value"), 3, true);
}

TEST_F(StateDirTest, UnchangedConfigIsNotTouched) {
  ExpectWrite(MakeProxy("edge", 10101, "value"), 1, true);
  struct stat before{};
  struct stat after{};
  ASSERT_EQ(stat(File("proxy.yaml").c_str(), &before), 0);
  ExpectWrite(MakeProxy("edge", 10101, "value"), 1, false);
  ASSERT_EQ(stat(File("proxy.yaml").c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
}

TEST_F(StateDirTest, MaterialThatIsNoLongerUsedGoes) {
  plan::Proxy proxy = MakeProxy("edge", 10101, "value");
  proxy.material["material/old/key"] = Secret("old");
  ExpectWrite(proxy, 1, true);
  ASSERT_TRUE(std::filesystem::exists(File("material/old/key")));
  ExpectWrite(MakeProxy("edge", 10101, "value"), 2, true);
  EXPECT_FALSE(std::filesystem::exists(File("material/old/key")));
}

TEST_F(StateDirTest, WriteThatFailedHalfWayIsDoneAgain) {
  ExpectWrite(MakeProxy("edge", 10101, "value"), 1, true);
  // The material can be written, the config not.
  std::filesystem::rename(File("proxy.yaml"), File("saved"));
  std::filesystem::create_directories(File("proxy.yaml/in-the-way"));
  const Result<StateDir::Written> failed = state_->Write(MakeProxy("edge", 10101, "rotated"));
  ASSERT_FALSE(failed.has_value());
  EXPECT_THAT(failed.error().context, HasSubstr("proxy.yaml"));
  ASSERT_EQ(ReadText(File("material/s/key")), "rotated");
  std::filesystem::remove_all(File("proxy.yaml"));
  std::filesystem::rename(File("saved"), File("proxy.yaml"));
  ExpectWrite(MakeProxy("edge", 10101, "rotated"), 2, true);
}

TEST_F(StateDirTest, RemoveLeavesNothingOfTheProxy) {
  ExpectWrite(MakeProxy("edge", 10101, "value"), 1, true);
  ExpectWrite(MakeProxy("other", 10102, "value"), 1, true);
  folder_.Write("new/state/default.edge.sock", "");
  state_->Remove("default.edge");
  EXPECT_FALSE(std::filesystem::exists(File("")));
  EXPECT_FALSE(std::filesystem::exists(state_->SocketPath("default.edge")));
  EXPECT_THAT(state_->Proxies(), ElementsAre("default.other"));
}

TEST_F(StateDirTest, FoldersOfOthersAreNoProxies) {
  std::filesystem::create_directories(path_ + "/mine.own");
  folder_.Write("new/state/mine.own/proxy.yaml", "format: 1\ntunnels: []\n");  // a person's
  std::filesystem::create_directories(path_ + "/empty.one");
  EXPECT_THAT(state_->Proxies(), IsEmpty());
}

TEST_F(StateDirTest, SecondControllerIsRefusedNamingTheFirst) {
  const Result<StateDir> second = StateDir::Open(path_);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kAddressInUse);
  EXPECT_THAT(second.error().context, HasSubstr("pid " + std::to_string(getpid()) + ";"));
}

TEST_F(StateDirTest, FileInPlaceOfTheFolderIsRefused) {
  folder_.Write("file", "");
  EXPECT_FALSE(StateDir::Open(folder_ / "file").has_value());
}

TEST_F(StateDirTest, SocketPathThatDoesNotFitIsRefused) {
  const Result<StateDir::Written> written =
      state_->Write(MakeProxy(std::string(108, 'x'), 10101, "value"));
  ASSERT_FALSE(written.has_value());
  EXPECT_THAT(written.error().context, HasSubstr("shorter --state-dir"));
}

}  // namespace
}  // namespace underpass::standalone
