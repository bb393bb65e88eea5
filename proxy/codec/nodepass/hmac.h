// SPDX-License-Identifier: Apache-2.0
// HMAC-SHA256 under a tunnel's key, and the comparison that such proofs need.
// Source: RFC 2104.
// Thread: any one thread, no locks; pure.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "api/base/secret.h"

namespace underpass::nodepass {

using Digest = std::array<std::byte, 32>;

Digest HmacSha256(const Secret& key, std::span<const std::byte> message);

// Takes the same time wherever the two differ; the sizes are no secret.
bool EqualInConstantTime(std::span<const std::byte> a, std::span<const std::byte> b);

}  // namespace underpass::nodepass
