// SPDX-License-Identifier: Apache-2.0
// The place of a Unix socket. The server binds a staging path in a folder that only its owner can
// enter; Publish gives the socket mode 0600 and renames it to its place. So nobody else can ever
// connect, and a dead process's file is replaced in one step. Thread: one. Owner: AdminServer.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "api/base/result.h"

namespace underpass::admin {

class SocketPath {
 public:
  // path: where the socket shall be; a missing folder is made with mode 0700. Errors:
  // kInvalidConfig (empty or too long), kAddressInUse (a live socket, or a file that is none),
  // kPermissionDenied, kIoError.
  static Result<std::unique_ptr<SocketPath>> Prepare(const std::string& path);
  // Removes the socket, if it is still the published one.
  ~SocketPath();
  SocketPath(const SocketPath&) = delete;
  SocketPath& operator=(const SocketPath&) = delete;

  const std::string& staging() const { return staging_; }
  // Requires: a socket is bound at staging().
  Result<void> Publish();

 private:
  SocketPath(std::string path, std::string staging_folder);

  const std::string path_;
  const std::string staging_folder_;
  const std::string staging_;
  ino_t inode_ = 0;  // of the published socket; 0 = not published
};

}  // namespace underpass::admin
