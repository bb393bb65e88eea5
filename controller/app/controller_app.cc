// SPDX-License-Identifier: Apache-2.0
#include "controller/app/controller_app.h"

#include "api/base/log.h"
#include "api/base/result.h"
#include "api/base/version.h"
#include "controller/standalone/standalone.h"

namespace underpass::app {

int RunController(const ControllerFlags& flags) {
  SetLogLevel(flags.log_level);
  SetLogFormat(flags.log_format);
  Log(LogLevel::kInfo, "underpass-controller", {{"version", kVersion}});
  const Result<void> result =
      standalone::Run({flags.manifests,
                       flags.state_dir,
                       flags.proxy,
                       {"--log-level", std::string(Name(flags.log_level)), "--log-format",
                        flags.log_format == LogFormat::kJson ? "json" : "logfmt"}});
  if (result.has_value()) return 0;
  Log(LogLevel::kError, "cannot start",
      {{"reason", Name(result.error().code)}, {"error", result.error().ToString()}});
  return 1;
}

}  // namespace underpass::app
