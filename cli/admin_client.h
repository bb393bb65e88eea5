// SPDX-License-Identifier: Apache-2.0
// A client of one proxy's admin socket.
// Thread: any; Watch blocks its caller.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "api/admin/v1/admin.grpc.pb.h"
#include "api/base/result.h"

namespace underpass::cli {

class AdminClient {
 public:
  explicit AdminClient(std::string socket);

  const std::string& socket() const { return socket_; }

  // Each call has a deadline of 2 s. Errors: kPeerClosed (nobody answers: the proxy is gone),
  // kTimeout, kPermissionDenied, kNotFound, kHandshakeRejected (any other refusal), with the
  // proxy's own words.
  Result<admin::v1::Status> GetStatus();
  Result<void> Drain(const std::string& tunnel);

  // Calls `on_change` at once and at each change, until the proxy goes or StopWatch is called.
  // Once.
  void Watch(const std::function<void()>& on_change);
  void StopWatch() { watch_.TryCancel(); }

 private:
  const std::string socket_;
  const std::unique_ptr<admin::v1::Admin::Stub> stub_;
  grpc::ClientContext watch_;
};

}  // namespace underpass::cli
