// SPDX-License-Identifier: Apache-2.0
// A recorded tunnel between two NodePass ends (tests/interop/transcripts). Thread: any; reading
// opens one file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace underpass::interop {

enum class Side : std::uint8_t { kClient, kServer };

struct Event {
  enum class Kind : std::uint8_t { kOpen, kData, kFin };
  double milliseconds = 0;
  int connection =
      0;  // 1 = handshake, 2 = control connection, 3... = pool connections, in the order of opening
  Side from = Side::kClient;
  Kind kind = Kind::kOpen;
  std::string data;  // kData; on the control connection exactly one line with its newline
};

struct Transcript {
  std::string key;
  char flow = '-';
  std::vector<Event> events;
};

// What a tunnel without UDP does until its first periodic ping: connections that carried a datagram
// and the signals for them are left out, and what came 5 s after the start or later. An empty list
// of events: the file cannot be read.
Transcript ReadTranscript(const std::string& path);

}  // namespace underpass::interop
