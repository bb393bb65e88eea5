// SPDX-License-Identifier: Apache-2.0
// Wakeup: the one place where the standalone controller waits: for signals, a change near the
// manifests, or a time.
// Thread: one; made while the process has no other, since signals are blocked for all of it.
#pragma once

#include <string>
#include <utility>

#include "api/base/clock.h"
#include "api/base/result.h"
#include "controller/standalone/fd.h"

namespace underpass::standalone {

class Wakeup {
 public:
  // Blocks SIGTERM, SIGINT and SIGCHLD from now on. path: the manifests, a file or a folder.
  // Errors: kDescriptorsExhausted and others of the system. Where changes cannot be watched, only
  // the time wakes.
  static Result<Wakeup> Create(const std::string& path);

  struct Events {
    int stop_signals =
        0;  // SIGTERM and SIGINT since the last Wait; two in one Wait may count as one
    bool child_ended = false;
    bool files_changed = false;  // perhaps
  };
  // Returns when something happened or it is `until`.
  Events Wait(TimePoint until);

  // Watches `path` again, in case the folder was replaced by another one.
  void RefreshWatch();

 private:
  Wakeup(Fd signals, Fd changes, std::string folder)
      : signals_(std::move(signals)), changes_(std::move(changes)), folder_(std::move(folder)) {}

  Fd signals_;
  Fd changes_;
  std::string folder_;
};

}  // namespace underpass::standalone
