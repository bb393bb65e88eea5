// SPDX-License-Identifier: Apache-2.0
#include "api/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace underpass {

void CheckFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "level=fatal msg=\"invariant broken\" condition=\"%s\" at=%s:%d\n",
               condition, file, line);
  std::abort();
}

}  // namespace underpass
