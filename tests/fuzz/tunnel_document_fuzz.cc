// SPDX-License-Identifier: Apache-2.0
// Any text: no crash, errors or objects but not both, and what was read prints back to an equal
// value.
#include <cstdint>
#include <string_view>

#include "api/base/check.h"
#include "api/v1alpha1/document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using underpass::v1alpha1::ReadObjects;
  using underpass::v1alpha1::Tunnel;
  const auto outcome = ReadObjects({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
  CHECK(outcome.errors.empty() || outcome.objects.empty());
  for (const auto& object : outcome.objects) {
    const auto* tunnel = std::get_if<Tunnel>(&object);
    if (tunnel == nullptr) continue;
    const auto again = ReadObjects(underpass::v1alpha1::PrintTunnel(*tunnel), "printed.yaml");
    CHECK(again.errors.empty() && again.objects.size() == 1);
    CHECK(std::get<Tunnel>(again.objects.front()) == *tunnel);
  }
  return 0;
}
