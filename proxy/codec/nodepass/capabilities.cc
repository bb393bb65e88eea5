// SPDX-License-Identifier: Apache-2.0
#include "proxy/codec/nodepass/capabilities.h"

#include <array>
#include <utility>

namespace underpass::nodepass {
namespace {

constexpr std::array<std::pair<std::string_view, bool Capabilities::*>, 3> kNames = {{
    {"half-close", &Capabilities::half_close},
    {"demand", &Capabilities::demand},
    {"goaway", &Capabilities::goaway},
}};

// Cuts what stands before `separator` off `text`, without the spaces around it.
std::string_view NextPart(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  std::string_view part = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  while (part.starts_with(' ')) part.remove_prefix(1);
  while (part.ends_with(' ')) part.remove_suffix(1);
  return part;
}

}  // namespace

std::vector<std::string_view> NamesOf(const Capabilities& capabilities) {
  std::vector<std::string_view> names;
  for (const auto& [name, member] : kNames) {
    if (capabilities.*member) names.push_back(name);
  }
  return names;
}

void SetByName(Capabilities& capabilities, std::string_view name) {
  for (const auto& [known, member] : kNames) {
    if (name == known) capabilities.*member = true;
  }
}

std::string FormatExtensionHeader(const Capabilities& offer) {
  std::string value = std::to_string(kExtensionVersion) + "; caps=";
  std::string_view separator;
  for (const std::string_view name : NamesOf(offer)) {
    value.append(separator).append(name);
    separator = ",";
  }
  return value;
}

std::optional<Capabilities> ParseExtensionHeader(std::string_view value) {
  constexpr std::string_view kCaps = "caps=";
  if (NextPart(value, ';') != std::to_string(kExtensionVersion)) return std::nullopt;
  Capabilities capabilities;
  while (!value.empty()) {
    std::string_view parameter = NextPart(value, ';');
    if (!parameter.starts_with(kCaps)) continue;
    parameter.remove_prefix(kCaps.size());
    while (!parameter.empty()) SetByName(capabilities, NextPart(parameter, ','));
  }
  return capabilities;
}

}  // namespace underpass::nodepass
