// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "api/base/version.h"
#include "cli/commands.h"

namespace {

using underpass::cli::Console;

void AddProxyOptions(CLI::App& command, underpass::cli::ProxySelection& proxies) {
  command.add_option("--socket", proxies.sockets, "admin socket of a proxy; may be repeated")
      ->type_name("PATH")
      ->allow_extra_args(false);
  command
      .add_option("--state-dir", proxies.state_dirs,
                  "folder with admin sockets; may be repeated (default: "
                  "$XDG_RUNTIME_DIR/underpass and /run/underpass)")
      ->type_name("DIR")
      ->allow_extra_args(false);
}

// Everything that the command line can say.
struct CommandLine {
  explicit CommandLine(const Console& console);

  CLI::App* Add(const char* name, const char* description);

  CLI::App app{"Runs and shows tunnels.", "underpass"};
  underpass::cli::UpOptions up;
  std::vector<std::string> inputs;
  std::string url;
  underpass::cli::StatusOptions status;
  double interval_seconds = 1;
  std::string output = "table";
  underpass::cli::DrainOptions drain;
  int exit_code = 0;
};

CLI::App* CommandLine::Add(const char* name, const char* description) {
  CLI::App* command = app.add_subcommand(name, description);
  command->set_version_flag("--version", std::string("underpass ") + underpass::kVersion);
  return command;
}

CommandLine::CommandLine(const Console& console) {
  app.set_version_flag("--version", std::string("underpass ") + underpass::kVersion);
  app.require_subcommand(1);

  CLI::App* command = Add("up", "Run the Tunnels of a file or folder, and follow its changes.");
  command->add_option("PATH", up.path, "Tunnel file, or folder of *.yaml, *.yml and *.json")
      ->required();
  command
      ->add_option("--state-dir", up.state_dir,
                   "where the proxies' files and sockets are kept (default: "
                   "$XDG_RUNTIME_DIR/underpass, else /run/underpass)")
      ->type_name("DIR");
  command->callback([this, console] { exit_code = RunUp(up, console); });

  command = Add("validate", "Check Tunnel files, ProxyConfigs and NodePass URLs.");
  command->add_option("INPUT", inputs, "file, folder, URL, or - for standard input")->required();
  command->callback([this, console] { exit_code = RunValidate(inputs, console); });

  command = Add("render", "Print the ProxyConfigs that the controller makes of Tunnel files.");
  command->add_option("PATH", inputs, "file, folder, or - for standard input")->required();
  command->callback([this, console] { exit_code = RunRender(inputs, console); });

  command = Add("status", "Show the tunnels of the proxies on this machine.");
  AddProxyOptions(*command, status.proxies);
  command
      ->add_option("--interval", interval_seconds,
                   "seconds between the two samples of a rate; 0: no rates")
      ->check(CLI::Range(0.0, 3600.0))
      ->type_name("SECONDS")
      ->capture_default_str();
  command->add_flag("--watch", status.watch, "draw again at each change and interval");
  command->add_option("-o,--output", output, "form of the output")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  command->footer("RATE IN/OUT is from users and to users. AGE is the time in this STATE.");
  command->callback([this, console] {
    status.interval = std::chrono::milliseconds(static_cast<int>(interval_seconds * 1000));
    status.json = output == "json";
    exit_code = RunStatus(status, console);
  });

  command = Add("convert", "Print the Tunnel that a NodePass URL stands for.");
  command->add_option("URL", url, "server://... or client://...")->required();
  command->callback([this, console] { exit_code = RunConvert(url, console); });

  command = Add("drain", "Let a tunnel, or a whole proxy, finish and take no new users.");
  command->add_option("TUNNEL", drain.tunnel, "name, or namespace/name; without it: the proxy");
  command->add_flag("--all", drain.all, "without TUNNEL: drain all proxies that are found");
  AddProxyOptions(*command, drain.proxies);
  command->callback([this, console] { exit_code = RunDrain(drain, console); });
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): an exception of a wrong set-up may end it
int main(int argc, char** argv) {
  const Console console{std::cin, std::cout, std::cerr, isatty(STDOUT_FILENO) != 0};
  CommandLine line(console);
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return line.app.exit(error) == 0 ? 0 : 1;
  }
  return line.exit_code;
}
