// SPDX-License-Identifier: Apache-2.0
#include "proxy/admin/admin_server.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "api/admin/v1/admin.grpc.pb.h"
#include "api/base/log.h"
#include "tests/fakes/fake_proxy_control.h"
#include "tests/support/temp_dir.h"

namespace underpass::admin {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;

mode_t ModeOf(const std::string& path) {
  struct stat info{};
  EXPECT_EQ(lstat(path.c_str(), &info), 0) << path;
  return info.st_mode & 07777;
}

class AdminServerTest : public testing::Test {
 protected:
  void Start() {
    auto server = AdminServer::Start(control_, path_, "127.0.0.1:9090");
    ASSERT_TRUE(server.has_value()) << server.error().ToString();
    server_ = std::move(*server);
    // A subchannel of its own: a new server at the same path must not meet an old connection.
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    channel_ =
        grpc::CreateCustomChannel("unix:" + path_, grpc::InsecureChannelCredentials(), arguments);
    stub_ = v1::Admin::NewStub(channel_);
  }

  // Calls `method`; deadline far above what it takes.
  template <typename Request, typename Reply>
  grpc::Status Call(grpc::Status (v1::Admin::Stub::*method)(grpc::ClientContext*, const Request&,
                                                            Reply*),
                    const Request& request, Reply& reply) {
    grpc::ClientContext context;
    context.set_deadline(system_clock::now() + seconds(20));
    return (stub_.get()->*method)(&context, request, &reply);
  }

