// SPDX-License-Identifier: Apache-2.0
// What the tests of the built underpass-proxy share: its command lines, and users of it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/support/deadline.h"
#include "tests/support/socket.h"

namespace underpass::app {

// For what is expected; nothing waits that long in a good run.
inline support::Deadline Patience() { return support::In(std::chrono::seconds(20)); }

inline std::string Loopback(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

inline std::string ForwardUrl(std::uint16_t user_port, std::uint16_t target_port) {
  return "client://" + Loopback(user_port) + "/" + Loopback(target_port) + "?mode=1&noudp=1";
}
inline std::string ServerUrl(std::uint16_t tunnel_port, std::uint16_t user_port) {
  return "server://secret@" + Loopback(tunnel_port) + "/" + Loopback(user_port) + "?mode=1&noudp=1";
}
inline std::string ClientUrl(std::uint16_t tunnel_port, std::uint16_t target_port) {
  return "client://secret@" + Loopback(tunnel_port) + "/" + Loopback(target_port) +
         "?mode=2&min=4&noudp=1";
}

inline bool EchoOn(support::Socket& user, const std::string& text) {
  return user.SendAll(text, Patience()) && user.ReceiveExactly(text.size(), Patience()) == text;
}

// A user comes, and gets back what it sends, at the latest after some tries.
inline bool EchoThrough(std::uint16_t user_port, support::Deadline deadline) {
  return support::Eventually(
      [&] {
        const support::Deadline one_try = support::In(std::chrono::seconds(1));
        support::Socket user = support::Socket::ConnectOnce(user_port, one_try);
        return user.valid() && user.SendAll("echo", one_try) &&
               user.ReceiveExactly(4, one_try) == "echo";
      },
      deadline);
}

// Nobody accepts on the port any more.
inline bool WaitRefused(std::uint16_t port, support::Deadline deadline) {
  return support::Eventually(
      [&] {
        return !support::Socket::ConnectOnce(port, support::In(std::chrono::milliseconds(500)))
                    .valid();
      },
      deadline);
}

inline std::size_t CountOf(const std::string& what, const std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++count;
  return count;
}

}  // namespace underpass::app
