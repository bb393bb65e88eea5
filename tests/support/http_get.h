// SPDX-License-Identifier: Apache-2.0
// A GET over a plain socket, and values out of a Prometheus text page.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/deadline.h"

namespace underpass::support {

struct HttpReply {
  int status = 0;
  std::string head;
  std::string body;  // chunks joined
};

// nullopt: no whole answer before the deadline.
std::optional<HttpReply> HttpGet(std::uint16_t port, const std::string& path, Deadline deadline);

// The sum of all samples of `name` whose label block contains each of `labels` (such as
// `reason="AuthFailed"`). 0 if there is none.
double MetricSum(std::string_view page, const std::string& name,
                 const std::vector<std::string>& labels = {});

}  // namespace underpass::support
