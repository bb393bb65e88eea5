// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>

#include "api/base/clock.h"
#include "api/base/error.h"

namespace underpass::tunnel {

// When to dial again: 2, 5, 10, 20 ms, then doubling with jitter to 1 s; for a minute after a
// session that was up, at most 50 ms. What retrying soon cannot help (a wrong key, an unknown peer,
// a port in use) waits the longest time at once. Source: docs/architecture.md. Thread: any one
// thread; pure but for its random numbers.
class RetrySchedule {
 public:
  explicit RetrySchedule(std::uint32_t seed) : random_(seed) {}

  // How long to wait after a failure, `now`.
  Duration Next(ErrorCode code, TimePoint now);

  // The dial or the session succeeded: the next failure starts from the beginning.
  void Succeeded() { failures_ = 0; }
  // A session that was up has ended.
  void SessionLost(TimePoint now);

 private:
  std::minstd_rand random_;
  int failures_ = 0;
  TimePoint fast_until_{};
};

}  // namespace underpass::tunnel
