// SPDX-License-Identifier: Apache-2.0
// controller/plan: pure decisions. Plan() turns Tunnels and Secrets into proxies: the Tunnels of
// one namespace and placement.group share one underpass-proxy, which gets one ProxyConfig and the
// files ("material") it refers to.
// Thread: any; pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/base/error.h"
#include "api/base/secret.h"
#include "api/config/proxy_config.h"
#include "api/v1alpha1/document.h"
#include "api/v1alpha1/tunnel_spec.h"

namespace underpass::plan {

// One underpass-proxy.
struct Proxy {
  v1alpha1::ObjectName name;  // the group's name and namespace
  // Tunnels by name, keys as files; no revision (the caller counts) and no secret value.
  config::ProxyConfig config;
  // Relative path, such as "material/<secret>/<key>", to content. Exactly the files that `config`
  // refers to.
  std::map<std::string, Secret> material;
};

// Why a Tunnel does not run. One Tunnel can have several.
struct Problem {
  v1alpha1::ObjectName tunnel;
  Error error;  // the context names the field; no secret value
};

struct Planned {
  std::vector<Proxy> proxies;     // in the order of ObjectName; each has at least one tunnel
  std::vector<Problem> problems;  // in the order of the Tunnels' ObjectName
};

// tunnels: each free of Validate() findings, in any order.   secrets: of all namespaces, in any
// order. The result depends on the order of the input only where two Tunnels have one name: the
// first runs. A problem keeps its Tunnel from running and no other:
//   kUnsupported    a finding of v1alpha1::Unsupported
//   kNotFound       the Secret, or the key in it, does not exist in the Tunnel's namespace
//   kInvalidConfig  the Secret is given twice with different content; its value is empty or over
//                   4096 bytes; its key is no file name; another Tunnel has the same name
//   kAddressInUse   a Tunnel of the same group, earlier by name, listens on the same address:port
Planned Plan(const std::vector<v1alpha1::Tunnel>& tunnels,
             const std::vector<v1alpha1::SecretObject>& secrets);

// "<namespace>.<name>": the name of the proxy's folder and socket.
std::string Label(const v1alpha1::ObjectName& name);

}  // namespace underpass::plan
