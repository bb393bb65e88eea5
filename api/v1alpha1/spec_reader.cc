// SPDX-License-Identifier: Apache-2.0
#include "api/v1alpha1/spec_reader.h"

#include <limits>

namespace underpass::v1alpha1 {
namespace {

constexpr std::int64_t kMaxInt = std::numeric_limits<int>::max();
constexpr std::int64_t kYear = defaults::kMaxSeconds.count();

template <typename T>
void Assign(T& field, std::optional<T> value) {
  if (value) field = *std::move(value);
}

void AssignSeconds(std::chrono::seconds& field, std::optional<std::int64_t> value) {
  if (value) field = std::chrono::seconds(*value);
}

void AssignInt(int& field, std::optional<std::int64_t> value) {
  if (value) field = static_cast<int>(*value);
}

std::optional<int> ReadIdleCount(MapReader& map, std::string_view key) {
  const std::optional<std::int64_t> value = map.Integer(key, 1, defaults::kPoolLimit);
  return value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
}

IdleSpec ReadIdle(MapReader map) {
  const std::optional<int> min = ReadIdleCount(map, "min");
  const std::optional<int> max = ReadIdleCount(map, "max");
  map.Finish();
  return MakeIdle(min, max);
}

TlsSpec ReadTls(MapReader map, SpecForm form) {
  TlsSpec tls;
  Assign(tls.mode, map.Enum<TlsMode>("mode"));
  if (form == SpecForm::kTunnel) {
    Assign(tls.secret_name, map.String("secretName"));
    Assign(tls.ca_secret_name, map.String("caSecretName"));
  } else {
    Assign(tls.cert_file, map.String("certFile"));
    Assign(tls.key_file, map.String("keyFile"));
  }
  Assign(tls.server_name, map.String("serverName"));
  map.Finish();
  return tls;
}

SecretKeyRef ReadKeyRef(MapReader map) {
  SecretKeyRef reference;
  map.Require("name", "the name of a Secret in the Tunnel's namespace");
  map.Require("key", "the key within the Secret");
  Assign(reference.name, map.String("name"));
  Assign(reference.key, map.String("key"));
  map.Finish();
  return reference;
}

KeySource ReadKey(MapReader& pool, SpecForm form) {
  KeySource key;
  if (form == SpecForm::kTunnel) {
    if (std::optional<MapReader> reference = pool.Map("keySecretRef")) {
      key.secret_ref = ReadKeyRef(*std::move(reference));
    }
    return key;
  }
  Assign(key.file, pool.String("keyFile"));
  if (std::optional<std::string> value = pool.String("key")) key.value = Secret(*std::move(value));
  // An empty one would silently mean the derived key.
  if (pool.Has("keyFile") && key.file.empty())
    pool.Fail("keyFile", "must not be empty; leave it out");
  if (pool.Has("key") && key.value.empty()) pool.Fail("key", "must not be empty; leave it out");
  return key;
}

PoolSpec ReadPool(MapReader map, SpecForm form) {
  PoolSpec pool;
  map.Require("role", "allowed: Server, Client");
  map.Require("address", "host:port that a Server listens on and a Client dials");
  Assign(pool.role, map.Enum<PoolRole>("role"));
  Assign(pool.address, map.Address("address"));
  Assign(pool.transport, map.Enum<TransportKind>("transport"));
  Assign(pool.flow, map.Enum<Flow>("flow"));
  pool.key = ReadKey(map, form);
  if (std::optional<MapReader> tls = map.Map("tls")) pool.tls = ReadTls(*std::move(tls), form);
  if (std::optional<MapReader> idle = map.Map("idle")) pool.idle = ReadIdle(*std::move(idle));
  map.Finish();
  return pool;
}

KindSpec ReadKind(MapReader& map, SpecForm form) {
  if (map.Has("pool") && map.Has("forward")) {
    map.Fail("forward", "a second kind is not allowed; exactly one of pool, forward is");
  }
  if (!HasKnownKind(map)) map.Require("pool", "exactly one of pool, forward must be there");
  KindSpec kind = ForwardSpec{};
  if (std::optional<MapReader> forward = map.Map("forward")) forward->Finish();
  if (std::optional<MapReader> pool = map.Map("pool")) kind = ReadPool(*std::move(pool), form);
  return kind;
}

std::vector<TargetSpec> ReadTargets(MapReader& map) {
  std::vector<TargetSpec> targets;
  for (MapReader& item : map.Maps("targets")) {
    TargetSpec target;
    item.Require("address", "host:port");
    Assign(target.address, item.Address("address"));
    item.Finish();
    targets.push_back(std::move(target));
  }
  return targets;
}

ListenSpec ReadListen(MapReader map) {
  ListenSpec listen;
  map.Require("port", "1..65535");
  Assign(listen.address, map.String("address"));
  if (const std::optional<std::int64_t> port = map.Integer("port", 1, 65535)) {
    listen.port = static_cast<std::uint16_t>(*port);
  }
  Assign(listen.protocols, map.EnumList<Protocol>("protocols"));
  map.Finish();
  return listen;
}

AccessSpec ReadAccess(MapReader map) {
  AccessSpec access;
  Assign(access.block, map.EnumList<BlockedProtocol>("block"));
  map.Finish();
  return access;
}

LimitsSpec ReadLimits(MapReader map) {
  LimitsSpec limits;
  AssignInt(limits.bandwidth_mbps, map.Integer("bandwidthMbps", 0, kMaxInt));
  AssignInt(limits.connections, map.Integer("connections", 0, kMaxInt));
  AssignSeconds(limits.idle_timeout, map.Integer("idleTimeoutSeconds", 0, kYear));
  map.Finish();
  return limits;
}

DialSpec ReadDial(MapReader map) {
  DialSpec dial;
  Assign(dial.source_address, map.String("sourceAddress"));
  AssignSeconds(dial.dns_cache, map.Integer("dnsCacheSeconds", 0, kYear));
  map.Finish();
  return dial;
}

std::string ReadGroup(MapReader map) {
  std::string group;
  Assign(group, map.String("group"));
  map.Finish();
  return group;
}

}  // namespace

bool HasKnownKind(const MapReader& map) { return map.Has("pool") || map.Has("forward"); }

TunnelSpec ReadSpec(MapReader& map, SpecForm form) {
  TunnelSpec spec;
  spec.kind = ReadKind(map, form);
  spec.targets = ReadTargets(map);
  Assign(spec.balance, map.Enum<Balance>("balance"));
  if (std::optional<MapReader> listen = map.Map("listen"))
    spec.listen = ReadListen(*std::move(listen));
  if (std::optional<MapReader> access = map.Map("access"))
    spec.access = ReadAccess(*std::move(access));
  if (std::optional<MapReader> limits = map.Map("limits"))
    spec.limits = ReadLimits(*std::move(limits));
  Assign(spec.proxy_protocol, map.Enum<ProxyProtocol>("proxyProtocol"));
  if (std::optional<MapReader> dial = map.Map("dial")) spec.dial = ReadDial(*std::move(dial));
  if (form == SpecForm::kTunnel) {
    if (std::optional<MapReader> placement = map.Map("placement"))
      spec.group = ReadGroup(*std::move(placement));
  }
  return spec;
}

}  // namespace underpass::v1alpha1
