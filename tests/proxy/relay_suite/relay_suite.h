// SPDX-License-Identifier: Apache-2.0
// RelaySuite: what every carrier must do with users' bytes, one case a TEST_P, over all carriers.
// The cases stand in the *_test.cc beside: transfer, ending, limits, load, restart.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/proxy/relay_suite/carrier.h"
#include "tests/proxy/relay_suite/path.h"
#include "tests/support/deadline.h"
#include "tests/support/socket.h"
#include "tests/support/target_server.h"

namespace underpass::relay_suite {

// For what is expected; nothing waits that long in a good run.
support::Deadline Patience();

// `time`, or a multiple under a sanitizer, for "within ..." expectations.
std::chrono::milliseconds Scaled(std::chrono::milliseconds time);

// The largest transfer of the suite: 64 MiB, or $UNDERPASS_RELAY_SUITE_MIB.
std::size_t LargestTransfer();

class RelaySuite : public testing::TestWithParam<Carrier> {
 protected:
  // A user and the connection that the carrier opened to the target for it.
  struct Joined {
    support::Socket user;
    support::Socket target;
  };

  static void SetUpTestSuite();

  // Starts the carrier in front of these targets.
  void Open(const app::Ports& targets);
  // The ends that Open starts, for cases that change them before OpenEnds.
  std::vector<v1alpha1::Tunnel> MakeEnds(const app::Ports& targets, int min_idle = 8) const;
  void OpenEnds(std::vector<v1alpha1::Tunnel> ends);
  // Starts the carrier in front of target_.
  void OpenToListener();

  support::Socket ConnectUser() const;
  // Requires: OpenToListener.
  Joined Join();
  // A user comes, sends, and gets the same back. One try.
  bool Echo(std::string_view text, support::Deadline deadline) const;

  const std::uint16_t user_port_ = support::FreePort();
  const std::uint16_t tunnel_port_ = support::FreePort();
  support::Listener target_;
  std::optional<Path> path_;
};

}  // namespace underpass::relay_suite
