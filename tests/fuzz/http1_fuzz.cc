// SPDX-License-Identifier: Apache-2.0
// The HTTP parser: the verdict on a message must not depend on how its bytes arrived.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/base/check.h"
#include "api/base/defaults.h"
#include "proxy/codec/http1/http1.h"

namespace {

namespace http1 = underpass::http1;
constexpr std::size_t kMaxBody = 64;

// Longer inputs than any real message only slow the walk over all prefixes.
constexpr std::size_t kPrefixesUpTo = 512;

template <typename Value, typename Parse>
void CheckPrefixes(std::string_view in, const underpass::Result<Value>& whole, Parse parse) {
  if (in.size() > kPrefixesUpTo) return;
  bool decided = false;
  for (std::size_t size = 0; size <= in.size() && !decided; ++size) {
    const auto part = parse(in.substr(0, size));
    decided = !part.has_value() || part->has_value();
    if (!decided) continue;
    CHECK(part.has_value() == whole.has_value());
    CHECK(part.has_value() || part.error().code == whole.error().code);
  }
  CHECK(decided || (whole.has_value() && !whole->has_value()));
}

void FuzzRequest(std::string_view in) {
  const auto whole = http1::ParseRequest(in);
  CheckPrefixes(in, whole, [](std::string_view part) { return http1::ParseRequest(part); });
  if (!whole.has_value() || !whole->has_value()) return;
  const auto& [request, size] = **whole;
  CHECK(size <= in.size() && size <= underpass::defaults::kMaxHttpHeadBytes);
  CHECK(request.headers.size() <= http1::kMaxHeaders);
  CHECK(http1::MayBeRequest(in) && !request.target.empty());
  CHECK(request.target.starts_with(request.path()));
}

void FuzzResponse(std::string_view in) {
  const auto open = http1::ParseResponse(in, false, kMaxBody);
  CheckPrefixes(in, open,
                [](std::string_view part) { return http1::ParseResponse(part, false, kMaxBody); });
  const auto ended = http1::ParseResponse(in, true, kMaxBody);
  CHECK(!ended.has_value() || ended->has_value());
  if (!ended.has_value()) return;
  CHECK((*ended)->body.size() <= kMaxBody);
  CHECK((*ended)->status >= 100 && (*ended)->status <= 599);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view in(reinterpret_cast<const char*>(data), size);
  FuzzRequest(in);
  FuzzResponse(in);
  return 0;
}
