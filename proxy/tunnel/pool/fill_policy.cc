// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel/pool/fill_policy.h"

#include <algorithm>

namespace underpass::tunnel {
namespace {

// Shares of the capacity below and above which the rule moves.
constexpr double kLow = 0.2;
constexpr double kHigh = 0.8;

}  // namespace

FillPolicy::FillPolicy(int min, int max)
    : min_(std::min(min, max)), max_(std::max(min, max)), capacity_(min_) {}

void FillPolicy::AdjustInterval(int idle) {
  if (idle < static_cast<int>(capacity_ * kLow)) {
    interval_ = std::max(interval_ - defaults::kPoolIntervalStep, defaults::kPoolMinInterval);
  }
  if (idle > static_cast<int>(capacity_ * kHigh)) {
    interval_ = std::min(interval_ + defaults::kPoolIntervalStep, defaults::kPoolMaxInterval);
  }
}

void FillPolicy::AdjustCapacity(int created) {
  const double ratio = static_cast<double>(created) / capacity_;
  if (ratio < kLow && capacity_ > min_) --capacity_;
  if (ratio > kHigh && capacity_ < max_) ++capacity_;
}

}  // namespace underpass::tunnel
