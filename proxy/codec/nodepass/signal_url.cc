// SPDX-License-Identifier: Apache-2.0
#include "proxy/codec/nodepass/signal_url.h"

#include "api/base/check.h"
#include "proxy/codec/nodepass/signal_text.h"

namespace underpass::nodepass {
namespace {

// Go writes the '%' before an IPv6 zone as "%25". Nothing else in an address is escaped.
std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string UserUrl(const Signal& signal, std::string_view fragment) {
  return "np://" + Replaced(signal.remote, "%", "%25") + "/" + FormatId(signal.id) +
         std::string(fragment);
}

std::optional<Action> ActionOfFragment(std::string_view fragment) {
  if (fragment == "1") return Action::kTcp;
  if (fragment == "2") return Action::kUdp;
  if (fragment == "v") return Action::kVerify;
  if (fragment == "i") return Action::kPing;
  if (fragment == "o") return Action::kPong;
  if (fragment == "f") return Action::kFlush;
  return std::nullopt;
}

bool NamesConnection(Action action) {
  return action == Action::kTcp || action == Action::kUdp || action == Action::kVerify;
}

// locator: what stands between "np:" and '#'.
Result<Signal> ReadLocator(std::string_view locator, Signal signal) {
  const auto malformed = [] { return Fail(ErrorCode::kMalformedFrame, "signal: bad URL"); };
  if (!NamesConnection(signal.action)) {
    if (!locator.empty()) return malformed();
    return signal;
  }
  if (!locator.starts_with("//")) return malformed();
  locator.remove_prefix(2);
  const std::size_t slash = locator.find('/');
  if (slash == std::string_view::npos) return malformed();
  signal.remote = Replaced(std::string(locator.substr(0, slash)), "%25", "%");
  const auto id = ParseId(locator.substr(slash + 1));
  if (!id || !IsRemote(signal.remote)) return malformed();
  signal.id = *id;
  return signal;
}

}  // namespace

bool IsOldSignalUrl(std::string_view text) {
  return text.starts_with("//") || text.starts_with('#');
}

std::string SignalToUrl(const Signal& signal) {
  switch (signal.action) {
    case Action::kTcp:
      return UserUrl(signal, "#1");
    case Action::kUdp:
      return UserUrl(signal, "#2");
    case Action::kVerify:
      return UserUrl(signal, "#v");
    case Action::kPing:
      return "np:#i";
    case Action::kPong:
      return "np:#o";
    case Action::kFlush:
      return "np:#f";
    case Action::kGrow:
    case Action::kGoaway:
      break;
  }
  CHECK(signal.action != Action::kGrow && signal.action != Action::kGoaway);
  return {};
}

Result<Signal> SignalFromUrl(std::string_view text) {
  constexpr std::string_view kScheme = "np:";
  const std::size_t hash = text.find('#');
  if (!text.starts_with(kScheme) || hash == std::string_view::npos)
    return Fail(ErrorCode::kMalformedFrame,
                "signal is neither JSON nor a URL; is the key the same at both ends?");
  const auto action = ActionOfFragment(text.substr(hash + 1));
  if (!action) return Fail(ErrorCode::kUnsupported, "signal URL with an unknown fragment");
  Signal signal;
  signal.action = *action;
  return ReadLocator(text.substr(kScheme.size(), hash - kScheme.size()), std::move(signal));
}

}  // namespace underpass::nodepass
