// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/base/log.h"
#include "api/base/result.h"
#include "api/config/proxy_config.h"

namespace underpass::app {

// Where a proxy's configuration comes from, read into one runnable ProxyConfig.
struct LoadedConfig {
  config::ProxyConfig config;  // valid, its keys resolved; without the tunnels of `refused`
  std::vector<Error>
      refused;  // tunnels that this version cannot run, each naming field or parameter
  std::vector<std::string> warnings;
  std::optional<LogLevel> log_level;  // of the first URL that says one
  std::string text;                   // of the file, to see whether it changed
};

// Every error found. Nothing of a bad file is used.
using LoadOutcome = tl::expected<LoadedConfig, std::vector<Error>>;

LoadOutcome LoadConfigFile(const std::string& path);
// urls: NodePass URLs, at least one.
LoadOutcome LoadUrls(const std::vector<std::string>& urls);

}  // namespace underpass::app
