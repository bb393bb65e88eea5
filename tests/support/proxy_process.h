// SPDX-License-Identifier: Apache-2.0
// ProxyProcess: a running underpass-proxy with its metrics and log. Thread: any one. The destructor
// kills it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/child.h"
#include "tests/support/deadline.h"
#include "tests/support/temp_dir.h"

namespace underpass::support {

class ProxyProcess {
 public:
  // program: path of underpass-proxy. args: NodePass URLs, --config and the like. Its admin socket
  // is in a directory of its own, its metrics on a free port.
  ProxyProcess(std::string program, std::vector<std::string> args);

  // It said that it is ready, and where its metrics are.
  bool WaitReady(Deadline deadline);
  // SIGKILL, then the same command again; returns without waiting for readiness.
  void KillAndRestart();
  bool Running() { return child_->Running(); }
  Child& child() { return *child_; }

  // The sum over all samples with these label texts (see MetricSum); -1 if the page cannot be
  // fetched.
  double Metric(const std::string& name, const std::vector<std::string>& labels = {}) const;
  // underpass_drops_total of this reason.
  double Drops(const std::string& reason) const;
  bool WaitDrops(const std::string& reason, Deadline deadline) const;
  // A log line with this text, such as "reason=AuthFailed".
  bool WaitLog(const std::string& text, Deadline deadline) {
    return child_->WaitForLine(text, deadline).has_value();
  }

 private:
  void Start();

  const std::string program_;
  const TempDir directory_;
  std::vector<std::string> args_;
  std::unique_ptr<Child> child_;
  std::uint16_t metrics_port_ = 0;  // 0 until WaitReady
};

}  // namespace underpass::support
