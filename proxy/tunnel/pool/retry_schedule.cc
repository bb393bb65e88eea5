// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel/pool/retry_schedule.h"

#include <algorithm>
#include <array>

#include "api/base/defaults.h"

namespace underpass::tunnel {
namespace {

using std::chrono::milliseconds;

bool NeedsAPerson(ErrorCode code) {
  switch (code) {
    case ErrorCode::kAuthFailed:
    case ErrorCode::kHandshakeRejected:
    case ErrorCode::kPeerUnknown:
    case ErrorCode::kPeerTooOld:
    case ErrorCode::kUnsupported:
    case ErrorCode::kFlowMismatch:
    case ErrorCode::kAddressInUse:
    case ErrorCode::kPermissionDenied:
      return true;
    default:
      return false;
  }
}

}  // namespace

Duration RetrySchedule::Next(ErrorCode code, TimePoint now) {
  constexpr std::array<milliseconds, 4> kFirst = {milliseconds(2), milliseconds(5),
                                                  milliseconds(10), milliseconds(20)};
  const auto failure = static_cast<std::size_t>(failures_++);
  if (NeedsAPerson(code)) return defaults::kRetryMax;
  if (failure < kFirst.size()) return kFirst[failure];
  const int doublings = std::min<int>(static_cast<int>(failure) - 3, 10);
  milliseconds wait = std::min<milliseconds>(kFirst.back() * (1 << doublings), defaults::kRetryMax);
  if (now < fast_until_) wait = std::min(wait, defaults::kRetryMaxAfterSession);
  // Between half and all of it, so that many clients of one server spread out.
  return milliseconds(
      std::uniform_int_distribution<std::int64_t>(wait.count() / 2, wait.count())(random_));
}

void RetrySchedule::SessionLost(TimePoint now) {
  failures_ = 0;
  fast_until_ = now + defaults::kRetryFastFor;
}

}  // namespace underpass::tunnel
