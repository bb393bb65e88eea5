// SPDX-License-Identifier: Apache-2.0
// Sockets whose kernel buffers are small, so that a reader who does not read is felt early.
#pragma once

#include <cstdint>

#include "tests/support/socket.h"

namespace underpass::relay_suite {

support::Socket ConnectWithSmallBuffers(std::uint16_t port);

class SmallListener {
 public:
  SmallListener();
  SmallListener(const SmallListener&) = delete;
  SmallListener& operator=(const SmallListener&) = delete;
  ~SmallListener();

  std::uint16_t port() const { return port_; }
  support::Socket Accept() const;  // within 10 s

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

}  // namespace underpass::relay_suite
