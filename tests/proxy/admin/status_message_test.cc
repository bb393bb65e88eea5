// SPDX-License-Identifier: Apache-2.0
#include "proxy/admin/status_message.h"

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

#include "tests/fakes/fake_proxy_control.h"

namespace underpass::admin {
namespace {

TEST(StatusMessageTest, ShowsTheProxy) {
  fakes::FakeProxyControl control;
  control.info.draining = true;
  const v1::Status status = BuildStatus(control, "127.0.0.1:9090");
  EXPECT_EQ(status.version(), "9.8.7");
  EXPECT_TRUE(status.has_revision());
  EXPECT_EQ(status.revision(), 7u);
  EXPECT_EQ(status.started_unix_ms(), 1'700'000'000'000);
  EXPECT_EQ(status.workers(), 2);
  EXPECT_TRUE(status.draining());
  EXPECT_EQ(status.metrics_address(), "127.0.0.1:9090");
  EXPECT_EQ(status.pid(), getpid());
  EXPECT_GT(status.now_unix_ms(), status.started_unix_ms());
}

TEST(StatusMessageTest, AConfigWithoutRevisionHasNone) {
  fakes::FakeProxyControl control;
  control.info.revision.reset();
  EXPECT_FALSE(BuildStatus(control, "").has_revision());
}

TEST(StatusMessageTest, ShowsTheStateOfATunnel) {
  fakes::FakeProxyControl control;
  core::TunnelBoard& board = control.AddTunnel("db", "pool", "Client", "shop");
  core::TunnelState state;
  state.phase = core::TunnelPhase::kWaiting;
  state.peer = "192.0.2.7:10101";
  state.peer_kind = "NodePass 1.14";
  state.flow = "Reverse";
  state.entry = "0.0.0.0:15432";
  state.tunnel_address = "example.com:10101";
  state.error = Error{ErrorCode::kConnectRefused, ECONNREFUSED, "dial example.com:10101"};
  board.Set(state);
  const v1::Status status = BuildStatus(control, "");
  ASSERT_EQ(status.tunnels_size(), 1);
  const v1::TunnelStatus& tunnel = status.tunnels(0);
  EXPECT_EQ(tunnel.name(), "db");
  EXPECT_EQ(tunnel.namespace_(), "shop");
  EXPECT_EQ(tunnel.label(), "shop/db");
  EXPECT_EQ(tunnel.kind(), "pool");
  EXPECT_EQ(tunnel.role(), "Client");
  EXPECT_EQ(tunnel.phase(), "Waiting");
  EXPECT_GT(tunnel.phase_since_unix_ms(), 0);
  EXPECT_EQ(tunnel.peer(), "192.0.2.7:10101");
  EXPECT_EQ(tunnel.peer_kind(), "NodePass 1.14");
  EXPECT_EQ(tunnel.flow(), "Reverse");
  EXPECT_EQ(tunnel.entry(), "0.0.0.0:15432");
  EXPECT_EQ(tunnel.tunnel_address(), "example.com:10101");
  EXPECT_EQ(tunnel.reason(), "ConnectRefused");
  EXPECT_EQ(tunnel.message(), "dial example.com:10101: Connection refused");
  EXPECT_EQ(tunnel.next_step(), NextStep(ErrorCode::kConnectRefused));
}

TEST(StatusMessageTest, ShowsTheNumbersOfATunnel) {
  fakes::FakeProxyControl control;
  core::TunnelStats& stats = control.AddTunnel("db", "pool", "Server").stats();
  stats.connections_active.Set(-1);  // a reading between two writers
  stats.connections_ok.Add(5);
  stats.connections_failed.Add(2);
  stats.bytes_to_target.Add(11);
  stats.bytes_to_user.Add(12);
  stats.pool_idle.Set(13);
  stats.pool_capacity.Set(14);
  stats.users_waiting.Set(15);
  stats.peer_rtt_us.Set(16);
  const v1::TunnelStatus tunnel = BuildStatus(control, "").tunnels(0);
  EXPECT_EQ(tunnel.connections_active(), 0u);
  EXPECT_EQ(tunnel.connections_total(), 7u);
  EXPECT_EQ(tunnel.connections_failed(), 2u);
  EXPECT_EQ(tunnel.bytes_to_target(), 11u);
  EXPECT_EQ(tunnel.bytes_to_user(), 12u);
  EXPECT_EQ(tunnel.pool_idle(), 13u);
  EXPECT_EQ(tunnel.pool_capacity(), 14u);
  EXPECT_EQ(tunnel.users_waiting(), 15u);
  EXPECT_EQ(tunnel.peer_rtt_us(), 16u);
}

TEST(StatusMessageTest, JsonReadsBackToTheSameMessage) {
  fakes::FakeProxyControl control;
  control.AddTunnel("db", "pool", "Server");
  const v1::Status status = BuildStatus(control, "");
  const Result<std::string> json = StatusJson(status);
  ASSERT_TRUE(json.has_value());
  v1::Status read;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(*json, &read).ok());
  EXPECT_EQ(read.SerializeAsString(), status.SerializeAsString());
}

}  // namespace
}  // namespace underpass::admin
