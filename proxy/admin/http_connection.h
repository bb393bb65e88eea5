// SPDX-License-Identifier: Apache-2.0
// One HTTP connection as a stream for cpp-httplib, with what httplib's own lacks: a deadline for
// the whole request, a limit of its size, and an end as soon as the server stops. Thread: one. Does
// not own the descriptors.
#pragma once

#include <httplib.h>

#include <array>
#include <string>

#include "api/base/clock.h"

namespace underpass::admin {

class HttpConnection final : public httplib::Stream {
 public:
  // fd: a non-blocking connection. stop_fd: readable once the server stops. Both outlive this.
  HttpConnection(int fd, int stop_fd) : fd_(fd), stop_fd_(stop_fd) {}

  // Waits for the first byte of a request, at most `timeout`, and begins its limits: `size_limit`
  // bytes read and `time_limit` for reading and answering. False: no request came.
  bool AwaitRequest(Duration timeout, std::size_t size_limit, Duration time_limit);

  using httplib::Stream::write;
  bool is_readable() const override;
  bool is_writable() const override;
  // -1 at a limit, at the stop, at the end of the stream and on errors.
  ssize_t read(char* data, std::size_t size) override;
  ssize_t write(const char* data, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return fd_; }

 private:
  // True when fd_ has `events`; false at the deadline and at the stop.
  bool Await(short events, TimePoint deadline) const;
  // True if buffer_ has data.
  bool Fill();

  const int fd_;
  const int stop_fd_;
  TimePoint deadline_;
  std::size_t size_left_ = 0;
  std::array<char, 4096> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace underpass::admin
