// SPDX-License-Identifier: Apache-2.0
// Stream: an ordered, reliable byte pipe with two directions that end independently: a user's
// connection, a target's, a pool connection over any carrier. Thread: the loop of its Dispatcher.
// Owner: one unique_ptr; destroying closes it (what was written is still delivered), Abort before
// destroying resets it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "api/base/clock.h"
#include "proxy/core/dispatcher.h"
#include "proxy/core/socket_address.h"

namespace underpass::core {

// What one Read, Peek or Write did.
struct IoResult {
  enum class Action : std::uint8_t {
    kProgress,    // bytes > 0
    kWouldBlock,  // bytes == 0; an edge will tell when to go on
    kEnd,         // Read, Peek: the peer has ended its direction in order
    kFailed,      // the stream is dead; sys_errno says why (ECONNRESET after a reset)
  };
  Action action = Action::kWouldBlock;
  std::size_t bytes = 0;
  int sys_errno = 0;
};

class StreamEvents {
 public:
  // Edges, as in FdEvents. The receiver may destroy the stream here.
  virtual void OnStreamReady(bool readable, bool writable) = 0;

 protected:
  ~StreamEvents() = default;
};

class Stream : public Deferred {
 public:
  // Sets who hears edges; nullptr: nobody, and edges are forgotten. A new receiver gets no edge for
  // what happened before: it starts by reading and writing until would-block.
  virtual void SetEvents(StreamEvents* events) = 0;

  virtual IoResult Read(std::span<std::byte> buffer) = 0;  // buffer: not empty
  virtual IoResult Peek(std::span<std::byte> buffer) = 0;  // like Read, but leaves the bytes
  virtual IoResult Write(
      std::span<const std::byte> buffer) = 0;  // takes a prefix; buffer: not empty

  // What killed the stream, or 0: after the peer has ended its direction Read tells only that end,
  // and a reset that came later is seen here.
  virtual int Failure() = 0;

  // Ends our direction after what was written; Write is not called any more. Once.
  virtual void ShutdownWrite() = 0;
  // Makes destruction reset the connection: the peer sees an error, not an orderly end.
  virtual void Abort() = 0;

  // The descriptor for splice(2) in both directions, or -1 while bytes are buffered above it or the
  // carrier has a framing of its own. Ask before each use.
  virtual int SpliceFd() const = 0;

  virtual SocketAddress local() const = 0;
  virtual SocketAddress peer() const = 0;
  // Smoothed round-trip time as the kernel or the carrier knows it; 0 = unknown.
  virtual Duration Rtt() const = 0;
};

}  // namespace underpass::core
