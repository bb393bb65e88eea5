// SPDX-License-Identifier: Apache-2.0
#include "api/v1alpha1/validate.h"

#include <algorithm>

namespace underpass::v1alpha1 {
namespace {

constexpr std::size_t kMaxLabelBytes = 63;  // RFC 1123
constexpr std::size_t kMaxNameBytes = 253;  // RFC 1123 subdomain; Kubernetes object names
constexpr std::string_view kLabelRule = "1..63 of a-z, 0-9 and '-', not at the ends, are";
constexpr std::string_view kNameRule = "1..253 of a-z, 0-9, '-' and '.', not at the ends, are";

bool IsLowerAlphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool IsLabel(std::string_view text) {
  return !text.empty() && text.size() <= kMaxLabelBytes && IsLowerAlphanumeric(text.front()) &&
         IsLowerAlphanumeric(text.back()) && std::all_of(text.begin(), text.end(), [](char c) {
           return IsLowerAlphanumeric(c) || c == '-';
         });
}

bool IsObjectName(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNameBytes && IsLowerAlphanumeric(text.front()) &&
         IsLowerAlphanumeric(text.back()) && std::all_of(text.begin(), text.end(), [](char c) {
           return IsLowerAlphanumeric(c) || c == '-' || c == '.';
         });
}

bool IsSecretKey(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNameBytes &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return IsLowerAlphanumeric(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
                  c == '.';
         });
}

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7f;
  });
}

std::string InQuotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

bool IsLocal(const HostPort& address) { return address.IsLoopback() || address.IsUnspecified(); }

// True if a connection to `target` can arrive at a listener on `own` of this machine.
bool Reaches(const HostPort& target, const HostPort& own) {
  if (target.port != own.port) return false;
  return target.host == own.host || (IsLocal(target) && IsLocal(own));
}

// True if both cannot be bound at once.
bool Overlaps(const HostPort& a, const HostPort& b) {
  return a.port == b.port && (a.host == b.host || a.IsUnspecified() || b.IsUnspecified());
}

class Validator {
 public:
  Validator(const TunnelSpec& spec, const FieldNamer& namer) : spec_(spec), namer_(namer) {}

  std::vector<Error> Run() {
    if (const auto* pool = std::get_if<PoolSpec>(&spec_.kind)) {
      CheckPool(*pool);
    } else {
      CheckForward();
    }
    CheckTargets();
    if (spec_.listen) CheckListen(*spec_.listen);
    CheckNumbers();
    CheckNames();
    return std::move(errors_);
  }

 private:
  void Fail(std::string_view path, const std::string& text) {
    errors_.push_back({ErrorCode::kInvalidConfig, 0, namer_.NameOf(path) + ": " + text});
  }

  void CheckAddress(std::string_view path, const HostPort& address) {
    const Result<HostPort> parsed = ParseHostPort(address.ToString());
    if (!parsed.has_value()) Fail(path, parsed.error().context);
  }

  void CheckRange(std::string_view path, std::int64_t value, std::int64_t min, std::int64_t max) {
    if (value >= min && value <= max) return;
    Fail(path, std::to_string(value) + " is not allowed; " + std::to_string(min) + ".." +
                   std::to_string(max) + " are");
  }

  void CheckPool(const PoolSpec& pool) {
    CheckAddress("pool.address", pool.address);
    if (pool.role == PoolRole::kClient) CheckClient(pool);
    CheckKey(pool.key);
    CheckTls(pool.tls);
    CheckIdle(pool.idle);
    if (!spec_.listen && spec_.targets.empty()) {
      Fail("targets", "is needed, or listen; the exit side has targets, the entry side listen");
    }
    CheckOwnPort(pool);
  }

  void CheckClient(const PoolSpec& pool) {
    if (pool.address.host.empty() && pool.flow != Flow::kAuto) {
      Fail("pool.address", "the host is missing; a Client needs host:port of its Server");
    }
    if (pool.transport != TransportKind::kTcp) {
      Fail("pool.transport",
           std::string(Name(pool.transport)) +
               " is not allowed for role Client; it adopts its Server's, leave it out");
    }
  }

  void CheckKey(const KeySource& key) {
    const int sources =
        (key.secret_ref ? 1 : 0) + (key.file.empty() ? 0 : 1) + (key.value.empty() ? 0 : 1);
    if (sources > 1)
      Fail("pool.key", "a second key is not allowed; one of a Secret, a file or a value is");
    if (key.secret_ref) {
      CheckObjectName("pool.keySecretRef.name", key.secret_ref->name);
      if (!IsSecretKey(key.secret_ref->key)) {
        Fail("pool.keySecretRef.key",
             InQuotes(key.secret_ref->key) +
                 " is not allowed; 1..253 letters, digits, '-', '_' and '.' are");
      }
    }
    CheckFile("pool.keyFile", key.file);
    if (key.value.Reveal().size() > defaults::kMaxKeyBytes) {
      Fail("pool.key", std::to_string(key.value.Reveal().size()) +
                           " bytes are not allowed; at most " +
                           std::to_string(defaults::kMaxKeyBytes) + " are");
    }
  }

  void CheckTls(const TlsSpec& tls) {
    if (tls.mode == TlsMode::kCertificate && tls.secret_name.empty() &&
        (tls.cert_file.empty() || tls.key_file.empty())) {
      Fail("pool.tls.mode", "Certificate needs secretName, or certFile and keyFile");
    }
    if (!tls.secret_name.empty()) CheckObjectName("pool.tls.secretName", tls.secret_name);
    if (!tls.ca_secret_name.empty()) CheckObjectName("pool.tls.caSecretName", tls.ca_secret_name);
    CheckFile("pool.tls.certFile", tls.cert_file);
    CheckFile("pool.tls.keyFile", tls.key_file);
    if (!tls.server_name.empty()) CheckHost("pool.tls.serverName", tls.server_name, "a host name");
  }

