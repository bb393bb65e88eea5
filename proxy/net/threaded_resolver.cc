// SPDX-License-Identifier: Apache-2.0
#include "proxy/net/threaded_resolver.h"

#include <netdb.h>

#include <utility>

namespace underpass::net {

namespace {

Result<std::vector<core::SocketAddress>> SystemLookup(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const int code = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (code != 0)
    return Fail(ErrorCode::kResolveFailed, "resolve " + host + ": " + gai_strerror(code));
  std::vector<core::SocketAddress> addresses;
  for (const addrinfo* item = list; item != nullptr; item = item->ai_next) {
    addresses.emplace_back(item->ai_addr, item->ai_addrlen);
  }
  freeaddrinfo(list);
  if (addresses.empty()) return Fail(ErrorCode::kResolveFailed, "resolve " + host + ": no address");
  return addresses;
}

// Given up by destroying it: the question then forgets its callback. Both live in the loop of the
// asker.
class PendingQuestion final : public core::PendingResolve {
 public:
  explicit PendingQuestion(std::shared_ptr<core::Resolver::Callback> callback)
      : callback_(std::move(callback)) {}
  ~PendingQuestion() override { *callback_ = nullptr; }

 private:
  std::shared_ptr<core::Resolver::Callback> callback_;
};

}  // namespace

struct ThreadedResolver::Question {
  core::Dispatcher* dispatcher;  // until Shutdown
  std::uint16_t port;
  std::shared_ptr<Callback> callback;  // touched in the dispatcher's loop only

  static void Deliver(const std::shared_ptr<Question>& question,
                      const Result<std::vector<core::SocketAddress>>& answer) {
    Result<std::vector<core::SocketAddress>> result = answer;
    if (result.has_value()) {
      for (core::SocketAddress& address : *result) address = address.WithPort(question->port);
    }
    question->dispatcher->Post(
        [callback = std::move(question->callback), result = std::move(result)]() mutable {
          if (*callback == nullptr) return;
          const Callback call = std::move(*callback);  // it may destroy the PendingResolve
          *callback = nullptr;
          call(std::move(result));
        });
  }
};

ThreadedResolver::ThreadedResolver() : ThreadedResolver(&SystemLookup) {}

ThreadedResolver::ThreadedResolver(Lookup lookup) : lookup_(std::move(lookup)) {
  for (std::size_t i = 0; i < kThreads; ++i) threads_.emplace_back([this] { Work(); });
}

ThreadedResolver::~ThreadedResolver() { Shutdown(); }

void ThreadedResolver::Shutdown() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

std::unique_ptr<core::PendingResolve> ThreadedResolver::Resolve(core::Dispatcher& dispatcher,
                                                                const std::string& host,
                                                                std::uint16_t port,
                                                                Duration cache_for,
                                                                Callback callback) {
  auto shared = std::make_shared<Callback>(std::move(callback));
  auto question = std::make_shared<Question>(Question{&dispatcher, port, shared});
  auto pending = std::make_unique<PendingQuestion>(std::move(shared));

  if (const auto literal = core::SocketAddress::FromIp(host.empty() ? "::" : host, port)) {
    Question::Deliver(question, std::vector{*literal});
    return pending;
  }
  const std::lock_guard lock(mutex_);
  if (queue_.size() >= kMaxQueued) {
    Question::Deliver(question, Fail(ErrorCode::kQueueFull, "resolve " + host));
    return pending;
  }
  if (cache_.size() >= kMaxCached && !cache_.contains(host)) {
    // Names come from configuration, so this is a bound, not a working size: forget all that nobody
    // waits for.
    std::erase_if(cache_, [](const auto& item) { return !item.second.asking; });
  }
  Entry& entry = cache_[host];
  const bool fresh = !entry.addresses.empty() && Clock::now() - entry.answered < cache_for;
  if (!fresh && !entry.asking) {
    entry.asking = true;
    queue_.push_back(host);
    wake_.notify_one();
  }
  // With a cache, an old answer serves while the new one is fetched.
  if (fresh || (!entry.addresses.empty() && cache_for > Duration::zero())) {
    Question::Deliver(question, entry.addresses);
  } else {
    entry.waiting.push_back(std::move(question));
  }
  return pending;
}

void ThreadedResolver::Work() {
  while (true) {
    std::string host;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      host = std::move(queue_.front());
      queue_.pop_front();
    }
    Answer(host, lookup_(host));
  }
}

void ThreadedResolver::Answer(const std::string& host,
                              Result<std::vector<core::SocketAddress>> addresses) {
  const std::lock_guard lock(mutex_);
  Entry& entry = cache_[host];
  entry.asking = false;
  if (addresses.has_value()) {
    entry.addresses = *addresses;
    entry.answered = Clock::now();
  } else if (!entry.addresses.empty()) {
    addresses = entry.addresses;  // stale, and better than nothing
  }
  if (stopping_) return;
  for (const std::shared_ptr<Question>& question : std::exchange(entry.waiting, {})) {
    Question::Deliver(question, addresses);
  }
}

}  // namespace underpass::net
