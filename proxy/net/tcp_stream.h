// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "proxy/core/stream.h"
#include "proxy/net/unique_fd.h"

namespace underpass::net {

// A connected TCP socket as a core::Stream. Thread: the loop of its dispatcher.
class TcpStream final : public core::Stream, private core::FdEvents {
 public:
  // fd: connected, non-blocking. Sets the options of SetStreamOptions.
  TcpStream(core::Dispatcher& dispatcher, UniqueFd fd);
  ~TcpStream() override;

  void SetEvents(core::StreamEvents* events) override { events_ = events; }
  core::IoResult Read(std::span<std::byte> buffer) override;
  core::IoResult Peek(std::span<std::byte> buffer) override;
  core::IoResult Write(std::span<const std::byte> buffer) override;
  int Failure() override;
  void ShutdownWrite() override;
  void Abort() override;
  int SpliceFd() const override { return fd_.get(); }
  core::SocketAddress local() const override;
  core::SocketAddress peer() const override;
  Duration Rtt() const override;

 private:
  void OnFdReady(bool readable, bool writable) override;
  core::IoResult Receive(std::span<std::byte> buffer, int flags);

  UniqueFd fd_;
  core::StreamEvents* events_ = nullptr;
  std::unique_ptr<core::FdWatcher> watcher_;
};

}  // namespace underpass::net
