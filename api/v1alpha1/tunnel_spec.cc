// SPDX-License-Identifier: Apache-2.0
#include "api/v1alpha1/tunnel_spec.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "api/base/check.h"
#include "api/v1alpha1/enum_names.h"

namespace underpass::v1alpha1 {
namespace {

template <typename E>
std::string_view NameIn(E value) {
  for (const auto& [candidate, name] : kNames<E>) {
    if (candidate == value) return name;
  }
  CHECK(false);
}

}  // namespace

IdleSpec MakeIdle(std::optional<int> min, std::optional<int> max) {
  IdleSpec idle;
  if (min) idle.min = *min;
  if (max) idle.max = *max;
  if (!min) idle.min = std::min(idle.min, idle.max);
  if (!max) idle.max = std::max(idle.min, idle.max);
  return idle;
}

std::string_view KindName(const TunnelSpec& spec) {
  return std::holds_alternative<PoolSpec>(spec.kind) ? "pool" : "forward";
}

std::string_view Name(PoolRole value) { return NameIn(value); }
std::string_view Name(TransportKind value) { return NameIn(value); }
std::string_view Name(Flow value) { return NameIn(value); }
std::string_view Name(TlsMode value) { return NameIn(value); }
std::string_view Name(Balance value) { return NameIn(value); }
std::string_view Name(ProxyProtocol value) { return NameIn(value); }
std::string_view Name(Protocol value) { return NameIn(value); }
std::string_view Name(BlockedProtocol value) { return NameIn(value); }

Secret PoolKey(const Secret& explicit_key, std::uint16_t tunnel_port) {
  if (!explicit_key.empty()) return explicit_key;
  std::uint32_t hash = 2166136261U;  // FNV-1a, 32 bits: offset basis and prime
  for (const char c : std::to_string(tunnel_port)) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  }
  std::array<char, 9> hex{};
  std::snprintf(hex.data(), hex.size(), "%08x", hash);
  return Secret(hex.data());
}

}  // namespace underpass::v1alpha1
