// SPDX-License-Identifier: Apache-2.0
#include "proxy/codec/nodepass/signal.h"

namespace underpass::nodepass {

bool LineSplitter::BecomesOverlong(std::string_view piece) {
  if (skipping_ || buffer_.size() + piece.size() <= kMaxLineBytes) return false;
  buffer_.clear();
  skipping_ = true;
  return true;
}

void LineSplitter::Forget() {
  buffer_.clear();
  skipping_ = false;
}

}  // namespace underpass::nodepass
