// SPDX-License-Identifier: Apache-2.0
// The one validator. Each finding names the field as the person wrote it, through a FieldNamer: the
// same rule says `spec.pool.address` for a Tunnel, `tunnels[0].pool.address` for a ProxyConfig, and
// `tunnel address` or
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

// Turns a field path relative to the spec ("pool.idle.min", "targets[1].address", "listen.port")
// into what the person wrote. Called while validating only.
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

// What is not allowed at all, in the order of the fields; empty = good. Code kInvalidConfig; the
// context reads
// "<field>: <what is wrong>; <what is allowed>".
//   spec: any values. Checked: ports 1..65535, hosts, min <= max and both 1..65536, at most 64
//   targets, names, one key at most, TLS Certificate without files or secretName, forward without
//   listen or targets, pool with neither, a Client that chooses a transport or (unless Auto) has no
//   host to dial. Endless loops: a pool's target that is the tunnel's own address, or its port on a
//   loopback or unspecified address where the tunnel port is or may be on this machine (a Server, a
//   Client with flow Auto or with a local address); a pool's listen address that overlaps the
//   tunnel address there; a forward's target that is its listen address.
std::vector<Error> Validate(const TunnelSpec& spec, const FieldNamer& namer);

// The same for metadata: paths "name" and "namespace".
std::vector<Error> Validate(const ObjectName& name, const FieldNamer& namer);

// What is allowed but this version cannot run, each kUnsupported naming the field; empty = can run.
// Now: transports but TCP, TLS, block, bandwidthMbps, proxyProtocol, dial.sourceAddress, balance
// but RoundRobin, listen.protocols without TCP.
std::vector<Error> Unsupported(const TunnelSpec& spec, const FieldNamer& namer);

// What works but a person should know, one sentence each: a derived key; UDP asked for while this
// version carries TCP only.
std::vector<std::string> Warnings(const TunnelSpec& spec, const FieldNamer& namer);

}  // namespace underpass::v1alpha1
