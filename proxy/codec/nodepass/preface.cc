// SPDX-License-Identifier: Apache-2.0
#include "proxy/codec/nodepass/preface.h"

#include <algorithm>

#include "proxy/codec/nodepass/hmac.h"

namespace underpass::nodepass {
namespace {

constexpr std::array kMagic = {std::byte{'U'}, std::byte{'P'}, std::byte{'P'}, std::byte{'1'}};
constexpr std::size_t kCounterAt = kMagic.size() + std::tuple_size_v<SessionId>;
constexpr std::size_t kProofAt = kCounterAt + sizeof(std::uint64_t);
constexpr std::size_t kProofBytes = kPrefaceBytes - kProofAt;
static_assert(kProofBytes == std::tuple_size_v<Digest> / 2);

}  // namespace

Preface EncodePreface(const SessionId& session, std::uint64_t counter, const Secret& key) {
  Preface out{};
  std::ranges::copy(kMagic, out.begin());
  std::ranges::copy(session, out.begin() + kMagic.size());
  for (std::size_t i = 0; i < sizeof counter; ++i)
    out[kProofAt - 1 - i] = static_cast<std::byte>((counter >> (8 * i)) & 0xff);
  const Digest digest = HmacSha256(key, std::span(out).first<kProofAt>());
  std::copy_n(digest.begin(), kProofBytes, out.begin() + kProofAt);
  return out;
}

Result<DecodedPreface> DecodePreface(std::span<const std::byte, kPrefaceBytes> in,
                                     const Secret& key) {
  if (!std::ranges::equal(in.first<kMagic.size()>(), kMagic))
    return Fail(ErrorCode::kMalformedFrame, "pool connection: not a preface");
  const Digest digest = HmacSha256(key, in.first<kProofAt>());
  if (!EqualInConstantTime(in.subspan<kProofAt>(), std::span(digest).first<kProofBytes>()))
    return Fail(ErrorCode::kAuthFailed, "pool connection: the preface was made with another key");
  DecodedPreface preface;
  std::ranges::copy(in.subspan<kMagic.size(), std::tuple_size_v<SessionId>>(),
                    preface.session.begin());
  for (const std::byte byte : in.subspan<kCounterAt, sizeof(std::uint64_t)>())
    preface.counter = preface.counter << 8 | std::to_integer<std::uint64_t>(byte);
  return preface;
}

bool ReplayWindow::Accept(std::uint64_t counter) {
  if (any_ && counter <= highest_) {
    if (highest_ - counter >= kWindow || seen_.test(counter % kWindow)) return false;
    seen_.set(counter % kWindow);
    return true;
  }
  Advance(counter);
  seen_.set(counter % kWindow);
  return true;
}

void ReplayWindow::Advance(std::uint64_t counter) {
  if (!any_ || counter - highest_ >= kWindow) {
    seen_.reset();
  } else {
    for (std::uint64_t passed = highest_ + 1; passed < counter; ++passed)
      seen_.reset(passed % kWindow);
  }
  highest_ = counter;
  any_ = true;
}

}  // namespace underpass::nodepass
