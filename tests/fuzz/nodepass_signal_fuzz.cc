// SPDX-License-Identifier: Apache-2.0
// Signals as a peer may send them: the bytes of a control connection (first byte of the input
// even), or the text of one signal before the line coding (odd), which a fuzzer would not find
// through base64 and XOR.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/base/check.h"
#include "proxy/codec/nodepass/line_code.h"
#include "proxy/codec/nodepass/signal.h"

namespace {

using namespace underpass::nodepass;

const underpass::Secret& Key() {
  static const underpass::Secret key("secret");
  return key;
}

// What is decoded must be the same after it was encoded again.
void FuzzLine(std::string_view line) {
  const auto decoded = DecodeSignal(line, Key());
  if (!decoded.has_value()) return;
  CHECK(decoded->signal.remote.size() <= kMaxRemoteBytes);
  std::string again = EncodeSignal(decoded->signal, decoded->dialect, Key());
  CHECK(again.ends_with('\n'));
  again.pop_back();
  const auto second = DecodeSignal(again, Key());
  CHECK(second.has_value() && second->signal == decoded->signal &&
        second->dialect == decoded->dialect);
}

using Lines = std::vector<std::string>;

template <typename Pieces>
Lines Split(const Pieces& pieces) {
  LineSplitter splitter;
  Lines lines;
  for (const std::string_view piece : pieces) {
    splitter.Feed(piece, [&](const underpass::Result<std::string_view>& line) {
      lines.push_back(line.has_value() ? std::string(*line) : "\n");
      return true;
    });
    CHECK(splitter.buffered() < underpass::defaults::kMaxSignalLineBytes);
  }
  return lines;
}

void FuzzStream(std::string_view in) {
  const Lines whole = Split(std::vector<std::string_view>{in});
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < in.size(); ++i) bytes.push_back(in.substr(i, 1));
  CHECK(Split(bytes) == whole);
  for (const std::string& line : whole) FuzzLine(line);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view in(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    FuzzStream(in);
  } else {
    FuzzLine(EncodeLine(std::string(in), Key()));
  }
  return 0;
}
