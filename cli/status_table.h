// SPDX-License-Identifier: Apache-2.0
// What `underpass status` draws, from samples of the proxies' status.
// Thread: any; pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/admin/v1/admin.pb.h"

namespace underpass::cli {

// One proxy at one time.
struct ProxySample {
  std::string socket;
  std::string error;  // why there is no status; empty iff there is one
  std::optional<admin::v1::Status> status;
  std::optional<admin::v1::Status> earlier;  // a sample before `status`, for rates
};

// One table of all tunnels, then what is wrong and the next step for each that is not connected,
// then the proxies with their metrics addresses, and the sockets that do not answer. Ages are
// relative to each proxy's own clock.
//   colour: ANSI colours for the state.
std::string DrawStatus(const std::vector<ProxySample>& samples, bool colour);

// {"proxies": [{"socket": ..., "status": {...}} or {"socket": ..., "error": ...}]}, with a newline.
// The status is in protobuf's JSON mapping, as at /status.
std::string StatusAsJson(const std::vector<ProxySample>& samples);

}  // namespace underpass::cli
