// SPDX-License-Identifier: Apache-2.0
#include "controller/plan/plan.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "api/base/defaults.h"
#include "api/base/host_port.h"
#include "api/base/result.h"
#include "api/v1alpha1/validate.h"

namespace underpass::plan {
namespace {

using v1alpha1::ObjectName;
using v1alpha1::SecretObject;
using v1alpha1::Tunnel;

constexpr std::size_t kMaxFileName = 253;

constexpr std::string_view kKeyField = "spec.pool.keySecretRef";

bool IsFileName(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  return !name.empty() && name.size() <= kMaxFileName && name != "." && name != ".." &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

// The value without the one trailing newline that editors leave.
std::string_view KeyText(const Secret& secret) {
  std::string_view text = secret.Reveal();
  if (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

// The Secrets by name; one that was given more than once, with different content, is nullptr.
class SecretIndex {
 public:
  explicit SecretIndex(const std::vector<SecretObject>& secrets) {
    for (const SecretObject& secret : secrets) {
      const auto [it, is_new] = by_name_.try_emplace(secret.metadata, &secret);
      if (is_new || it->second == nullptr) continue;
      if (it->second->data != secret.data) it->second = nullptr;
    }
  }

  // Errors: as Plan(), kNotFound and kInvalidConfig. The value lives as long as the secrets.
  Result<const Secret*> Find(const std::string& namespace_name,
                             const v1alpha1::SecretKeyRef& ref) const {
    const std::string field{kKeyField};
    const std::string object = "Secret " + namespace_name + "/" + ref.name;
    const auto found = by_name_.find(ObjectName{ref.name, namespace_name});
    if (found == by_name_.end()) {
      return Fail(ErrorCode::kNotFound, field + ".name: there is no " + object);
    }
    if (found->second == nullptr) {
      return Fail(ErrorCode::kInvalidConfig,
                  field + ".name: there are different ones called " + object);
    }
    const auto value = found->second->data.find(ref.key);
    if (value == found->second->data.end()) {
      return Fail(ErrorCode::kNotFound, field + ".key: " + object + " has no key " + ref.key);
    }
    if (!IsFileName(ref.name) || !IsFileName(ref.key)) {
      return Fail(
          ErrorCode::kInvalidConfig,
          field + ": name and key become a file; letters, digits, '-', '_', '.' are allowed");
    }
    // One bad key file would make the proxy refuse its whole config.
    const std::string_view text = KeyText(value->second);
    if (text.empty() || text.size() > defaults::kMaxKeyBytes) {
      return Fail(ErrorCode::kInvalidConfig, field + ".key: key " + ref.key + " of " + object +
                                                 " must have 1.." +
                                                 std::to_string(defaults::kMaxKeyBytes) +
                                                 " bytes, it has " + std::to_string(text.size()));
    }
    return &value->second;
  }

 private:
  std::map<ObjectName, const SecretObject*> by_name_;
};

struct Listening {
  std::string field;
  HostPort address;
};

// The addresses that this end listens on in any case. With flow Auto, and for `listen` at the exit,
// a taken address is no fault: it makes the tunnel use the other flow.
std::vector<Listening> AddressesOf(const v1alpha1::TunnelSpec& spec) {
  std::vector<Listening> addresses;
  bool is_entry = true;
  if (const auto* pool = std::get_if<v1alpha1::PoolSpec>(&spec.kind)) {
    const bool is_server = pool->role == v1alpha1::PoolRole::kServer;
    if (is_server) addresses.push_back({"spec.pool.address", pool->address});
    is_entry = pool->flow == (is_server ? v1alpha1::Flow::kReverse : v1alpha1::Flow::kForward);
  }
  if (is_entry && spec.listen) addresses.push_back({"spec.listen", spec.listen->ToHostPort()});
  return addresses;
}

bool Overlap(const HostPort& a, const HostPort& b) {
  return a.port == b.port && (a.host == b.host || a.IsUnspecified() || b.IsUnspecified());
}

// One group while it is filled.
class Group {
 public:
  explicit Group(ObjectName name) { proxy_.name = std::move(name); }

  std::optional<Error> Conflict(const Tunnel& tunnel) const {
    for (const Listening& wanted : AddressesOf(tunnel.spec)) {
      for (const auto& [owner, taken] : taken_) {
        if (!Overlap(wanted.address, taken)) continue;
        return Error{ErrorCode::kAddressInUse, 0,
                     wanted.field + ": " + wanted.address.ToString() + " overlaps " +
                         taken.ToString() + " of tunnel " + owner + " in the same group"};
      }
    }
    return std::nullopt;
  }

  // secret: the key, if the tunnel refers to one.
  void Add(Tunnel tunnel, const Secret* secret) {
    for (const Listening& listening : AddressesOf(tunnel.spec)) {
      taken_.emplace_back(tunnel.metadata.name, listening.address);
    }
    if (secret != nullptr) {
      v1alpha1::KeySource& key = std::get<v1alpha1::PoolSpec>(tunnel.spec.kind).key;
      key.file = "material/" + key.secret_ref->name + "/" + key.secret_ref->key;
      key.secret_ref.reset();
      proxy_.material.insert_or_assign(key.file, *secret);
    }
    tunnel.spec.group.clear();
    proxy_.config.tunnels.push_back(std::move(tunnel));
  }

  const Proxy& proxy() const { return proxy_; }

 private:
  Proxy proxy_;
  std::vector<std::pair<std::string, HostPort>> taken_;  // with the tunnel's name
};

const v1alpha1::SecretKeyRef* KeyRefOf(const v1alpha1::TunnelSpec& spec) {
  const auto* pool = std::get_if<v1alpha1::PoolSpec>(&spec.kind);
  return pool != nullptr && pool->key.secret_ref ? &*pool->key.secret_ref : nullptr;
}

// Decides about one tunnel after the other, in the order of their names.
class Planner {
 public:
  explicit Planner(const std::vector<SecretObject>& secrets) : secrets_(secrets) {}

  // same_name: the tunnel before has this one's name.
  void Decide(const Tunnel& tunnel, bool same_name) {
    if (same_name) {
      Refuse(tunnel, {ErrorCode::kInvalidConfig, 0,
                      "metadata.name: there are several Tunnels " + Label(tunnel.metadata) +
                          "; the first one runs"});
      return;
    }
    std::vector<Error> errors = v1alpha1::Unsupported(tunnel.spec, v1alpha1::PrefixNamer("spec."));
    const Secret* key = nullptr;
    if (const v1alpha1::SecretKeyRef* ref = KeyRefOf(tunnel.spec)) {
      const Result<const Secret*> found = secrets_.Find(tunnel.metadata.namespace_name, *ref);
      if (found.has_value()) {
        key = *found;
      } else {
        errors.push_back(found.error());
      }
    }
    const ObjectName group_name{
        tunnel.spec.group.empty() ? tunnel.metadata.name : tunnel.spec.group,
        tunnel.metadata.namespace_name};
    const auto group = groups_.find(group_name);
    if (group != groups_.end()) {
      if (std::optional<Error> conflict = group->second.Conflict(tunnel)) {
        errors.push_back(std::move(*conflict));
      }
    }
    if (errors.empty()) {
      groups_.try_emplace(group_name, group_name).first->second.Add(tunnel, key);
    }
    for (Error& error : errors) Refuse(tunnel, std::move(error));
  }

  Planned Take() {
    for (const auto& [name, group] : groups_) planned_.proxies.push_back(group.proxy());
    return std::move(planned_);
  }

 private:
  void Refuse(const Tunnel& tunnel, Error error) {
    planned_.problems.push_back({tunnel.metadata, std::move(error)});
  }

  const SecretIndex secrets_;
  std::map<ObjectName, Group> groups_;
  Planned planned_;
};

}  // namespace

Planned Plan(const std::vector<Tunnel>& tunnels, const std::vector<SecretObject>& secrets) {
  std::vector<const Tunnel*> ordered;
  ordered.reserve(tunnels.size());
  for (const Tunnel& tunnel : tunnels) ordered.push_back(&tunnel);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const Tunnel* a, const Tunnel* b) { return a->metadata < b->metadata; });
  Planner planner(secrets);
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    const bool same_name = i > 0 && ordered[i]->metadata == ordered[i - 1]->metadata;
    planner.Decide(*ordered[i], same_name);
  }
  return planner.Take();
}

std::string Label(const ObjectName& name) { return name.namespace_name + "." + name.name; }

}  // namespace underpass::plan
