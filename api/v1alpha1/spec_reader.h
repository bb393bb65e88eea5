// SPDX-License-Identifier: Apache-2.0
// A TunnelSpec from a map: the schema of `spec` in a Tunnel and of an item of `tunnels` in a
// ProxyConfig, which differ in where keys and certificates come from (references to Secrets there,
// files here). Thread: any; pure.
#pragma once

#include "api/v1alpha1/field_reader.h"
#include "api/v1alpha1/tunnel_spec.h"

namespace underpass::v1alpha1 {

enum class SpecForm { kTunnel, kProxyConfig };

// Reads the spec's keys; those around it (a ProxyConfig's name) and map.Finish() are the caller's.
// Errors go to the map's findings; the result is of use only if there are none. Not validated.
TunnelSpec ReadSpec(MapReader& map, SpecForm form);

// True if the map has a kind that this version knows.
bool HasKnownKind(const MapReader& map);

}  // namespace underpass::v1alpha1
