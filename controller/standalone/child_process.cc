// SPDX-License-Identifier: Apache-2.0
#include "controller/standalone/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "api/base/check.h"
#include "controller/standalone/fd.h"

namespace underpass::standalone {
namespace {

constexpr const char* kProxyProgram = "underpass-proxy";

// Runs in the child, where only async-signal-safe calls are allowed. Returns only if it fails;
// errno says why.
void PrepareAndExec(char* const* argv, pid_t parent) {
  if (setpgid(0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) return;
  if (getppid() != parent) _exit(0);  // it died before prctl
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0 || dup2(null, STDIN_FILENO) < 0) return;
  sigset_t none;
  sigemptyset(&none);
  if (sigprocmask(SIG_SETMASK, &none, nullptr) != 0) return;
  execv(argv[0], argv);
}

bool IsProgram(const std::string& path) {
  std::error_code ignored;
  return !std::filesystem::is_directory(path, ignored) && access(path.c_str(), X_OK) == 0;
}

std::optional<std::string> FindInPath() {
  const char* value = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe)
  std::string_view rest = value != nullptr ? value : "";
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    std::string path = std::string(rest.substr(0, end)) + "/" + kProxyProgram;
    if (end > 0 && IsProgram(path)) return path;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return std::nullopt;
}

}  // namespace

Result<pid_t> StartChild(const std::vector<std::string>& argv) {
  CHECK(!argv.empty());
  std::vector<char*> arguments;
  arguments.reserve(argv.size() + 1);
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  // Carries errno of a failed exec; a successful exec closes it.
  std::array<int, 2> report{};
  if (pipe2(report.data(), O_CLOEXEC) != 0) return Fail(ErrnoError(errno, "start " + argv[0]));
  const Fd report_read(report[0]);
  Fd report_write(report[1]);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return Fail(ErrnoError(errno, "start " + argv[0]));
  if (pid == 0) {
    PrepareAndExec(arguments.data(), parent);
    const int failure = errno;
    [[maybe_unused]] const ssize_t written = write(report_write.get(), &failure, sizeof(failure));
    _exit(127);
  }
  report_write.Close();
  int failure = 0;
  ssize_t got = 0;
  do {
    got = read(report_read.get(), &failure, sizeof(failure));
  } while (got < 0 && errno == EINTR);
  if (got != sizeof(failure)) return pid;
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return Fail(ErrnoError(failure, "start " + argv[0]));
}

std::optional<ChildExit> ReapChild(pid_t pid) {
  int status = 0;
  if (waitpid(pid, &status, WNOHANG) != pid) return std::nullopt;
  if (WIFSIGNALED(status)) return ChildExit{true, WTERMSIG(status)};
  return ChildExit{false, WEXITSTATUS(status)};
}

Result<std::string> FindProxyProgram(const std::string& given) {
  if (!given.empty()) {
    if (IsProgram(given)) return given;
    return Fail(ErrorCode::kNotFound, "--proxy " + given + ": not a program");
  }
  std::error_code failure;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", failure);
  std::string beside = (self.parent_path() / kProxyProgram).string();
  if (!failure && IsProgram(beside)) return beside;
  if (std::optional<std::string> found = FindInPath()) return *found;
  return Fail(ErrorCode::kNotFound, std::string(kProxyProgram) + " is neither " + beside +
                                        " nor in PATH; name it by --proxy");
}

}  // namespace underpass::standalone
