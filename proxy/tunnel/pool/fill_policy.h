// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "api/base/defaults.h"

namespace underpass::tunnel {

// How many pool connections a client keeps ready, and how often it looks: NodePass's rule. Each
// look is a tick. Source: NodePass pool v1.0.50 adjustInterval, adjustCapacity; wire facts,
// section 4. Pure.
class FillPolicy {
 public:
  // min, max: 1..65536; the smaller is taken as min.
  FillPolicy(int min, int max);

  // Before filling, with the number of idle connections.
  void AdjustInterval(int idle);
  // After a tick, with the number of connections made since the last one.
  void AdjustCapacity(int created);

  int capacity() const { return capacity_; }
  int max() const { return max_; }
  std::chrono::milliseconds interval() const { return interval_; }

 private:
  const int min_;
  const int max_;
  int capacity_;
  std::chrono::milliseconds interval_ = defaults::kPoolMinInterval;
};

}  // namespace underpass::tunnel
