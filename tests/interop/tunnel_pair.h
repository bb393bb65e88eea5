// SPDX-License-Identifier: Apache-2.0
// TunnelPair: the ports and the two ends of one tunnel between the proxy and the minimal NodePass
// peer, and the service behind it. Thread: any one. Owner: the test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>

#include "tests/interop/minimal_nodepass_peer.h"
#include "tests/support/proxy_process.h"
#include "tests/support/socket.h"
#include "tests/support/target_server.h"

namespace underpass::interop {

struct Ends {
  bool ours_is_server = true;
  char flow = '-';
  Dialect dialect = Dialect::kJson;
  // "OursServerReverse114" and the like.
  std::string Name() const;
};

// How gtest shows it.
void PrintTo(const Ends& ends, std::ostream* out);

std::string ProxyProgram();

class TunnelPair {
 public:
  explicit TunnelPair(Ends ends);

  // For the command line of underpass-proxy.
  std::string Url() const;
  // For changes before StartPeer.
  PeerOptions& peer_options() { return peer_options_; }
  void StartPeer();
  // Breaks all its connections at once, as a killed process does.
  void KillPeer() { peer_.reset(); }
  NodePassPeer& peer() { return *peer_; }
  support::TargetServer& target() { return target_; }

  std::uint16_t tunnel_port() const { return tunnel_port_; }
  std::uint16_t user_port() const { return user_port_; }

  // A user sends this pattern and gets it back, whole.
  bool Echo(std::size_t bytes, support::Deadline deadline, std::uint32_t seed = 1) const;
  // Users come again and again until one gets its answer.
  bool WaitUsable(support::Deadline deadline) const;

 private:
  const Ends ends_;
  const std::uint16_t tunnel_port_ = support::FreePort();
  const std::uint16_t user_port_ = support::FreePort();
  support::TargetServer target_;
  PeerOptions peer_options_;
  std::unique_ptr<NodePassPeer> peer_;
};

}  // namespace underpass::interop
