// SPDX-License-Identifier: Apache-2.0
#include "tests/proxy/relay_suite/relay_suite.h"

#include <cstdlib>
#include <utility>

#include "proxy/net/socket.h"

namespace underpass::relay_suite {

using support::In;
using support::Socket;

support::Deadline Patience() { return In(std::chrono::seconds(30)); }

std::chrono::milliseconds Scaled(std::chrono::milliseconds time) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  return 4 * time;
#else
  return time;
#endif
}

std::size_t LargestTransfer() {
  const char* const mib = std::getenv("UNDERPASS_RELAY_SUITE_MIB");
  return static_cast<std::size_t>(mib == nullptr ? 64 : std::atoi(mib)) << 20U;
}

void RelaySuite::SetUpTestSuite() { net::RaiseDescriptorLimit(); }

void RelaySuite::Open(const app::Ports& targets) { OpenEnds(MakeEnds(targets)); }

std::vector<v1alpha1::Tunnel> RelaySuite::MakeEnds(const app::Ports& targets, int min_idle) const {
  return GetParam().make_ends({user_port_, tunnel_port_, targets, min_idle});
}

void RelaySuite::OpenEnds(std::vector<v1alpha1::Tunnel> ends) {
  path_.emplace(std::move(ends));
  ASSERT_TRUE(path_->WaitConnected(Patience()));
}

void RelaySuite::OpenToListener() {
  target_ = support::Listener::Bind(0);
  Open({target_.port()});
}

Socket RelaySuite::ConnectUser() const { return Socket::Connect(user_port_, Patience()); }

RelaySuite::Joined RelaySuite::Join() {
  Joined joined{ConnectUser(), target_.Accept(Patience())};
  EXPECT_TRUE(joined.user.valid() && joined.target.valid());
  return joined;
}

bool RelaySuite::Echo(std::string_view text, support::Deadline deadline) const {
  Socket user = Socket::ConnectOnce(user_port_, deadline);
  return user.valid() && user.SendAll(text, deadline) &&
         user.ReceiveExactly(text.size(), deadline) == text;
}

}  // namespace underpass::relay_suite