  void CheckIdle(const IdleSpec& idle) {
    CheckRange("pool.idle.min", idle.min, 1, defaults::kPoolLimit);
    CheckRange("pool.idle.max", idle.max, 1, defaults::kPoolLimit);
    if (idle.min > idle.max) {
      Fail("pool.idle.min", std::to_string(idle.min) + " is more than max; at most max, which is " +
                                std::to_string(idle.max) + ", is allowed");
    }
  }

  // A tunnel whose own port is its target or its listen address would feed itself.
  void CheckOwnPort(const PoolSpec& pool) {
    const bool binds =
        pool.role == PoolRole::kServer || pool.flow == Flow::kAuto || IsLocal(pool.address);
    for (std::size_t i = 0; i < spec_.targets.size(); ++i) {
      const HostPort& target = spec_.targets[i].address;
      if (target.port != pool.address.port) continue;
      if (target.host == pool.address.host || (binds && IsLocal(target))) {
        Fail(TargetPath(i),
             target.ToString() + " is the tunnel's own port; another address or port is needed");
      }
    }
    if (spec_.listen && binds && Overlaps(spec_.listen->ToHostPort(), pool.address)) {
      Fail("listen.port",
           std::to_string(spec_.listen->port) + " is the tunnel's own port; another is needed");
    }
  }

  void CheckForward() {
    if (!spec_.listen) Fail("listen", "is needed for a forward");
    if (spec_.targets.empty()) Fail("targets", "is needed for a forward");
    if (!spec_.listen) return;
    for (std::size_t i = 0; i < spec_.targets.size(); ++i) {
      const HostPort& target = spec_.targets[i].address;
      if (!Reaches(target, spec_.listen->ToHostPort())) continue;
      Fail(TargetPath(i),
           target.ToString() + " is the listen address of this tunnel; another is needed");
    }
  }

  static std::string TargetPath(std::size_t i) {
    return "targets[" + std::to_string(i) + "].address";
  }

  void CheckTargets() {
    if (spec_.targets.size() > defaults::kMaxTargets) {
      Fail("targets", std::to_string(spec_.targets.size()) + " targets are not allowed; at most " +
                          std::to_string(defaults::kMaxTargets) + " are");
    }
    for (std::size_t i = 0; i < spec_.targets.size(); ++i) {
      CheckAddress(TargetPath(i), spec_.targets[i].address);
    }
  }

  void CheckListen(const ListenSpec& listen) {
    if (!listen.address.empty())
      CheckHost("listen.address", listen.address, "a host or an IP address, without a port");
    CheckRange("listen.port", listen.port, 1, 65535);
    if (listen.protocols.empty())
      Fail("listen.protocols", "must not be empty; TCP, UDP or both are allowed");
  }

  void CheckHost(std::string_view path, const std::string& host, const std::string& expected) {
    if (ParseHostPort(HostPort{host, 1}.ToString()).has_value()) return;
    Fail(path, InQuotes(host) + " is not allowed; " + expected + " is");
  }

  void CheckNumbers() {
    constexpr std::int64_t kAnyInt = 2147483647;
    CheckRange("limits.bandwidthMbps", spec_.limits.bandwidth_mbps, 0, kAnyInt);
    CheckRange("limits.connections", spec_.limits.connections, 0, kAnyInt);
    CheckRange("limits.idleTimeoutSeconds", spec_.limits.idle_timeout.count(), 0,
               defaults::kMaxSeconds.count());
    CheckRange("dial.dnsCacheSeconds", spec_.dial.dns_cache.count(), 0,
               defaults::kMaxSeconds.count());
  }

  void CheckNames() {
    const std::string& source = spec_.dial.source_address;
    if (!source.empty() && !IsIpLiteral(source)) {
      Fail("dial.sourceAddress", InQuotes(source) + " is not allowed; an IP address is");
    }
    if (!spec_.group.empty() && !IsLabel(spec_.group)) {
      Fail("placement.group",
           InQuotes(spec_.group) + " is not allowed; " + std::string(kLabelRule));
    }
  }

  void CheckObjectName(std::string_view path, const std::string& name) {
    if (!IsObjectName(name))
      Fail(path, InQuotes(name) + " is not allowed; " + std::string(kNameRule));
  }

  void CheckFile(std::string_view path, const std::string& file) {
    if (!IsPrintable(file)) Fail(path, "control characters are not allowed; a path is");
  }

  const TunnelSpec& spec_;
  const FieldNamer& namer_;
  std::vector<Error> errors_;
};

}  // namespace

std::vector<Error> Validate(const TunnelSpec& spec, const FieldNamer& namer) {
  return Validator(spec, namer).Run();
}

std::vector<Error> Validate(const ObjectName& name, const FieldNamer& namer) {
  std::vector<Error> errors;
  const auto check = [&](std::string_view path, const std::string& value) {
    if (IsLabel(value)) return;
    errors.push_back({ErrorCode::kInvalidConfig, 0,
                      namer.NameOf(path) + ": " + InQuotes(value.substr(0, kMaxNameBytes)) +
                          " is not allowed; " + std::string(kLabelRule)});
  };
  check("name", name.name);
  check("namespace", name.namespace_name);
  return errors;
}

}  // namespace underpass::v1alpha1
