// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "proxy/tunnel/pool/context.h"
#include "proxy/upstream/upstream.h"

namespace underpass::tunnel {

// The exit side: dials a target for a pool connection that the peer has put a user on, and joins
// the two. A target that cannot be reached resets the pool connection, so that the user sees an
// error and not an empty answer. Thread: the loop. Owner: PoolServer or PoolClient; lives on when a
// session ends.
class Exits final {
 public:
  // upstream: outlives the exits.
  Exits(PoolContext& context, upstream::Upstream& upstream);
  ~Exits();

  // user: the user's address as the peer says.
  void Begin(std::unique_ptr<core::Stream> pool_stream, std::string user);

  // Nothing is being dialled.
  bool empty() const { return exits_.empty(); }

 private:
  class Exit;
  std::unique_ptr<core::Deferred> Remove(Exit& exit);

  PoolContext& context_;
  upstream::Upstream& upstream_;
  std::unordered_map<const Exit*, std::unique_ptr<Exit>> exits_;
};

}  // namespace underpass::tunnel
