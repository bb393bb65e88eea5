// SPDX-License-Identifier: Apache-2.0
// underpass-proxy: the data plane. `underpass-proxy URL...` as NodePass, or `underpass-proxy
// --config FILE`.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "api/base/host_port.h"
#include "api/base/log.h"
#include "api/base/runtime_dir.h"
#include "api/base/version.h"
#include "proxy/admin/admin_server.h"
#include "proxy/app/run.h"

namespace {

using underpass::ErrorCode;
using underpass::Fail;
using underpass::LogLevel;
using underpass::Result;

struct AdminOptions {
  std::string socket;  // "" = the default place, "none" = no gRPC
  std::string
      metrics_address;  // "" = 127.0.0.1 and the first free port of the range, "none" = no HTTP
};

class AdminServers final : public underpass::app::AdminHandle {
 public:
  std::unique_ptr<underpass::admin::HttpServer> http;
  std::unique_ptr<underpass::admin::AdminServer> grpc;
};

// Where `underpass status` looks.
std::string DefaultSocket() {
  return underpass::RuntimeDir() + "/proxy-" + std::to_string(getpid()) + ".sock";
}

Result<std::unique_ptr<underpass::admin::HttpServer>> StartHttp(
    underpass::core::ProxyControl& control, const std::string& address) {
  namespace defaults = underpass::defaults;
  if (address.empty()) {
    return underpass::admin::HttpServer::Start(control, "127.0.0.1", defaults::kAdminPortFirst,
                                               defaults::kAdminPortLast);
  }
  if (address.ends_with(":0")) {
    return underpass::admin::HttpServer::Start(control, address.substr(0, address.size() - 2), 0,
                                               0);
  }
  const Result<underpass::HostPort> parsed = underpass::ParseHostPort(address);
  if (!parsed.has_value())
    return Fail(ErrorCode::kInvalidConfig, "--metrics-address: " + parsed.error().context);
  const std::string host = parsed->host.empty() ? "0.0.0.0" : parsed->host;
  return underpass::admin::HttpServer::Start(control, host, parsed->port, parsed->port);
}

// What was asked for must start; what is only a default may not.
Result<std::unique_ptr<underpass::app::AdminHandle>> StartAdmin(
    underpass::core::ProxyControl& control, const AdminOptions& options) {
  auto servers = std::make_unique<AdminServers>();
  std::string metrics;
  if (options.metrics_address != "none") {
    auto http = StartHttp(control, options.metrics_address);
    if (http.has_value()) {
      servers->http = std::move(*http);
      metrics = servers->http->address();
      Log(LogLevel::kInfo, "metrics", {{"address", "http://" + metrics + "/metrics"}});
    } else if (!options.metrics_address.empty()) {
      return Fail(http.error());
    } else {
      Log(LogLevel::kWarn, "no metrics", {{"error", http.error().ToString()}});
    }
  }
  if (options.socket != "none") {
    const std::string socket = options.socket.empty() ? DefaultSocket() : options.socket;
    auto grpc = underpass::admin::AdminServer::Start(control, socket, metrics);
    if (grpc.has_value()) {
      servers->grpc = std::move(*grpc);
      Log(LogLevel::kInfo, "admin", {{"socket", socket}});
    } else if (!options.socket.empty()) {
      return Fail(grpc.error());
    } else {
      Log(LogLevel::kWarn, "no admin socket", {{"error", grpc.error().ToString()}});
    }
  }
  return std::unique_ptr<underpass::app::AdminHandle>(std::move(servers));
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): an exception of a wrong set-up may end it
int main(int argc, char** argv) {
  CLI::App app{
      "The data plane of Underpass: runs the tunnels of a config file or of NodePass URLs.\n"
      "  underpass-proxy 'server://key@0.0.0.0:10101/127.0.0.1:8080'\n"
      "  underpass-proxy 'client://key@server.example.com:10101/127.0.0.1:80'\n"
      "  underpass-proxy --config proxy.yaml",
      "underpass-proxy"};
  app.set_version_flag("--version", std::string("underpass-proxy ") + underpass::kVersion);

  underpass::app::RunOptions run;
  AdminOptions admin;
  std::string log_level;
  std::string log_format = "logfmt";
  int drain_delay = static_cast<int>(run.drain_delay.count());
  int grace = static_cast<int>(run.grace.count());
  auto* const urls = app.add_option("url", run.urls, "NodePass URLs, server://... or client://...");
  app.add_option("--config", run.config_file, "ProxyConfig file; read again when it changes")
      ->excludes(urls);
  app.add_option("--workers", run.workers, "Threads that carry traffic; 0 = one a CPU")
      ->check(CLI::Range(0, 256));
  app.add_option("--admin-socket", admin.socket,
                 "Unix socket of the gRPC admin; none = off (default: "
                 "$XDG_RUNTIME_DIR/underpass/proxy-PID.sock)");
  app.add_option("--metrics-address", admin.metrics_address,
                 "HTTP address of /metrics /healthz /readyz /status; none = off\n(default: "
                 "127.0.0.1, first free port of "
                 "9090-9099)");
  app.add_option("--drain-delay", drain_delay, "Seconds from SIGTERM until no new users are taken")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
  app.add_option("--grace", grace, "Seconds that live connections get to finish")
      ->check(CLI::Range(0, 86400))
      ->capture_default_str();
  app.add_option("--log-level", log_level,
                 "debug, info, warn, error, event or none (default: info, or a URL's ?log=)")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "event", "none"}));
  app.add_option("--log-format", log_format, "logfmt or json")
      ->check(CLI::IsMember({"logfmt", "json"}))
      ->capture_default_str();

  if (argc == 1) {
    std::cout << "underpass-proxy " << underpass::kVersion << "\n\n" << app.help();
    return 1;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  if (run.urls.empty() && run.config_file.empty()) {
    std::cerr << "underpass-proxy: give NodePass URLs or --config FILE (see --help)\n";
    return 1;
  }
  run.drain_delay = std::chrono::seconds(drain_delay);
  run.grace = std::chrono::seconds(grace);
  if (log_format == "json") underpass::SetLogFormat(underpass::LogFormat::kJson);
  if (!log_level.empty()) {
    LogLevel level = LogLevel::kInfo;
    underpass::ParseLogLevel(log_level, level);
    underpass::SetLogLevel(level);
    run.log_level_given = true;
  }
  return underpass::app::Run(
      run, [&](underpass::core::ProxyControl& control) { return StartAdmin(control, admin); });
}
