// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "proxy/core/resolver.h"

namespace underpass::net {

// getaddrinfo(3) on a few threads of its own, with a cache that all loops share.
// A stale answer serves at once while a failing or slow name is asked again; one question a name is
// under way at a time. Thread: any, see core::Resolver.
class ThreadedResolver final : public core::Resolver {
 public:
  // Stands in for getaddrinfo in tests: addresses with port 0, or kResolveFailed. Called on the
  // resolver's threads.
  using Lookup = std::function<Result<std::vector<core::SocketAddress>>(const std::string& host)>;

  ThreadedResolver();  // the system's getaddrinfo
  explicit ThreadedResolver(Lookup lookup);
  ~ThreadedResolver() override;

  // Ends the threads; from then on no name is answered, and no dispatcher is posted to. Waits for
  // lookups under way, as long as the system lets them take. Call it before the first dispatcher
  // that asked is destroyed.
  void Shutdown();

  std::unique_ptr<core::PendingResolve> Resolve(core::Dispatcher& dispatcher,
                                                const std::string& host, std::uint16_t port,
                                                Duration cache_for, Callback callback) override;

 private:
  static constexpr std::size_t kThreads = 4;
  static constexpr std::size_t kMaxQueued = 4096;
  static constexpr std::size_t kMaxCached = 4096;

  struct Question;  // one pending answer; shared with the posted task
  struct Entry {
    std::vector<core::SocketAddress> addresses;  // empty: never answered
    TimePoint answered;
    bool asking = false;
    std::vector<std::shared_ptr<Question>> waiting;
  };

  void Work();
  void Answer(const std::string& host, Result<std::vector<core::SocketAddress>> addresses);

  const Lookup lookup_;
  std::mutex mutex_;  // guards all below
  std::condition_variable wake_;
  std::map<std::string, Entry> cache_;
  std::deque<std::string> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace underpass::net
