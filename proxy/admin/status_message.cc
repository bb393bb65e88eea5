// SPDX-License-Identifier: Apache-2.0
#include "proxy/admin/status_message.h"

#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace underpass::admin {
namespace {

// A gauge is momentarily below zero when its writers' steps are seen out of order.
std::uint64_t NotNegative(const core::Gauge& gauge) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, gauge.Get()));
}

std::string MessageOf(const Error& error) {
  if (error.sys_errno == 0) return error.context;
  const std::string system = std::generic_category().message(error.sys_errno);
  return error.context.empty() ? system : error.context + ": " + system;
}

void FillState(const core::TunnelState& state, v1::TunnelStatus& out) {
  out.set_phase(std::string(Name(state.phase)));
  out.set_phase_since_unix_ms(UnixMillis(state.since));
  out.set_peer(state.peer);
  out.set_peer_kind(state.peer_kind);
  out.set_flow(state.flow);
  out.set_entry(state.entry);
  out.set_tunnel_address(state.tunnel_address);
  if (!state.error.has_value()) return;
  out.set_reason(std::string(Name(state.error->code)));
  out.set_message(MessageOf(*state.error));
  out.set_next_step(std::string(NextStep(state.error->code)));
}

void FillStats(const core::TunnelStats& stats, v1::TunnelStatus& out) {
  const std::uint64_t failed = stats.connections_failed.Get();
  out.set_pool_idle(NotNegative(stats.pool_idle));
  out.set_pool_capacity(NotNegative(stats.pool_capacity));
  out.set_users_waiting(NotNegative(stats.users_waiting));
  out.set_connections_active(NotNegative(stats.connections_active));
  out.set_connections_total(stats.connections_ok.Get() + failed);
  out.set_connections_failed(failed);
  out.set_bytes_to_target(stats.bytes_to_target.Get());
  out.set_bytes_to_user(stats.bytes_to_user.Get());
  out.set_peer_rtt_us(NotNegative(stats.peer_rtt_us));
}

}  // namespace

std::int64_t UnixMillis(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

v1::Status BuildStatus(const core::ProxyControl& control, const std::string& metrics_address) {
  const core::ProxyInfo info = control.Info();
  v1::Status status;
  status.set_version(info.version);
  if (info.revision.has_value()) status.set_revision(*info.revision);
  status.set_started_unix_ms(UnixMillis(info.started));
  status.set_workers(info.workers);
  status.set_draining(info.draining);
  status.set_metrics_address(metrics_address);
  status.set_pid(getpid());
  for (const std::shared_ptr<core::TunnelBoard>& board : control.Tunnels()) {
    v1::TunnelStatus& tunnel = *status.add_tunnels();
    tunnel.set_name(board->name().name);
    tunnel.set_namespace_(board->name().namespace_name);
    tunnel.set_label(board->label());
    tunnel.set_kind(board->kind());
    tunnel.set_role(board->role());
    FillState(*board->state(), tunnel);
    FillStats(board->stats(), tunnel);
  }
  // Last, so that no time in the message lies after it.
  status.set_now_unix_ms(UnixMillis(std::chrono::system_clock::now()));
  return status;
}

Result<std::string> StatusJson(const v1::Status& status) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  std::string json;
  if (const auto printed = google::protobuf::util::MessageToJsonString(status, &json, options);
      !printed.ok()) {
    return Fail(ErrorCode::kInternal, "print the status as JSON: " + printed.ToString());
  }
  return json;
}

}  // namespace underpass::admin
