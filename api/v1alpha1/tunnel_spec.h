// SPDX-License-Identifier: Apache-2.0
// TunnelSpec: what a Tunnel says, wherever it was said (a Tunnel file or resource, a NodePass URL,
// a ProxyConfig). Plain values; `validate.h` says which are allowed, `document.h` reads and prints
// them. Field names are those of the Tunnel resource (docs/configuration.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/base/defaults.h"
#include "api/base/host_port.h"
#include "api/base/secret.h"

namespace underpass::v1alpha1 {

enum class PoolRole : std::uint8_t { kServer, kClient };
enum class TransportKind : std::uint8_t { kTcp, kQuic, kWebSocket, kHttp2 };
enum class Flow : std::uint8_t { kAuto, kReverse, kForward };
enum class TlsMode : std::uint8_t { kDisabled, kSelfSigned, kCertificate };
enum class Balance : std::uint8_t { kRoundRobin, kLeastLatency, kPrimaryBackup };
enum class ProxyProtocol : std::uint8_t { kNone, kV1, kV2 };
enum class Protocol : std::uint8_t { kTcp, kUdp };
enum class BlockedProtocol : std::uint8_t { kSocks, kHttp, kTls };

// A key of a Secret. In a Tunnel only; a ProxyConfig has a file instead.
struct SecretKeyRef {
  std::string name;
  std::string key;
  friend bool operator==(const SecretKeyRef&, const SecretKeyRef&) = default;
};

// Where the tunnel key comes from; at most one is set. None: derived from the port of `address`, as
// NodePass does (no protection, said by a warning).
struct KeySource {
  std::optional<SecretKeyRef> secret_ref;  // Tunnel: spec.pool.keySecretRef
  std::string file;  // ProxyConfig: pool.keyFile, relative to the config's folder
  Secret value;      // ProxyConfig by a person, or a URL's user name: pool.key
  friend bool operator==(const KeySource&, const KeySource&) = default;
};

struct TlsSpec {
  TlsMode mode = TlsMode::kDisabled;
  std::string secret_name;     // Tunnel: tls.secretName (tls.crt, tls.key)
  std::string ca_secret_name;  // Tunnel: tls.caSecretName
  std::string cert_file;       // ProxyConfig: tls.certFile (URL: crt)
  std::string key_file;        // ProxyConfig: tls.keyFile (URL: key)
  std::string
      server_name;  // SNI and the handshake's Host (URL: sni); empty = host of address if a name
  friend bool operator==(const TlsSpec&, const TlsSpec&) = default;
};

struct IdleSpec {
  int min = defaults::kPoolMin;  // Client. 1..65536
  int max = defaults::kPoolMax;  // Server; a client adopts the server's. min..65536
  friend bool operator==(const IdleSpec&, const IdleSpec&) = default;
};

// What was given, with the default for what was not; a default gives way to a value beyond it, so
// that `max: 32` alone means 32..32. Both given: as they are.
IdleSpec MakeIdle(std::optional<int> min, std::optional<int> max);

struct PoolSpec {
  PoolRole role = PoolRole::kServer;
  HostPort address;  // Server: what it listens on. Client: the server.
  // Server only; a client adopts the server's.
  TransportKind transport = TransportKind::kTcp;
  // Server: Auto = Reverse if the listen address can be bound, else Forward. Client: Auto = bind
  // `address` and forward single-ended if that works, else dial it (NodePass mode 0); Reverse and
  // Forward both dial, and the server's word counts.
  Flow flow = Flow::kReverse;
  KeySource key;
  TlsSpec tls;
  IdleSpec idle;
  friend bool operator==(const PoolSpec&, const PoolSpec&) = default;
};

// Single end: accepts at listen, dials targets.
struct ForwardSpec {
  friend bool operator==(const ForwardSpec&, const ForwardSpec&) = default;
};

// Exactly one kind; more kinds come as more alternatives.
using KindSpec = std::variant<PoolSpec, ForwardSpec>;

struct TargetSpec {
  HostPort address;
  friend bool operator==(const TargetSpec&, const TargetSpec&) = default;
};

struct ListenSpec {
  std::string address;  // host part; empty = all addresses
  std::uint16_t port = 0;
  std::vector<Protocol> protocols = {Protocol::kTcp, Protocol::kUdp};  // no duplicates, not empty
  HostPort ToHostPort() const { return {address, port}; }
  friend bool operator==(const ListenSpec&, const ListenSpec&) = default;
};

struct AccessSpec {
  std::vector<BlockedProtocol> block;  // no duplicates
  friend bool operator==(const AccessSpec&, const AccessSpec&) = default;
};

struct LimitsSpec {
  int bandwidth_mbps = 0;                        // 0 = unlimited; 1 = 125,000 bytes/s
  int connections = defaults::kConnectionLimit;  // TCP and UDP together; 0 = unlimited
  std::chrono::seconds idle_timeout{0};          // 0 = none
  friend bool operator==(const LimitsSpec&, const LimitsSpec&) = default;
};

// Dialling of targets.
struct DialSpec {
  std::string source_address;  // an IP address; empty = the system's choice (URL: dial=auto)
  // How long a resolved name is used; 0 = resolve for each dial.
  std::chrono::seconds dns_cache = std::chrono::minutes(defaults::kDnsCacheByUrl);
  friend bool operator==(const DialSpec&, const DialSpec&) = default;
};

struct TunnelSpec {
  KindSpec kind;
  std::vector<TargetSpec> targets;   // exit side, at most 64
  std::optional<ListenSpec> listen;  // entry side
  Balance balance = Balance::kRoundRobin;
  AccessSpec access;
  LimitsSpec limits;
  DialSpec dial;
  ProxyProtocol proxy_protocol = ProxyProtocol::kNone;
  std::string group;  // placement.group; empty = the Tunnel's name. Not in a ProxyConfig.
  friend bool operator==(const TunnelSpec&, const TunnelSpec&) = default;
};

// metadata.name and metadata.namespace.
struct ObjectName {
  std::string name;  // DNS label, 1..63 of [a-z0-9-], starting and ending alphanumeric
  std::string namespace_name = "default";
  friend bool operator==(const ObjectName&, const ObjectName&) = default;
  friend auto operator<=>(const ObjectName&, const ObjectName&) = default;
};

struct Tunnel {
  ObjectName metadata;
  TunnelSpec spec;
  friend bool operator==(const Tunnel&, const Tunnel&) = default;
};

// "pool" or "forward": the kind's name in documents, metrics and tables.
std::string_view KindName(const TunnelSpec& spec);

// Names as in documents: "Server", "TCP", "Reverse", "SelfSigned", "RoundRobin", "V1", "SOCKS"...
std::string_view Name(PoolRole value);
std::string_view Name(TransportKind value);
std::string_view Name(Flow value);
std::string_view Name(TlsMode value);
std::string_view Name(Balance value);
std::string_view Name(ProxyProtocol value);
std::string_view Name(Protocol value);
std::string_view Name(BlockedProtocol value);

// The key of a pool: `explicit_key` if not empty, else what NodePass derives from the tunnel port:
// FNV-1a-32 over the port's decimal text as 8 lower-case hex digits (10101 -> "e68be2b4"). Source:
// NodePass internal/common.go getTunnelKey() @0c932f8.
Secret PoolKey(const Secret& explicit_key, std::uint16_t tunnel_port);

}  // namespace underpass::v1alpha1
