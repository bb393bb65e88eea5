// SPDX-License-Identifier: Apache-2.0
// Tunnel: one running instance of a tunnel on one worker. A pool tunnel has one instance, on its
// home worker; a forward tunnel has one a worker. Instances of a tunnel share a TunnelBoard.
// Thread: the loop of its worker. Owner: app::TunnelHost. Destroying it closes everything it has,
// at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "api/v1alpha1/tunnel_spec.h"
#include "proxy/core/dispatcher.h"

namespace underpass::core {

struct ConnectionInfo {
  std::uint64_t id = 0;  // unique in this process
  std::string tunnel;    // TunnelBoard::label()
  v1alpha1::Protocol protocol = v1alpha1::Protocol::kTcp;
  std::string user;    // address of the user as this side knows it, or of the pool connection
  std::string target;  // address that was dialled, or of the pool connection
  std::chrono::system_clock::time_point started;
  std::uint64_t bytes_to_target = 0;
  std::uint64_t bytes_to_user = 0;
};

class Tunnel : public Deferred {
 public:
  // Begins: binds or dials, and shows on the board what came of it. What fails is retried. Once.
  virtual void Start() = 0;

  // Tells the peer, takes no new users, lets live connections finish; then calls `drained` once
  // (never inside Drain).
  virtual void Drain(std::function<void()> drained) = 0;

  // Appends the live connections of this instance.
  virtual void ListConnections(std::vector<ConnectionInfo>& out) const = 0;
};

}  // namespace underpass::core
