// SPDX-License-Identifier: Apache-2.0
// tests/support: what tests over real sockets and processes need, with blocking POSIX calls and
// threads. It shares no code with proxy/: a test must not judge the proxy by the proxy's own code.
#pragma once

#include <chrono>
#include <thread>

namespace underpass::support {

using Deadline = std::chrono::steady_clock::time_point;

inline Deadline In(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

// Milliseconds until `deadline`, for poll(2): 0 once it has passed, rounded up before.
inline int PollTimeout(Deadline deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return left.count() <= 0 ? 0 : static_cast<int>(left.count());
}

// True as soon as `predicate()` is; false if it still is not at `deadline`. Called at least once.
template <typename Predicate>
bool Eventually(Predicate&& predicate, Deadline deadline) {
  while (true) {
    if (predicate()) return true;
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace underpass::support
