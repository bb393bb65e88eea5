// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "api/base/defaults.h"
#include "proxy/codec/nodepass/capabilities.h"
#include "proxy/codec/nodepass/handshake.h"
#include "proxy/codec/nodepass/hex.h"

namespace underpass::nodepass {
namespace {

using nlohmann::json;

tl::unexpected<Error> BadAnswer(const char* member) {
  return Fail(ErrorCode::kMalformedFrame,
              std::string("handshake answer: missing or bad member ") + member);
}

const std::string* TextMember(const json& object, const char* name) {
  const auto member = object.find(name);
  return member == object.end() ? nullptr : member->get_ptr<const std::string*>();
}

// A code of one digit, "0" to `highest`.
Result<std::string> ReadCode(const json& object, const char* name, char highest) {
  const std::string* text = TextMember(object, name);
  if (text == nullptr) return BadAnswer(name);
  if (text->size() != 1 || text->front() < '0' || text->front() > highest)
    return Fail(ErrorCode::kPeerUnknown, std::string("handshake answer: unknown ") + name);
  return *text;
}

Result<char> ReadFlow(const json& object) {
  const std::string* text = TextMember(object, "flow");
  if (text == nullptr) return BadAnswer("flow");
  if (*text != "-" && *text != "+")
    return Fail(ErrorCode::kPeerUnknown, "handshake answer: unknown flow");
  return text->front();
}

Result<int> ReadMax(const json& object) {
  const auto member = object.find("max");
  if (member == object.end() || !member->is_number_integer()) return BadAnswer("max");
  // Beyond 63 bits an unsigned value would turn negative, which is out of range just the same.
  const auto value = member->get<std::int64_t>();
  if (value < 1 || value > defaults::kPoolLimit)
    return Fail(ErrorCode::kPeerUnknown,
                "handshake answer: max is not in 1.." + std::to_string(defaults::kPoolLimit));
  return static_cast<int>(value);
}

Result<ServerParameters> ReadParameters(const json& object) {
  auto flow = ReadFlow(object);
  RETURN_IF_ERROR(flow);
  auto max = ReadMax(object);
  RETURN_IF_ERROR(max);
  auto tls = ReadCode(object, "tls", '2');
  RETURN_IF_ERROR(tls);
  auto type = ReadCode(object, "type", '3');
  RETURN_IF_ERROR(type);
  return ServerParameters{*flow, *max, std::move(*tls), std::move(*type)};
}

Result<ServerAnswer> ReadExtension(const json& extension, ServerAnswer answer) {
  if (!extension.is_object()) return BadAnswer("underpass");
  const auto version = extension.find("v");
  if (version == extension.end() || !version->is_number_integer()) return BadAnswer("underpass.v");
  if (version->get<std::int64_t>() != kExtensionVersion)
    return Fail(ErrorCode::kPeerUnknown,
                "handshake answer: a version of the extension that was not offered");
  const auto caps = extension.find("caps");
  if (caps == extension.end() || !caps->is_array()) return BadAnswer("underpass.caps");
  const std::string* session = TextMember(extension, "session");
  if (session == nullptr || !BytesOfHex(*session, answer.session))
    return BadAnswer("underpass.session");
  answer.capabilities.emplace();
  for (const json& name : *caps) {
    const auto* text = name.get_ptr<const std::string*>();
    if (text == nullptr) return BadAnswer("underpass.caps");
    SetByName(*answer.capabilities, *text);
  }
  return answer;
}

Result<ServerAnswer> ReadAnswer(std::string_view body) {
  const json object = json::parse(body, nullptr, false);
  if (!object.is_object())
    return Fail(ErrorCode::kMalformedFrame, "handshake answer is not a JSON object");
  auto parameters = ReadParameters(object);
  RETURN_IF_ERROR(parameters);
  ServerAnswer answer{std::move(*parameters), std::nullopt, {}};
  const auto extension = object.find("underpass");
  if (extension == object.end()) return answer;
  return ReadExtension(*extension, std::move(answer));
}

}  // namespace

std::string Request(const Secret& key, std::string_view host, const Capabilities& offer) {
  std::string out = "GET / HTTP/1.1\r\nHost: ";
  out.append(host).append("\r\nAuthorization: Bearer ").append(Token(key)).append("\r\n");
  out.append(kExtensionHeader).append(": ").append(FormatExtensionHeader(offer));
  return out.append("\r\nConnection: close\r\n\r\n");
}

Result<ServerAnswer> JudgeResponse(const http1::Response& response) {
  if (response.status == 401)
    return Fail(ErrorCode::kAuthFailed, "handshake: the server refused the key");
  if (response.status != 200)
    return Fail(ErrorCode::kHandshakeRejected,
                "handshake: the server answered " + std::to_string(response.status));
  return ReadAnswer(response.body);
}

}  // namespace underpass::nodepass
