// SPDX-License-Identifier: Apache-2.0
#include "proxy/admin/admin_service.h"

#include <chrono>
#include <utility>

#include "api/base/log.h"
#include "proxy/admin/grpc_status.h"
#include "proxy/admin/status_message.h"

namespace underpass::admin {
namespace {

// How long a watch may not notice that its caller, or the server, has gone.
constexpr std::chrono::milliseconds kWatchSlice{100};
// Below the second in which AdminServer ends.
constexpr std::chrono::milliseconds kWorkersAnswer{500};

grpc::Status StatusOf(const Result<void>& result) {
  return result.has_value() ? grpc::Status::OK : ToGrpcStatus(result.error());
}

void Fill(const core::ConnectionInfo& info, v1::Connection& out) {
  out.set_id(info.id);
  out.set_tunnel(info.tunnel);
  out.set_protocol(std::string(Name(info.protocol)));
  out.set_user(info.user);
  out.set_target(info.target);
  out.set_started_unix_ms(UnixMillis(info.started));
  out.set_bytes_to_target(info.bytes_to_target);
  out.set_bytes_to_user(info.bytes_to_user);
}

}  // namespace

AdminService::AdminService(core::ProxyControl& control, std::string metrics_address)
    : control_(control), metrics_address_(std::move(metrics_address)) {}

grpc::Status AdminService::GetStatus(grpc::ServerContext*, const v1::GetStatusRequest*,
                                     v1::Status* reply) {
  *reply = BuildStatus(control_, metrics_address_);
  return grpc::Status::OK;
}

grpc::Status AdminService::WatchStatus(grpc::ServerContext* context, const v1::WatchStatusRequest*,
                                       grpc::ServerWriter<v1::Status>* writer) {
  const auto gone = [&] { return ending_ || context->IsCancelled(); };
  while (!gone()) {
    // Read before the snapshot: a change in between is sent twice rather than never.
    const std::uint64_t seen = control_.StateVersion();
    if (!writer->Write(BuildStatus(control_, metrics_address_))) break;
    while (!gone() && control_.WaitForChange(seen, kWatchSlice) == seen) {
    }
  }
  return ending_ ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the proxy is stopping")
                 : grpc::Status::OK;
}

grpc::Status AdminService::ListConnections(grpc::ServerContext*,
                                           const v1::ListConnectionsRequest* request,
                                           v1::ListConnectionsResponse* reply) {
  const auto connections = control_.Connections(request->tunnel(), kWorkersAnswer);
  if (!connections.has_value()) return ToGrpcStatus(connections.error());
  for (const core::ConnectionInfo& info : *connections) Fill(info, *reply->add_connections());
  return grpc::Status::OK;
}

grpc::Status AdminService::Drain(grpc::ServerContext*, const v1::DrainRequest* request,
                                 v1::DrainResponse*) {
  return StatusOf(control_.Drain(request->tunnel()));
}

grpc::Status AdminService::SetLogLevel(grpc::ServerContext*, const v1::SetLogLevelRequest* request,
                                       v1::SetLogLevelResponse* reply) {
  LogLevel level{};
  if (!ParseLogLevel(request->level(), level)) {
    return ToGrpcStatus(
        Error{ErrorCode::kInvalidConfig, 0,
              "level: '" + request->level() +
                  "' is not known; allowed are debug, info, warn, error, event, none"});
  }
  reply->set_previous(std::string(Name(CurrentLogLevel())));
  underpass::SetLogLevel(level);
  return grpc::Status::OK;
}

grpc::Status AdminService::ResetCounters(grpc::ServerContext*,
                                         const v1::ResetCountersRequest* request,
                                         v1::ResetCountersResponse*) {
  return StatusOf(control_.ResetCounters(request->tunnel()));
}

grpc::Status AdminService::GetConfig(grpc::ServerContext*, const v1::GetConfigRequest*,
                                     v1::GetConfigResponse* reply) {
  reply->set_yaml(control_.ConfigText());
  return grpc::Status::OK;
}

}  // namespace underpass::admin
