// SPDX-License-Identifier: Apache-2.0
#include "api/base/runtime_dir.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace underpass {
namespace {

TEST(RuntimeDirTest, FollowsTheRuntimeFolder) {
  const char* before = std::getenv("XDG_RUNTIME_DIR");
  const std::string saved = before != nullptr ? before : "";
  setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
  EXPECT_EQ(RuntimeDir(), "/run/user/7/underpass");
  unsetenv("XDG_RUNTIME_DIR");
  EXPECT_EQ(RuntimeDir(), "/run/underpass");
  if (before != nullptr) setenv("XDG_RUNTIME_DIR", saved.c_str(), 1);
}

}  // namespace
}  // namespace underpass
