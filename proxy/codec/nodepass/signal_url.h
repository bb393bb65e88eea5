// SPDX-License-Identifier: Apache-2.0
// The text of a signal in the URL dialect, before the line coding: "np:#i" or
// "np://ip:port/<id>#1".
// Source: NodePass internal/common.go, tag v1.13.0; Go's net/url for the escapes.
// Thread: any one thread, no locks; pure.
#pragma once

#include <string>
#include <string_view>

#include "proxy/codec/nodepass/signal.h"

namespace underpass::nodepass {

// True for the text of a signal of before 1.13: the same without its scheme.
bool IsOldSignalUrl(std::string_view text);

// Requires: the action is not kGrow or kGoaway.
std::string SignalToUrl(const Signal& signal);
// Errors: kMalformedFrame, kUnsupported, as for DecodeSignal.
Result<Signal> SignalFromUrl(std::string_view text);

}  // namespace underpass::nodepass
