// SPDX-License-Identifier: Apache-2.0
// Base64 of a Secret's `data`. Thread: any; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace underpass::v1alpha1 {

// Standard alphabet with padding (RFC 4648 section 4); line breaks and blanks are skipped. Nothing
// if malformed.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace underpass::v1alpha1
