// SPDX-License-Identifier: Apache-2.0
// The keys of a TunnelSpec as YAML that ReadSpec takes back to an equal value; defaults are left
// out. Thread: any; pure.
#pragma once

#include "api/v1alpha1/spec_reader.h"
#include "api/v1alpha1/tunnel_spec.h"
#include "api/v1alpha1/yaml_writer.h"

namespace underpass::v1alpha1 {

// Writes into the map that `writer` has open.
//   form: fields that it does not have are left out (files in a Tunnel; Secrets' names and the
//   group in a ProxyConfig). reveal: kProxyConfig: key values as they are, else "<redacted>".
void PrintSpec(YamlWriter& writer, const TunnelSpec& spec, SpecForm form, bool reveal);

}  // namespace underpass::v1alpha1
