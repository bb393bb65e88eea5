// SPDX-License-Identifier: Apache-2.0
// Time. Deadlines use the monotonic clock, so that a jump of the wall clock moves none of them.
#pragma once

#include <chrono>

namespace underpass {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = Clock::duration;

}  // namespace underpass
