// SPDX-License-Identifier: Apache-2.0
// The one validator. Each finding names the field as the person wrote it, through a FieldNamer: the same rule
// says `spec.pool.address` for a Tunnel, `tunnels[0].pool.address` for a ProxyConfig, and `tunnel address` or
// `?min=` for a NodePass URL.
// Thread: any; pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/base/error.h"
#include "api/v1alpha1/tunnel_spec.h"

namespace underpass::v1alpha1 {

// Turns a field path relative to the spec ("pool.idle.min", "targets[1].address", "listen.port") into what
// the person wrote. Called while validating only.
class FieldNamer {
 public:
  virtual ~FieldNamer() = default;
  virtual std::string NameOf(std::string_view path) const = 0;
};

// Puts a prefix before the path: "spec." -> "spec.pool.idle.min".
class PrefixNamer : public FieldNamer {
 public:
  explicit PrefixNamer(std::string prefix) : prefix_(std::move(prefix)) {}
  std::string NameOf(std::string_view path) const override { return prefix_ + std::string(path); }

 private:
  std::string prefix_;
};

// What is not allowed at all, in the order of the fields; empty = good. Code kInvalidConfig; the context reads
// "<field>: <what is wrong>; <what is allowed>".
//   spec: any values. Checked: ports 1..65535, min <= max and both 1..65536, at most 64 targets, names,
//   a target or listen address that is the tunnel's own port on a loopback or unspecified address (endless
//   loop), a target that is this tunnel's own listen address, forward without listen or without targets,
//   pool with neither listen nor targets, TLS Certificate without files or secretName, listen port equal to
//   the tunnel port on overlapping addresses for a pool Server.
std::vector<Error> Validate(const TunnelSpec& spec, const FieldNamer& namer);

// What is allowed but this version cannot run, each kUnsupported naming the field; empty = can run.
// Now: transports but TCP, TLS, block, bandwidthMbps, proxyProtocol, dial.sourceAddress, balance but RoundRobin,
// listen.protocols without TCP.
std::vector<Error> Unsupported(const TunnelSpec& spec, const FieldNamer& namer);

// What works but a person should know, one sentence each: a derived key; UDP asked for while this version
// carries TCP only.
std::vector<std::string> Warnings(const TunnelSpec& spec, const FieldNamer& namer);

}  // namespace underpass::v1alpha1
