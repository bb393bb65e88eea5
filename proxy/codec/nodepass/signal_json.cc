// SPDX-License-Identifier: Apache-2.0
#include "proxy/codec/nodepass/signal_json.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/base/defaults.h"
#include "proxy/codec/nodepass/hex.h"
#include "proxy/codec/nodepass/signal_text.h"

namespace underpass::nodepass {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<std::string_view, Action>, 8> kActions = {{
    {"tcp", Action::kTcp},
    {"udp", Action::kUdp},
    {"ping", Action::kPing},
    {"pong", Action::kPong},
    {"flush", Action::kFlush},
    {"verify", Action::kVerify},
    {"grow", Action::kGrow},
    {"goaway", Action::kGoaway},
}};

std::string_view NameOf(Action action) {
  return std::ranges::find(kActions, action, &std::pair<std::string_view, Action>::second)->first;
}

// Go escapes what could end a script element, so that its bytes differ from a plain JSON writer's.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < ' ' || c == '<' || c == '>' || c == '&') {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(byte));
      out += escape.data();
    } else {
      out += c;
    }
  }
  return out += '"';
}

std::string CountText(std::uint32_t count) {
  std::array<char, 12> text{};
  std::snprintf(text.data(), text.size(), "%x", count);
  return text.data();
}

std::string IdMember(const Signal& signal) {
  switch (signal.action) {
    case Action::kTcp:
    case Action::kUdp:
    case Action::kVerify:
      return FormatId(signal.id);
    case Action::kGrow:
      return CountText(signal.count);
    case Action::kPing:
    case Action::kPong:
    case Action::kFlush:
    case Action::kGoaway:
      return {};
  }
  return {};
}

tl::unexpected<Error> BadMember(const char* name) {
  return Fail(ErrorCode::kMalformedFrame, std::string("signal: missing or bad member ") + name);
}

// "" for an absent member, as a Go reader has it; nullopt for one that is not a string.
std::optional<std::string> TextMember(const json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end() || member->is_null()) return "";
  const auto* text = member->get_ptr<const std::string*>();
  if (text == nullptr) return std::nullopt;
  return *text;
}

Result<Signal> ReadUser(const json& object, Signal signal) {
  const auto remote = TextMember(object, "remote");
  if (!remote || !IsRemote(*remote)) return BadMember("remote");
  const auto id = ParseId(TextMember(object, "id").value_or(""));
  if (!id) return BadMember("id");
  signal.remote = *remote;
  signal.id = *id;
  return signal;
}

Result<Signal> ReadVerify(const json& object, Signal signal) {
  const auto id = ParseId(TextMember(object, "id").value_or(""));
  if (!id) return BadMember("id");
  const auto fingerprint = TextMember(object, "fp");
  if (!fingerprint || !IsFingerprint(*fingerprint)) return BadMember("fp");
  signal.id = *id;
  signal.fingerprint = *fingerprint;
  return signal;
}

Result<Signal> ReadGrow(const json& object, Signal signal) {
  const auto count = NumberOfHex(TextMember(object, "id").value_or(""));
  if (!count || *count < 1 || *count > std::uint32_t{defaults::kPoolLimit}) return BadMember("id");
  signal.count = *count;
  return signal;
}

Result<Signal> ReadMembers(const json& object, Action action) {
  Signal signal;
  signal.action = action;
  switch (action) {
    case Action::kTcp:
    case Action::kUdp:
      return ReadUser(object, std::move(signal));
    case Action::kVerify:
      return ReadVerify(object, std::move(signal));
    case Action::kGrow:
      return ReadGrow(object, std::move(signal));
    case Action::kPing:
    case Action::kPong:
    case Action::kFlush:
    case Action::kGoaway:
      return signal;
  }
  return signal;
}

}  // namespace

std::string SignalToJson(const Signal& signal) {
  const bool user = signal.action == Action::kTcp || signal.action == Action::kUdp;
  std::string text = "{\"action\":" + Quoted(NameOf(signal.action));
  if (user && !signal.remote.empty()) text += ",\"remote\":" + Quoted(signal.remote);
  if (const std::string id = IdMember(signal); !id.empty()) text += ",\"id\":" + Quoted(id);
  if (signal.action == Action::kVerify && !signal.fingerprint.empty())
    text += ",\"fp\":" + Quoted(signal.fingerprint);
  return text += '}';
}

Result<Signal> SignalFromJson(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return Fail(ErrorCode::kMalformedFrame, "signal is not a JSON object");
  const auto name = TextMember(object, "action");
  if (!name || name->empty()) return BadMember("action");
  const auto known =
      std::ranges::find(kActions, *name, &std::pair<std::string_view, Action>::first);
  if (known == kActions.end())
    return Fail(ErrorCode::kUnsupported, "signal with an unknown action");
  return ReadMembers(object, known->second);
}

}  // namespace underpass::nodepass
