// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/base/defaults.h"
#include "api/base/result.h"
#include "proxy/core/control.h"

namespace underpass::app {

// The admin servers of a proxy while they run. They are started through a function so that this
// folder, and the thread sanitizer's build of it, do without gRPC.
class AdminHandle {
 public:
  virtual ~AdminHandle() = default;
};
using StartAdmin = std::function<Result<std::unique_ptr<AdminHandle>>(core::ProxyControl&)>;

struct RunOptions {
  std::string config_file;        // either this one
  std::vector<std::string> urls;  // or these
  int workers = 0;                // 0 = one a CPU
  std::chrono::seconds drain_delay = defaults::kDrainDelay;
  std::chrono::seconds grace = defaults::kGrace;
  bool log_level_given = false;  // a level of the command line wins over a URL's
};

// Runs a proxy until it has drained: SIGTERM and SIGINT drain, a second one ends at once, SIGHUP
// and a change of the config file reload.   Requires: called once, in the main thread, before any
// other thread is made. Returns the exit code: 0 drained, 1 could not start, 2 ended before it had
// drained.
int Run(const RunOptions& options, const StartAdmin& start_admin);

}  // namespace underpass::app
