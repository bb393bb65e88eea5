// SPDX-License-Identifier: Apache-2.0
// proxy/codec/nodepass: NodePass's tunnel protocol without I/O: the handshake (handshake.h), the
// signals of the control connection (this header), and what pool connections of ours begin with
// (preface.h).
// Source: NodePass internal/common.go @0c932f8 (1.14) and tag v1.13.0.
// Thread: any one thread, no locks.
//
// A signal is one line: base64(std, padded) of XOR(text, key repeated), then '\n'. The text is
// JSON (1.14) or a URL (1.13). Peers skip what they do not know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/base/defaults.h"
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
  kTcp,
  kUdp,
  kPing,
  kPong,
  kFlush,
  kVerify,
  kGrow,    // between our own ends only
  kGoaway,  // between our own ends only
};

inline constexpr std::size_t kMaxRemoteBytes = 128;
inline constexpr std::size_t kMaxFingerprintBytes = 128;

struct Signal {
  Action action = Action::kPing;
  // kTcp, kUdp (1.13 also kVerify): "ip:port" of the user. 1..kMaxRemoteBytes of visible ASCII
  // without '/', '#', '?'; its syntax is the reader's to check.
  std::string remote;
  // kTcp, kUdp, kVerify.
  PoolId id = 0;
  // kGrow: how many pool connections to open now, 1..defaults::kPoolLimit; sent as hex in `id`.
  std::uint32_t count = 0;
  // kVerify in JSON: "sha256:AA:BB..."; 0..kMaxFingerprintBytes of visible ASCII.
  std::string fingerprint;
  friend bool operator==(const Signal&, const Signal&) = default;
};

// The line with its newline. In Dialect::kUrl a fingerprint is left out. Requires: key is not
// empty; in Dialect::kUrl the action is not kGrow or kGoaway.
std::string EncodeSignal(const Signal& signal, Dialect dialect, const Secret& key);

struct DecodedSignal {
  Signal signal;
  Dialect dialect = Dialect::kJson;
};

// line: without its newline, 0..defaults::kMaxSignalLineBytes. Unknown JSON members are ignored,
// any member order is taken.
// Errors: kMalformedFrame (not base64; neither JSON object nor URL; a missing or bad member),
// kPeerTooOld (the "//id#1" and "#i" forms of before 1.13), kUnsupported (an action or URL fragment
// that is not known: skip the line), kTooLarge. The context never holds the decoded text.
// Requires: key is not empty.
Result<DecodedSignal> DecodeSignal(std::string_view line, const Secret& key);

// Cuts received bytes into lines. A line longer than the limit is dropped as a whole and reported
// once.
class LineSplitter {
 public:
  // in: any bytes, split anywhere. Calls on_line(Result<std::string_view>) for each complete line,
  // in order: the line without newline (valid during the call), or kTooLarge once for an overlong
  // one, as soon as it is known. on_line returns false to stop; the rest of `in` is then forgotten
  // with the buffer. on_line neither calls Feed nor ends the splitter's life.
  template <typename OnLine>
  void Feed(std::string_view in, OnLine&& on_line);

  std::size_t buffered() const { return buffer_.size(); }

 private:
  // Without newline.
  static constexpr std::size_t kMaxLineBytes = defaults::kMaxSignalLineBytes - 1;

  // Takes the next piece of a line; true if it makes the line overlong, which is true once a line.
  bool BecomesOverlong(std::string_view piece);
  // Ends the line whose last piece is `piece`. Calls on_line unless the line was overlong.
  template <typename OnLine>
  bool EndLine(std::string_view piece, OnLine& on_line);
  void Forget();

  std::string buffer_;     // the beginning of a line; at most kMaxLineBytes
  bool skipping_ = false;  // inside an overlong line
};

template <typename OnLine>
void LineSplitter::Feed(std::string_view in, OnLine&& on_line) {
  while (!in.empty()) {
    const std::size_t newline = in.find('\n');
    const std::string_view piece = in.substr(0, newline);
    bool go_on = true;
    if (BecomesOverlong(piece)) {
      go_on = on_line(Result<std::string_view>(Fail(ErrorCode::kTooLarge, "signal line")));
    }
    if (go_on && newline == std::string_view::npos) {
      if (!skipping_) buffer_ += piece;
      return;
    }
    if (!go_on || !EndLine(piece, on_line)) return Forget();
    in.remove_prefix(newline + 1);
  }
}

template <typename OnLine>
bool LineSplitter::EndLine(std::string_view piece, OnLine& on_line) {
  bool go_on = true;
  if (!skipping_) {
    if (!buffer_.empty()) piece = buffer_ += piece;  // most lines come whole and are not copied
    go_on = on_line(Result<std::string_view>(piece));
  }
  Forget();
  return go_on;
}

}  // namespace underpass::nodepass
