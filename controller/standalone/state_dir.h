// SPDX-License-Identifier: Apache-2.0
// StateDir: the folder in which one standalone controller keeps what its proxies read.
//
//   controller.lock               held while the controller lives; has its pid
//   <namespace>.<group>/          one proxy, 0700; the name is its label (plan::Label)
//     proxy.yaml                  the rendered ProxyConfig, written last, which the proxy notices
//     material/<secret>/<key>     0600
//   <namespace>.<group>.sock      the proxy's admin socket
//
// Thread: one.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "api/base/result.h"
#include "controller/plan/plan.h"
#include "controller/standalone/fd.h"

namespace underpass::standalone {

class StateDir {
 public:
  // Makes the folder (0700) if it does not exist, and locks it until this object goes.
  // Errors: kAddressInUse naming the pid of the controller that has it; kPermissionDenied (also if
  // the folder belongs to another user); others of the file system.
  static Result<StateDir> Open(const std::string& path);

  std::string ConfigPath(const std::string& label) const;
  std::string SocketPath(const std::string& label) const;

  // Labels of the proxies that have a rendered config here.
  std::set<std::string> Proxies() const;

  struct Written {
    std::uint64_t revision;
    bool changed;  // false: everything was there already
  };
  // Brings the files of one proxy to what was planned. If that changes anything, the revision is
  // one higher than before, also across controllers. Errors: kInvalidConfig (the admin socket's
  // path would be too long); others of the file system, after which the proxy may have some of the
  // new files, but still its old config.
  Result<Written> Write(const plan::Proxy& proxy);

  // Removes the admin socket that a dead proxy may have left.
  void RemoveSocket(const std::string& label);
  // Removes everything of a proxy that has ended. What cannot be removed stays.
  void Remove(const std::string& label);

 private:
  StateDir(std::string path, Fd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  Result<void> WriteFiles(const plan::Proxy& proxy, const std::string& config_text);

  std::string path_;
  Fd lock_;
  // A write failed half-way: that their files are equal does not say that the proxy noticed them.
  std::set<std::string> unfinished_;
};

}  // namespace underpass::standalone
