// SPDX-License-Identifier: Apache-2.0
#include "api/base/runtime_dir.h"

#include <cstdlib>

namespace underpass {

std::string RuntimeDir() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing sets the environment
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  const bool given = runtime != nullptr && *runtime != '\0';
  return std::string(given ? runtime : "/run") + "/underpass";
}

}  // namespace underpass
