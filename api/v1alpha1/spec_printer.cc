// SPDX-License-Identifier: Apache-2.0
#include "api/v1alpha1/spec_printer.h"

#include <algorithm>

namespace underpass::v1alpha1 {
namespace {

void TextUnlessEmpty(YamlWriter& writer, std::string_view key, const std::string& text) {
  if (!text.empty()) writer.Text(key, text);
}

template <typename E>
void NameUnless(YamlWriter& writer, std::string_view key, E value, E default_value) {
  if (value != default_value) writer.Text(key, Name(value));
}

template <typename E>
std::vector<std::string_view> NamesOf(const std::vector<E>& values) {
  std::vector<std::string_view> names;
  names.reserve(values.size());
  for (const E value : values) names.push_back(Name(value));
  return names;
}

void IntegerUnless(YamlWriter& writer, std::string_view key, std::int64_t value,
                   std::int64_t default_value) {
  if (value != default_value) writer.Integer(key, value);
}

void PrintKey(YamlWriter& writer, const KeySource& key, SpecForm form, bool reveal) {
  if (form == SpecForm::kProxyConfig) {
    TextUnlessEmpty(writer, "keyFile", key.file);
    if (key.file.empty() && !key.value.empty())
      writer.Text("key", reveal ? key.value.Reveal() : "<redacted>");
    return;
  }
  if (!key.secret_ref) return;
  writer.OpenMap("keySecretRef");
  writer.Text("name", key.secret_ref->name);
  writer.Text("key", key.secret_ref->key);
  writer.Close();
}

// What of TlsSpec the form can say; the rest at its default.
TlsSpec Sayable(TlsSpec tls, SpecForm form) {
  if (form == SpecForm::kTunnel) {
    tls.cert_file.clear();
    tls.key_file.clear();
  } else {
    tls.secret_name.clear();
    tls.ca_secret_name.clear();
  }
  return tls;
}

void PrintTls(YamlWriter& writer, const TlsSpec& tls) {
  if (tls == TlsSpec{}) return;
  writer.OpenMap("tls");
  NameUnless(writer, "mode", tls.mode, TlsMode::kDisabled);
  TextUnlessEmpty(writer, "secretName", tls.secret_name);
  TextUnlessEmpty(writer, "caSecretName", tls.ca_secret_name);
  TextUnlessEmpty(writer, "certFile", tls.cert_file);
  TextUnlessEmpty(writer, "keyFile", tls.key_file);
  TextUnlessEmpty(writer, "serverName", tls.server_name);
  writer.Close();
}

void PrintIdle(YamlWriter& writer, const IdleSpec& idle) {
  if (idle == IdleSpec{}) return;
  writer.OpenMap("idle");
  IntegerUnless(writer, "min", idle.min, defaults::kPoolMin);
  IntegerUnless(writer, "max", idle.max, defaults::kPoolMax);
  writer.Close();
}

void PrintPool(YamlWriter& writer, const PoolSpec& pool, SpecForm form, bool reveal) {
  writer.OpenMap("pool");
  writer.Text("role", Name(pool.role));
  writer.Text("address", pool.address.ToString());
  NameUnless(writer, "transport", pool.transport, TransportKind::kTcp);
  NameUnless(writer, "flow", pool.flow, Flow::kReverse);
  PrintKey(writer, pool.key, form, reveal);
  PrintTls(writer, Sayable(pool.tls, form));
  PrintIdle(writer, pool.idle);
  writer.Close();
}

void PrintTargets(YamlWriter& writer, const std::vector<TargetSpec>& targets) {
  if (targets.empty()) return;
  writer.OpenList("targets");
  for (const TargetSpec& target : targets) {
    writer.OpenItem();
    writer.Text("address", target.address.ToString());
    writer.Close();
  }
  writer.Close();
}

void PrintListen(YamlWriter& writer, const ListenSpec& listen) {
  writer.OpenMap("listen");
  TextUnlessEmpty(writer, "address", listen.address);
  writer.Integer("port", listen.port);
  if (listen.protocols != ListenSpec{}.protocols)
    writer.Names("protocols", NamesOf(listen.protocols));
  writer.Close();
}

void PrintLimits(YamlWriter& writer, const LimitsSpec& limits) {
  const LimitsSpec unset;
  if (limits == unset) return;
  writer.OpenMap("limits");
  IntegerUnless(writer, "bandwidthMbps", limits.bandwidth_mbps, unset.bandwidth_mbps);
  IntegerUnless(writer, "connections", limits.connections, unset.connections);
  IntegerUnless(writer, "idleTimeoutSeconds", limits.idle_timeout.count(),
                unset.idle_timeout.count());
  writer.Close();
}

void PrintDial(YamlWriter& writer, const DialSpec& dial) {
  const DialSpec unset;
  if (dial == unset) return;
  writer.OpenMap("dial");
  TextUnlessEmpty(writer, "sourceAddress", dial.source_address);
  IntegerUnless(writer, "dnsCacheSeconds", dial.dns_cache.count(), unset.dns_cache.count());
  writer.Close();
}

}  // namespace

void PrintSpec(YamlWriter& writer, const TunnelSpec& spec, SpecForm form, bool reveal) {
  if (const auto* pool = std::get_if<PoolSpec>(&spec.kind)) {
    PrintPool(writer, *pool, form, reveal);
  } else {
    writer.EmptyMap("forward");
  }
  PrintTargets(writer, spec.targets);
  NameUnless(writer, "balance", spec.balance, Balance::kRoundRobin);
  if (spec.listen) PrintListen(writer, *spec.listen);
  if (!spec.access.block.empty()) {
    writer.OpenMap("access");
    writer.Names("block", NamesOf(spec.access.block));
    writer.Close();
  }
  PrintLimits(writer, spec.limits);
  NameUnless(writer, "proxyProtocol", spec.proxy_protocol, ProxyProtocol::kNone);
  PrintDial(writer, spec.dial);
  if (form == SpecForm::kTunnel && !spec.group.empty()) {
    writer.OpenMap("placement");
    writer.Text("group", spec.group);
    writer.Close();
  }
}

}  // namespace underpass::v1alpha1
