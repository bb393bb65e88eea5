// SPDX-License-Identifier: Apache-2.0
// A core::Transport whose openings wait until a test accepts or refuses them. Header only; one
// thread.
#pragma once

#include <deque>
#include <memory>
#include <utility>

#include "proxy/core/transport.h"
#include "tests/fakes/fake_stream.h"

namespace underpass::fakes {

class FakeTransport final : public core::Transport {
 public:
  explicit FakeTransport(core::Dispatcher& dispatcher) : dispatcher_(dispatcher) {}

  std::unique_ptr<core::PendingStream> Open(const HostPort& /*address*/, Duration /*timeout*/,
                                            core::OpenEvents& events) override {
    auto pending = std::make_unique<Pending>(events);
    waiting_.push_back(pending->alive);
    ++opened_;
    return pending;
  }

  // Openings since the beginning, and those that wait for an answer.
  int opened() const { return opened_; }
  std::size_t waiting() const { return waiting_.size(); }

  // The oldest opening connects; returns the server's end.
  std::unique_ptr<FakeStream> Accept() {
    auto [ours, theirs] = FakeStream::Pair(dispatcher_);
    if (core::OpenEvents* events = Next()) events->OnOpened(std::move(ours));
    return std::move(theirs);
  }
  void Refuse(ErrorCode code) {
    if (core::OpenEvents* events = Next())
      events->OnOpenFailed(Error{code, 0, "refused by the test"});
  }

 private:
  struct Pending final : core::PendingStream {
    explicit Pending(core::OpenEvents& receiver)
        : alive(std::make_shared<core::OpenEvents*>(&receiver)) {}
    ~Pending() override { *alive = nullptr; }
    std::shared_ptr<core::OpenEvents*> alive;
  };

  // Null if the opening was given up.
  core::OpenEvents* Next() {
    const std::shared_ptr<core::OpenEvents*> next = std::move(waiting_.front());
    waiting_.pop_front();
    return std::exchange(*next, nullptr);
  }

  core::Dispatcher& dispatcher_;
  std::deque<std::shared_ptr<core::OpenEvents*>> waiting_;
  int opened_ = 0;
};

}  // namespace underpass::fakes
