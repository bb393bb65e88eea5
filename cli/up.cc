// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <sstream>
#include <system_error>

#include "api/base/error.h"
#include "cli/commands.h"

namespace underpass::cli {
namespace {

constexpr char kController[] = "underpass-controller";

// Beside this program, else the first in PATH, else empty.
std::string FindController() {
  std::vector<std::filesystem::path> folders;
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) folders.push_back(self.parent_path());
  const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): one thread
  std::istringstream entries(path == nullptr ? "" : path);
  for (std::string entry; std::getline(entries, entry, ':');) {
    folders.emplace_back(entry.empty() ? "." : entry);
  }
  for (const std::filesystem::path& folder : folders) {
    std::string program = (folder / kController).string();
    if (access(program.c_str(), X_OK) == 0) return program;
  }
  return {};
}

}  // namespace

int RunUp(const UpOptions& options, const Console& console) {
  std::string program = FindController();
  if (program.empty()) {
    console.err << "error: " << kController << " is neither beside this program nor in PATH\n";
    return 1;
  }
  std::vector<std::string> arguments{program, "--manifests", options.path};
  if (!options.state_dir.empty()) {
    arguments.insert(arguments.end(), {"--state-dir", options.state_dir});
  }
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  execv(program.c_str(), argv.data());
  console.err << "error: " << ErrnoError(errno, "start " + program).ToString() << "\n";
  return 1;
}

}  // namespace underpass::cli
