// SPDX-License-Identifier: Apache-2.0
// TempDir: a directory of its own, removed with all it holds when this goes away.
#pragma once

#include <string>

namespace underpass::support {

class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }
  // Writes (or overwrites) a file in it; returns its path.
  std::string Write(const std::string& name, const std::string& content) const;

 private:
  std::string path_;
};

}  // namespace underpass::support
