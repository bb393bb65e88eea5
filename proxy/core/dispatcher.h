// SPDX-License-Identifier: Apache-2.0
// proxy/core: the interfaces that the data plane is built from. A worker is one thread with one
// Dispatcher; what belongs to it is created, used and destroyed on that thread only. Start reading
// here, then stream.h, transport.h, tunnel.h. No third-party header is included in this folder.
//
// Thread: every method is called in the loop, but for Post, Now and IsInLoop.
#pragma once

#include <functional>
#include <memory>

#include "api/base/clock.h"

namespace underpass::core {

// A one-shot timer. Destroying it disarms it.
class Timer {
 public:
  virtual ~Timer() = default;
  // Fires once, `delay` from now (rounded up to the clock's resolution, never early; negative
  // counts as 0). Replaces an earlier Arm.
  virtual void Arm(Duration delay) = 0;
  virtual void Disarm() = 0;
  virtual bool armed() const = 0;
};

// What a watched descriptor tells. Edges: a call means "more since you last saw would-block"; the
// receiver reads or writes until would-block, or remembers that there is more.
class FdEvents {
 public:
  // Errors and hang-ups count as both. The receiver may destroy its watcher here.
  virtual void OnFdReady(bool readable, bool writable) = 0;

 protected:
  ~FdEvents() = default;
};

// Watching lasts as long as this object; it does not own the descriptor, which must outlive it.
class FdWatcher {
 public:
  virtual ~FdWatcher() = default;
};

// Base of what may be handed to DeferDelete.
class Deferred {
 public:
  virtual ~Deferred() = default;
};

class Dispatcher {
 public:
  virtual ~Dispatcher() = default;

  virtual TimePoint Now() const = 0;  // any thread
  virtual bool IsInLoop() const = 0;  // any thread

  // Runs `task` in the loop, in the order of posting, never inside Post. Any thread. After the loop
  // has ended tasks are dropped. Tasks carry values and ids, no pointer to what may be gone by
  // then.
  virtual void Post(std::function<void()> task) = 0;

  // Runs `task` in this loop after the current callback has returned, before blocking again. Unlike
  // Post its captures may be pointers of this loop, if their owner outlives the iteration.
  virtual void Defer(std::function<void()> task) = 0;

  // Destroys `object` after the current callback has returned: an object never deletes itself or
  // its caller.
  virtual void DeferDelete(std::unique_ptr<Deferred> object) = 0;

  virtual std::unique_ptr<Timer> CreateTimer(std::function<void()> on_fire) = 0;

  // Watches both directions, edge-triggered. Requires: fd is non-blocking and watched once.
  virtual std::unique_ptr<FdWatcher> Watch(int fd, FdEvents& events) = 0;
};

}  // namespace underpass::core
