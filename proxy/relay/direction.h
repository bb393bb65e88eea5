// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "proxy/core/stats.h"
#include "proxy/core/stream.h"
#include "proxy/relay/resources.h"

namespace underpass::relay {

// One direction of a relay: source -> destination, until the source ends and everything is written
// and shut.
//   kCopying --a full block read, both streams spliceable--> kSplicing --pipe empty, nothing to
//   read--> kCopying any --source ended, nothing held--> done
// Holds at most one block or one pipe, and neither while nothing waits. Thread: the loop.
class Direction {
 public:
  enum class Outcome : std::uint8_t {
    kWaiting,  // for an edge
    kAgain,    // the turn's budget is used up; call Pump again in a later turn
    kDone,     // the source ended and the destination was told
    kFailed,   // a stream broke; sys_errno() says why
  };

  // bytes: counts what was written, beside bytes().   All outlive the direction.
  Direction(core::Stream& source, core::Stream& destination, Resources& resources,
            core::Counter& bytes)
      : source_(source), destination_(destination), resources_(resources), counter_(bytes) {}
  ~Direction();
  Direction(const Direction&) = delete;
  Direction& operator=(const Direction&) = delete;

  // Moves what can be moved now, at most kTurnBytes. Call after each edge of either stream.
  Outcome Pump();

  std::uint64_t bytes() const { return bytes_; }
  int sys_errno() const { return sys_errno_; }
  bool done() const { return done_; }
  // Bytes were read that the destination has not taken.
  bool holding() const { return held_begin_ != held_end_ || piped_ > 0; }

 private:
  enum class Step : std::uint8_t { kMoved, kBlocked, kFailed };
  static constexpr std::size_t kTurnBytes = 1024 * 1024;

  Outcome CheckSource();
  Step FlushHeld();
  Step Read();
  Step Splice();
  Step CopyOnce();
  void Keep(std::span<const std::byte> rest);
  void Wrote(std::size_t n);
  Step Fail(int sys_errno);

  core::Stream& source_;
  core::Stream& destination_;
  Resources& resources_;
  core::Counter& counter_;
  std::uint64_t bytes_ = 0;
  std::size_t turn_bytes_ = 0;

  std::unique_ptr<Block> held_;  // copied bytes that the destination has not taken: [begin, end)
  std::size_t held_begin_ = 0;
  std::size_t held_end_ = 0;
  std::optional<Pipe> pipe_;
  std::size_t piped_ = 0;  // bytes in pipe_

  bool splicing_ = false;
  bool source_ended_ = false;
  bool done_ = false;
  int sys_errno_ = 0;
};

}  // namespace underpass::relay
