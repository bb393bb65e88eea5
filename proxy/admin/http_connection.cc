// SPDX-License-Identifier: Apache-2.0
#include "proxy/admin/http_connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace underpass::admin {

bool HttpConnection::AwaitRequest(Duration timeout, std::size_t size_limit, Duration time_limit) {
  if (begin_ == end_ && !Await(POLLIN, Clock::now() + timeout)) return false;
  size_left_ = size_limit;
  deadline_ = Clock::now() + time_limit;
  return true;
}

bool HttpConnection::Await(short events, TimePoint deadline) const {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    std::array<pollfd, 2> polled = {pollfd{fd_, events, 0}, pollfd{stop_fd_, POLLIN, 0}};
    const int ready = poll(polled.data(), polled.size(), static_cast<int>(std::max(left, 0L)));
    if (ready < 0 && errno == EINTR) continue;
    return ready > 0 && polled[1].revents == 0;
  }
}

bool HttpConnection::is_readable() const { return begin_ != end_ || Await(POLLIN, deadline_); }

bool HttpConnection::is_writable() const { return Await(POLLOUT, deadline_); }

bool HttpConnection::Fill() {
  begin_ = 0;
  end_ = 0;
  while (Await(POLLIN, deadline_)) {
    const ssize_t received = recv(fd_, buffer_.data(), buffer_.size(), 0);
    if (received > 0) {
      end_ = static_cast<std::size_t>(received);
      return true;
    }
    if (received == 0 || (errno != EAGAIN && errno != EINTR)) return false;
  }
  return false;
}

ssize_t HttpConnection::read(char* data, std::size_t size) {
  if (size_left_ == 0 || (begin_ == end_ && !Fill())) return -1;
  const std::size_t taken = std::min({size, end_ - begin_, size_left_});
  std::copy_n(buffer_.data() + begin_, taken, data);
  begin_ += taken;
  size_left_ -= taken;
  return static_cast<ssize_t>(taken);
}

ssize_t HttpConnection::write(const char* data, std::size_t size) {
  while (Await(POLLOUT, deadline_)) {
    const ssize_t sent = send(fd_, data, size, MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    if (errno != EAGAIN && errno != EINTR) return -1;
  }
  return -1;
}

void HttpConnection::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

void HttpConnection::get_local_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

}  // namespace underpass::admin
