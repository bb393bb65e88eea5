// SPDX-License-Identifier: Apache-2.0
// Child: one child process with its standard output and error captured. It dies with this process
// (and with the thread that started it: start it in a thread that outlives it). Thread: any one,
// but for Output. The destructor kills and reaps.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/deadline.h"

namespace underpass::support {

class Child {
 public:
  // program: a path. args: without the program itself. env: added to this process's, "" = removed.
  Child(const std::string& program, const std::vector<std::string>& args,
        const std::vector<std::pair<std::string, std::string>>& env = {});
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  pid_t pid() const { return pid_; }

  // The first line of output so far, or to come, that contains `text`. nullopt: the deadline passed
  // or the output ended.
  std::optional<std::string> WaitForLine(const std::string& text, Deadline deadline);
  std::string Output() const;  // all so far; any thread

  void Kill(int signal);
  bool Running();
  // The exit code, or -N if signal N ended it; Output is whole then. nullopt: still running at the
  // deadline.
  std::optional<int> Wait(Deadline deadline);

 private:
  void ReadOutput();
  std::optional<std::string> FindLine(const std::string& text) const;

  pid_t pid_ = -1;
  int output_fd_ = -1;
  std::optional<int> status_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string output_;
  bool ended_ = false;
  std::thread reader_;
};

}  // namespace underpass::support
