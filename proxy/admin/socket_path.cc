// SPDX-License-Identifier: Apache-2.0
#include "proxy/admin/socket_path.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

namespace underpass::admin {
namespace {

constexpr char kStagingTemplate[] = "/.XXXXXX";
constexpr char kStagingName[] = "/s";
// The staging path is at most 8 characters longer than the path: its name takes the place of a name
// of one or more.
constexpr std::size_t kMaxPath = sizeof(sockaddr_un::sun_path) - 1 - 8;

std::string FolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

Result<void> CheckLength(const std::string& path) {
  if (!path.empty() && path.size() <= kMaxPath) return {};
  return Fail(ErrorCode::kInvalidConfig, "admin socket '" + path + "': the path must have 1 to " +
                                             std::to_string(kMaxPath) + " characters");
}

// Parents get the usual mode, the last folder 0700.
Result<void> MakeFolder(const std::string& folder) {
  const std::string parent = std::filesystem::path(folder).parent_path().string();
  std::error_code error;
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (error) return Fail(ErrnoError(error.value(), "create the folder " + parent));
  if (mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return Fail(ErrnoError(errno, "create the folder " + folder));
}

bool SomeoneListens(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return true;  // unknown: keep the file
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const int result = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const bool refused = result != 0 && (errno == ECONNREFUSED || errno == ENOENT);
  close(fd);
  return !refused;
}

Result<void> CheckFree(const std::string& path) {
  struct stat info{};
  if (lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return {};
    return Fail(ErrnoError(errno, "admin socket " + path));
  }
  if (!S_ISSOCK(info.st_mode)) {
    return Fail(ErrorCode::kAddressInUse, "admin socket " + path + ": a file that is no socket");
  }
  if (SomeoneListens(path)) {
    return Fail(ErrorCode::kAddressInUse, "admin socket " + path + ": a running process has it");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<SocketPath>> SocketPath::Prepare(const std::string& path) {
  RETURN_IF_ERROR(CheckLength(path));
  RETURN_IF_ERROR(MakeFolder(FolderOf(path)));
  RETURN_IF_ERROR(CheckFree(path));
  std::string staging_folder = FolderOf(path) + kStagingTemplate;
  if (mkdtemp(staging_folder.data()) == nullptr) {
    return Fail(ErrnoError(errno, "admin socket " + path));
  }
  return std::unique_ptr<SocketPath>(new SocketPath(path, std::move(staging_folder)));
}

SocketPath::SocketPath(std::string path, std::string staging_folder)
    : path_(std::move(path)),
      staging_folder_(std::move(staging_folder)),
      staging_(staging_folder_ + kStagingName) {}

SocketPath::~SocketPath() {
  struct stat info{};
  if (inode_ != 0 && lstat(path_.c_str(), &info) == 0 && info.st_ino == inode_) {
    unlink(path_.c_str());
  }
  unlink(staging_.c_str());
  rmdir(staging_folder_.c_str());
}

Result<void> SocketPath::Publish() {
  struct stat info{};
  if (lstat(staging_.c_str(), &info) != 0 || chmod(staging_.c_str(), 0600) != 0 ||
      std::rename(staging_.c_str(), path_.c_str()) != 0) {
    return Fail(ErrnoError(errno, "admin socket " + path_));
  }
  inode_ = info.st_ino;
  rmdir(staging_folder_.c_str());
  return {};
}

}  // namespace underpass::admin
