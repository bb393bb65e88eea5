// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "proxy/core/dispatcher.h"
#include "proxy/core/socket_address.h"
#include "proxy/core/stream.h"
#include "proxy/net/unique_fd.h"

namespace underpass::net {

class AcceptEvents {
 public:
  // peer: where the connection came from. May destroy the acceptor.
  virtual void OnAccepted(std::unique_ptr<core::Stream> stream,
                          const core::SocketAddress& peer) = 0;
  // Accepting paused for want of descriptors; it goes on by itself. Once a pause.
  virtual void OnAcceptPaused(int sys_errno) = 0;

 protected:
  ~AcceptEvents() = default;
};

// Accepts on a listening socket until it is destroyed, which closes the socket.
//   kAccepting --EMFILE, ENFILE, ENOBUFS, ENOMEM--> kPaused --100 ms--> kAccepting
// At most 64 connections a turn, so that a burst does not starve live ones. Thread: the loop.
class Acceptor final : public core::Deferred, private core::FdEvents {
 public:
  // listening: from ListenTcp.   events: outlives the acceptor.
  Acceptor(core::Dispatcher& dispatcher, UniqueFd listening, AcceptEvents& events);
  ~Acceptor() override;

  const core::SocketAddress& address() const { return address_; }

 private:
  void OnFdReady(bool readable, bool writable) override;
  void AcceptSome();

  core::Dispatcher& dispatcher_;
  UniqueFd fd_;
  const core::SocketAddress address_;
  AcceptEvents& events_;
  std::unique_ptr<core::Timer> resume_;  // armed = paused, or a turn is due
  std::unique_ptr<core::FdWatcher> watcher_;
  bool* destroyed_ = nullptr;  // set while in a turn
};

}  // namespace underpass::net
