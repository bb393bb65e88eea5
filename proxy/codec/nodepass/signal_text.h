// SPDX-License-Identifier: Apache-2.0
// What a peer may put into the text members of a signal, the same in both dialects: bytes that
// later code can print, and write into a header line, as they are.
// Thread: any; pure.
#pragma once

#include <algorithm>
#include <string_view>

#include "proxy/codec/nodepass/signal.h"

namespace underpass::nodepass {

inline bool IsVisibleAscii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

inline bool IsRemote(std::string_view text) {
  return !text.empty() && text.size() <= kMaxRemoteBytes && IsVisibleAscii(text) &&
         text.find_first_of("/#?") == std::string_view::npos;
}

inline bool IsFingerprint(std::string_view text) {
  return text.size() <= kMaxFingerprintBytes && IsVisibleAscii(text);
}

}  // namespace underpass::nodepass
