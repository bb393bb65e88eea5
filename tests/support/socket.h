// SPDX-License-Identifier: Apache-2.0
// Socket: one TCP connection with a deadline on every call. Listener: a listening TCP socket on
// loopback. Thread: one thread reads and one writes at a time; Interrupt from any thread. Owner:
// whoever holds it; the destructor closes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/support/deadline.h"

namespace underpass::support {

class Socket {
 public:
  enum class Outcome : std::uint8_t { kData, kEnd, kReset, kTimeout };
  struct Received {
    Outcome outcome = Outcome::kTimeout;
    std::string data;  // not empty iff kData
  };

  Socket() = default;
  explicit Socket(int fd);  // takes it over; TCP_NODELAY is set
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();

  // Connects to ip:port, and tries again every few milliseconds while refused. Not valid() if
  // `deadline` passes.
  //   source_ip: bound before; empty = the system's choice.
  static Socket Connect(std::uint16_t port, Deadline deadline, const std::string& ip = "127.0.0.1",
                        const std::string& source_ip = "");
  // One try.
  static Socket ConnectOnce(std::uint16_t port, Deadline deadline,
                            const std::string& ip = "127.0.0.1", const std::string& source_ip = "");

  bool valid() const { return fd_ >= 0; }
  std::uint16_t local_port() const;
  std::string peer_ip() const;
  std::string peer_address() const;  // "ip:port"

  // False if the connection broke or the deadline passed before all was sent.
  bool SendAll(std::string_view data, Deadline deadline);
  // What is there, 1..max bytes, or what came instead.
  Received Receive(std::size_t max, Deadline deadline);
  // nullopt: ended, reset or late before `size` bytes.
  std::optional<std::string> ReceiveExactly(std::size_t size, Deadline deadline);
  // nullopt: reset or late before an orderly end.
  std::optional<std::string> ReceiveUntilEof(Deadline deadline);
  // One line without its newline; reads byte by byte, so that nothing behind it is taken. nullopt
  // as above.
  std::optional<std::string> ReceiveLine(Deadline deadline);

  void ShutdownWrite();
  void Close();
  // Closes with a reset: the peer gets ECONNRESET.
  void Reset();
  // Makes all calls of other threads on this connection return now; they see an end or a failure.
  void Interrupt();

 private:
  std::atomic<int> fd_ = -1;
};

class Listener {
 public:
  Listener() = default;
  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&& other) noexcept;
  ~Listener();

  // port 0: any free one. Not valid() if it cannot be bound.
  static Listener Bind(std::uint16_t port, const std::string& ip = "127.0.0.1");

  bool valid() const { return fd_ >= 0; }
  std::uint16_t port() const { return port_; }

  // Not valid(): the deadline passed or Interrupt was called.
  Socket Accept(Deadline deadline);
  void Interrupt();
  void Close();

 private:
  std::atomic<int> fd_ = -1;
  std::uint16_t port_ = 0;
};

// A port of 127.0.0.1 that nobody listens on now and none was told before in this process: fine for
// handing to a child.
std::uint16_t FreePort();

// `size` bytes that do not repeat in short distances; the same for the same arguments.
std::string Pattern(std::size_t size, std::uint32_t seed = 1);

// Sends `payload` and receives as many bytes at the same time. nullopt: failed or late.
std::optional<std::string> Exchange(Socket& socket, std::string_view payload, Deadline deadline);

}  // namespace underpass::support
