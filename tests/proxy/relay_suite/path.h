// SPDX-License-Identifier: Apache-2.0
// Path: the running ends of one carrier, each in a proxy of its own. Thread: any one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "api/v1alpha1/tunnel_spec.h"
#include "tests/proxy/app/running_proxy.h"
#include "tests/support/deadline.h"

namespace underpass::relay_suite {

class Path {
 public:
  // ends: as of Carrier::make_ends.
  explicit Path(std::vector<v1alpha1::Tunnel> ends);

  bool WaitConnected(support::Deadline deadline) const;

  std::size_t ends() const { return ends_.size(); }
  // The tunnel is taken out of its proxy's config and put in again, as two reloads do it.
  void Replace(std::size_t end);
  // The proxy of this end dies with all its connections; a new one starts.
  void KillAndRestart(std::size_t end);

  const core::TunnelStats& entry_stats() const { return StatsOf(0); }
  const core::TunnelStats& exit_stats() const { return StatsOf(ends_.size() - 1); }

 private:
  const core::TunnelStats& StatsOf(std::size_t end) const;

  const std::vector<v1alpha1::Tunnel> ends_;
  std::vector<std::unique_ptr<app::RunningProxy>> proxies_;
};

}  // namespace underpass::relay_suite
