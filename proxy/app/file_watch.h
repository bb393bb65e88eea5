// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "proxy/core/dispatcher.h"
#include "proxy/net/unique_fd.h"

namespace underpass::app {

// Tells when something in the folder of a file may have changed (inotify), and every 2 s besides,
// for file systems that tell nothing. The receiver compares. Thread: the loop.
class FileWatch final : private core::FdEvents {
 public:
  FileWatch(core::Dispatcher& dispatcher, const std::string& path,
            std::function<void()> maybe_changed);
  ~FileWatch();

 private:
  void OnFdReady(bool readable, bool writable) override;
  void Check();

  const std::function<void()> maybe_changed_;
  net::UniqueFd inotify_;              // none where inotify is exhausted: the poll remains
  std::unique_ptr<core::Timer> soon_;  // several events of one change count once
  std::unique_ptr<core::Timer> poll_;
  std::unique_ptr<core::FdWatcher> watcher_;
};

}  // namespace underpass::app
