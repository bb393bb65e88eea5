// SPDX-License-Identifier: Apache-2.0
// What only a deadline finds out, all in one proxy and at the same time, so that the deadlines pass
// once.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/interop/tunnel_pair.h"

namespace underpass::interop {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::In;
using support::Socket;

// The tunnel's label: its role and port.
std::string Label(const std::string& role, const TunnelPair& pair) {
  return "tunnel=\"" + role + "-" + std::to_string(pair.tunnel_port()) + "\"";
}

class SlowPeerTest : public testing::Test {
 protected:
  bool Counted(const std::string& role, const TunnelPair& pair, const std::string& reason,
               seconds wait) {
    return support::Eventually(
        [&] {
          return proxy_.Metric("underpass_drops_total",
                               {Label(role, pair), "reason=\"" + reason + "\""}) >= 1;
        },
        In(wait));
  }
  bool Logged(const std::string& reason) {
    return proxy_.WaitLog("reason=" + reason, In(seconds(1)));
  }

  TunnelPair good_{{true, '-', Dialect::kJson}};
  TunnelPair slow_request_{{true, '-', Dialect::kJson}};
  TunnelPair other_address_{{true, '-', Dialect::kJson}};
  TunnelPair unknown_id_at_server_{{true, '+', Dialect::kJson}};
  TunnelPair unknown_id_at_client_{{false, '-', Dialect::kUrl}};
  TunnelPair silent_client_{{true, '-', Dialect::kJson}};
  TunnelPair silent_server_{{false, '-', Dialect::kJson}};
  support::ProxyProcess proxy_{
      ProxyProgram(),
      {good_.Url(), slow_request_.Url(), other_address_.Url(), unknown_id_at_server_.Url(),
       unknown_id_at_client_.Url(), silent_client_.Url(), silent_server_.Url()}};
};

TEST_F(SlowPeerTest, EachIsRefusedWithItsReasonAndTheOthersGoOn) {
  ASSERT_TRUE(proxy_.WaitReady(In(seconds(10)))) << proxy_.child().Output();
  silent_client_.peer_options().silent = true;
  silent_server_.peer_options().silent = true;
  std::vector<TunnelPair*> speaking = {&good_, &other_address_, &unknown_id_at_server_,
                                       &unknown_id_at_client_};
  silent_client_.StartPeer();
  silent_server_.StartPeer();
  for (TunnelPair* pair : speaking) pair->StartPeer();
  for (TunnelPair* pair : speaking)
    ASSERT_TRUE(pair->WaitUsable(In(seconds(5)))) << proxy_.child().Output();

  Socket slow = Socket::Connect(slow_request_.tunnel_port(), In(seconds(2)));
  ASSERT_TRUE(slow.SendAll("GET / HTTP/1.1\r\nHost: no", In(seconds(1))));
  Socket stranger =
      Socket::Connect(other_address_.tunnel_port(), In(seconds(2)), "127.0.0.1", "127.0.0.2");
  ASSERT_TRUE(stranger.valid());
  ASSERT_TRUE(unknown_id_at_server_.peer().Send({"tcp", "127.0.0.1:1", "deadbeef"}));
  ASSERT_TRUE(unknown_id_at_client_.peer().Send({"tcp", "127.0.0.1:1", "deadbeef"}));

  EXPECT_TRUE(Counted("server", slow_request_, "Timeout", seconds(8)) && Logged("Timeout"));
  EXPECT_TRUE(Counted("server", other_address_, "AddressMismatch", seconds(8)) &&
              Logged("AddressMismatch"));
  EXPECT_TRUE(Counted("server", unknown_id_at_server_, "UnknownId", seconds(8)) &&
              Logged("UnknownId"));
  EXPECT_TRUE(Counted("client", unknown_id_at_client_, "UnknownId", seconds(8)));
  EXPECT_EQ(stranger.ReceiveUntilEof(In(seconds(1))).value_or(""), "");  // it got no id
  for (TunnelPair* pair : speaking) EXPECT_TRUE(pair->WaitUsable(In(seconds(5))));

  EXPECT_TRUE(Counted("server", silent_client_, "PeerSilent", seconds(18)) && Logged("PeerSilent"));
  EXPECT_TRUE(Counted("client", silent_server_, "PeerSilent", seconds(18)));
  for (TunnelPair* pair : speaking) EXPECT_TRUE(pair->Echo(50'000, In(seconds(5))));
  EXPECT_TRUE(proxy_.Running());
  if (HasFailure()) ADD_FAILURE() << proxy_.child().Output();
}

}  // namespace
}  // namespace underpass::interop
