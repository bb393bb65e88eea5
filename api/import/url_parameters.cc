// SPDX-License-Identifier: Apache-2.0
#include "api/import/url_parameters.h"

#include <array>
#include <charconv>
#include <utility>

#include "api/import/nodepass_url.h"

namespace underpass::import {
namespace {

// Fields that have a parameter; addresses and the key have none.
constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kParameterOf = {
    {{"pool.flow", "mode"},
     {"pool.transport", "type"},
     {"pool.tls.mode", "tls"},
     {"pool.tls.certFile", "crt"},
     {"pool.tls.keyFile", "key"},
     {"pool.tls.serverName", "sni"},
     {"pool.idle.min", "min"},
     {"pool.idle.max", "max"},
     {"balance", "lbs"},
     {"access.block", "block"},
     {"limits.bandwidthMbps", "rate"},
     {"limits.connections", "slot"},
     {"limits.idleTimeoutSeconds", "read"},
     {"proxyProtocol", "proxy"},
     {"dial.sourceAddress", "dial"},
     {"dial.dnsCacheSeconds", "dns"}}};

}  // namespace

std::string UrlParameters::Text(std::string_view name) {
  asked_.emplace(name);
  const auto found = query_.find(name);
  return found == query_.end() ? "" : found->second;
}

std::size_t UrlParameters::Choice(std::string_view name,
                                  const std::vector<std::string_view>& allowed) {
  const std::string text = Text(name);
  std::string list;
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    if (text == allowed[i]) return i;
    list += (i == 0 ? "" : ", ") + std::string(allowed[i]);
  }
  if (!text.empty()) Fail(name, "not allowed; " + list + " are");
  return 0;
}

std::optional<int> UrlParameters::Count(std::string_view name) {
  const std::string text = Text(name);
  if (text.empty()) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) {
    Fail(name, "not allowed; a whole number of 0..2147483647 is");
    return std::nullopt;
  }
  return value;
}

std::optional<std::chrono::seconds> UrlParameters::Duration(std::string_view name) {
  const std::string text = Text(name);
  if (text.empty()) return std::nullopt;
  const Result<std::chrono::nanoseconds> duration = ParseGoDuration(text);
  if (!duration.has_value()) {
    Fail(name, duration.error().context);
    return std::nullopt;
  }
  return std::chrono::ceil<std::chrono::seconds>(*duration);
}

std::string UrlParameters::Written(std::string_view name) const {
  constexpr std::size_t kShownBytes = 80;
  const auto found = query_.find(name);
  std::string written = "?" + std::string(name) + "=";
  if (found != query_.end()) written += found->second.substr(0, kShownBytes);
  return written;
}

void UrlParameters::Fail(std::string_view name, const std::string& text) {
  if (!error_) error_ = Error{ErrorCode::kInvalidConfig, 0, Written(name) + ": " + text};
}

void UrlParameters::Ignore(std::string_view name) {
  const auto found = asked_.find(name);
  if (found != asked_.end()) asked_.erase(found);
}

std::string UrlParameters::Ignored() const {
  std::string names;
  for (const auto& [name, value] : query_) {
    if (asked_.contains(name)) continue;
    names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

std::string UrlNamer::NameOf(std::string_view path) const {
  // quic=1 is an older name of type=1.
  if (path == "pool.transport" && !parameters_.Given("type")) return parameters_.Written("quic");
  for (const auto& [field, parameter] : kParameterOf) {
    if (path == field) return parameters_.Written(parameter);
  }
  if (path == "listen.protocols")
    return parameters_.Written(parameters_.Given("notcp") ? "notcp" : "noudp");
  if (path == "pool" || path == "pool.key") return "tunnel key";
  if (path == "pool.address") return "tunnel address";
  return forward_ && path.starts_with("listen") ? "tunnel address" : "target address";
}

}  // namespace underpass::import
