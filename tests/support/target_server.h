// SPDX-License-Identifier: Apache-2.0
// TargetServer: a TCP service on 127.0.0.1 for tests to reach through a tunnel, one thread a
// connection. Thread: counters from any. The destructor breaks what is open and joins.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "tests/support/socket.h"

namespace underpass::support {

class TargetServer {
 public:
  enum class Mode : std::uint8_t {
    kEcho,           // sends back what it gets; ends its side when the peer has ended its own
    kGreetThenEcho,  // the greeting first
    kSink,           // reads and counts
    kSendPattern,    // sends Pattern(bytes), then closes
    kReplyAfterEof,  // reads until the peer has ended its side, then sends all of it back and
                     // closes
    kReset,          // reads one piece, then resets
    kIgnore,         // accepts and never reads
  };
  struct Options {
    Mode mode = Mode::kEcho;
    std::string greeting = "hello\n";
    std::size_t bytes = 0;
    std::uint16_t port = 0;  // 0: any
  };

  TargetServer() : TargetServer(Options{}) {}
  explicit TargetServer(const Options& options);
  TargetServer(const TargetServer&) = delete;
  TargetServer& operator=(const TargetServer&) = delete;
  ~TargetServer();

  std::uint16_t port() const { return listener_.port(); }
  std::uint64_t connections() const { return connections_; }  // accepted so far
  std::uint64_t bytes_received() const { return bytes_received_; }
  std::uint64_t open() const { return open_; }  // not yet served to their end

 private:
  struct Connection {
    Socket socket;
    std::thread thread;
    std::atomic<bool> done = false;
  };

  void AcceptLoop();
  void Serve(Connection& connection);
  void Echo(Socket& socket);
  std::string ReadAll(Socket& socket, bool keep);
  void ReapDone();

  const Options options_;
  Listener listener_;
  std::atomic<std::uint64_t> connections_ = 0;
  std::atomic<std::uint64_t> bytes_received_ = 0;
  std::atomic<std::uint64_t> open_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;  // connection_list_ and closing of its sockets
  std::list<std::unique_ptr<Connection>> connection_list_;
  std::thread acceptor_;
};

}  // namespace underpass::support
