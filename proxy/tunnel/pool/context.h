// SPDX-License-Identifier: Apache-2.0
// proxy/tunnel/pool: a tunnel with a warm pool of connections, NodePass's kind. Read pool_server.h
// and pool_client.h (the two ends), then session.h (what both share once the handshake is done),
// entry.h (users in) and exits.h (targets out). Wire: docs/protocol.md.
#pragma once

#include "api/base/secret.h"
#include "api/v1alpha1/tunnel_spec.h"
#include "proxy/codec/nodepass/handshake.h"
#include "proxy/core/board.h"
#include "proxy/core/dispatcher.h"
#include "proxy/core/resolver.h"
#include "proxy/relay/relay_set.h"
#include "proxy/relay/slots.h"

namespace underpass::tunnel {

// What an end of ours offers to its peer.
inline constexpr nodepass::Capabilities kOurCapabilities{
    .half_close = true, .demand = true, .goaway = true};

// What the parts of one pool tunnel share. Owner: PoolServer or PoolClient; outlives the parts.
struct PoolContext {
  core::Dispatcher& dispatcher;
  core::Resolver& resolver;
  core::TunnelBoard& board;
  relay::Slots& slots;
  relay::RelaySet& relays;
  const Secret key;  // not empty
};

}  // namespace underpass::tunnel
