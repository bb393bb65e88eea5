// SPDX-License-Identifier: Apache-2.0
// proxy/codec/nodepass: NodePass's tunnel protocol without I/O: the handshake (handshake.h), the signals of the control
// connection (this header), and what pool connections of ours begin with (preface.h).
// Source: NodePass internal/common.go @0c932f8 (1.14) and tag v1.13.0. Thread: any one thread, no locks.
//
// A signal is one line: base64(std, padded) of XOR(text, key repeated), then '\n'. The text is JSON (1.14) or a
// URL (1.13). Peers skip what they do not know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/base/result.h"
#include "api/base/secret.h"

namespace underpass::nodepass {

enum class Dialect : std::uint8_t { kJson, kUrl };  // 1.14 and ours, 1.13

// The id of a pool connection: 4 bytes on the wire, 8 lower-case hex digits in signals.
using PoolId = std::uint32_t;  // big-endian on the wire
inline constexpr PoolId kControlId = 0;
std::string FormatId(PoolId id);
std::optional<PoolId> ParseId(std::string_view text);  // exactly 8 hex digits, either case

enum class Action : std::uint8_t {
  kTcp, kUdp, kPing, kPong, kFlush, kVerify,
  kGrow, kGoaway,  // between our own ends only
};

struct Signal {
  Action action = Action::kPing;
  std::string remote;       // kTcp, kUdp (1.13 also kVerify): "ip:port" of the user; at most 128 bytes
  PoolId id = 0;            // kTcp, kUdp, kVerify
  std::uint32_t count = 0;  // kGrow: how many pool connections to open now, 1..65536; sent as hex in `id`
  std::string fingerprint;  // kVerify in JSON: "sha256:AA:BB..."
  friend bool operator==(const Signal&, const Signal&) = default;
};

// The line with its newline. Requires: key is not empty; in Dialect::kUrl the action is not kGrow or kGoaway.
std::string EncodeSignal(const Signal& signal, Dialect dialect, const Secret& key);

struct DecodedSignal {
  Signal signal;
  Dialect dialect = Dialect::kJson;
};

// line: without its newline, 0..defaults::kMaxSignalLineBytes. Unknown JSON members are ignored, any member order is taken.
// Errors: kMalformedFrame (not base64; neither JSON object nor URL; a missing or bad member), kPeerTooOld (the "//id#1"
// form of before 1.13), kUnsupported (a JSON object with an action that is not known: skip it), kTooLarge.
// The context never holds the decoded text.
Result<DecodedSignal> DecodeSignal(std::string_view line, const Secret& key);

// Cuts received bytes into lines. A line longer than the limit is dropped as a whole and reported once.
class LineSplitter {
 public:
  // in: any bytes, split anywhere. Calls on_line(Result<std::string_view>) for each complete line, in order: the
  // line without newline (valid during the call), or kTooLarge once for an overlong one, as soon as it is known. on_line
  // returns false to stop; the rest of `in` is then forgotten with the buffer.
  template <typename OnLine>
  void Feed(std::string_view in, OnLine&& on_line);

  std::size_t buffered() const { return buffer_.size(); }

 private:
  std::string buffer_;     // the beginning of a line; at most the limit
  bool skipping_ = false;  // inside an overlong line
};

}  // namespace underpass::nodepass
