// SPDX-License-Identifier: Apache-2.0
#include "proxy/app/file_watch.h"

#include <sys/inotify.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <utility>

namespace underpass::app {
namespace {

constexpr std::chrono::milliseconds kSettle{20};
constexpr std::chrono::seconds kPoll{2};

}  // namespace

FileWatch::FileWatch(core::Dispatcher& dispatcher, const std::string& path,
                     std::function<void()> maybe_changed)
    : maybe_changed_(std::move(maybe_changed)),
      inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      soon_(dispatcher.CreateTimer([this] { Check(); })),
      poll_(dispatcher.CreateTimer([this] { Check(); })) {
  poll_->Arm(kPoll);
  if (!inotify_.valid()) return;
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  inotify_add_watch(inotify_.get(), folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE);
  watcher_ = dispatcher.Watch(inotify_.get(), *this);
}

FileWatch::~FileWatch() { watcher_.reset(); }

void FileWatch::OnFdReady(bool /*readable*/, bool /*writable*/) {
  std::array<char, 4096> events;
  bool any = false;
  while (read(inotify_.get(), events.data(), events.size()) > 0) any = true;
  if (any && !soon_->armed()) soon_->Arm(kSettle);
}

void FileWatch::Check() {
  poll_->Arm(kPoll);
  maybe_changed_();
}

}  // namespace underpass::app
