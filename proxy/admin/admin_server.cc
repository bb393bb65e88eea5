// SPDX-License-Identifier: Apache-2.0
#include "proxy/admin/admin_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/resource_quota.h>

#include <chrono>
#include <mutex>
#include <utility>

#include "proxy/admin/admin_service.h"
#include "proxy/admin/socket_path.h"

namespace underpass::admin {
namespace {

// Each open call holds a thread; a call beyond these is answered RESOURCE_EXHAUSTED.
constexpr int kMaxThreads = 32;
constexpr std::chrono::milliseconds kEndCalls{300};

class GrpcAdminServer final : public AdminServer {
 public:
  GrpcAdminServer(core::ProxyControl& control, const std::string& metrics_address,
                  std::unique_ptr<SocketPath> path)
      : path_(std::move(path)), service_(control, metrics_address) {}

  ~GrpcAdminServer() override {
    if (server_ == nullptr) return;
    service_.EndWatches();
    // Cancels what is still open at the deadline, and returns when every call has ended.
    server_->Shutdown(std::chrono::system_clock::now() + kEndCalls);
  }

  Result<void> Start() {
    grpc::ServerBuilder builder;
    grpc::ResourceQuota quota("admin");
    quota.SetMaxThreads(kMaxThreads);
    builder.SetResourceQuota(quota);
    builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
    builder.AddListeningPort("unix:" + path_->staging(), grpc::InsecureServerCredentials());
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) {
      return Fail(ErrorCode::kIoError, "listen on the admin socket " + path_->staging());
    }
    return path_->Publish();
  }

 private:
  const std::unique_ptr<SocketPath> path_;
  AdminService service_;
  std::unique_ptr<grpc::Server> server_;
};

void RegisterReflection() {
  static std::once_flag once;
  std::call_once(once, [] { grpc::reflection::InitProtoReflectionServerBuilderPlugin(); });
}

}  // namespace

Result<std::unique_ptr<AdminServer>> AdminServer::Start(core::ProxyControl& control,
                                                        const std::string& socket_path,
                                                        const std::string& metrics_address) {
  auto path = SocketPath::Prepare(socket_path);
  if (!path.has_value()) return Fail(std::move(path.error()));
  RegisterReflection();
  auto server = std::make_unique<GrpcAdminServer>(control, metrics_address, std::move(*path));
  RETURN_IF_ERROR(server->Start());
  return server;
}

}  // namespace underpass::admin
