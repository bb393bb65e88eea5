// SPDX-License-Identifier: Apache-2.0
// tests/interop: the proxy against NodePass. This header: an independent, minimal NodePass 1.14
// or 1.13 in both roles, TCP without TLS, TCP users; with knobs for what a bad peer may do. It was
// checked against the NodePass programs. Source: NodePass internal/server.go, client.go @0c932f8
// and tag v1.13.0. Thread: any. Owner: the test; destructors break all connections at once, as a
// killed process does, and join.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/interop/nodepass_line.h"
#include "tests/interop/nodepass_session.h"
#include "tests/support/socket.h"

namespace underpass::interop {

struct PeerOptions {
  std::string key = "secret";
  Dialect dialect = Dialect::kJson;
  std::uint16_t tunnel_port = 0;  // Server: 0 = any
  std::uint16_t user_port = 0;    // where the entry listens; 0 = any
  std::uint16_t target_port = 0;  // where the exit dials
  char flow = '-';                // Server: '-' reverse, '+' forward
  int max = 64;                   // Server
  std::size_t min = 8;            // Client: pool connections kept ready
  // NodePass waits 3 s before it starts again; tests that do not look at that wait less.
  std::chrono::milliseconds restart_wait{100};
  std::chrono::milliseconds ping_interval{5000};

  // Bad behaviour.
  bool silent = false;         // no ping, no pong
  std::string raw_answer;      // Server: sent instead of its answer to a good handshake
  std::string token;           // Client: instead of the right one
  std::string method = "GET";  // Client
  std::string path = "/";      // Client
};

// What both roles have in common: the thread, and access to the session of the moment.
class NodePassPeer {
 public:
  virtual ~NodePassPeer() = default;
  NodePassPeer(const NodePassPeer&) = delete;
  NodePassPeer& operator=(const NodePassPeer&) = delete;

  std::uint16_t tunnel_port() const { return options_.tunnel_port; }
  std::uint16_t user_port() const { return options_.user_port; }

  // A session with a control connection and, as entry or exit, at least one idle pool connection.
  bool WaitReady(support::Deadline deadline) const;
  // No live session.
  bool WaitEnded(support::Deadline deadline) const;
  // Some decoded line received in this session contains `text`.
  bool WaitReceived(const std::string& text, support::Deadline deadline) const;
  int sessions() const { return sessions_; }  // begun so far

  // On the session of the moment; false if there is none.
  bool SendRaw(const std::string& bytes) const;
  bool SendText(const std::string& text) const;  // encoded as a line
  bool Send(const Signal& signal) const;
  void StopReading() const;
  std::vector<std::string> IdleIds() const;

 protected:
  explicit NodePassPeer(PeerOptions options);

  // Runs `once` again and again until stopped, with restart_wait between. Called by the derived
  // constructor.
  void Start(std::function<void()> once);
  void Stop();  // called by the derived destructor
  bool stopping() const { return stopping_; }

  // users: valid = this end is the entry.
  std::shared_ptr<NodePassSession> Begin(support::Listener users);
  void End();

  PeerOptions options_;

 private:
  std::shared_ptr<NodePassSession> session() const;

  std::atomic<bool> stopping_ = false;
  std::atomic<int> sessions_ = 0;
  mutable std::mutex mutex_;  // session_
  std::shared_ptr<NodePassSession> session_;
  std::thread thread_;
};

class NodePassServer : public NodePassPeer {
 public:
  explicit NodePassServer(PeerOptions options);
  ~NodePassServer() override;

  // The head of the last request that came.
  std::string last_request() const;

 private:
  void RunOnce();
  // Answers requests until one is good; returns its client's address, "" when stopped.
  std::string Handshake(support::Listener& tunnel);
  std::string Answer(const std::string& request) const;
  void ServePool(support::Listener& tunnel, const std::string& client_ip, NodePassSession& session);

  mutable std::mutex request_mutex_;
  std::string last_request_;
};

class NodePassClient : public NodePassPeer {
 public:
  explicit NodePassClient(PeerOptions options);
  ~NodePassClient() override;

  int last_status() const { return last_status_; }  // of the handshake; 0 = no answer yet
  std::string last_answer() const;                  // all its bytes

 private:
  void RunOnce();
  // The body of a 200 answer, "" if there was none.
  std::string Handshake();
  void KeepPool(NodePassSession& session);
  // 8 hex digits, "" if none came.
  std::string ReadId(support::Socket& socket) const;

  std::atomic<int> last_status_ = 0;
  mutable std::mutex answer_mutex_;
  std::string last_answer_;
};

// The request of a NodePass client, as it is on the wire.
std::string HandshakeRequest(const std::string& token, const std::string& method = "GET",
                             const std::string& path = "/");

}  // namespace underpass::interop
