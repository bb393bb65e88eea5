// SPDX-License-Identifier: Apache-2.0
#include "proxy/admin/http_pages.h"

#include <chrono>

#include "proxy/admin/metrics.h"
#include "proxy/admin/status_message.h"

namespace underpass::admin {
namespace {

// Below the second in which HttpServer ends.
constexpr std::chrono::milliseconds kWorkersAnswer{500};
constexpr char kText[] = "text/plain; charset=utf-8";

Page Probe(const Result<void>& result) {
  if (result.has_value()) return {200, kText, "ok\n"};
  std::string body = result.error().ToString() + "\n";
  if (const auto next = NextStep(result.error().code); !next.empty()) {
    body.append(next).append("\n");
  }
  return {503, kText, std::move(body)};
}

Page StatusPage(const core::ProxyControl& control, const std::string& metrics_address) {
  Result<std::string> json = StatusJson(BuildStatus(control, metrics_address));
  if (!json.has_value()) return {500, kText, json.error().ToString() + "\n"};
  return {200, "application/json", std::move(*json)};
}

}  // namespace

Page RenderPage(const core::ProxyControl& control, const std::string& metrics_address,
                const std::string& path) {
  if (path == "/metrics") {
    return {200, "text/plain; version=0.0.4; charset=utf-8", MetricsCollector(control).Text()};
  }
  if (path == "/healthz") return Probe(control.Healthy(kWorkersAnswer));
  if (path == "/readyz") return Probe(control.Ready(kWorkersAnswer));
  if (path == "/status") return StatusPage(control, metrics_address);
  return {404, kText,
          "Not found. Here are:\n"
          "/metrics  numbers for Prometheus\n"
          "/healthz  200 while the workers run\n"
          "/readyz   200 while users can be taken, else 503 with the reason\n"
          "/status   state of the tunnels as JSON\n"};
}

}  // namespace underpass::admin
