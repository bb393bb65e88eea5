// SPDX-License-Identifier: Apache-2.0
// Every default and limit of the product that a person can meet. docs/configuration.md lists them;
// a test compares the two.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace underpass::defaults {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Pool. Source of the values that say NodePass: wire facts of NodePass 1.14, its environment
// variables.
inline constexpr int kPoolMin = 64;                    // NodePass
inline constexpr int kPoolMax = 1024;                  // NodePass
inline constexpr int kPoolLimit = 65536;               // highest min and max that are accepted
inline constexpr milliseconds kPoolMinInterval{100};   // NodePass NP_MIN_POOL_INTERVAL
inline constexpr milliseconds kPoolMaxInterval{1000};  // NodePass NP_MAX_POOL_INTERVAL
inline constexpr milliseconds kPoolIntervalStep{100};  // NodePass
inline constexpr seconds kPoolWait{5};                 // NodePass NP_POOL_GET_TIMEOUT
inline constexpr int kConnectionLimit = 65536;         // NodePass slot
inline constexpr std::size_t kWaitingUsers = 16384;    // users that wait for a pool connection

// Time-outs.
inline constexpr seconds kHandshakeTimeout{5};  // NodePass NP_HANDSHAKE_TIMEOUT
inline constexpr seconds kDialTimeout{5};       // NodePass NP_TCP_DIAL_TIMEOUT
inline constexpr seconds kPingInterval{5};      // NodePass NP_REPORT_INTERVAL
inline constexpr seconds kControlSilence{15};   // NodePass: three report intervals
inline constexpr seconds kTcpKeepAlive{5};      // NodePass: pool sockets
inline constexpr minutes kDnsCacheByUrl{5};     // NodePass dns=5m
inline constexpr seconds kDrainDelay{0};        // standalone
inline constexpr seconds kGrace{30};
inline constexpr seconds kListenRetry{1};        // a port that was in use is tried again
inline constexpr seconds kMaxSeconds{31536000};  // highest ...Seconds field: a year

// Retry of refused dials: 2, 5, 10, 20 ms, then doubling with jitter.
inline constexpr milliseconds kRetryMax{1000};
inline constexpr milliseconds kRetryMaxAfterSession{
    50};  // for kRetryFastFor after a session that was up
inline constexpr seconds kRetryFastFor{60};

// Sizes.
inline constexpr std::size_t kMaxDocumentBytes = 1 << 20;  // a Tunnel file or ProxyConfig
inline constexpr std::size_t kMaxUrlBytes = 8192;
inline constexpr std::size_t kMaxKeyBytes = 4096;       // a tunnel key
inline constexpr std::size_t kMaxTargets = 64;          // of one tunnel
inline constexpr std::size_t kMaxHttpHeadBytes = 8192;  // request or answer line and headers
inline constexpr std::size_t kMaxHandshakeBodyBytes = 4096;
inline constexpr std::size_t kMaxSignalLineBytes = 4096;  // encoded, with its newline
inline constexpr std::size_t kMaxUnknownConnections =
    1024;  // on a tunnel port, before they say who they are
inline constexpr int kListenBacklog = 4096;

// Admin.
inline constexpr std::uint16_t kAdminPortFirst =
    9090;  // standalone: 127.0.0.1, first free of the range
inline constexpr std::uint16_t kAdminPortLast = 9099;

}  // namespace underpass::defaults
