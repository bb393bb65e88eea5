// SPDX-License-Identifier: Apache-2.0
#include "proxy/event/libevent_dispatcher.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

namespace underpass::event {
namespace {

using std::chrono::milliseconds;

TEST(LibeventDispatcherTest, RunsPostedTasksInOrder) {
  LibeventDispatcher dispatcher;
  std::string order;
  dispatcher.Post([&] { order += 'a'; });
  dispatcher.Post([&] { order += 'b'; });
  dispatcher.Stop();
  dispatcher.Run();
  EXPECT_EQ(order, "ab");
}

TEST(LibeventDispatcherTest, TakesPostsFromOtherThreads) {
  LibeventDispatcher dispatcher;
  std::atomic<int> ran{0};
  bool in_loop = true;
  std::thread poster([&] {
    in_loop = dispatcher.IsInLoop();
    for (int i = 0; i < 1000; ++i) dispatcher.Post([&] { ++ran; });
    dispatcher.Stop();
  });
  dispatcher.Run();
  poster.join();
  EXPECT_EQ(ran, 1000);
  EXPECT_FALSE(in_loop);
}

TEST(LibeventDispatcherTest, TimerIsNeverEarly) {
  LibeventDispatcher dispatcher;
  const TimePoint start = dispatcher.Now();
  TimePoint fired{};
  const auto timer = dispatcher.CreateTimer([&] {
    fired = dispatcher.Now();
    dispatcher.Stop();
  });
  timer->Arm(std::chrono::microseconds(1500));
  EXPECT_TRUE(timer->armed());
  dispatcher.Run();
  EXPECT_GE(fired - start, std::chrono::microseconds(1500));
  EXPECT_FALSE(timer->armed());
}

TEST(LibeventDispatcherTest, DisarmedTimerDoesNotFire) {
  LibeventDispatcher dispatcher;
  bool fired = false;
  const auto first = dispatcher.CreateTimer([&] { fired = true; });
  const auto second = dispatcher.CreateTimer([&] { dispatcher.Stop(); });
  first->Arm(milliseconds(1));
  second->Arm(milliseconds(5));
  first->Disarm();
  dispatcher.Run();
  EXPECT_FALSE(fired);
}

TEST(LibeventDispatcherTest, TimerMayBeDestroyedByItsOwnCallback) {
  LibeventDispatcher dispatcher;
  std::unique_ptr<core::Timer> timer;
  std::string captured =
      "a string longer than the small buffer of std::function and of std::string";
  std::size_t seen = 0;
  timer = dispatcher.CreateTimer([&timer, &seen, &dispatcher, captured] {
    timer.reset();
    seen = captured.size();
    dispatcher.Stop();
  });
  timer->Arm(Duration::zero());
  dispatcher.Run();
  EXPECT_EQ(seen, captured.size());
}

TEST(LibeventDispatcherTest, DeletesAfterTheCallbackHasReturned) {
  struct Object final : core::Deferred {
    explicit Object(bool& flag) : gone(flag) {}
    ~Object() override { gone = true; }
    bool& gone;
  };
  LibeventDispatcher dispatcher;
  bool gone = false;
  bool gone_inside = false;
  dispatcher.Post([&] {
    dispatcher.DeferDelete(std::make_unique<Object>(gone));
    gone_inside = gone;
  });
  const auto timer = dispatcher.CreateTimer([&] { dispatcher.Stop(); });
  timer->Arm(milliseconds(1));
  dispatcher.Run();
  EXPECT_FALSE(gone_inside);
  EXPECT_TRUE(gone);
}

TEST(LibeventDispatcherTest, DeferredTaskThatDefersAgainDoesNotStarveTheLoop) {
  LibeventDispatcher dispatcher;
  bool stop = false;
  int rounds = 0;
  std::function<void()> again = [&] {
    ++rounds;
    if (!stop) dispatcher.Defer(again);
  };
  dispatcher.Defer(again);
  const auto timer = dispatcher.CreateTimer([&] {
    stop = true;
    dispatcher.Stop();
  });
  timer->Arm(milliseconds(5));
  dispatcher.Run();
  EXPECT_GT(rounds, 1);
}

TEST(LibeventDispatcherTest, TellsEachEdgeOnce) {
  struct Receiver final : core::FdEvents {
    void OnFdReady(bool readable, bool writable) override {
      readables += readable ? 1 : 0;
      writables += writable ? 1 : 0;
      if (readable) dispatcher->Stop();
    }
    LibeventDispatcher* dispatcher = nullptr;
    int readables = 0;
    int writables = 0;
  };
  LibeventDispatcher dispatcher;
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
  Receiver receiver;
  receiver.dispatcher = &dispatcher;
  auto watcher = dispatcher.Watch(ends[0], receiver);
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  dispatcher.Run();
  EXPECT_EQ(receiver.readables, 1);
  EXPECT_GE(receiver.writables, 1);
  // The byte was not read, and nothing came: no new edge.
  const auto timer = dispatcher.CreateTimer([&] { dispatcher.Stop(); });
  timer->Arm(milliseconds(2));
  dispatcher.Run();
  EXPECT_EQ(receiver.readables, 1);
  watcher.reset();
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace underpass::event
