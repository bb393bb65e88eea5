// SPDX-License-Identifier: Apache-2.0
// ProxyConfig: what one underpass-proxy runs. Rendered by the controller (with `revision`; unknown
// keys only warn, so that an old proxy reads a newer controller's file) or written by a person (no
// `revision`; strict).
//
//   format: 1
//   revision: 7
//   tunnels:
//     - name: db
//       namespace: shop
//       pool: {role: Server, address: "0.0.0.0:10101", keyFile: material/db-tunnel/key}
//       listen: {port: 15432}
//
// A tunnel here has the fields of a Tunnel's spec beside its name; references to Secrets are
// replaced by files. Thread: any; pure but for ResolveFiles.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/base/result.h"
#include "api/v1alpha1/tunnel_spec.h"

namespace underpass::config {

inline constexpr int kFormat = 1;

struct ProxyConfig {
  std::optional<std::uint64_t> revision;  // set = rendered
  std::vector<v1alpha1::Tunnel> tunnels;  // names unique within their namespace
};

struct ParseOutcome {
  ProxyConfig config;
  // Unknown keys and tunnels of an unknown kind (left out) in a rendered config, then
  // v1alpha1::Warnings of each tunnel.
  std::vector<std::string> warnings;
  std::vector<Error> errors;  // not empty: config is empty
};

// Reads and validates (v1alpha1::Validate, prefix "tunnels[i]."). The context of each error begins
// "<source>:<line>: ".
//   text: 0..defaults::kMaxDocumentBytes bytes of one YAML document. `format` must be 1.
// No file is opened.
ParseOutcome ParseProxyConfig(std::string_view text, const std::string& source);

// Reads the key files of all tunnels into key.value (one trailing newline is dropped); key.file
// stays.
//   folder: what relative paths are relative to.
// Errors: kNotFound, kPermissionDenied, kInvalidConfig (empty or over 4096 bytes), naming field and
// file.
Result<ProxyConfig> ResolveFiles(ProxyConfig config, const std::string& folder);

// The document that ParseProxyConfig takes back to an equal value. Keys in fixed order, defaults
// left out. `reveal`: false prints key values as "<redacted>" (for people), true as they are (never
// for a ConfigMap). References to Secrets and the group have no place in a ProxyConfig and are left
// out; so is the value of a key that was read from a file.
std::string PrintProxyConfig(const ProxyConfig& config, bool reveal);

}  // namespace underpass::config
