// SPDX-License-Identifier: Apache-2.0
#include "cli/status_table.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/text_table.h"

namespace underpass::cli {
namespace {

using admin::v1::Status;
using admin::v1::TunnelStatus;

constexpr char kConnected[] = "Connected";

// "3s", "5m", "2h", "4d": the largest unit of which there are two, else the one below.
std::string Age(std::int64_t milliseconds) {
  const std::int64_t seconds = std::max<std::int64_t>(0, milliseconds) / 1000;
  if (seconds < 120) return std::to_string(seconds) + "s";
  if (seconds < 2 * 3600) return std::to_string(seconds / 60) + "m";
  if (seconds < 2 * 86400) return std::to_string(seconds / 3600) + "h";
  return std::to_string(seconds / 86400) + "d";
}

std::string Rate(double bytes_per_second) {
  constexpr std::array<const char*, 5> kUnits = {"B/s", "kB/s", "MB/s", "GB/s", "TB/s"};
  std::size_t unit = 0;
  // 999.5 would print as 1000.
  while (bytes_per_second >= (unit == 0 ? 999.5 : 999.95) && unit + 1 < kUnits.size()) {
    bytes_per_second /= 1000;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", bytes_per_second,
                kUnits[unit]);
  return text.data();
}

const TunnelStatus* Find(const Status& status, const std::string& label) {
  for (const TunnelStatus& tunnel : status.tunnels()) {
    if (tunnel.label() == label) return &tunnel;
  }
  return nullptr;
}

// Counters that were reset in between count as no traffic.
double PerSecond(std::uint64_t before, std::uint64_t now, double seconds) {
  return now < before ? 0 : static_cast<double>(now - before) / seconds;
}

std::string Rates(const ProxySample& sample, const TunnelStatus& now) {
  if (!sample.earlier.has_value()) return "-";
  const double seconds =
      static_cast<double>(sample.status->now_unix_ms() - sample.earlier->now_unix_ms()) / 1000;
  const TunnelStatus* before = Find(*sample.earlier, now.label());
  if (before == nullptr || seconds <= 0) return "-";
  return Rate(PerSecond(before->bytes_to_target(), now.bytes_to_target(), seconds)) + " / " +
         Rate(PerSecond(before->bytes_to_user(), now.bytes_to_user(), seconds));
}

std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }

std::string Peer(const TunnelStatus& tunnel) {
  if (tunnel.peer().empty() || tunnel.peer_kind().empty()) return OrDash(tunnel.peer());
  return tunnel.peer() + " (" + tunnel.peer_kind() + ")";
}

std::string Pool(const TunnelStatus& tunnel) {
  if (tunnel.kind() != "pool") return "-";
  return std::to_string(tunnel.pool_idle()) + "/" + std::to_string(tunnel.pool_capacity());
}

std::string Colour(const std::string& phase) {
  if (phase == kConnected) return "\x1b[32m";
  if (phase == "Failed") return "\x1b[31m";
  return "\x1b[33m";
}

void AddTunnel(const ProxySample& sample, const TunnelStatus& tunnel, bool colour,
               TextTable& table) {
  table.AddRow({
      {tunnel.label(), ""},
      {tunnel.kind(), ""},
      {OrDash(tunnel.role()), ""},
      {tunnel.phase(), colour ? Colour(tunnel.phase()) : ""},
      {Peer(tunnel), ""},
      {Pool(tunnel), ""},
      {std::to_string(tunnel.connections_active()), ""},
      {Rates(sample, tunnel), ""},
      {OrDash(tunnel.entry()), ""},
      {Age(sample.status->now_unix_ms() - tunnel.phase_since_unix_ms()), ""},
  });
}

// "db: Waiting, ConnectRefused: dial ..." and "  next: ...".
std::string Trouble(const TunnelStatus& tunnel) {
  if (tunnel.phase() == kConnected) return {};
  std::string text = tunnel.label() + ": " + tunnel.phase();
  if (!tunnel.reason().empty()) text += ", " + tunnel.reason();
  if (!tunnel.message().empty()) text += ": " + tunnel.message();
  text += "\n";
  if (!tunnel.next_step().empty()) {
    text += "  next: " + tunnel.next_step() + "\n";
  } else if (tunnel.reason().empty() && tunnel.phase() == "Waiting") {
    text += tunnel.role() == "Server"
                ? "  next: start the client; the tunnel port is " +
                      OrDash(tunnel.tunnel_address()) + "\n"
                : "  next: start the server at " + OrDash(tunnel.tunnel_address()) + "\n";
  }
  return text;
}

std::string ProxyLine(const ProxySample& sample) {
  if (!sample.status.has_value()) return "proxy " + sample.socket + ": " + sample.error + "\n";
  const Status& status = *sample.status;
  std::string text = "proxy " + sample.socket + ": pid " + std::to_string(status.pid()) +
                     ", version " + status.version();
  if (status.has_revision()) text += ", revision " + std::to_string(status.revision());
  text += ", up " + Age(status.now_unix_ms() - status.started_unix_ms());
  if (status.draining()) text += ", draining";
  if (status.tunnels().empty()) text += ", no tunnels";
  if (!status.metrics_address().empty()) {
    text += ", metrics http://" + status.metrics_address() + "/metrics";
  }
  return text + "\n";
}

}  // namespace

std::string DrawStatus(const std::vector<ProxySample>& samples, bool colour) {
  TextTable table(
      {"TUNNEL", "KIND", "ROLE", "STATE", "PEER", "POOL", "ACTIVE", "RATE IN/OUT", "ENTRY", "AGE"});
  std::string troubles;
  std::string proxies;
  bool any_tunnel = false;
  for (const ProxySample& sample : samples) {
    proxies += ProxyLine(sample);
    if (!sample.status.has_value()) continue;
    for (const TunnelStatus& tunnel : sample.status->tunnels()) {
      AddTunnel(sample, tunnel, colour, table);
      troubles += Trouble(tunnel);
      any_tunnel = true;
    }
  }
  std::string text;
  if (any_tunnel) text += table.Draw() + "\n";
  if (!troubles.empty()) text += troubles + "\n";
  return text + proxies;
}

std::string StatusAsJson(const std::vector<ProxySample>& samples) {
  nlohmann::ordered_json proxies = nlohmann::ordered_json::array();
  for (const ProxySample& sample : samples) {
    nlohmann::ordered_json proxy = {{"socket", sample.socket}};
    google::protobuf::util::JsonPrintOptions options;
    options.always_print_primitive_fields = true;
    std::string json;
    if (!sample.status.has_value()) {
      proxy["error"] = sample.error;
    } else if (const auto printed =
                   google::protobuf::util::MessageToJsonString(*sample.status, &json, options);
               printed.ok()) {
      proxy["status"] = nlohmann::ordered_json::parse(json);
    } else {
      proxy["error"] = printed.ToString();
    }
    proxies.push_back(std::move(proxy));
  }
  return nlohmann::ordered_json{{"proxies", std::move(proxies)}}.dump(2) + "\n";
}

}  // namespace underpass::cli
