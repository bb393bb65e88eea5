// SPDX-License-Identifier: Apache-2.0
#include "tests/proxy/relay_suite/path.h"

#include <utility>

namespace underpass::relay_suite {

Path::Path(std::vector<v1alpha1::Tunnel> ends) : ends_(std::move(ends)) {
  for (const v1alpha1::Tunnel& tunnel : ends_) {
    proxies_.push_back(std::make_unique<app::RunningProxy>());
    proxies_.back()->Apply({tunnel});
  }
}

bool Path::WaitConnected(support::Deadline deadline) const {
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    if (!proxies_[i]->WaitPhase(ends_[i].metadata.name, core::TunnelPhase::kConnected, deadline))
      return false;
  }
  return true;
}

void Path::Replace(std::size_t end) {
  proxies_[end]->Apply({});
  proxies_[end]->Apply({ends_[end]});
}

void Path::KillAndRestart(std::size_t end) {
  proxies_[end].reset();
  proxies_[end] = std::make_unique<app::RunningProxy>();
  proxies_[end]->Apply({ends_[end]});
}

const core::TunnelStats& Path::StatsOf(std::size_t end) const {
  return proxies_[end]->Board(ends_[end].metadata.name)->stats();
}

}  // namespace underpass::relay_suite
