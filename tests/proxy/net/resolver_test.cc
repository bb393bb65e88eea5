// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "proxy/event/libevent_dispatcher.h"
#include "proxy/net/threaded_resolver.h"

namespace underpass::net {
namespace {

using Addresses = Result<std::vector<core::SocketAddress>>;

// A name server that answers what the test says, when the test says.
class Lookups {
 public:
  Addresses Answer(const std::string& /*host*/) {
    std::unique_lock lock(mutex_);
    ++asked_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
    if (!fail_.empty()) return Fail(ErrorCode::kResolveFailed, fail_);
    return std::vector{*core::SocketAddress::FromIp(ip_, 0)};
  }
  void Say(const std::string& ip) {
    const std::lock_guard lock(mutex_);
    ip_ = ip;
    fail_.clear();
  }
  void FailWith(const std::string& text) {
    const std::lock_guard lock(mutex_);
    fail_ = text;
  }
  void Hold(bool held) {
    const std::lock_guard lock(mutex_);
    held_ = held;
    changed_.notify_all();
  }
  int asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  void WaitUntilAsked(int times) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [&] { return asked_ >= times; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string ip_ = "192.0.2.1";
  std::string fail_;
  bool held_ = false;
  int asked_ = 0;
};

class ResolverTest : public testing::Test {
 protected:
  Addresses Resolve(const std::string& host, Duration cache_for) {
    Addresses result = Fail(ErrorCode::kInternal, "no answer");
    const auto pending =
        resolver_.Resolve(dispatcher_, host, 80, cache_for, [&](Addresses addresses) {
          result = std::move(addresses);
          dispatcher_.Stop();
        });
    dispatcher_.Run();
    return result;
  }
  std::string Text(const Addresses& addresses) {
    return addresses.has_value() ? addresses->front().ToString()
                                 : std::string(Name(addresses.error().code));
  }

  event::LibeventDispatcher dispatcher_;
  Lookups lookups_;
  ThreadedResolver resolver_{[this](const std::string& host) { return lookups_.Answer(host); }};
};

TEST_F(ResolverTest, LiteralsAreNotLookedUp) {
  EXPECT_EQ(Text(Resolve("192.0.2.9", Duration::zero())), "192.0.2.9:80");
  EXPECT_EQ(Text(Resolve("2001:db8::1", Duration::zero())), "[2001:db8::1]:80");
  EXPECT_EQ(Text(Resolve("", Duration::zero())), "[::]:80");
  EXPECT_EQ(lookups_.asked(), 0);
}

TEST_F(ResolverTest, CachedAnswerIsNotAskedAgain) {
  EXPECT_EQ(Text(Resolve("name", std::chrono::minutes(5))), "192.0.2.1:80");
  EXPECT_EQ(Text(Resolve("name", std::chrono::minutes(5))), "192.0.2.1:80");
  EXPECT_EQ(lookups_.asked(), 1);
}

TEST_F(ResolverTest, WithoutACacheEachDialAsks) {
  Resolve("name", Duration::zero());
  lookups_.Say("192.0.2.2");
  EXPECT_EQ(Text(Resolve("name", Duration::zero())), "192.0.2.2:80");
  EXPECT_EQ(lookups_.asked(), 2);
}

TEST_F(ResolverTest, FailureIsAnError) {
  lookups_.FailWith("no such name");
  EXPECT_EQ(Text(Resolve("name", Duration::zero())), "ResolveFailed");
}

TEST_F(ResolverTest, StaleAnswerServesWhileTheNameFails) {
  Resolve("name", Duration::zero());
  lookups_.FailWith("server failure");
  EXPECT_EQ(Text(Resolve("name", Duration::zero())), "192.0.2.1:80");
}

TEST_F(ResolverTest, StaleAnswerServesAtOnceWhileTheNameServerHangs) {
  Resolve("name", Duration::zero());
  lookups_.Hold(true);
  EXPECT_EQ(Text(Resolve("name", std::chrono::nanoseconds(1))), "192.0.2.1:80");
  lookups_.Hold(false);
}

TEST_F(ResolverTest, GivenUpQuestionIsNotAnswered) {
  lookups_.Hold(true);
  bool called = false;
  auto pending = resolver_.Resolve(dispatcher_, "name", 80, Duration::zero(),
                                   [&](const Addresses&) { called = true; });
  lookups_.WaitUntilAsked(1);
  pending.reset();
  lookups_.Hold(false);
  EXPECT_EQ(Text(Resolve("name", Duration::zero())), "192.0.2.1:80");
  EXPECT_FALSE(called);
}

TEST_F(ResolverTest, OneQuestionServesAllWhoWait) {
  lookups_.Hold(true);
  int answers = 0;
  std::vector<std::unique_ptr<core::PendingResolve>> pending;
  for (int i = 0; i < 10; ++i) {
    pending.push_back(
        resolver_.Resolve(dispatcher_, "name", 80, Duration::zero(), [&](const Addresses&) {
          if (++answers == 10) dispatcher_.Stop();
        }));
  }
  lookups_.Hold(false);
  dispatcher_.Run();
  EXPECT_EQ(answers, 10);
  EXPECT_EQ(lookups_.asked(), 1);
}

}  // namespace
}  // namespace underpass::net
