// SPDX-License-Identifier: Apache-2.0
#include "cli/find_proxies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "tests/support/temp_dir.h"

namespace underpass::cli {
namespace {

void MakeSocket(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size());
  ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0) << path;
  close(fd);
}

TEST(FindProxiesTest, FindsSocketsInTheFolderAndOneLevelBelow) {
  const support::TempDir folder;
  std::filesystem::create_directories(folder.File("one/two"));
  MakeSocket(folder.File("b.sock"));
  MakeSocket(folder.File("one/a.sock"));
  MakeSocket(folder.File("one/two/deep.sock"));
  MakeSocket(folder.File("other"));
  folder.Write("file.sock", "no socket");
  const FoundProxies found = FindProxies({{}, {folder.path()}});
  EXPECT_THAT(found.sockets,
              testing::ElementsAre(folder.File("b.sock"), folder.File("one/a.sock")));
}

TEST(FindProxiesTest, NamedSocketsAreTakenAsTheyAre) {
  const FoundProxies found = FindProxies({{"/x.sock"}, {"/nonexistent"}});
  EXPECT_THAT(found.sockets, testing::ElementsAre("/x.sock"));
}

TEST(FindProxiesTest, TheTextSaysWhereItLookedAndWhatToDo) {
  const FoundProxies found = FindProxies({{}, {"/nonexistent"}});
  EXPECT_TRUE(found.sockets.empty());
  const std::string text = NoProxiesText(found);
  EXPECT_THAT(text, testing::HasSubstr("/nonexistent (No such file or directory)"));
  EXPECT_THAT(text, testing::HasSubstr("underpass up"));
}

}  // namespace
}  // namespace underpass::cli
