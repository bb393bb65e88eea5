// SPDX-License-Identifier: Apache-2.0
// controller/standalone: runs Tunnels from files, without a cluster: reads them, plans as in the
// cluster, writes what each proxy reads, runs underpass-proxy once per group, and does it again
// when the files change. What decides is pure (supervisor.h, manifests.h, plan.h); the rest are
// thin edges (state_dir.h, child_process.h, wakeup.h).
#pragma once

#include <string>
#include <vector>

#include "api/base/result.h"

namespace underpass::standalone {

struct Options {
  std::string manifests;                 // file or folder
  std::string state_dir;                 // empty: RuntimeDir()
  std::string proxy;                     // path of underpass-proxy; empty: searched
  std::vector<std::string> proxy_flags;  // given to each proxy behind its own
};

// Runs until SIGTERM or SIGINT, then ends the proxies in order; a second signal kills them.
// A change with an error in any file, or one that would end a running Tunnel by a problem of its
// own, changes nothing.
// Errors, all before a proxy is started: kInvalidConfig (the manifests have errors, which were
// logged, or no Tunnel of them can run), kAddressInUse (another controller has the state folder),
// kNotFound (no proxy program), others of the system.
// Requires: called once, by a process with one thread.
Result<void> Run(const Options& options);

}  // namespace underpass::standalone
