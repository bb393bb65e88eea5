// SPDX-License-Identifier: Apache-2.0
// Any text: no crash, errors or a config but not both, and what was read prints back to an equal
// value.
#include <cstdint>
#include <string_view>

#include "api/base/check.h"
#include "api/config/proxy_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using underpass::config::ParseProxyConfig;
  const auto outcome = ParseProxyConfig({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
  if (!outcome.errors.empty()) {
    CHECK(outcome.config.tunnels.empty());
    return 0;
  }
  const auto again =
      ParseProxyConfig(underpass::config::PrintProxyConfig(outcome.config, true), "printed.yaml");
  CHECK(again.errors.empty());
  CHECK(again.config.revision == outcome.config.revision &&
        again.config.tunnels == outcome.config.tunnels);
  return 0;
}
