// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/transcript.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <set>

#include "tests/interop/nodepass_line.h"

namespace underpass::interop {
namespace {

constexpr double kFirstPeriodicPing = 5000;
constexpr int kControl = 2;

std::string FromHex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::strtoul(hex.substr(i, 2).c_str(), nullptr, 16));
  }
  return bytes;
}

std::optional<Event> ReadEvent(const std::string& line) {
  const std::string kind = JsonMember(line, "event").value_or("");
  Event event;
  event.milliseconds = std::atof(JsonMember(line, "t_ms").value_or("").c_str());
  event.connection = std::atoi(JsonMember(line, "conn").value_or("").c_str());
  event.from = JsonMember(line, "from") == "client" ? Side::kClient : Side::kServer;
  event.data = FromHex(JsonMember(line, "hex").value_or(""));
  event.kind = kind == "open"   ? Event::Kind::kOpen
               : kind == "data" ? Event::Kind::kData
                                : Event::Kind::kFin;
  if (event.connection == 0) return std::nullopt;
  return event;
}

// Several lines in one piece become several events.
void Append(std::vector<Event>& events, Event event) {
  while (event.connection == kControl && event.kind == Event::Kind::kData &&
         event.data.size() > 4) {
    const std::size_t end = event.data.find('\n') + 1;
    Event line = event;
    line.data = event.data.substr(0, end);
    events.push_back(line);
    event.data.erase(0, end);
    if (event.data.empty()) return;
  }
  events.push_back(std::move(event));
}

bool MentionsUdp(const Event& event, const std::string& key) {
  if (event.kind != Event::Kind::kData) return false;
  if (event.data.find("over udp") != std::string::npos) return true;
  if (event.connection != kControl || event.data.size() <= 4) return false;
  const std::string text =
      DecodeLine(event.data.substr(0, event.data.size() - 1), key).value_or("");
  return text.find(R"("udp")") != std::string::npos || text.ends_with("#2");
}

}  // namespace

Transcript ReadTranscript(const std::string& path) {
  Transcript transcript;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (transcript.key.empty()) {  // the first line tells about all others
      transcript.key = JsonMember(line, "key").value_or("");
      transcript.flow = JsonMember(line, "flow").value_or("-").front();
      continue;
    }
    if (auto event = ReadEvent(line)) Append(transcript.events, std::move(*event));
  }
  std::erase_if(transcript.events, [&](const Event& event) {
    return event.milliseconds >= kFirstPeriodicPing || MentionsUdp(event, transcript.key);
  });
  return transcript;
}

}  // namespace underpass::interop
