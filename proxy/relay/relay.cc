// SPDX-License-Identifier: Apache-2.0
#include "proxy/relay/relay.h"

#include <utility>

#include "api/base/check.h"

namespace underpass::relay {

Relay::Relay(core::Dispatcher& dispatcher, Resources& resources, std::unique_ptr<core::Stream> user,
             std::unique_ptr<core::Stream> target, Counters counters, Duration idle_timeout,
             RelayEvents& events)
    : dispatcher_(dispatcher),
      user_(std::move(user)),
      target_(std::move(target)),
      to_target_(*user_, *target_, resources, counters.to_target),
      to_user_(*target_, *user_, resources, counters.to_user),
      user_side_(*this, to_target_, to_user_),
      target_side_(*this, to_user_, to_target_),
      events_(events),
      idle_timeout_(idle_timeout) {}

Relay::~Relay() = default;

void Relay::Start() {
  DCHECK(dispatcher_.IsInLoop());
  user_->SetEvents(&user_side_);
  target_->SetEvents(&target_side_);
  if (idle_timeout_ > Duration::zero()) {
    idle_ = dispatcher_.CreateTimer([this] { CheckIdle(); });
    idle_->Arm(idle_timeout_);
  }
  again_ = dispatcher_.CreateTimer([this] { Pump(&to_target_, &to_user_); });
  again_->Arm(Duration::zero());
}

void Relay::Pump(Direction* first, Direction* second) {
  bool again = false;
  for (Direction* direction : {first, second}) {
    if (direction == nullptr || ended_) continue;
    switch (direction->Pump()) {
      case Direction::Outcome::kFailed:
        End(ErrnoError(direction->sys_errno(),
                       direction == &to_target_ ? "user to target" : "target to user"));
        return;
      case Direction::Outcome::kAgain:
        again = true;
        break;
      case Direction::Outcome::kWaiting:
      case Direction::Outcome::kDone:
        break;
    }
  }
  if (ended_) return;
  if (to_target_.done() && to_user_.done()) return End(std::nullopt);
  if (again) again_->Arm(Duration::zero());
}

void Relay::CheckIdle() {
  const std::uint64_t bytes = bytes_to_target() + bytes_to_user();
  if (bytes == bytes_at_check_) {
    return End(Error{ErrorCode::kIdleTimeout, 0, "no data"});
  }
  // Checked once a period, so a relay ends between one and two periods after its last byte.
  bytes_at_check_ = bytes;
  idle_->Arm(idle_timeout_);
}

void Relay::End(const std::optional<Error>& error) {
  ended_ = true;
  user_->SetEvents(nullptr);
  target_->SetEvents(nullptr);
  again_->Disarm();
  if (idle_ != nullptr) idle_->Disarm();
  if (error.has_value()) {
    user_->Abort();
    target_->Abort();
  }
  events_.OnRelayEnded(*this, error);
}

}  // namespace underpass::relay
