// SPDX-License-Identifier: Apache-2.0
#include "proxy/core/board.h"

#include <bit>
#include <utility>

#include "api/base/check.h"
#include "api/base/log.h"

namespace underpass::core {
namespace {

std::string LabelOf(const v1alpha1::ObjectName& name) {
  return name.namespace_name == "default" ? name.name : name.namespace_name + "/" + name.name;
}

}  // namespace

std::string_view Name(TunnelPhase phase) {
  switch (phase) {
    case TunnelPhase::kStarting:
      return "Starting";
    case TunnelPhase::kWaiting:
      return "Waiting";
    case TunnelPhase::kConnected:
      return "Connected";
    case TunnelPhase::kFailed:
      return "Failed";
    case TunnelPhase::kDraining:
      return "Draining";
  }
  CHECK(false);
}

TunnelBoard::TunnelBoard(v1alpha1::ObjectName name, std::string kind, std::string role,
                         StateListener& listener)
    : name_(std::move(name)),
      label_(LabelOf(name_)),
      kind_(std::move(kind)),
      role_(std::move(role)),
      listener_(listener),
      state_(std::make_shared<TunnelState>()) {}

std::shared_ptr<const TunnelState> TunnelBoard::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void TunnelBoard::Set(TunnelState state) {
  {
    const std::lock_guard lock(mutex_);
    const bool same_phase =
        state_->since.time_since_epoch().count() != 0 && state_->phase == state.phase;
    state.since = same_phase ? state_->since : std::chrono::system_clock::now();
    state_ = std::make_shared<const TunnelState>(std::move(state));
  }
  listener_.OnStateChanged();
}

void TellAcceptPaused(TunnelBoard& board, int sys_errno) {
  const ErrorCode code = ErrorCodeFromErrno(sys_errno);
  board.stats().CountDrop(code);
  board.stats().accept_pauses.Add();
  const std::uint64_t count = board.stats().accept_pauses.Get();
  if (!std::has_single_bit(count)) return;
  Log(LogLevel::kWarn, "accepting paused",
      {{"tunnel", board.label()},
       {"reason", Name(code)},
       {"count", count},
       {"next", NextStep(code)}});
}

}  // namespace underpass::core
