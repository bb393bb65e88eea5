// SPDX-License-Identifier: Apache-2.0
// The process_* metrics that every Prometheus client has, read from /proc.
// Source: https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
// Thread: any.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

namespace underpass::admin {

// What cannot be read is left out.
std::vector<prometheus::MetricFamily> CollectProcessMetrics();

}  // namespace underpass::admin
