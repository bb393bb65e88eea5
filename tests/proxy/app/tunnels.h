// SPDX-License-Identifier: Apache-2.0
// Tunnels on loopback for tests, as a config would have them: TCP only, with an explicit key.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/v1alpha1/tunnel_spec.h"

namespace underpass::app {

using Ports = std::vector<std::uint16_t>;

v1alpha1::Tunnel ForwardTunnelSpec(const std::string& name, std::uint16_t user_port,
                                   const Ports& targets);

// flow: Reverse or Forward.   user_port: 0 = no listen.   targets: may be empty.
v1alpha1::Tunnel PoolServerSpec(const std::string& name, std::uint16_t tunnel_port,
                                v1alpha1::Flow flow, std::uint16_t user_port, const Ports& targets,
                                int max = 1024);
v1alpha1::Tunnel PoolClientSpec(const std::string& name, std::uint16_t tunnel_port,
                                std::uint16_t user_port, const Ports& targets, int min = 8);

}  // namespace underpass::app
