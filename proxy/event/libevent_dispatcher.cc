// SPDX-License-Identifier: Apache-2.0
#include "proxy/event/libevent_dispatcher.h"

#include <event2/event.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "api/base/check.h"

namespace underpass::event {
namespace {

event_base* NewBase() {
  event_config* config = event_config_new();
  CHECK(config != nullptr);
  event_config_require_features(config, EV_FEATURE_ET);
  // One thread per base; timers finer than the millisecond that epoll_wait knows.
  event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
  event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
  event_base* base = event_base_new_with_config(config);
  event_config_free(config);
  CHECK(base != nullptr);
  return base;
}

class LibeventTimer final : public core::Timer {
 public:
  LibeventTimer(event_base* base, std::function<void()> on_fire)
      : on_fire_(std::make_shared<const std::function<void()>>(std::move(on_fire))),
        event_(evtimer_new(base, &OnEvent, this)) {
    CHECK(event_ != nullptr);
  }
  ~LibeventTimer() override { event_free(event_); }

  void Arm(Duration delay) override {
    const auto microseconds =
        std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::microseconds>(delay).count());
    const timeval wait{microseconds / 1000000, microseconds % 1000000};
    CHECK(evtimer_add(event_, &wait) == 0);
  }
  void Disarm() override { evtimer_del(event_); }
  bool armed() const override { return evtimer_pending(event_, nullptr) != 0; }

 private:
  static void OnEvent(evutil_socket_t, short, void* self) {
    const auto keep =
        static_cast<LibeventTimer*>(self)->on_fire_;  // the callback may destroy its timer
    (*keep)();
  }

  const std::shared_ptr<const std::function<void()>> on_fire_;
  ::event* const event_;
};

class LibeventWatcher final : public core::FdWatcher {
 public:
  LibeventWatcher(event_base* base, int fd, core::FdEvents& events) : events_(events) {
    event_ = event_new(base, fd, EV_READ | EV_WRITE | EV_ET | EV_PERSIST, &OnEvent, this);
    CHECK(event_ != nullptr);
    CHECK(event_add(event_, nullptr) == 0);
  }
  ~LibeventWatcher() override { event_free(event_); }

 private:
  static void OnEvent(evutil_socket_t, short what, void* self) {
    static_cast<LibeventWatcher*>(self)->events_.OnFdReady((what & EV_READ) != 0,
                                                           (what & EV_WRITE) != 0);
  }

  core::FdEvents& events_;
  ::event* event_;
};

}  // namespace

void LibeventDispatcher::EventDeleter::operator()(::event* event) const { event_free(event); }

LibeventDispatcher::LibeventDispatcher()
    : thread_(std::this_thread::get_id()),
      base_(NewBase()),
      wake_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  CHECK(wake_fd_ >= 0);
  wake_event_.reset(event_new(
      base_, wake_fd_, EV_READ | EV_PERSIST,
      [](evutil_socket_t fd, short, void* self) {
        eventfd_t count = 0;
        (void)eventfd_read(fd, &count);
        static_cast<LibeventDispatcher*>(self)->RunPosted();
      },
      this));
  CHECK(wake_event_ != nullptr && event_add(wake_event_.get(), nullptr) == 0);
  defer_event_.reset(event_new(
      base_, -1, 0,
      [](evutil_socket_t, short, void* self) {
        static_cast<LibeventDispatcher*>(self)->RunDeferred();
      },
      this));
  CHECK(defer_event_ != nullptr);
}

LibeventDispatcher::~LibeventDispatcher() {
  deferred_tasks_.clear();
  // A deleted object may hand over others.
  while (!deferred_deletes_.empty()) std::exchange(deferred_deletes_, {}).clear();
  wake_event_.reset();
  defer_event_.reset();
  event_base_free(base_);
  close(wake_fd_);
}

void LibeventDispatcher::Run() {
  thread_ = std::this_thread::get_id();
  CHECK(event_base_loop(base_, EVLOOP_NO_EXIT_ON_EMPTY) >= 0);
}

void LibeventDispatcher::Stop() {
  Post([this] { event_base_loopbreak(base_); });
}

void LibeventDispatcher::Post(std::function<void()> task) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    wake = posted_.empty();
    posted_.push_back(std::move(task));
  }
  if (wake) CHECK(eventfd_write(wake_fd_, 1) == 0);
}

void LibeventDispatcher::Defer(std::function<void()> task) {
  DCHECK(IsInLoop());
  deferred_tasks_.push_back(std::move(task));
  ActivateDeferred();
}

// A timer that is due in the next round. event_active would run it in this one, and a task that
// defers itself again would then starve the loop.
void LibeventDispatcher::ActivateDeferred() {
  const timeval now{0, 0};
  if (evtimer_pending(defer_event_.get(), nullptr) == 0)
    CHECK(evtimer_add(defer_event_.get(), &now) == 0);
}

void LibeventDispatcher::DeferDelete(std::unique_ptr<core::Deferred> object) {
  DCHECK(IsInLoop());
  deferred_deletes_.push_back(std::move(object));
  ActivateDeferred();
}

std::unique_ptr<core::Timer> LibeventDispatcher::CreateTimer(std::function<void()> on_fire) {
  return std::make_unique<LibeventTimer>(base_, std::move(on_fire));
}

std::unique_ptr<core::FdWatcher> LibeventDispatcher::Watch(int fd, core::FdEvents& events) {
  return std::make_unique<LibeventWatcher>(base_, fd, events);
}

void LibeventDispatcher::RunPosted() {
  std::vector<std::function<void()>> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(posted_);
  }
  for (std::function<void()>& task : tasks) {
    task();
    task = nullptr;  // what it captured goes before the next one runs
  }
}

void LibeventDispatcher::RunDeferred() {
  // What these add runs in the next round of the loop: a relay that always has more does not starve
  // the others.
  for (std::function<void()>& task : std::exchange(deferred_tasks_, {})) task();
  std::exchange(deferred_deletes_, {}).clear();
}

}  // namespace underpass::event
