// SPDX-License-Identifier: Apache-2.0
#include "controller/standalone/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "controller/standalone/fd.h"

namespace underpass::standalone {
namespace {

Result<void> WriteAll(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Fail(ErrnoError(errno, "write " + path));
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<std::string> ReadFile(const std::string& path, std::size_t limit) {
  // Without O_NONBLOCK, opening a FIFO would wait for a writer.
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return Fail(ErrnoError(errno, "read " + path));
  struct stat status{};
  if (fstat(fd.get(), &status) != 0) return Fail(ErrnoError(errno, "read " + path));
  if (!S_ISREG(status.st_mode)) {
    return Fail(ErrorCode::kInvalidConfig, "read " + path + ": not a regular file");
  }
  std::string text(limit, '\0');
  std::size_t size = 0;
  while (size < limit) {
    const ssize_t got = read(fd.get(), text.data() + size, limit - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Fail(ErrnoError(errno, "read " + path));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

Result<void> ReplaceFile(const std::string& path, const std::string& temporary,
                         std::string_view content) {
  Fd fd(open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return Fail(ErrnoError(errno, "write " + temporary));
  RETURN_IF_ERROR(WriteAll(fd.get(), content, temporary));
  fd.Close();
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    return Fail(ErrnoError(errno, "rename to " + path));
  }
  return {};
}

Result<void> MakeFolder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (errno != ENOENT || parent.empty()) return Fail(ErrnoError(errno, "make folder " + path));
  RETURN_IF_ERROR(MakeFolder(parent.string()));
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return Fail(ErrnoError(errno, "make folder " + path));
}

}  // namespace underpass::standalone
