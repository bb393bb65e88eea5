// SPDX-License-Identifier: Apache-2.0
// What a pool connection between our own ends begins with, so that the server knows its session and
// none can be replayed: "UPP1", 16 bytes session id, 8 bytes counter (big-endian), 16 bytes = the
// first half of HMAC-SHA256(key, all 28 bytes before). The server answers with the 4-byte id, as on
// any pool connection.
// Source: docs/protocol.md.
// Thread: any one thread, no locks.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>

#include "api/base/result.h"
#include "api/base/secret.h"
#include "proxy/codec/nodepass/handshake.h"

namespace underpass::nodepass {

inline constexpr std::size_t kPrefaceBytes = 44;
using Preface = std::array<std::byte, kPrefaceBytes>;

Preface EncodePreface(const SessionId& session, std::uint64_t counter, const Secret& key);

struct DecodedPreface {
  SessionId session{};
  std::uint64_t counter = 0;
};
// Errors: kMalformedFrame (does not begin with UPP1), kAuthFailed (wrong HMAC; compared in constant
// time).
Result<DecodedPreface> DecodePreface(std::span<const std::byte, kPrefaceBytes> in,
                                     const Secret& key);

// Accepts each counter once, in any order within the 8192 counters that end at the highest seen:
// connections that are dialled at once arrive in any order.
class ReplayWindow {
 public:
  // True the first time; false for a counter that was accepted before or lies below the window.
  bool Accept(std::uint64_t counter);

 private:
  static constexpr std::size_t kWindow = 8192;

  // Makes `counter`, above all seen, the end of the window.
  void Advance(std::uint64_t counter);

  std::bitset<kWindow> seen_;  // by counter modulo kWindow
  std::uint64_t highest_ = 0;
  bool any_ = false;
};

}  // namespace underpass::nodepass
