// SPDX-License-Identifier: Apache-2.0
#include <span>

#include "api/base/check.h"
#include "proxy/codec/nodepass/capabilities.h"
#include "proxy/codec/nodepass/handshake.h"
#include "proxy/codec/nodepass/hex.h"
#include "proxy/codec/nodepass/hmac.h"

namespace underpass::nodepass {
namespace {

struct StatusLine {
  int status;
  std::string_view phrase;
};

StatusLine StatusOf(ErrorCode code) {
  if (code == ErrorCode::kMethodNotAllowed) return {405, "Method Not Allowed"};
  if (code == ErrorCode::kPathNotFound) return {404, "Not Found"};
  if (code == ErrorCode::kAuthFailed) return {401, "Unauthorized"};
  if (code == ErrorCode::kQueueFull || code == ErrorCode::kDraining)
    return {503, "Service Unavailable"};
  return {400, "Bad Request"};
}

// Header order as Go's net/http writes it: what the handler sets, sorted, then Date and
// Content-Length.
std::string Answer(StatusLine line, std::string_view content_headers, std::int64_t now_unix,
                   std::string_view body) {
  std::string out = "HTTP/1.1 " + std::to_string(line.status) + " ";
  out.append(line.phrase).append("\r\nConnection: close\r\n").append(content_headers);
  out += "Date: " + http1::FormatDate(now_unix) + "\r\n";
  out += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return out.append(body);
}

bool IsTokenOf(std::string_view authorization, const Secret& key) {
  constexpr std::string_view kScheme = "Bearer ";
  if (!authorization.starts_with(kScheme)) return false;
  authorization.remove_prefix(kScheme.size());
  const std::string expected = Token(key);
  return EqualInConstantTime(std::as_bytes(std::span(authorization)),
                             std::as_bytes(std::span(expected)));
}

std::string ExtensionMember(const Capabilities& capabilities, const SessionId& session) {
  std::string out = ",\"underpass\":{\"v\":" + std::to_string(kExtensionVersion) + ",\"caps\":[";
  std::string_view separator;
  for (const std::string_view name : NamesOf(capabilities)) {
    out.append(separator).append("\"").append(name).append("\"");
    separator = ",";
  }
  return out + "],\"session\":\"" + FormatSessionId(session) + "\"}";
}

}  // namespace

std::string FormatSessionId(const SessionId& id) { return HexOfBytes(id); }

std::string Token(const Secret& key) { return HexOfBytes(HmacSha256(key, {})); }

Result<AcceptedHandshake> JudgeRequest(const http1::Request& request, const Secret& key) {
  if (request.method != "GET")
    return Fail(ErrorCode::kMethodNotAllowed, "handshake: the method is not GET");
  if (request.path() != "/") return Fail(ErrorCode::kPathNotFound, "handshake: the path is not /");
  const std::string* authorization = http1::Find(request.headers, "Authorization");
  if (authorization == nullptr) return Fail(ErrorCode::kAuthFailed, "handshake: no token");
  if (!IsTokenOf(*authorization, key))
    return Fail(ErrorCode::kAuthFailed, "handshake: wrong token");
  AcceptedHandshake accepted;
  if (const std::string* extension = http1::Find(request.headers, kExtensionHeader);
      extension != nullptr)
    accepted.capabilities = ParseExtensionHeader(*extension);
  return accepted;
}

std::string AcceptResponse(const ServerParameters& parameters,
                           const std::optional<Capabilities>& capabilities,
                           const std::optional<SessionId>& session, std::int64_t now_unix) {
  CHECK(capabilities.has_value() == session.has_value());
  std::string body = "{\"flow\":\"";
  body += parameters.flow;
  body += "\",\"max\":" + std::to_string(parameters.max);
  body += ",\"tls\":\"" + parameters.tls + "\",\"type\":\"" + parameters.type + "\"";
  if (capabilities && session) body += ExtensionMember(*capabilities, *session);
  return Answer({200, "OK"}, "Content-Type: application/json\r\n", now_unix, body + "}\n");
}

std::string RejectResponse(ErrorCode code, std::int64_t now_unix) {
  const StatusLine line = StatusOf(code);
  return Answer(line,
                "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n",
                now_unix, std::string(line.phrase) + "\n");
}

}  // namespace underpass::nodepass
