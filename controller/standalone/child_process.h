// SPDX-License-Identifier: Apache-2.0
// Child processes: start one, ask whether it ended, find its program.
// Thread: a process with one thread (fork).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "api/base/result.h"

namespace underpass::standalone {

// Starts argv[0] (a path) in a process group of its own, so that Ctrl-C in a terminal reaches it
// through this process only; with no signal blocked, standard input from /dev/null, and a SIGTERM
// once this process is gone. Returns its pid, which the caller must wait for. Errors: of fork and
// exec, naming the program.
Result<pid_t> StartChild(const std::vector<std::string>& argv);

struct ChildExit {
  bool by_signal;
  int code;  // exit status or signal number
};
// nullopt: it still runs. Reaps it otherwise.
std::optional<ChildExit> ReapChild(pid_t pid);

// The path of underpass-proxy: `given` if not empty, else beside this program, else in PATH.
// Errors: kNotFound saying where it was looked for.
Result<std::string> FindProxyProgram(const std::string& given);

}  // namespace underpass::standalone
