// SPDX-License-Identifier: Apache-2.0
// The preface of a pool connection, and the replay window against the plain rule that it
// implements: the input is also read as steps between counters.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <set>
#include <span>

#include "api/base/check.h"
#include "proxy/codec/nodepass/preface.h"

namespace {

using namespace underpass::nodepass;

const underpass::Secret& Key() {
  static const underpass::Secret key("secret");
  return key;
}

void FuzzPreface(std::span<const std::byte> in) {
  if (in.size() < kPrefaceBytes) return;
  const auto given = DecodePreface(in.first<kPrefaceBytes>(), Key());
  if (given.has_value())
    CHECK(std::ranges::equal(EncodePreface(given->session, given->counter, Key()),
                             in.first<kPrefaceBytes>()));
  SessionId session{};
  std::copy_n(in.begin(), session.size(), session.begin());
  std::uint64_t counter = 0;
  std::memcpy(&counter, in.data() + session.size(), sizeof counter);
  const auto decoded = DecodePreface(EncodePreface(session, counter, Key()), Key());
  CHECK(decoded.has_value() && decoded->session == session && decoded->counter == counter);
}

// Steps of 4 bytes: the low byte scales them, so that small, window-sized and huge ones are all
// likely.
void FuzzWindow(std::span<const std::byte> in) {
  constexpr std::uint64_t kWindow = 8192;
  ReplayWindow window;
  std::set<std::uint64_t> accepted;
  std::uint64_t counter = 0;
  for (; in.size() >= 4; in = in.subspan(4)) {
    std::uint32_t step = 0;
    std::memcpy(&step, in.data(), sizeof step);
    const std::uint64_t size = std::uint64_t{step >> 8} << (step % 4 * 8);
    counter = (step & 0x80) != 0 ? counter - size : counter + size;
    const bool in_window =
        accepted.empty() || counter > *accepted.rbegin() || *accepted.rbegin() - counter < kWindow;
    const bool expected = in_window && !accepted.contains(counter);
    CHECK(window.Accept(counter) == expected);
    if (expected) accepted.insert(counter);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto in = std::as_bytes(std::span(data, size));
  FuzzPreface(in);
  FuzzWindow(in);
  return 0;
}
