// SPDX-License-Identifier: Apache-2.0
#include "proxy/admin/metrics.h"

#include <prometheus/text_serializer.h>

#include <iterator>
#include <limits>
#include <memory>
#include <sstream>
#include <string_view>
#include <utility>

#include "proxy/admin/process_metrics.h"

namespace underpass::admin {
namespace {

using core::TunnelBoard;
using core::TunnelStats;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Boards = std::vector<std::shared_ptr<TunnelBoard>>;
using Labels = std::vector<ClientMetric::Label>;

MetricFamily Family(const char* name, const char* help, MetricType type) {
  return MetricFamily{name, help, type, {}};
}

void AddCounter(MetricFamily& family, Labels labels, std::uint64_t value) {
  ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  metric.counter.value = static_cast<double>(value);
}

void AddGauge(MetricFamily& family, Labels labels, double value) {
  ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  metric.gauge.value = value;
}

void AddHistogram(MetricFamily& family, Labels labels, const core::Histogram& histogram) {
  const core::Histogram::Snapshot snapshot = histogram.Get();
  ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  metric.histogram.sample_sum = snapshot.sum_seconds;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < snapshot.counts.size(); ++i) {
    cumulative += snapshot.counts[i];
    const bool last = i == core::Histogram::kBounds.size();
    metric.histogram.bucket.push_back(
        {cumulative, last ? std::numeric_limits<double>::infinity() : core::Histogram::kBounds[i]});
  }
  metric.histogram.sample_count = cumulative;
}

Labels TunnelLabel(const TunnelBoard& board) { return {{"tunnel", board.label()}}; }

// Every connection of this version carries TCP.
Labels ProtocolLabels(const TunnelBoard& board) {
  return {{"tunnel", board.label()}, {"protocol", "tcp"}};
}

Labels With(Labels labels, const char* name, std::string_view value) {
  labels.push_back({name, std::string(value)});
  return labels;
}

MetricFamily ProtocolGauges(const Boards& boards) {
  MetricFamily family = Family("underpass_connections_active",
                               "Connections between a user and a target now.", MetricType::Gauge);
  for (const auto& board : boards) {
    AddGauge(family, ProtocolLabels(*board),
             static_cast<double>(board->stats().connections_active.Get()));
  }
  return family;
}

// A counter of a tunnel that is split by one label into two values.
struct PairRow {
  const char* name;
  const char* help;
  const char* label;
  const char* first_value;
  core::Counter TunnelStats::* first;
  const char* second_value;
  core::Counter TunnelStats::* second;
  bool by_protocol;
  bool pool_only;
};

constexpr PairRow kPairs[] = {
    {"underpass_connections_total",
     "Ended connections; failed are those refused, never joined, or broken.", "result", "ok",
     &TunnelStats::connections_ok, "failed", &TunnelStats::connections_failed, true, false},
    {"underpass_bytes_total", "Bytes carried, by direction.", "direction", "to_target",
     &TunnelStats::bytes_to_target, "to_user", &TunnelStats::bytes_to_user, true, false},
    {"underpass_handshakes_total", "Tunnel handshakes with a peer.", "result", "ok",
     &TunnelStats::handshakes_ok, "failed", &TunnelStats::handshakes_failed, false, true},
};

bool IsPool(const TunnelBoard& board) { return board.kind() == "pool"; }

MetricFamily Pairs(const Boards& boards, const PairRow& row) {
  MetricFamily family = Family(row.name, row.help, MetricType::Counter);
  for (const auto& board : boards) {
    if (row.pool_only && !IsPool(*board)) continue;
    const Labels labels = row.by_protocol ? ProtocolLabels(*board) : TunnelLabel(*board);
    const TunnelStats& stats = board->stats();
    AddCounter(family, With(labels, row.label, row.first_value), (stats.*row.first).Get());
    AddCounter(family, With(labels, row.label, row.second_value), (stats.*row.second).Get());
  }
  return family;
}

struct PoolGaugeRow {
  const char* name;
  const char* help;
  core::Gauge TunnelStats::* gauge;
};

constexpr PoolGaugeRow kPoolGauges[] = {
    {"underpass_pool_idle", "Pool connections ready for use.", &TunnelStats::pool_idle},
    {"underpass_pool_capacity", "Pool connections kept ready; at a server, the most it takes.",
     &TunnelStats::pool_capacity},
    {"underpass_users_waiting", "Users that wait for a pool connection now.",
     &TunnelStats::users_waiting},
};

MetricFamily PoolGauges(const Boards& boards, const PoolGaugeRow& row) {
  MetricFamily family = Family(row.name, row.help, MetricType::Gauge);
  for (const auto& board : boards) {
    if (!IsPool(*board)) continue;
    AddGauge(family, TunnelLabel(*board), static_cast<double>((board->stats().*row.gauge).Get()));
  }
  return family;
}

struct HistogramRow {
  const char* name;
  const char* help;
  core::Histogram TunnelStats::* histogram;
  bool pool_only;
};

constexpr HistogramRow kHistograms[] = {
    {"underpass_pool_wait_seconds", "A user's wait for a pool connection.", &TunnelStats::pool_wait,
     true},
    {"underpass_connect_seconds", "Time to dial a target, successes only.",
     &TunnelStats::connect_time, false},
    {"underpass_connection_duration_seconds", "Duration of ended connections.",
     &TunnelStats::connection_duration, false},
};

MetricFamily Histograms(const Boards& boards, const HistogramRow& row) {
  MetricFamily family = Family(row.name, row.help, MetricType::Histogram);
  for (const auto& board : boards) {
    if (row.pool_only && !IsPool(*board)) continue;
    AddHistogram(family, TunnelLabel(*board), board->stats().*row.histogram);
  }
  return family;
}

MetricFamily Ready(const Boards& boards) {
  MetricFamily family =
      Family("underpass_tunnel_ready", "1 if the tunnel is connected and can carry users.",
             MetricType::Gauge);
  for (const auto& board : boards) {
    const bool connected = board->state()->phase == core::TunnelPhase::kConnected;
    AddGauge(family, TunnelLabel(*board), connected ? 1 : 0);
  }
  return family;
}

MetricFamily PeerRtt(const Boards& boards) {
  MetricFamily family =
      Family("underpass_peer_rtt_seconds", "Round trip to the peer on the control connection.",
             MetricType::Gauge);
  for (const auto& board : boards) {
    const std::int64_t microseconds = board->stats().peer_rtt_us.Get();
    if (microseconds > 0) {
      AddGauge(family, TunnelLabel(*board), static_cast<double>(microseconds) / 1e6);
    }
  }
  return family;
}

MetricFamily Drops(const Boards& boards) {
  MetricFamily family = Family("underpass_drops_total", "What was refused or given up, by reason.",
                               MetricType::Counter);
  for (const auto& board : boards) {
    for (std::size_t i = 0; i < kErrorCodeCount; ++i) {
      const std::uint64_t count = board->stats().drops[i].Get();
      if (count == 0) continue;
      AddCounter(family, With(TunnelLabel(*board), "reason", Name(static_cast<ErrorCode>(i))),
                 count);
    }
  }
  return family;
}

void AppendProxyFamilies(const core::ProxyControl& control, std::vector<MetricFamily>& families) {
  MetricFamily& build = families.emplace_back(
      Family("underpass_build_info", "Always 1; the label is the version.", MetricType::Gauge));
  AddGauge(build, {{"version", control.Info().version}}, 1);

  const core::ProcessCounters counters = control.Counters();
  MetricFamily& reloads = families.emplace_back(
      Family("underpass_config_reloads_total", "Attempts to load a config.", MetricType::Counter));
  AddCounter(reloads, {{"result", "ok"}}, counters.reloads_ok);
  AddCounter(reloads, {{"result", "failed"}}, counters.reloads_failed);

  MetricFamily& pauses = families.emplace_back(
      Family("underpass_accept_pauses_total",
             "Times that accepting paused for want of file descriptors.", MetricType::Counter));
  AddCounter(pauses, {}, counters.accept_pauses);
}

void AppendTunnelFamilies(const Boards& boards, std::vector<MetricFamily>& families) {
  families.push_back(Ready(boards));
  families.push_back(ProtocolGauges(boards));
  for (const PairRow& row : kPairs) families.push_back(Pairs(boards, row));
  for (const PoolGaugeRow& row : kPoolGauges) families.push_back(PoolGauges(boards, row));
  for (const HistogramRow& row : kHistograms) families.push_back(Histograms(boards, row));
  families.push_back(PeerRtt(boards));
  families.push_back(Drops(boards));
}

}  // namespace

std::vector<MetricFamily> MetricsCollector::Collect() const {
  std::vector<MetricFamily> families;
  AppendProxyFamilies(control_, families);
  AppendTunnelFamilies(control_.Tunnels(), families);
  std::vector<MetricFamily> process = CollectProcessMetrics();
  families.insert(families.end(), std::make_move_iterator(process.begin()),
                  std::make_move_iterator(process.end()));
  return families;
}

std::string MetricsCollector::Text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, Collect());
  return out.str();
}

}  // namespace underpass::admin
