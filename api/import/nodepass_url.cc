// SPDX-License-Identifier: Apache-2.0
#include "api/import/nodepass_url.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/import/url_parameters.h"
#include "api/import/url_parts.h"
#include "api/v1alpha1/validate.h"

namespace underpass::import {
namespace {

using v1alpha1::Flow;
using v1alpha1::Protocol;
using v1alpha1::TlsMode;
using v1alpha1::TransportKind;

Result<HostPort> ParseTunnelAddress(const std::string& host) {
  if (host.find(',') != std::string::npos) {
    return Fail(ErrorCode::kInvalidConfig,
                "tunnel address: a list is not allowed; one host:port is");
  }
  Result<HostPort> address = ParseHostPort(host);
  if (!address.has_value()) {
    return Fail(ErrorCode::kInvalidConfig, "tunnel address: " + address.error().context);
  }
  return address;
}

std::string_view Trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

Result<std::vector<v1alpha1::TargetSpec>> ParseTargets(std::string_view list) {
  std::vector<v1alpha1::TargetSpec> targets;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view item = Trim(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (item.empty()) continue;
    Result<HostPort> address = ParseHostPort(item);
    if (!address.has_value()) {
      return Fail(ErrorCode::kInvalidConfig, "target address: " + address.error().context);
    }
    targets.push_back({*std::move(address)});
  }
  if (targets.empty()) {
    return Fail(ErrorCode::kInvalidConfig,
                "target address: missing; write scheme://tunnel:port/target:port");
  }
  return targets;
}

// One URL of scheme server or client.
class Importer {
 public:
  explicit Importer(const UrlParts& parts)
      : parts_(parts), parameters_(parts), server_(parts.scheme == "server") {}

  Result<ImportedTunnel> Run() {
    Result<HostPort> address = ParseTunnelAddress(parts_.host);
    RETURN_IF_ERROR(address);
    Result<std::vector<v1alpha1::TargetSpec>> targets = ParseTargets(parts_.path);
    RETURN_IF_ERROR(targets);
    spec().targets = *std::move(targets);
    result_.tunnel.metadata.name = parts_.scheme + "-" + std::to_string(address->port);
    ReadLog();
    ReadKind(*address);
    ReadTraffic();
    if (parameters_.error()) return Fail(*parameters_.error());
    return Judge();
  }

 private:
  v1alpha1::TunnelSpec& spec() { return result_.tunnel.spec; }
  bool forward() { return std::holds_alternative<v1alpha1::ForwardSpec>(spec().kind); }

  void ReadLog() {
    const std::string text = parameters_.Text("log");
    if (text.empty()) return;
    LogLevel level = LogLevel::kInfo;
    if (ParseLogLevel(text, level)) {
      result_.log_level = level;
    } else {
      parameters_.Fail("log", "not allowed; none, debug, info, warn, error, event are");
    }
  }

  void ReadKind(const HostPort& address) {
    const std::size_t mode = parameters_.Choice("mode", {"0", "1", "2"});
    const HostPort& entry = !server_ && mode == 1 ? address : spec().targets.front().address;
    spec().listen = v1alpha1::ListenSpec{.address = entry.host, .port = entry.port};
    if (!server_ && mode == 1) {
      spec().kind = v1alpha1::ForwardSpec{};
      return;
    }
    v1alpha1::PoolSpec pool;
    pool.role = server_ ? v1alpha1::PoolRole::kServer : v1alpha1::PoolRole::kClient;
    pool.address = address;
    // NodePass dials this machine if the host is empty.
    if (!server_ && mode == 2 && address.host.empty()) pool.address.host = "localhost";
    pool.flow = mode == 0 ? Flow::kAuto : mode == 1 ? Flow::kReverse : Flow::kForward;
    pool.key.value = Secret(parts_.user);
    if (parts_.has_password) {
      result_.warnings.emplace_back(
          "tunnel key: what follows ':' is ignored, as in NodePass; write %3A for ':'");
    }
    pool.idle = ReadIdle();
    if (server_) {
      ReadTransport(pool);
    } else {
      pool.tls.server_name = parameters_.Text("sni");
    }
    spec().kind = std::move(pool);
  }

  // 0 is the default, as in NodePass.
  v1alpha1::IdleSpec ReadIdle() {
    std::optional<int> min = parameters_.Count("min");
    std::optional<int> max = parameters_.Count("max");
    if (min == 0) min.reset();
    if (max == 0) max.reset();
    if (min && max && *min > *max) {
      parameters_.Fail(
          "min", "more than max; at most max, which is " + std::to_string(*max) + ", is allowed");
    }
    parameters_.Ignore(server_ ? "min" : "max");
    return server_ ? v1alpha1::MakeIdle(std::nullopt, max) : v1alpha1::MakeIdle(min, std::nullopt);
  }

  void ReadTransport(v1alpha1::PoolSpec& pool) {
    constexpr std::array kTransports = {TransportKind::kTcp, TransportKind::kQuic,
                                        TransportKind::kWebSocket, TransportKind::kHttp2};
    pool.transport = kTransports[parameters_.Choice("type", {"0", "1", "2", "3"})];
    if (parameters_.Flag("quic") && !parameters_.Given("type")) {
      pool.transport = TransportKind::kQuic;
      result_.warnings.emplace_back("?quic=1: read as type=1; quic is an older NodePass's name");
    }
    ReadTls(pool.tls);
    if (pool.tls.mode == TlsMode::kDisabled &&
        (pool.transport == TransportKind::kQuic || pool.transport == TransportKind::kHttp2)) {
      pool.tls.mode = TlsMode::kSelfSigned;
      tls_raised_ = true;
    }
  }

