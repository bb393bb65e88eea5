// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

#include "proxy/codec/nodepass/handshake.h"
#include "proxy/core/transport.h"
#include "proxy/tunnel/pool/fill_policy.h"
#include "proxy/tunnel/pool/retry_schedule.h"
#include "proxy/tunnel/pool/session.h"

namespace underpass::tunnel {

// Keeps a client's pool filled: as many idle connections as the policy says, looked at once an
// interval and each time one is taken, and more when users wait. Opening one: dial, send the
// preface to a server of ours, read the id. A failed opening pauses all for a moment
// (RetrySchedule).   Thread: the loop. Owner: PoolClient; ends with the session.
class Filler final : public core::Deferred {
 public:
  // session_id: set for a server of ours.   session, transport: outlive the filler.
  Filler(PoolContext& context, core::Transport& transport, const HostPort& server,
         FillPolicy policy, std::optional<nodepass::SessionId> session_id, Session& session);
  ~Filler() override;

  void Start();
  // The pool may lack connections: fills soon, once for all calls of a turn.
  void Kick();
  // Opens `count` more, whatever the capacity; all that are idle or on their way stay within the
  // maximum.
  void Grow(std::size_t count);
  // Connections on their way.
  std::size_t opening() const { return openings_.size(); }

 private:
  class Opening;

  void Tick();
  void Fill();
  void Open(std::size_t count);
  void OnOpened(Opening& opening, nodepass::PoolId id, std::unique_ptr<core::Stream> stream);
  void OnFailed(Opening& opening, const Error& error);
  std::unique_ptr<core::Deferred> Remove(Opening& opening);

  PoolContext& context_;
  core::Transport& transport_;
  const HostPort server_;
  FillPolicy policy_;
  const std::optional<nodepass::SessionId> session_id_;
  Session& session_;
  RetrySchedule retry_;
  std::uint64_t next_counter_ = 1;
  int created_ = 0;         // since the last tick
  std::size_t wanted_ = 0;  // grown for, not yet opened
  std::unordered_map<const Opening*, std::unique_ptr<Opening>> openings_;
  std::unique_ptr<core::Timer> tick_;
  std::unique_ptr<core::Timer> fill_;   // armed by Kick
  std::unique_ptr<core::Timer> pause_;  // armed after a failure
};

}  // namespace underpass::tunnel
