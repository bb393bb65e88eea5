// SPDX-License-Identifier: Apache-2.0
// NodePassSession: what both ends of a NodePass tunnel do between two handshakes: the control
// connection, the idle pool connections, users in or targets out. It behaves as NodePass does,
// faults included (half-close is lost). Thread: any, own threads inside. Owner: NodePassServer or
// NodePassClient. The destructor breaks all and joins.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/interop/nodepass_line.h"
#include "tests/support/socket.h"

namespace underpass::interop {

class NodePassSession {
 public:
  struct Config {
    std::string key;
    Dialect dialect = Dialect::kJson;
    std::uint16_t target_port = 0;  // the exit dials it on 127.0.0.1
    std::chrono::milliseconds ping_interval{5000};
    bool silent = false;  // sends neither ping nor pong
  };
  // users: valid = this end is the entry, and users come there.
  NodePassSession(const Config& config, support::Listener users);
  NodePassSession(const NodePassSession&) = delete;
  NodePassSession& operator=(const NodePassSession&) = delete;
  ~NodePassSession();

  // A pool connection whose id was told. "00000000" becomes the control connection.
  void Add(const std::string& id, support::Socket socket);
  std::size_t idle() const;
  std::vector<std::string> IdleIds() const;

  bool connected() const { return connected_; }  // has had its control connection
  bool ended() const { return ended_; }          // the control connection is gone or silent

  // Bytes onto the control connection as they are. False: there is none, or it is broken.
  bool SendRaw(const std::string& bytes);
  bool Send(const Signal& signal);
  // The control connection is not read any more.
  void StopReading() { reading_ = false; }
  // The decoded text of every line so far ("" for one that could not be decoded).
  std::vector<std::string> Received() const;

 private:
  struct Link {
    support::Socket user_or_target;
    support::Socket pool;
    std::thread thread;
  };

  void ReadControl();
  void OnLine(const std::string& line);
  void PingLoop();
  void AcceptUsers();
  void ServeUser(Link& link);
  void ServeTarget(Link& link, const std::string& id);
  void Join(Link& link);
  template <typename Serve>
  void StartLink(support::Socket user, Serve serve);
  // Moves an idle connection into the link: the one of `id`, or any without. False: none came in 5
  // s.
  bool Take(Link& link, const std::string& id, std::string& taken);

  const Config config_;
  support::Listener users_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> connected_ = false;
  std::atomic<bool> ended_ = false;
  std::atomic<bool> reading_ = true;

  mutable std::mutex mutex_;  // what follows, and closing of links
  std::condition_variable changed_;
  std::map<std::string, support::Socket> idle_;
  std::list<Link> links_;
  std::vector<std::string> received_;
  support::Socket control_;
  std::mutex send_mutex_;  // one line at a time on control_

  std::thread reader_;
  std::thread pinger_;
  std::thread acceptor_;
};

}  // namespace underpass::interop
