// SPDX-License-Identifier: Apache-2.0
// The calls of api/admin/v1, answered from a ProxyControl.
// Thread: gRPC's, several at once. Owner: AdminServer.
#pragma once

#include <atomic>
#include <string>

#include "api/admin/v1/admin.grpc.pb.h"
#include "proxy/core/control.h"

namespace underpass::admin {

class AdminService final : public v1::Admin::Service {
 public:
  // control: outlives this.
  AdminService(core::ProxyControl& control, std::string metrics_address);

  // Makes every WatchStatus return within 100 ms. Any thread.
  void EndWatches() { ending_ = true; }

  grpc::Status GetStatus(grpc::ServerContext* context, const v1::GetStatusRequest* request,
                         v1::Status* reply) override;
  grpc::Status WatchStatus(grpc::ServerContext* context, const v1::WatchStatusRequest* request,
                           grpc::ServerWriter<v1::Status>* writer) override;
  grpc::Status ListConnections(grpc::ServerContext* context,
                               const v1::ListConnectionsRequest* request,
                               v1::ListConnectionsResponse* reply) override;
  grpc::Status Drain(grpc::ServerContext* context, const v1::DrainRequest* request,
                     v1::DrainResponse* reply) override;
  grpc::Status SetLogLevel(grpc::ServerContext* context, const v1::SetLogLevelRequest* request,
                           v1::SetLogLevelResponse* reply) override;
  grpc::Status ResetCounters(grpc::ServerContext* context, const v1::ResetCountersRequest* request,
                             v1::ResetCountersResponse* reply) override;
  grpc::Status GetConfig(grpc::ServerContext* context, const v1::GetConfigRequest* request,
                         v1::GetConfigResponse* reply) override;

 private:
  core::ProxyControl& control_;
  const std::string metrics_address_;
  std::atomic<bool> ending_{false};
};

}  // namespace underpass::admin
