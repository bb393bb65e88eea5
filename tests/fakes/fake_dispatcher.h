// SPDX-License-Identifier: Apache-2.0
// A Dispatcher whose time stands still until a test moves it. Header only; one thread.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "api/base/check.h"
#include "proxy/core/dispatcher.h"

namespace underpass::fakes {

class FakeDispatcher final : public core::Dispatcher {
 public:
  TimePoint Now() const override { return now_; }
  bool IsInLoop() const override { return true; }
  void Post(std::function<void()> task) override { tasks_.push_back(std::move(task)); }
  void Defer(std::function<void()> task) override { tasks_.push_back(std::move(task)); }
  void DeferDelete(std::unique_ptr<core::Deferred> object) override {
    deletes_.push_back(std::move(object));
  }
  std::unique_ptr<core::Timer> CreateTimer(std::function<void()> on_fire) override {
    return std::make_unique<FakeTimer>(*this, std::move(on_fire));
  }
  std::unique_ptr<core::FdWatcher> Watch(int /*fd*/, core::FdEvents& /*events*/) override {
    CHECK(false);  // tests with descriptors use the real dispatcher
  }

  // Runs what is due now, and what that makes due, until nothing is.
  void Run() { Advance(Duration::zero()); }

  // Moves time; timers fire in order, each at its own time.
  void Advance(Duration by) {
    const TimePoint end = now_ + by;
    do {
      RunTasks();
      if (timers_.empty() || timers_.begin()->first.first > end) break;
      now_ = std::max(now_, timers_.begin()->first.first);
      FakeTimer* const timer = timers_.begin()->second;
      timer->Disarm();
      timer->Fire();
    } while (true);
    now_ = end;
  }

 private:
  using Key = std::pair<TimePoint, unsigned>;

  class FakeTimer final : public core::Timer {
   public:
    FakeTimer(FakeDispatcher& dispatcher, std::function<void()> on_fire)
        : dispatcher_(dispatcher),
          on_fire_(std::make_shared<std::function<void()>>(std::move(on_fire))) {}
    ~FakeTimer() override { Disarm(); }
    void Arm(Duration delay) override {
      Disarm();
      key_ = {dispatcher_.now_ + std::max(delay, Duration::zero()), dispatcher_.next_++};
      dispatcher_.timers_.emplace(key_, this);
      armed_ = true;
    }
    void Disarm() override {
      if (std::exchange(armed_, false)) dispatcher_.timers_.erase(key_);
    }
    bool armed() const override { return armed_; }
    void Fire() {
      const auto keep = on_fire_;
      (*keep)();
    }

   private:
    FakeDispatcher& dispatcher_;
    std::shared_ptr<std::function<void()>> on_fire_;
    Key key_;
    bool armed_ = false;
  };

  void RunTasks() {
    while (!tasks_.empty() || !deletes_.empty()) {
      for (std::function<void()>& task : std::exchange(tasks_, {})) task();
      std::exchange(deletes_, {}).clear();
    }
  }

  TimePoint now_{std::chrono::hours(1)};
  unsigned next_ = 0;
  std::map<Key, FakeTimer*> timers_;
  std::vector<std::function<void()>> tasks_;
  std::vector<std::unique_ptr<core::Deferred>> deletes_;
};

}  // namespace underpass::fakes
