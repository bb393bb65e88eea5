// SPDX-License-Identifier: Apache-2.0
#include "proxy/app/file_watch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "proxy/event/libevent_dispatcher.h"
#include "tests/support/temp_dir.h"

namespace underpass::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Under the 2 s of the poll, so that only inotify can be what told.
constexpr seconds kSoon{1};

class FileWatchTest : public testing::Test {
 protected:
  // Runs the loop until the watch tells, or for `time`. True if it told.
  bool ToldWithin(milliseconds time) {
    told_ = 0;
    const auto late = loop_.CreateTimer([this] { loop_.Stop(); });
    late->Arm(time);
    loop_.Run();
    return told_ > 0;
  }
  std::function<void()> Tell() {
    return [this] {
      ++told_;
      loop_.Stop();
    };
  }

  event::LibeventDispatcher loop_;
  const support::TempDir folder_;
  int told_ = 0;
};

TEST_F(FileWatchTest, TellsOfAWrite) {
  folder_.Write("proxy.yaml", "1");
  FileWatch watch(loop_, folder_.File("proxy.yaml"), Tell());
  folder_.Write("proxy.yaml", "2");
  EXPECT_TRUE(ToldWithin(kSoon));
  folder_.Write("proxy.yaml", "3");
  EXPECT_TRUE(ToldWithin(kSoon)) << "a second time";
}

TEST_F(FileWatchTest, TellsOfARename) {
  folder_.Write("proxy.yaml", "1");
  folder_.Write("new", "2");
  FileWatch watch(loop_, folder_.File("proxy.yaml"), Tell());
  std::filesystem::rename(folder_.File("new"), folder_.File("proxy.yaml"));
  EXPECT_TRUE(ToldWithin(kSoon));
}

TEST_F(FileWatchTest, TellsOnceOfManyEvents) {
  int told = 0;
  FileWatch watch(loop_, folder_.File("proxy.yaml"), [&] { ++told; });
  for (int i = 0; i < 50; ++i) folder_.Write("proxy.yaml", std::to_string(i));
  ToldWithin(milliseconds(500));
  EXPECT_EQ(told, 1);
}

TEST_F(FileWatchTest, IsQuietWithoutAChange) {
  folder_.Write("proxy.yaml", "1");
  FileWatch watch(loop_, folder_.File("proxy.yaml"), Tell());
  EXPECT_FALSE(ToldWithin(milliseconds(300)));
}

// As on a file system that has no inotify.
TEST_F(FileWatchTest, PollsAFolderThatCannotBeWatched) {
  FileWatch watch(loop_, folder_.File("later/proxy.yaml"), Tell());
  EXPECT_TRUE(ToldWithin(seconds(5)));
}

TEST_F(FileWatchTest, TellsNobodyOnceDestroyed) {
  {
    FileWatch watch(loop_, folder_.File("proxy.yaml"), Tell());
    folder_.Write("proxy.yaml", "1");
  }
  EXPECT_FALSE(ToldWithin(milliseconds(200)));
}

}  // namespace
}  // namespace underpass::app
