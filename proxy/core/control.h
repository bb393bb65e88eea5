// SPDX-License-Identifier: Apache-2.0
// ProxyControl: all that the admin servers (gRPC, HTTP) know and may do. The data plane implements
// it in app/; tests have a fake. Admin threads never touch a worker's objects: they read boards,
// and ask workers through this. Thread: any. Lifetime: outlives the admin servers.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/base/log.h"
#include "api/base/result.h"
#include "proxy/core/board.h"
#include "proxy/core/tunnel.h"

namespace underpass::core {

struct ProxyInfo {
  std::string version;
  std::optional<std::uint64_t> revision;  // of the loaded config; none for URLs and a person's file
  std::chrono::system_clock::time_point started;
  int workers = 0;
  bool draining = false;
};

// Counters of the process, beside those of its tunnels.
struct ProcessCounters {
  std::uint64_t reloads_ok = 0;
  std::uint64_t reloads_failed = 0;
  std::uint64_t accept_pauses = 0;  // times accepting paused for want of descriptors
};

class ProxyControl {
 public:
  virtual ~ProxyControl() = default;

  virtual ProxyInfo Info() const = 0;
  virtual ProcessCounters Counters() const = 0;

  // All tunnels in the order of the config. The boards stay valid as long as they are held.
  virtual std::vector<std::shared_ptr<TunnelBoard>> Tunnels() const = 0;

  // A number that grows with each change of any tunnel's state or of the set of tunnels.
  virtual std::uint64_t StateVersion() const = 0;
  // Waits until StateVersion() > seen, at most `timeout`; returns the version then.
  virtual std::uint64_t WaitForChange(std::uint64_t seen,
                                      std::chrono::milliseconds timeout) const = 0;

  // Live connections, of one tunnel (label) or all ("").  Asks the workers. Errors: kNotFound (no
  // such tunnel), kTimeout (a worker did not answer in `timeout`).
  virtual Result<std::vector<ConnectionInfo>> Connections(
      const std::string& tunnel, std::chrono::milliseconds timeout) const = 0;

  // Starts draining one tunnel, or with "" the whole process as SIGTERM does. Returns at once.
  // Errors: kNotFound.
  virtual Result<void> Drain(const std::string& tunnel) = 0;

  // Zeroes counters and histograms, of one tunnel or all (""). Errors: kNotFound.
  virtual Result<void> ResetCounters(const std::string& tunnel) = 0;

  // The running ProxyConfig as YAML, keys redacted.
  virtual std::string ConfigText() const = 0;

  // Ready: the config is loaded, not draining, and every worker has run a Post within `timeout`.
  // Errors: kDraining, kTimeout, or the error of what is not ready. A tunnel without its peer is
  // ready.
  virtual Result<void> Ready(std::chrono::milliseconds timeout) const = 0;
  // Healthy: every worker has run a Post within `timeout`. Errors: kTimeout.
  virtual Result<void> Healthy(std::chrono::milliseconds timeout) const = 0;
};

}  // namespace underpass::core
