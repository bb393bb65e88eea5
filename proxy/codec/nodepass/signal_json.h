// SPDX-License-Identifier: Apache-2.0
// The text of a signal in the JSON dialect, before the line coding.
// Source: NodePass internal/common.go type Signal @0c932f8; Go's encoding/json for the escapes.
// Thread: any one thread, no locks; pure.
#pragma once

#include <string>
#include <string_view>

#include "proxy/codec/nodepass/signal.h"

namespace underpass::nodepass {

std::string SignalToJson(const Signal& signal);
// Errors: kMalformedFrame, kUnsupported, as for DecodeSignal.
Result<Signal> SignalFromJson(std::string_view text);

}  // namespace underpass::nodepass
