// SPDX-License-Identifier: Apache-2.0
#include "tests/proxy/relay_suite/carrier.h"

namespace underpass::relay_suite {
namespace {

using v1alpha1::Flow;
using v1alpha1::Tunnel;

std::vector<Tunnel> PoolReverse(const Settings& s) {
  return {app::PoolServerSpec("server", s.tunnel_port, Flow::kReverse, s.user_port, {}),
          app::PoolClientSpec("client", s.tunnel_port, 0, s.targets, s.min_idle)};
}

std::vector<Tunnel> PoolForward(const Settings& s) {
  return {app::PoolClientSpec("client", s.tunnel_port, s.user_port, {}, s.min_idle),
          app::PoolServerSpec("server", s.tunnel_port, Flow::kForward, 0, s.targets)};
}

std::vector<Tunnel> Forward(const Settings& s) {
  return {app::ForwardTunnelSpec("forward", s.user_port, s.targets)};
}

}  // namespace

std::vector<Carrier> AllCarriers() {
  return {{"TcpPoolReverse", PoolReverse}, {"TcpPoolForward", PoolForward}, {"Forward", Forward}};
}

void PrintTo(const Carrier& carrier, std::ostream* out) { *out << carrier.name; }

}  // namespace underpass::relay_suite
