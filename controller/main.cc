// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "api/base/check.h"
#include "api/base/log.h"
#include "api/base/version.h"
#include "controller/app/controller_app.h"

// NOLINTNEXTLINE(bugprone-exception-escape): an exception of a wrong set-up may end it
int main(int argc, char** argv) {
  CLI::App app(
      "Runs Tunnels: reads Tunnel files, runs an underpass-proxy for each group of them, and "
      "follows "
      "changes of the files.",
      "underpass-controller");
  underpass::app::ControllerFlags flags;
  std::string log_level = "info";
  std::string log_format = "logfmt";
  app.add_option("--manifests", flags.manifests,
                 "Tunnel file, or folder of *.yaml, *.yml and *.json")
      ->type_name("FILE|DIR");
  app.add_option("--state-dir", flags.state_dir,
                 "where configs, keys and sockets of the proxies are kept "
                 "(default: $XDG_RUNTIME_DIR/underpass, else /run/underpass)")
      ->type_name("DIR");
  app.add_option("--proxy", flags.proxy,
                 "the underpass-proxy program (default: beside this one, else in PATH)")
      ->type_name("FILE");
  app.add_option("--log-level", log_level, "least important level that is printed")
      ->capture_default_str()
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "event", "none"}))
      ->type_name("LEVEL");
  app.add_option("--log-format", log_format, "form of log lines")
      ->capture_default_str()
      ->check(CLI::IsMember({"logfmt", "json"}))
      ->type_name("FORMAT");
  app.set_version_flag("--version", std::string("underpass-controller ") + underpass::kVersion);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  if (flags.manifests.empty()) {
    std::cerr << "underpass-controller " << underpass::kVersion << "\n\n" << app.help();
    return 1;
  }
  CHECK(underpass::ParseLogLevel(log_level, flags.log_level));
  if (log_format == "json") flags.log_format = underpass::LogFormat::kJson;
  return underpass::app::RunController(flags);
}
