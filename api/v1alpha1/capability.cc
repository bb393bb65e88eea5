// SPDX-License-Identifier: Apache-2.0
// What this version can run, of what the model can say.
#include <algorithm>

#include "api/v1alpha1/validate.h"

namespace underpass::v1alpha1 {
namespace {

bool Carries(const ListenSpec& listen, Protocol protocol) {
  return std::find(listen.protocols.begin(), listen.protocols.end(), protocol) !=
         listen.protocols.end();
}

class Refusals {
 public:
  explicit Refusals(const FieldNamer& namer) : namer_(namer) {}

  void Add(bool refused, std::string_view path, std::string_view what, std::string_view allowed) {
    if (!refused) return;
    errors_.push_back({ErrorCode::kUnsupported, 0,
                       namer_.NameOf(path) + ": " + std::string(what) +
                           " cannot be run by this version; " + std::string(allowed)});
  }

  std::vector<Error> Take() { return std::move(errors_); }

 private:
  const FieldNamer& namer_;
  std::vector<Error> errors_;
};

}  // namespace

std::vector<Error> Unsupported(const TunnelSpec& spec, const FieldNamer& namer) {
  Refusals refusals(namer);
  if (const auto* pool = std::get_if<PoolSpec>(&spec.kind)) {
    refusals.Add(pool->transport != TransportKind::kTcp, "pool.transport",
                 "transport " + std::string(Name(pool->transport)), "TCP is run");
    refusals.Add(pool->tls.mode != TlsMode::kDisabled, "pool.tls.mode",
                 "TLS (" + std::string(Name(pool->tls.mode)) + ")", "Disabled is run");
  }
  refusals.Add(spec.balance != Balance::kRoundRobin, "balance", Name(spec.balance),
               "RoundRobin is run");
  refusals.Add(spec.listen && !Carries(*spec.listen, Protocol::kTcp), "listen.protocols",
               "a tunnel without TCP", "TCP is carried");
  refusals.Add(!spec.access.block.empty(), "access.block", "blocking of protocols", "leave it out");
  refusals.Add(spec.limits.bandwidth_mbps != 0, "limits.bandwidthMbps", "a bandwidth limit",
               "0 is run");
  refusals.Add(spec.proxy_protocol != ProxyProtocol::kNone, "proxyProtocol",
               "the PROXY protocol (" + std::string(Name(spec.proxy_protocol)) + ")",
               "None is run");
  refusals.Add(!spec.dial.source_address.empty(), "dial.sourceAddress", "a source address",
               "leave it out");
  return refusals.Take();
}

std::vector<std::string> Warnings(const TunnelSpec& spec, const FieldNamer& namer) {
  std::vector<std::string> warnings;
  const auto* pool = std::get_if<PoolSpec>(&spec.kind);
  if (pool != nullptr && pool->key == KeySource{}) {
    warnings.push_back(namer.NameOf("pool") + ": no key is set; the one derived from port " +
                       std::to_string(pool->address.port) + " protects nothing");
  }
  if (spec.listen && Carries(*spec.listen, Protocol::kUdp)) {
    warnings.push_back(namer.NameOf("listen.protocols") +
                       ": UDP is off; this version carries TCP only");
  }
  return warnings;
}

}  // namespace underpass::v1alpha1