  support::TempDir folder_;
  std::string path_ = folder_.File("run/proxy.sock");
  fakes::FakeProxyControl control_;
  std::unique_ptr<AdminServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Admin::Stub> stub_;
};

TEST_F(AdminServerTest, GetStatus) {
  control_.AddTunnel("db", "pool", "Server");
  Start();
  v1::Status status;
  ASSERT_TRUE(Call(&v1::Admin::Stub::GetStatus, v1::GetStatusRequest(), status).ok());
  EXPECT_EQ(status.version(), "9.8.7");
  EXPECT_EQ(status.metrics_address(), "127.0.0.1:9090");
  ASSERT_EQ(status.tunnels_size(), 1);
  EXPECT_EQ(status.tunnels(0).label(), "db");
}

TEST_F(AdminServerTest, WatchStatusSendsASnapshotAndThenEachChange) {
  core::TunnelBoard& board = control_.AddTunnel("db", "pool", "Server");
  Start();
  grpc::ClientContext context;
  context.set_deadline(system_clock::now() + seconds(20));
  auto reader = stub_->WatchStatus(&context, v1::WatchStatusRequest());
  v1::Status status;
  ASSERT_TRUE(reader->Read(&status));
  EXPECT_EQ(status.tunnels(0).phase(), "Starting");

  core::TunnelState connected;
  connected.phase = core::TunnelPhase::kConnected;
  board.Set(connected);
  ASSERT_TRUE(reader->Read(&status));
  EXPECT_EQ(status.tunnels(0).phase(), "Connected");

  context.TryCancel();
  while (reader->Read(&status)) {
  }
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(AdminServerTest, ListConnectionsOfOneTunnel) {
  control_.AddTunnel("db", "pool", "Server");
  core::ConnectionInfo connection;
  connection.id = 7;
  connection.tunnel = "db";
  connection.user = "192.0.2.1:5";
  connection.target = "10.0.0.7:5432";
  connection.started = system_clock::time_point(seconds(3));
  connection.bytes_to_target = 11;
  connection.bytes_to_user = 12;
  control_.connections.push_back(connection);
  connection.tunnel = "web";
  control_.connections.push_back(connection);
  Start();

  v1::ListConnectionsRequest request;
  request.set_tunnel("db");
  v1::ListConnectionsResponse reply;
  ASSERT_TRUE(Call(&v1::Admin::Stub::ListConnections, request, reply).ok());
  ASSERT_EQ(reply.connections_size(), 1);
  EXPECT_EQ(reply.connections(0).id(), 7u);
  EXPECT_EQ(reply.connections(0).protocol(), "TCP");
  EXPECT_EQ(reply.connections(0).user(), "192.0.2.1:5");
  EXPECT_EQ(reply.connections(0).target(), "10.0.0.7:5432");
  EXPECT_EQ(reply.connections(0).started_unix_ms(), 3000);
  EXPECT_EQ(reply.connections(0).bytes_to_target(), 11u);
  EXPECT_EQ(reply.connections(0).bytes_to_user(), 12u);
}

TEST_F(AdminServerTest, ListConnectionsGivesTheErrorOfTheDataPlane) {
  control_.connections_error = Error{ErrorCode::kTimeout, 0, "worker 1"};
  Start();
  v1::ListConnectionsResponse reply;
  const grpc::Status status =
      Call(&v1::Admin::Stub::ListConnections, v1::ListConnectionsRequest(), reply);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(status.error_message(), "worker 1: Timeout");
}

TEST_F(AdminServerTest, DrainOneTunnelAndTheProcess) {
  control_.AddTunnel("db", "pool", "Server");
  Start();
  v1::DrainResponse reply;
  v1::DrainRequest request;
  request.set_tunnel("db");
  EXPECT_TRUE(Call(&v1::Admin::Stub::Drain, request, reply).ok());
  EXPECT_TRUE(Call(&v1::Admin::Stub::Drain, v1::DrainRequest(), reply).ok());
  EXPECT_THAT(control_.drained(), testing::ElementsAre("db", ""));
}

TEST_F(AdminServerTest, AnUnknownTunnelIsNotFound) {
  Start();
  v1::DrainRequest drain;
  drain.set_tunnel("none");
  v1::DrainResponse drain_reply;
  EXPECT_EQ(Call(&v1::Admin::Stub::Drain, drain, drain_reply).error_code(),
            grpc::StatusCode::NOT_FOUND);
  v1::ResetCountersRequest reset;
  reset.set_tunnel("none");
  v1::ResetCountersResponse reset_reply;
  EXPECT_EQ(Call(&v1::Admin::Stub::ResetCounters, reset, reset_reply).error_code(),
            grpc::StatusCode::NOT_FOUND);
  v1::ListConnectionsRequest list;
  list.set_tunnel("none");
  v1::ListConnectionsResponse list_reply;
  EXPECT_EQ(Call(&v1::Admin::Stub::ListConnections, list, list_reply).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(AdminServerTest, SetLogLevelReturnsThePreviousOne) {
  SetLogLevel(LogLevel::kWarn);
  Start();
  v1::SetLogLevelRequest request;
  request.set_level("error");
  v1::SetLogLevelResponse reply;
  ASSERT_TRUE(Call(&v1::Admin::Stub::SetLogLevel, request, reply).ok());
  EXPECT_EQ(reply.previous(), "warn");
  EXPECT_EQ(CurrentLogLevel(), LogLevel::kError);
  SetLogLevel(LogLevel::kInfo);
}

TEST_F(AdminServerTest, SetLogLevelRefusesAnUnknownOneAndChangesNothing) {
  SetLogLevel(LogLevel::kWarn);
  Start();
  v1::SetLogLevelRequest request;
  request.set_level("loud");
  v1::SetLogLevelResponse reply;
  const grpc::Status status = Call(&v1::Admin::Stub::SetLogLevel, request, reply);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), testing::HasSubstr("loud"));
  EXPECT_EQ(CurrentLogLevel(), LogLevel::kWarn);
  SetLogLevel(LogLevel::kInfo);
}

TEST_F(AdminServerTest, ResetCountersZeroesTheTunnelAndNoOther) {
  core::TunnelBoard& db = control_.AddTunnel("db", "pool", "Server");
  core::TunnelBoard& web = control_.AddTunnel("web", "forward", "");
  db.stats().connections_ok.Add(3);
  web.stats().connections_ok.Add(4);
  Start();
  v1::ResetCountersRequest request;
  request.set_tunnel("db");
  v1::ResetCountersResponse reply;
  ASSERT_TRUE(Call(&v1::Admin::Stub::ResetCounters, request, reply).ok());
  EXPECT_EQ(db.stats().connections_ok.Get(), 0u);
  EXPECT_EQ(web.stats().connections_ok.Get(), 4u);
}

TEST_F(AdminServerTest, GetConfig) {
  control_.config_text = "format: 1\ntunnels: []\n";
  Start();
  v1::GetConfigResponse reply;
  ASSERT_TRUE(Call(&v1::Admin::Stub::GetConfig, v1::GetConfigRequest(), reply).ok());
  EXPECT_EQ(reply.yaml(), control_.config_text);
}

// gRPC's headers bring no message types for reflection, so the request is bytes: field 7,
// list_services.
TEST_F(AdminServerTest, ReflectionListsTheService) {
  Start();
  grpc::ClientContext context;
  context.set_deadline(system_clock::now() + seconds(20));
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(channel_);
  const auto call = stub.PrepareCall(
      &context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  const auto next = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  call->StartCall(nullptr);
  ASSERT_TRUE(next());
  const grpc::Slice request("\x3a\x01*", 3);
  call->Write(grpc::ByteBuffer(&request, 1), nullptr);
  ASSERT_TRUE(next());
  grpc::ByteBuffer reply;
  call->Read(&reply, nullptr);
  ASSERT_TRUE(next());
  grpc::Slice bytes;
  ASSERT_TRUE(reply.DumpToSingleSlice(&bytes).ok());
  EXPECT_THAT(std::string(bytes.begin(), bytes.end()),
              testing::HasSubstr("underpass.admin.v1.Admin"));
  call->WritesDone(nullptr);
  ASSERT_TRUE(next());
  grpc::Status status;
  call->Finish(&status, nullptr);
  ASSERT_TRUE(next());
  EXPECT_TRUE(status.ok());
}

TEST_F(AdminServerTest, TheSocketIsForItsOwnerOnly) {
  Start();
  EXPECT_EQ(ModeOf(path_), 0600u);
  EXPECT_EQ(ModeOf(std::filesystem::path(path_).parent_path()), 0700u);
}

TEST_F(AdminServerTest, NothingIsLeftBehind) {
  Start();
  server_.reset();
  EXPECT_TRUE(std::filesystem::is_empty(std::filesystem::path(path_).parent_path()));
}

// Leaves a socket file that nobody listens on, as a killed process does.
void LeaveDeadSocket(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size());
  ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(listen(fd, 1), 0);
  close(fd);
}

TEST_F(AdminServerTest, ADeadSocketIsReplaced) {
  std::filesystem::create_directory(folder_.File("run"));
  LeaveDeadSocket(path_);
  Start();
  v1::Status status;
  EXPECT_TRUE(Call(&v1::Admin::Stub::GetStatus, v1::GetStatusRequest(), status).ok());
}

TEST_F(AdminServerTest, ALiveSocketIsRefusedAndStaysUsable) {
  Start();
  fakes::FakeProxyControl other;
  const auto second = AdminServer::Start(other, path_, "");
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kAddressInUse);
  v1::Status status;
  EXPECT_TRUE(Call(&v1::Admin::Stub::GetStatus, v1::GetStatusRequest(), status).ok());
}

TEST_F(AdminServerTest, AFileThatIsNoSocketIsKept) {
  std::filesystem::create_directory(folder_.File("run"));
  std::ofstream(path_) << "precious";
  const auto server = AdminServer::Start(control_, path_, "");
  ASSERT_FALSE(server.has_value());
  EXPECT_EQ(server.error().code, ErrorCode::kAddressInUse);
  EXPECT_EQ(std::filesystem::file_size(path_), 8u);
}

TEST_F(AdminServerTest, APathThatIsTooLongIsRefused) {
  const auto server = AdminServer::Start(control_, folder_.File(std::string(120, 'x')), "");
  ASSERT_FALSE(server.has_value());
  EXPECT_EQ(server.error().code, ErrorCode::kInvalidConfig);
}

TEST_F(AdminServerTest, StopsWithinASecondWithOpenWatches) {
  control_.AddTunnel("db", "pool", "Server");
  Start();
  grpc::ClientContext contexts[4];
  std::vector<std::unique_ptr<grpc::ClientReader<v1::Status>>> readers;
  for (grpc::ClientContext& context : contexts) {
    context.set_deadline(system_clock::now() + seconds(20));
    readers.push_back(stub_->WatchStatus(&context, v1::WatchStatusRequest()));
    v1::Status status;
    ASSERT_TRUE(readers.back()->Read(&status));
  }
  const auto begin = steady_clock::now();
  server_.reset();
  EXPECT_LT(steady_clock::now() - begin, seconds(1));
  for (auto& reader : readers) {
    v1::Status status;
    while (reader->Read(&status)) {
    }
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  }
}

}  // namespace
}  // namespace underpass::admin
