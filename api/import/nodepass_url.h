// SPDX-License-Identifier: Apache-2.0
// NodePass's command line: scheme://[key@]tunnel_host:port/target_host:port[,target...]?query
// becomes a Tunnel. Source: NodePass README and internal/common.go @0c932f8; parameters and
// defaults in docs/configuration.md. Thread: any; pure.
//
// server://  pool Server; mode 0 Auto, 1 Reverse, 2 Forward.      client://  mode 0 pool Client
// Auto, 1 forward, 2 pool Client Forward. The target list becomes `targets`, its first address also
// `listen` (which side is the entry is known after the handshake).   master:// parses and is
// kUnsupported.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/base/log.h"
#include "api/base/result.h"
#include "api/v1alpha1/tunnel_spec.h"

namespace underpass::import {

struct ImportedTunnel {
  v1alpha1::Tunnel tunnel;            // metadata.name such as "server-10101"
  std::optional<LogLevel> log_level;  // ?log=
  std::vector<std::string>
      warnings;  // at most one that lists unknown and inapplicable parameters, among others
  // What this version cannot run, each naming its parameter ("?tls=1: ...").
  std::vector<Error> unsupported;
};

// url: at most defaults::kMaxUrlBytes. The tunnel is named after role and port: "server-10101".
// Percent-escapes are decoded; hosts may be empty (all addresses) and IPv6 is in brackets; a
// repeated parameter counts once, the first, as in NodePass. Errors: kInvalidConfig naming the part
// ("tunnel address", "target address", "?min=") and what is allowed: unknown scheme, missing
// target, a port out of 1..65535, the target on the tunnel's own port, min > max, a known parameter
// with an impossible value (dns, read: Go durations such as 1h30m; log, tls, mode, type, proxy,
// block, notcp, noudp: their sets; min, max, rate, slot: non-negative integers; dial: auto or an IP
// address). kUnsupported for master://.
Result<ImportedTunnel> ParseNodePassUrl(std::string_view url);

// A Go duration: one or more of <decimal><unit>, units ns us ms s m h; or "0". Errors:
// kInvalidConfig. Not negative.
Result<std::chrono::nanoseconds> ParseGoDuration(std::string_view text);

}  // namespace underpass::import
