// SPDX-License-Identifier: Apache-2.0
// The names of capabilities, as the request header and the answer's member list them. Unknown names
// are ignored, so that a later version can offer more.
// Source: docs/protocol.md.
// Thread: any one thread, no locks; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/codec/nodepass/handshake.h"

namespace underpass::nodepass {

inline constexpr int kExtensionVersion = 1;
inline constexpr std::string_view kExtensionHeader = "Underpass";

// The names of what is set, in their fixed order.
std::vector<std::string_view> NamesOf(const Capabilities& capabilities);
// Sets the capability of that name, if there is one.
void SetByName(Capabilities& capabilities, std::string_view name);

// "1; caps=half-close,demand,goaway"
std::string FormatExtensionHeader(const Capabilities& offer);
// nullopt for a version that is not ours: such a peer is treated as one without the extension.
std::optional<Capabilities> ParseExtensionHeader(std::string_view value);

}  // namespace underpass::nodepass
