// SPDX-License-Identifier: Apache-2.0
// Two tunnels in one proxy: one is attacked, the other must not notice.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/interop/tunnel_pair.h"

namespace underpass::interop {

class BadInputFixture {
 public:
  explicit BadInputFixture(Ends attacked)
      : attacked_(attacked), other_({true, '-', Dialect::kJson}) {
    proxy_.emplace(ProxyProgram(), std::vector<std::string>{attacked_.Url(), other_.Url()});
  }

  TunnelPair& attacked() { return attacked_; }
  support::ProxyProcess& proxy() { return *proxy_; }

  // The proxy and the other tunnel are up.
  testing::AssertionResult Start() {
    using std::chrono::seconds;
    if (!proxy_->WaitReady(support::In(seconds(10)))) return Failure("not ready");
    other_.StartPeer();
    if (!other_.WaitUsable(support::In(seconds(10))))
      return Failure("the other tunnel does not come up");
    return testing::AssertionSuccess();
  }

  // The reason is counted and logged, the proxy lives, the other tunnel carries users.
  testing::AssertionResult Refused(const std::string& reason) {
    using std::chrono::seconds;
    if (!proxy_->WaitDrops(reason, support::In(seconds(5))))
      return Failure(reason + " is not counted");
    if (!proxy_->WaitLog("reason=" + reason, support::In(seconds(1))))
      return Failure(reason + " is not logged");
    if (!proxy_->Running()) return Failure("the proxy died");
    if (!other_.Echo(50'000, support::In(seconds(5)))) return Failure("the other tunnel broke");
    return testing::AssertionSuccess();
  }

  testing::AssertionResult Failure(const std::string& what) {
    return testing::AssertionFailure() << what << "; its log:\n" << proxy_->child().Output();
  }

 private:
  TunnelPair attacked_;
  TunnelPair other_;
  std::optional<support::ProxyProcess> proxy_;
};

}  // namespace underpass::interop
