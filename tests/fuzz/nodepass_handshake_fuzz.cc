// SPDX-License-Identifier: Apache-2.0
// Both sides of the handshake: the input is a request, an answer, and the body of an answer in
// turn.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/base/check.h"
#include "api/base/defaults.h"
#include "proxy/codec/nodepass/handshake.h"

namespace {

using namespace underpass::nodepass;
namespace http1 = underpass::http1;
using underpass::ErrorCode;

const underpass::Secret& Key() {
  static const underpass::Secret key("secret");
  return key;
}

void FuzzRequest(std::string_view in) {
  const auto parsed = http1::ParseRequest(in);
  if (!parsed.has_value() || !parsed->has_value()) return;
  const auto accepted = JudgeRequest((*parsed)->first, Key());
  if (!accepted.has_value()) {
    CHECK(RejectResponse(accepted.error().code, 0).find("HTTP/1.1 40") == 0);
    return;
  }
  const auto& capabilities = accepted->capabilities;
  if (!capabilities) return;
  // What was offered must come back to the client as it is.
  const auto answer =
      http1::ParseResponse(AcceptResponse({}, capabilities, SessionId{}, 0), false, 4096);
  const auto judged = JudgeResponse(answer.value().value());
  CHECK(judged.has_value() && judged->capabilities == capabilities);
}

void FuzzAnswer(const http1::Response& response) {
  const auto answer = JudgeResponse(response);
  if (!answer.has_value()) return;
  const ServerParameters& parameters = answer->parameters;
  CHECK(parameters.flow == '-' || parameters.flow == '+');
  CHECK(parameters.max >= 1 && parameters.max <= underpass::defaults::kPoolLimit);
  CHECK(parameters.tls.size() == 1 && parameters.type.size() == 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view in(reinterpret_cast<const char*>(data), size);
  FuzzRequest(in);
  const auto parsed = http1::ParseResponse(in, true, underpass::defaults::kMaxHandshakeBodyBytes);
  if (parsed.has_value()) FuzzAnswer(**parsed);
  FuzzAnswer({200, {}, std::string(in)});
  return 0;
}
