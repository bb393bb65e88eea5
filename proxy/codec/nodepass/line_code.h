// SPDX-License-Identifier: Apache-2.0
// The coding of one control line: base64(std, padded) of XOR(text, key repeated). It hides the text
// from a glance, not from anyone who knows what signals look like.
// Source: NodePass internal/common.go encode(), decode(), xor() @0c932f8.
// Thread: any one thread, no locks; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/base/secret.h"

namespace underpass::nodepass {

// Without newline. Requires: key is not empty.
std::string EncodeLine(std::string text, const Secret& key);

// nullopt if `line` is not padded base64 of at least 1 byte. Requires: key is not empty.
std::optional<std::string> DecodeLine(std::string_view line, const Secret& key);

}  // namespace underpass::nodepass
