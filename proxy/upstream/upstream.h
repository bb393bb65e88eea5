// SPDX-License-Identifier: Apache-2.0
// proxy/upstream: targets out. Upstream picks and dials a tunnel's targets; one that fails hands
// over to the next.
#pragma once

#include <memory>
#include <vector>

#include "api/v1alpha1/tunnel_spec.h"
#include "proxy/core/board.h"
#include "proxy/core/resolver.h"
#include "proxy/core/transport.h"

namespace underpass::upstream {

class DialEvents {
 public:
  // Exactly one of the two, once, never inside Dial. The receiver may destroy the PendingDial here.
  virtual void OnDialed(std::unique_ptr<core::Stream> stream, const HostPort& target) = 0;
  // error: of the last target tried.
  virtual void OnDialFailed(const Error& error) = 0;

 protected:
  ~DialEvents() = default;
};

// A dial under way. Destroying it gives it up.
class PendingDial : public core::Deferred {};

// Round robin over the targets; a target that fails is skipped for this dial. Thread: the loop.
class Upstream final {
 public:
  // targets: at least one. The others outlive the upstream and its dials.
  Upstream(core::Dispatcher& dispatcher, core::Resolver& resolver, core::TunnelBoard& board,
           std::vector<v1alpha1::TargetSpec> targets, Duration dns_cache);

  // Tries each target once, each within defaults::kDialTimeout. Errors: see core::Transport::Open.
  std::unique_ptr<PendingDial> Dial(DialEvents& events);

 private:
  class Attempt;

  core::Dispatcher& dispatcher_;
  core::Resolver& resolver_;
  core::TunnelBoard& board_;
  const std::vector<v1alpha1::TargetSpec> targets_;
  const Duration dns_cache_;
  std::size_t next_ = 0;
};

}  // namespace underpass::upstream
