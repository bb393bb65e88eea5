// SPDX-License-Identifier: Apache-2.0
// The handshake of a tunnel: one HTTP/1.1 GET with a token, one JSON answer with the tunnel's
// parameters.
// Source: NodePass internal/server.go and internal/client.go tunnelHandshake() @0c932f8.
// Extension for peers of our own: request header `Underpass: 1; caps=half-close,demand,goaway` and,
// only then, the answer's member "underpass".
// Thread: any one thread, no locks; pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/base/result.h"
#include "api/base/secret.h"
#include "proxy/codec/http1/http1.h"

namespace underpass::nodepass {

// What both ends of ours can do. A NodePass peer can do none of it.
struct Capabilities {
  bool half_close = false;
  bool demand = false;
  bool goaway = false;
  friend bool operator==(const Capabilities&, const Capabilities&) = default;
};

using SessionId = std::array<std::byte, 16>;
std::string FormatSessionId(const SessionId& id);  // 32 lower-case hex digits

// Lower-case hex of HMAC-SHA256(key, ""): 64 characters.
std::string Token(const Secret& key);

struct ServerParameters {
  char flow = '-';         // '-' reverse, '+' forward
  int max = 1024;          // 1..defaults::kPoolLimit
  std::string tls = "0";   // "0" "1" "2"
  std::string type = "0";  // "0" TCP, "1" QUIC, "2" WebSocket, "3" HTTP/2
};

// --- server side ---

struct AcceptedHandshake {
  std::optional<Capabilities> capabilities;  // set = a peer of ours, with what it offers
};
// Judges a request. Errors, in this order: kMethodNotAllowed (not GET), kPathNotFound (path not
// "/"), kAuthFailed (no or wrong token; compared in constant time).
Result<AcceptedHandshake> JudgeRequest(const http1::Request& request, const Secret& key);

// The 200 answer, byte for byte NodePass's (Date included) for a NodePass client; with "underpass"
// when `session` is set.
//   now_unix: seconds, for Date.   Requires: capabilities is set iff session is, and only for a
//   client that offered the extension.
std::string AcceptResponse(const ServerParameters& parameters,
                           const std::optional<Capabilities>& capabilities,
                           const std::optional<SessionId>& session, std::int64_t now_unix);
// The 405, 404 or 401 answer for an error of JudgeRequest; 503 for kQueueFull and kDraining; 400
// for any other code.
std::string RejectResponse(ErrorCode code, std::int64_t now_unix);

// --- client side ---

// The request. host: as in `Host:`, a name or "none"; no control characters.
std::string Request(const Secret& key, std::string_view host, const Capabilities& offer);

struct ServerAnswer {
  ServerParameters parameters;
  std::optional<Capabilities> capabilities;  // set = a server of ours
  SessionId session{};                       // set with capabilities
};
// Errors: kAuthFailed (401), kHandshakeRejected (another status but 200, named), kMalformedFrame
// (not that JSON), kPeerUnknown (a flow, tls, type or extension version that no known version has,
// or max out of range; named).
Result<ServerAnswer> JudgeResponse(const http1::Response& response);

}  // namespace underpass::nodepass
