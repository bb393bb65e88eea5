// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "proxy/core/board.h"

namespace underpass::fakes {

// For boards in tests: counts changes.
class CountingListener final : public core::StateListener {
 public:
  void OnStateChanged() override { ++changes; }
  int changes = 0;
};

}  // namespace underpass::fakes
