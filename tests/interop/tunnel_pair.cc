// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/tunnel_pair.h"

#include <utility>

namespace underpass::interop {

using std::chrono::seconds;
using support::In;

std::string Ends::Name() const {
  return std::string(ours_is_server ? "OursServer" : "OursClient") +
         (flow == '-' ? "Reverse" : "Forward") + (dialect == Dialect::kJson ? "114" : "113");
}

void PrintTo(const Ends& ends, std::ostream* out) { *out << ends.Name(); }

std::string ProxyProgram() { return UNDERPASS_BIN_DIR "/underpass-proxy"; }

TunnelPair::TunnelPair(Ends ends) : ends_(ends) {
  peer_options_.dialect = ends.dialect;
  peer_options_.flow = ends.flow;
  peer_options_.tunnel_port = tunnel_port_;
  peer_options_.user_port = user_port_;
  peer_options_.target_port = target_.port();
  peer_options_.min = 16;
}

std::string TunnelPair::Url() const {
  const bool ours_is_entry = ends_.ours_is_server == (ends_.flow == '-');
  const std::string address = "secret@127.0.0.1:" + std::to_string(tunnel_port_) + "/127.0.0.1:" +
                              std::to_string(ours_is_entry ? user_port_ : target_.port());
  if (!ends_.ours_is_server) return "client://" + address + "?mode=2&min=16&noudp=1";
  return "server://" + address + "?mode=" + (ends_.flow == '-' ? "1" : "2") + "&max=64&noudp=1";
}

void TunnelPair::StartPeer() {
  if (ends_.ours_is_server) {
    peer_ = std::make_unique<NodePassClient>(peer_options_);
  } else {
    peer_ = std::make_unique<NodePassServer>(peer_options_);
  }
}

bool TunnelPair::Echo(std::size_t bytes, support::Deadline deadline, std::uint32_t seed) const {
  const std::string payload = support::Pattern(bytes, seed);
  support::Socket user = support::Socket::Connect(user_port_, deadline);
  return user.valid() && support::Exchange(user, payload, deadline) == payload;
}

bool TunnelPair::WaitUsable(support::Deadline deadline) const {
  return support::Eventually([&] { return Echo(16, In(std::chrono::milliseconds(500))); },
                             deadline);
}

}  // namespace underpass::interop
