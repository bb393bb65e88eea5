// SPDX-License-Identifier: Apache-2.0
#include "cli/admin_client.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <utility>

namespace underpass::cli {
namespace {

constexpr std::chrono::seconds kDeadline{2};

std::unique_ptr<admin::v1::Admin::Stub> Connect(const std::string& socket) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  return admin::v1::Admin::NewStub(
      grpc::CreateCustomChannel("unix:" + socket, grpc::InsecureChannelCredentials(), arguments));
}

void SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + kDeadline);
}

// gRPC has more codes than matter here; those without a line of their own keep their message.
ErrorCode CodeOf(grpc::StatusCode code) {
  if (code == grpc::StatusCode::UNAVAILABLE) return ErrorCode::kPeerClosed;
  if (code == grpc::StatusCode::DEADLINE_EXCEEDED) return ErrorCode::kTimeout;
  if (code == grpc::StatusCode::PERMISSION_DENIED) return ErrorCode::kPermissionDenied;
  if (code == grpc::StatusCode::NOT_FOUND) return ErrorCode::kNotFound;
  return ErrorCode::kHandshakeRejected;
}

Error ToError(const grpc::Status& status, const std::string& socket) {
  return Error{CodeOf(status.error_code()), 0, socket + ": " + status.error_message()};
}

}  // namespace

AdminClient::AdminClient(std::string socket)
    : socket_(std::move(socket)), stub_(Connect(socket_)) {}

Result<admin::v1::Status> AdminClient::GetStatus() {
  grpc::ClientContext context;
  SetDeadline(context);
  admin::v1::Status reply;
  const grpc::Status status = stub_->GetStatus(&context, {}, &reply);
  if (!status.ok()) return Fail(ToError(status, socket_));
  return reply;
}

Result<void> AdminClient::Drain(const std::string& tunnel) {
  grpc::ClientContext context;
  SetDeadline(context);
  admin::v1::DrainRequest request;
  request.set_tunnel(tunnel);
  admin::v1::DrainResponse reply;
  const grpc::Status status = stub_->Drain(&context, request, &reply);
  if (!status.ok()) return Fail(ToError(status, socket_));
  return {};
}

void AdminClient::Watch(const std::function<void()>& on_change) {
  const auto reader = stub_->WatchStatus(&watch_, {});
  admin::v1::Status status;
  while (reader->Read(&status)) on_change();
  // Why it ended is seen by the next GetStatus.
  static_cast<void>(reader->Finish());
}

}  // namespace underpass::cli
