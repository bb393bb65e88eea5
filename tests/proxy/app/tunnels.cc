// SPDX-License-Identifier: Apache-2.0
#include "tests/proxy/app/tunnels.h"

#include <utility>

namespace underpass::app {
namespace {

v1alpha1::Tunnel Named(const std::string& name, v1alpha1::KindSpec kind, std::uint16_t user_port,
                       const Ports& targets) {
  v1alpha1::Tunnel tunnel;
  tunnel.metadata.name = name;
  tunnel.spec.kind = std::move(kind);
  for (const std::uint16_t port : targets) tunnel.spec.targets.push_back({{"127.0.0.1", port}});
  if (user_port != 0) {
    tunnel.spec.listen = v1alpha1::ListenSpec{
        .address = "127.0.0.1", .port = user_port, .protocols = {v1alpha1::Protocol::kTcp}};
  }
  return tunnel;
}

v1alpha1::PoolSpec Pool(v1alpha1::PoolRole role, std::uint16_t tunnel_port) {
  v1alpha1::PoolSpec pool;
  pool.role = role;
  pool.address = {"127.0.0.1", tunnel_port};
  pool.key.value = Secret("a key of tests");
  return pool;
}

}  // namespace

v1alpha1::Tunnel ForwardTunnelSpec(const std::string& name, std::uint16_t user_port,
                                   const Ports& targets) {
  return Named(name, v1alpha1::ForwardSpec{}, user_port, targets);
}

v1alpha1::Tunnel PoolServerSpec(const std::string& name, std::uint16_t tunnel_port,
                                v1alpha1::Flow flow, std::uint16_t user_port, const Ports& targets,
                                int max) {
  v1alpha1::PoolSpec pool = Pool(v1alpha1::PoolRole::kServer, tunnel_port);
  pool.flow = flow;
  pool.idle = v1alpha1::MakeIdle(std::nullopt, max);
  return Named(name, std::move(pool), user_port, targets);
}

v1alpha1::Tunnel PoolClientSpec(const std::string& name, std::uint16_t tunnel_port,
                                std::uint16_t user_port, const Ports& targets, int min) {
  v1alpha1::PoolSpec pool = Pool(v1alpha1::PoolRole::kClient, tunnel_port);
  pool.idle = v1alpha1::MakeIdle(min, std::nullopt);
  return Named(name, std::move(pool), user_port, targets);
}

}  // namespace underpass::app
