// SPDX-License-Identifier: Apache-2.0
// cli: what the `underpass` program does, one function a subcommand. main.cc only reads the command
// line. Each returns the exit code: 0, or 1 when something was wrong, which `err` then says.
// Thread: one.
#pragma once

#include <chrono>
#include <iosfwd>
#include <string>
#include <vector>

namespace underpass::cli {

// Where a command writes, and what "-" reads.
struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool terminal = false;  // out is one: colours, and --watch clears the screen
};

struct UpOptions {
  std::string path;       // Tunnel file or folder
  std::string state_dir;  // empty: the controller's default
};
// Becomes underpass-controller; returns only if that failed.
int RunUp(const UpOptions& options, const Console& console);

// inputs: files, folders, "-" and NodePass URLs.
int RunValidate(const std::vector<std::string>& inputs, const Console& console);

// inputs: as for RunValidate, but no URLs and no ProxyConfigs.
int RunRender(const std::vector<std::string>& inputs, const Console& console);

int RunConvert(const std::string& url, const Console& console);

// Which proxies a command talks to.
struct ProxySelection {
  std::vector<std::string> sockets;     // not empty: these and no others
  std::vector<std::string> state_dirs;  // empty: the usual ones
};

struct StatusOptions {
  ProxySelection proxies;
  std::chrono::milliseconds interval{1000};  // between the two samples of a rate; 0 = no rates
  bool watch = false;
  bool json = false;
};
int RunStatus(const StatusOptions& options, const Console& console);

struct DrainOptions {
  ProxySelection proxies;
  std::string tunnel;  // name or label; empty: the proxies themselves
  bool all = false;    // without a tunnel: more than one proxy may be drained
};
int RunDrain(const DrainOptions& options, const Console& console);

}  // namespace underpass::cli
