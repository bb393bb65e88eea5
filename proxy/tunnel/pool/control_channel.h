// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/codec/nodepass/signal.h"
#include "proxy/core/stream.h"
#include "proxy/tunnel/pool/context.h"

namespace underpass::tunnel {

class ControlEvents {
 public:
  // Every known signal but ping and pong. May destroy the channel.
  virtual void OnSignal(const nodepass::Signal& signal) = 0;
  // The peer's dialect is known, by its first line, or because it sent none within the handshake
  // time-out. Once.
  virtual void OnControlReady() = 0;
  // Each time a ping is sent: a moment for housekeeping.
  virtual void OnPingInterval() = 0;
  // kPeerClosed, kPeerSilent, kConnectionReset or kQueueFull (the peer stopped reading). Once; the
  // channel is dead. The receiver hands it to DeferDelete.
  virtual void OnControlLost(const Error& error) = 0;

 protected:
  ~ControlEvents() = default;
};

// The control connection: signals in lines, a ping every 5 s from both sides, 15 s of silence end
// it.
//   kAwaitDialect --first line | 5 s--> kReady ; any --closed | silent | stuck--> kLost
// A peer of ours starts in kReady. Until kReady JSON pings are sent, which a 1.13 peer skips.
// Thread: the loop. Owner: Session.
class ControlChannel final : public core::Deferred, private core::StreamEvents {
 public:
  ControlChannel(const PoolContext& context, std::unique_ptr<core::Stream> stream,
                 bool peer_is_ours, ControlEvents& events);
  ~ControlChannel() override;

  // Begins: the first ping, and reading. Once.
  void Start();

  // Queues a line behind what is not written yet; at most kMaxQueuedBytes, else the channel is
  // lost.
  void Send(const nodepass::Signal& signal);

  bool ready() const { return state_ == State::kReady; }
  nodepass::Dialect dialect() const { return dialect_; }

 private:
  enum class State : std::uint8_t { kAwaitDialect, kReady, kLost };
  static constexpr std::size_t kMaxQueuedBytes = 256 * 1024;

  void OnStreamReady(bool readable, bool writable) override;
  void ReadLines();
  void OnLine(std::string_view line);
  void OnBadLine(const Error& error);
  void Flush();
  void Ping();
  void BecomeReady();
  void Lose(const Error& error);

  const PoolContext& context_;
  const std::unique_ptr<core::Stream> stream_;
  ControlEvents& events_;
  State state_;
  nodepass::Dialect dialect_ = nodepass::Dialect::kJson;
  nodepass::LineSplitter lines_;
  std::string unsent_;
  TimePoint last_ping_;
  unsigned bad_lines_ = 0;
  std::unique_ptr<core::Timer> ping_;
  std::unique_ptr<core::Timer> silence_;
  std::unique_ptr<core::Timer> dialect_deadline_;
};

}  // namespace underpass::tunnel
