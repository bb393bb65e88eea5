// SPDX-License-Identifier: Apache-2.0
// controller/app: the composition root of underpass-controller: what its flags mean, and how its
// end is told.
#pragma once

#include <string>

#include "api/base/log.h"

namespace underpass::app {

struct ControllerFlags {
  std::string manifests;  // not empty
  std::string state_dir;
  std::string proxy;
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kLogfmt;
};

// Runs the controller. Returns the exit code: 0 after an orderly stop, 1 if it could not start, the
// reason being logged.
int RunController(const ControllerFlags& flags);

}  // namespace underpass::app
