// SPDX-License-Identifier: Apache-2.0
// Any text: no crash, and a URL that is taken is a tunnel that a ProxyConfig can carry.
#include <cstdint>
#include <string_view>

#include "api/base/check.h"
#include "api/config/proxy_config.h"
#include "api/import/nodepass_url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace config = underpass::config;
  const auto imported =
      underpass::import::ParseNodePassUrl({reinterpret_cast<const char*>(data), size});
  if (!imported.has_value()) return 0;
  const config::ProxyConfig written{.revision = {}, .tunnels = {imported->tunnel}};
  const config::ParseOutcome read =
      config::ParseProxyConfig(config::PrintProxyConfig(written, true), "printed.yaml");
  CHECK(read.errors.empty());
  CHECK(read.config.tunnels == written.tunnels);
  return 0;
}
