// SPDX-License-Identifier: Apache-2.0
#include "tests/support/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>

extern char** environ;

namespace underpass::support {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> Environment(
    const std::vector<std::pair<std::string, std::string>>& changes) {
  std::map<std::string, std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::size_t split = text.find('=');
    if (split != std::string::npos) all[text.substr(0, split)] = text.substr(split + 1);
  }
  for (const auto& [name, value] : changes) {
    if (value.empty()) {
      all.erase(name);
    } else {
      all[name] = value;
    }
  }
  std::vector<std::string> result;
  for (const auto& [name, value] : all) result.push_back(name + "=" + value);
  return result;
}

}  // namespace

Child::Child(const std::string& program, const std::vector<std::string>& args,
             const std::vector<std::pair<std::string, std::string>>& env) {
  std::vector<std::string> arguments = args;
  arguments.insert(arguments.begin(), program);
  std::vector<std::string> environment = Environment(env);
  const std::vector<char*> argv = Pointers(arguments);
  const std::vector<char*> envp = Pointers(environment);

  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return;
  pid_ = fork();
  if (pid_ == 0) {  // Only async-signal-safe calls from here: other threads may have held locks.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  close(ends[1]);
  output_fd_ = ends[0];
  reader_ = std::thread([this] { ReadOutput(); });
}

Child::~Child() {
  Kill(SIGKILL);
  Wait(In(std::chrono::seconds(10)));
  if (reader_.joinable()) reader_.join();
  if (output_fd_ >= 0) close(output_fd_);
}

void Child::ReadOutput() {
  char buffer[4096];
  while (true) {
    const ssize_t got = read(output_fd_, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    const std::lock_guard lock(mutex_);
    ended_ = got <= 0;
    if (got > 0) output_.append(buffer, static_cast<std::size_t>(got));
    changed_.notify_all();
    if (ended_) return;
  }
}

std::optional<std::string> Child::FindLine(const std::string& text) const {
  const std::size_t found = output_.find(text);
  if (found == std::string::npos) return std::nullopt;
  const std::size_t end = output_.find('\n', found);
  if (end == std::string::npos) return std::nullopt;
  const std::size_t before = found == 0 ? std::string::npos : output_.rfind('\n', found - 1);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  return output_.substr(begin, end - begin);
}

std::optional<std::string> Child::WaitForLine(const std::string& text, Deadline deadline) {
  std::unique_lock lock(mutex_);
  std::optional<std::string> line;
  changed_.wait_until(lock, deadline,
                      [&] { return (line = FindLine(text)).has_value() || ended_; });
  return line;
}

std::string Child::Output() const {
  const std::lock_guard lock(mutex_);
  return output_;
}

void Child::Kill(int signal) {
  if (pid_ > 0 && !status_) kill(pid_, signal);
}

bool Child::Running() { return pid_ > 0 && !Wait(In(std::chrono::milliseconds(0))); }

std::optional<int> Child::Wait(Deadline deadline) {
  if (pid_ <= 0) return -1;
  Eventually(
      [&] {
        int status = 0;
        if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_) {
          status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
        }
        return status_.has_value();
      },
      deadline);
  if (status_.has_value()) {
    // What it wrote last may still be on its way; a child of its own may hold the pipe open.
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, std::min(deadline, In(std::chrono::seconds(2))),
                        [this] { return ended_; });
  }
  return status_;
}

}  // namespace underpass::support
