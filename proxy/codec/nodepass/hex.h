// SPDX-License-Identifier: Apache-2.0
// Hexadecimal text of bytes and numbers, as tokens, session ids and pool ids have it.
// Thread: any one thread, no locks; pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace underpass::nodepass {

// Two lower-case digits a byte.
std::string HexOfBytes(std::span<const std::byte> bytes);

// Fills `out` from exactly twice as many digits, either case; false, and `out` undefined, for any
// other text.
bool BytesOfHex(std::string_view text, std::span<std::byte> out);

// 1..8 digits, either case; nullopt for any other text.
std::optional<std::uint32_t> NumberOfHex(std::string_view text);

}  // namespace underpass::nodepass
