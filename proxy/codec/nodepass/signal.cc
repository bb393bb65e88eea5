// SPDX-License-Identifier: Apache-2.0
#include "proxy/codec/nodepass/signal.h"

#include <array>
#include <span>

#include "proxy/codec/nodepass/hex.h"
#include "proxy/codec/nodepass/line_code.h"
#include "proxy/codec/nodepass/signal_json.h"
#include "proxy/codec/nodepass/signal_url.h"

namespace underpass::nodepass {

std::string FormatId(PoolId id) {
  std::array<std::byte, 4> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>((id >> (24 - 8 * i)) & 0xff);
  return HexOfBytes(bytes);
}

std::optional<PoolId> ParseId(std::string_view text) {
  if (text.size() != 8) return std::nullopt;
  return NumberOfHex(text);
}

std::string EncodeSignal(const Signal& signal, Dialect dialect, const Secret& key) {
  return EncodeLine(dialect == Dialect::kJson ? SignalToJson(signal) : SignalToUrl(signal), key) +
         '\n';
}

Result<DecodedSignal> DecodeSignal(std::string_view line, const Secret& key) {
  if (line.size() > defaults::kMaxSignalLineBytes) return Fail(ErrorCode::kTooLarge, "signal line");
  const auto text = DecodeLine(line, key);
  if (!text) return Fail(ErrorCode::kMalformedFrame, "signal line is not base64");
  if (IsOldSignalUrl(*text))
    return Fail(ErrorCode::kPeerTooOld, "signal of a NodePass before 1.13");
  const Dialect dialect = text->front() == '{' ? Dialect::kJson : Dialect::kUrl;
  auto signal = dialect == Dialect::kJson ? SignalFromJson(*text) : SignalFromUrl(*text);
  if (!signal.has_value()) return Fail(std::move(signal.error()));
  return DecodedSignal{std::move(*signal), dialect};
}

}  // namespace underpass::nodepass
