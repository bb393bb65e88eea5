// SPDX-License-Identifier: Apache-2.0
// Everything that /metrics shows, read from the boards at the moment of the scrape; nothing is
// kept. The list of names is in docs/metrics.md; `reason` values are the names of ErrorCode.
// Thread: any.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <string>
#include <vector>

#include "proxy/core/control.h"

namespace underpass::admin {

class MetricsCollector : public prometheus::Collectable {
 public:
  // control: outlives this.
  explicit MetricsCollector(const core::ProxyControl& control) : control_(control) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

  // In the Prometheus text format 0.0.4.
  std::string Text() const;

 private:
  const core::ProxyControl& control_;
};

}  // namespace underpass::admin