  void ReadTls(v1alpha1::TlsSpec& tls) {
    constexpr std::array kModes = {TlsMode::kDisabled, TlsMode::kSelfSigned, TlsMode::kCertificate};
    tls.mode = kModes[parameters_.Choice("tls", {"0", "1", "2"})];
    if (tls.mode != TlsMode::kCertificate) return;  // crt and key do nothing then
    tls.cert_file = parameters_.Text("crt");
    tls.key_file = parameters_.Text("key");
    if (!tls.cert_file.empty() && !tls.key_file.empty()) return;
    tls = {};
    tls.mode = TlsMode::kSelfSigned;
    result_.warnings.emplace_back("?tls=2: without crt and key it means tls=1, as in NodePass");
  }

  void ReadTraffic() {
    constexpr std::array kBalances = {v1alpha1::Balance::kRoundRobin,
                                      v1alpha1::Balance::kLeastLatency,
                                      v1alpha1::Balance::kPrimaryBackup};
    constexpr std::array kProxies = {v1alpha1::ProxyProtocol::kNone, v1alpha1::ProxyProtocol::kV1,
                                     v1alpha1::ProxyProtocol::kV2};
    spec().balance = kBalances[parameters_.Choice("lbs", {"0", "1", "2"})];
    spec().proxy_protocol = kProxies[parameters_.Choice("proxy", {"0", "1", "2"})];
    spec().dial.dns_cache = parameters_.Duration("dns").value_or(spec().dial.dns_cache);
    spec().limits.idle_timeout = parameters_.Duration("read").value_or(std::chrono::seconds(0));
    spec().limits.bandwidth_mbps = parameters_.Count("rate").value_or(0);
    spec().limits.connections = parameters_.Count("slot").value_or(defaults::kConnectionLimit);
    ReadSource();
    ReadBlock();
    ReadProtocols();
  }

  void ReadSource() {
    const std::string source = parameters_.Text("dial");
    if (source.empty() || source == "auto") return;
    spec().dial.source_address = source;
    if (!IsIpLiteral(source)) parameters_.Fail("dial", "not allowed; auto or an IP address is");
  }

  void ReadBlock() {
    const std::string digits = parameters_.Text("block");
    if (digits.find_first_not_of("0123") != std::string::npos) {
      parameters_.Fail("block",
                       "not allowed; 0, or any of the digits 1 (SOCKS), 2 (HTTP), 3 (TLS) is");
    }
    const auto add = [&](char digit, v1alpha1::BlockedProtocol protocol) {
      if (digits.find(digit) != std::string::npos) spec().access.block.push_back(protocol);
    };
    add('1', v1alpha1::BlockedProtocol::kSocks);
    add('2', v1alpha1::BlockedProtocol::kHttp);
    add('3', v1alpha1::BlockedProtocol::kTls);
  }

  void ReadProtocols() {
    const bool no_tcp = parameters_.Flag("notcp");
    const bool no_udp = parameters_.Flag("noudp");
    if (no_tcp && no_udp)
      parameters_.Fail("notcp", "not allowed with noudp=1; nothing would be carried");
    if (no_tcp) spec().listen->protocols = {Protocol::kUdp};
    if (no_udp) spec().listen->protocols = {Protocol::kTcp};
  }

  Result<ImportedTunnel> Judge() {
    const UrlNamer namer(parameters_, forward());
    std::vector<Error> errors = v1alpha1::Validate(spec(), namer);
    if (!errors.empty()) return Fail(std::move(errors.front()));
    const std::string ignored = parameters_.Ignored();
    if (!ignored.empty()) {
      result_.warnings.push_back("ignored parameters: " + ignored + "; not of a " + parts_.scheme +
                                 " URL" + (forward() ? " with mode=1" : ""));
    }
    for (std::string& warning : v1alpha1::Warnings(spec(), namer))
      result_.warnings.push_back(std::move(warning));
    result_.unsupported = v1alpha1::Unsupported(Written(), namer);
    return std::move(result_);
  }

  // The spec without what no one wrote: a carrier that brings TLS along is refused once, by its own
  // name.
  v1alpha1::TunnelSpec Written() {
    v1alpha1::TunnelSpec written = spec();
    if (tls_raised_) std::get<v1alpha1::PoolSpec>(written.kind).tls.mode = TlsMode::kDisabled;
    return written;
  }

  const UrlParts& parts_;
  UrlParameters parameters_;
  bool server_;
  bool tls_raised_ = false;
  ImportedTunnel result_;
};

}  // namespace

Result<ImportedTunnel> ParseNodePassUrl(std::string_view url) {
  if (url.size() > defaults::kMaxUrlBytes) {
    return Fail(ErrorCode::kTooLarge, "URL: " + std::to_string(url.size()) +
                                          " bytes are not allowed; at most " +
                                          std::to_string(defaults::kMaxUrlBytes) + " are");
  }
  Result<UrlParts> parts = SplitUrl(url);
  RETURN_IF_ERROR(parts);
  if (parts->scheme == "master") {
    RETURN_IF_ERROR(ParseTunnelAddress(parts->host));
    return Fail(ErrorCode::kUnsupported,
                "scheme master: this version cannot run a master; server:// and client:// are run");
  }
  if (parts->scheme != "server" && parts->scheme != "client") {
    return Fail(ErrorCode::kInvalidConfig,
                "scheme \"" + parts->scheme.substr(0, 80) +
                    "\": unknown; server, client and master are allowed");
  }
  return Importer(*parts).Run();
}

}  // namespace underpass::import
