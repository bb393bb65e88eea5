// SPDX-License-Identifier: Apache-2.0
// A carrier: one way that users' bytes take through the product, as the tunnels that it is made of.
#pragma once

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "api/v1alpha1/tunnel_spec.h"
#include "tests/proxy/app/tunnels.h"

namespace underpass::relay_suite {

struct Settings {
  std::uint16_t user_port = 0;
  std::uint16_t tunnel_port = 0;  // free, for carriers that have two ends
  app::Ports targets;
  int min_idle = 8;
};

struct Carrier {
  std::string name;  // CamelCase
  // The tunnels, one a proxy: the entry (users come there) first, the exit (dials targets) last.
  // One alone is both.
  std::function<std::vector<v1alpha1::Tunnel>(const Settings&)> make_ends;
};

std::vector<Carrier> AllCarriers();

// For GoogleTest's messages.
void PrintTo(const Carrier& carrier, std::ostream* out);

}  // namespace underpass::relay_suite
