// SPDX-License-Identifier: Apache-2.0
// proxy/event: the Dispatcher on libevent. The only folder that knows libevent.
// Thread: made by one thread, then run by one thread; Post, Stop, Now and IsInLoop from any. Owner:
// app::Worker.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "proxy/core/dispatcher.h"

struct event;
struct event_base;

namespace underpass::event {

class LibeventDispatcher final : public core::Dispatcher {
 public:
  LibeventDispatcher();
  // Requires: Run has returned, or was never called. Posted tasks that did not run are dropped.
  ~LibeventDispatcher() override;
  LibeventDispatcher(const LibeventDispatcher&) = delete;
  LibeventDispatcher& operator=(const LibeventDispatcher&) = delete;

  // Runs the loop in the calling thread until Stop. Until Run is called, the thread that made the
  // object counts as the loop, so that it may set things up.
  void Run();
  // Ends Run after the tasks that were posted before. Any thread.
  void Stop();

  TimePoint Now() const override { return Clock::now(); }
  bool IsInLoop() const override { return thread_.load() == std::this_thread::get_id(); }
  void Post(std::function<void()> task) override;
  void Defer(std::function<void()> task) override;
  void DeferDelete(std::unique_ptr<core::Deferred> object) override;
  std::unique_ptr<core::Timer> CreateTimer(std::function<void()> on_fire) override;
  std::unique_ptr<core::FdWatcher> Watch(int fd, core::FdEvents& events) override;

 private:
  struct EventDeleter {
    void operator()(::event* event) const;
  };
  using EventPtr = std::unique_ptr<::event, EventDeleter>;

  void RunPosted();
  void ActivateDeferred();
  void RunDeferred();

  std::atomic<std::thread::id> thread_;
  event_base* const base_;
  const int wake_fd_;
  EventPtr wake_event_;
  EventPtr defer_event_;

  // Loop only.
  std::vector<std::function<void()>> deferred_tasks_;
  std::vector<std::unique_ptr<core::Deferred>> deferred_deletes_;

  std::mutex mutex_;  // guards posted_
  std::vector<std::function<void()>> posted_;
};

}  // namespace underpass::event
