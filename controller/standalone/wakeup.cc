// SPDX-License-Identifier: Apache-2.0
#include "controller/standalone/wakeup.h"

#include <poll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <system_error>
#include <utility>

namespace underpass::standalone {
namespace {

// Editors and ConfigMap mounts replace a file by renaming, so its folder is watched, never the
// file.
std::string FolderOf(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return path;
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

// Rounded up, so that the wait does not end before its time and spin.
int Milliseconds(TimePoint until) {
  using std::chrono::milliseconds;
  const TimePoint now = Clock::now();
  if (until <= now) return 0;
  const auto left = std::chrono::ceil<milliseconds>(until - now);
  return static_cast<int>(std::min<milliseconds>(left, std::chrono::hours(1)).count());
}

// Reads what is there; true if there was anything.
bool Drain(int fd) {
  alignas(inotify_event) std::array<std::byte, 4096> buffer;
  bool any = false;
  while (read(fd, buffer.data(), buffer.size()) > 0) any = true;
  return any;
}

}  // namespace

Result<Wakeup> Wakeup::Create(const std::string& path) {
  sigset_t mask;
  sigemptyset(&mask);
  for (const int signal : {SIGTERM, SIGINT, SIGCHLD}) sigaddset(&mask, signal);
  if (sigprocmask(SIG_BLOCK, &mask, nullptr) != 0) return Fail(ErrnoError(errno, "block signals"));
  Fd signals(signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals.valid()) return Fail(ErrnoError(errno, "watch signals"));
  Wakeup wakeup(std::move(signals), Fd(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)), FolderOf(path));
  wakeup.RefreshWatch();
  return wakeup;
}

void Wakeup::RefreshWatch() {
  if (!changes_.valid()) return;
  // A folder that is watched already keeps its one watch.
  inotify_add_watch(changes_.get(), folder_.c_str(),
                    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE |
                        IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF);
}

Wakeup::Events Wakeup::Wait(TimePoint until) {
  std::array<pollfd, 2> watched = {pollfd{signals_.get(), POLLIN, 0},
                                   pollfd{changes_.get(), POLLIN, 0}};
  Events events;
  if (poll(watched.data(), watched.size(), Milliseconds(until)) <= 0) return events;
  signalfd_siginfo info{};
  while (read(signals_.get(), &info, sizeof(info)) == sizeof(info)) {
    if (info.ssi_signo == SIGCHLD) {
      events.child_ended = true;
    } else {
      ++events.stop_signals;
    }
  }
  events.files_changed = changes_.valid() && Drain(changes_.get());
  return events;
}

}  // namespace underpass::standalone
