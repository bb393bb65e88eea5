// SPDX-License-Identifier: Apache-2.0
#include "tests/support/target_server.h"

#include <utility>

namespace underpass::support {
namespace {

constexpr std::size_t kPiece = 64 * 1024;

// A test ends long before; threads are woken by Interrupt.
Deadline Never() { return In(std::chrono::hours(1)); }

}  // namespace

TargetServer::TargetServer(const Options& options)
    : options_(options),
      listener_(Listener::Bind(options.port)),
      acceptor_([this] { AcceptLoop(); }) {}

TargetServer::~TargetServer() {
  stopping_ = true;
  listener_.Interrupt();
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const auto& connection : connection_list_) connection->socket.Interrupt();
  }
  for (const auto& connection : connection_list_) connection->thread.join();
}

void TargetServer::AcceptLoop() {
  while (!stopping_) {
    Socket socket = listener_.Accept(Never());
    if (!socket.valid()) return;
    ReapDone();
    ++connections_;
    ++open_;
    const std::lock_guard lock(mutex_);
    connection_list_.push_back(std::make_unique<Connection>());
    Connection& connection = *connection_list_.back();
    connection.socket = std::move(socket);
    connection.thread = std::thread([this, &connection] { Serve(connection); });
  }
}

void TargetServer::ReapDone() {
  const std::lock_guard lock(mutex_);
  std::erase_if(connection_list_, [](const auto& connection) {
    if (!connection->done) return false;
    connection->thread.join();
    return true;
  });
}

void TargetServer::Serve(Connection& connection) {
  Socket& socket = connection.socket;
  bool reset = false;
  switch (options_.mode) {
    case Mode::kGreetThenEcho:
      socket.SendAll(options_.greeting, Never());
      Echo(socket);
      break;
    case Mode::kEcho:
      Echo(socket);
      break;
    case Mode::kSink:
      ReadAll(socket, false);
      break;
    case Mode::kSendPattern:
      socket.SendAll(Pattern(options_.bytes), Never());
      socket.ShutdownWrite();
      ReadAll(socket, false);
      break;
    case Mode::kReplyAfterEof:
      socket.SendAll(ReadAll(socket, true), Never());
      break;
    case Mode::kReset:
      socket.Receive(kPiece, Never());
      reset = true;
      break;
    case Mode::kIgnore:
      while (!stopping_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      break;
  }
  const std::lock_guard lock(mutex_);
  if (reset) {
    socket.Reset();
  } else {
    socket.Close();
  }
  --open_;
  connection.done = true;
}

void TargetServer::Echo(Socket& socket) {
  while (true) {
    const Socket::Received received = socket.Receive(kPiece, Never());
    if (received.outcome != Socket::Outcome::kData) return;
    bytes_received_ += received.data.size();
    if (!socket.SendAll(received.data, Never())) return;
  }
}

std::string TargetServer::ReadAll(Socket& socket, bool keep) {
  std::string all;
  while (true) {
    const Socket::Received received = socket.Receive(kPiece, Never());
    if (received.outcome != Socket::Outcome::kData) return all;
    bytes_received_ += received.data.size();
    if (keep) all += received.data;
  }
}

}  // namespace underpass::support
