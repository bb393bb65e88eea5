// SPDX-License-Identifier: Apache-2.0
// The numbers of one tunnel: written by the workers, read by the admin threads.
// Thread: any; relaxed atomics, so a reading may be a few events behind another.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "api/base/clock.h"
#include "api/base/error.h"

namespace underpass::core {

class Counter {
 public:
  void Add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t Get() const { return value_.load(std::memory_order_relaxed); }
  void Reset() { value_.store(0, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// A value that goes up and down. Never negative once all writers are done.
class Gauge {
 public:
  void Add(std::int64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  void Set(std::int64_t n) { value_.store(n, std::memory_order_relaxed); }
  std::int64_t Get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// A histogram of durations with fixed bounds, in Prometheus' sense (a bound belongs to its bucket).
class Histogram {
 public:
  // Upper bounds in seconds: 0.5 ms ... 60 s, and one bucket above.
  static constexpr std::array<double, 14> kBounds = {
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 15, 60};
  struct Snapshot {
    std::array<std::uint64_t, kBounds.size() + 1> counts{};  // per bucket, not cumulative
    double sum_seconds = 0;
  };

  void Observe(Duration value) {
    const double seconds = std::chrono::duration<double>(value).count();
    std::size_t bucket = 0;
    while (bucket < kBounds.size() && seconds > kBounds[bucket]) ++bucket;
    counts_[bucket].Add();
    sum_nanoseconds_.Add(static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(value).count()));
  }
  Snapshot Get() const {
    Snapshot snapshot;
    for (std::size_t i = 0; i < counts_.size(); ++i) snapshot.counts[i] = counts_[i].Get();
    snapshot.sum_seconds = static_cast<double>(sum_nanoseconds_.Get()) / 1e9;
    return snapshot;
  }
  void Reset() {
    for (Counter& count : counts_) count.Reset();
    sum_nanoseconds_.Reset();
  }

 private:
  std::array<Counter, kBounds.size() + 1> counts_;
  Counter sum_nanoseconds_;
};

struct TunnelStats {
  Gauge connections_active;    // relays between a user and a target
  Counter connections_ok;      // ended in order
  Counter connections_failed;  // refused, never joined, or broken
  Counter bytes_to_target;     // from users
  Counter bytes_to_user;       // from targets
  Counter handshakes_ok;
  Counter handshakes_failed;
  Counter accept_pauses;  // accepting stopped for a moment for want of descriptors
  std::array<Counter, kErrorCodeCount>
      drops;  // connections, lines and documents refused, by ErrorCode

  Gauge pool_idle;      // pool connections ready for use
  Gauge pool_capacity;  // how many the client keeps ready; at the server its max
  Gauge users_waiting;  // users without a pool connection yet
  Gauge peer_rtt_us;    // round trip of ping and pong in microseconds; 0 = none yet

  Histogram pool_wait;            // a user's wait for a pool connection
  Histogram connect_time;         // dialling a target, successes only
  Histogram connection_duration;  // of ended relays

  void CountDrop(ErrorCode code) { drops[static_cast<std::size_t>(code)].Add(); }
  // Zeroes counters and histograms; gauges stay.
  void Reset() {
    for (Counter* counter : {&connections_ok, &connections_failed, &bytes_to_target, &bytes_to_user,
                             &handshakes_ok, &handshakes_failed, &accept_pauses}) {
      counter->Reset();
    }
    for (Counter& drop : drops) drop.Reset();
    for (Histogram* histogram : {&pool_wait, &connect_time, &connection_duration})
      histogram->Reset();
  }
};

}  // namespace underpass::core
