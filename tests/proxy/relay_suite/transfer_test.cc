// SPDX-License-Identifier: Apache-2.0
// Bytes arrive whole, in both directions, and ends arrive behind them.
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "tests/proxy/relay_suite/relay_suite.h"

namespace underpass::relay_suite {

// One instantiation for the cases of all files.
INSTANTIATE_TEST_SUITE_P(Over, RelaySuite, testing::ValuesIn(AllCarriers()),
                         [](const auto& carrier) { return carrier.param.name; });

namespace {

using support::Exchange;
using support::Pattern;
using support::Socket;

// Compares without printing megabytes.
void ExpectSame(const std::optional<std::string>& got, const std::string& sent, const char* what) {
  EXPECT_TRUE(got == sent) << what << ": " << sent.size() << " sent, "
                           << (got ? std::to_string(got->size()) : "not all") << " received";
}

void ExpectCarried(Socket& from, Socket& to, const std::string& payload, const char* what) {
  std::thread sender([&] { EXPECT_TRUE(from.SendAll(payload, Patience())); });
  ExpectSame(to.ReceiveExactly(payload.size(), Patience()), payload, what);
  sender.join();
}

void ExpectCarriedBothWays(Socket& user, Socket& target, std::size_t size) {
  const std::string question = Pattern(size, 1);
  const std::string answer = Pattern(size, 2);
  ExpectCarried(user, target, question, "user to target");
  ExpectCarried(target, user, answer, "target to user");
  std::thread at_target(
      [&] { ExpectSame(Exchange(target, answer, Patience()), question, "at once, to target"); });
  ExpectSame(Exchange(user, question, Patience()), answer, "at once, to user");
  at_target.join();
}

TEST_P(RelaySuite, CarriesEverySizeBothWays) {
  OpenToListener();
  for (const std::size_t size : {1U, 1024U, 65'535U, 65'536U, 65'537U, 1U << 20U}) {
    SCOPED_TRACE(size);
    Joined joined = Join();
    ExpectCarriedBothWays(joined.user, joined.target, size);
  }
}

TEST_P(RelaySuite, CarriesALargeTransferBothWays) {
  OpenToListener();
  Joined joined = Join();
  ExpectCarriedBothWays(joined.user, joined.target, LargestTransfer());
}

TEST_P(RelaySuite, CarriesWhatTheTargetSaysFirst) {
  support::TargetServer target({.mode = support::TargetServer::Mode::kGreetThenEcho});
  Open({target.port()});
  Socket user = ConnectUser();
  EXPECT_EQ(user.ReceiveLine(Patience()), "hello");
}

TEST_P(RelaySuite, DeliversWhatAUserSentWhoLeftAtOnce) {
  OpenToListener();
  const std::string payload = Pattern(1 << 20U);
  std::thread sender([&] {
    Socket user = ConnectUser();
    EXPECT_TRUE(user.SendAll(payload, Patience()));
  });
  Socket target = target_.Accept(Patience());
  ExpectSame(target.ReceiveUntilEof(Patience()), payload, "until the end");
  sender.join();
}

TEST_P(RelaySuite, UserEndsAndTheTargetAnswersAfterThat) {
  OpenToListener();
  Joined joined = Join();
  const std::string question = Pattern((1U << 20U) + 3, 1);
  const std::string answer = Pattern((1U << 20U) + 5, 2);
  std::thread user([&] {
    EXPECT_TRUE(joined.user.SendAll(question, Patience()));
    joined.user.ShutdownWrite();
  });
  ExpectSame(joined.target.ReceiveUntilEof(Patience()), question, "question");
  user.join();
  std::thread target([&] {
    EXPECT_TRUE(joined.target.SendAll(answer, Patience()));
    joined.target.Close();
  });
  ExpectSame(joined.user.ReceiveUntilEof(Patience()), answer, "answer");
  target.join();
}

TEST_P(RelaySuite, TargetEndsWhileTheUserGoesOn) {
  OpenToListener();
  Joined joined = Join();
  const std::string first = Pattern(100'000, 1);
  const std::string later = Pattern(1U << 20U, 2);
  EXPECT_TRUE(joined.user.SendAll("begin", Patience()));
  EXPECT_EQ(joined.target.ReceiveExactly(5, Patience()), "begin");
  std::thread target([&] {
    EXPECT_TRUE(joined.target.SendAll(first, Patience()));
    joined.target.ShutdownWrite();
  });
  ExpectSame(joined.user.ReceiveUntilEof(Patience()), first, "to the user");
  target.join();
  std::thread user([&] {
    EXPECT_TRUE(joined.user.SendAll(later, Patience()));
    joined.user.ShutdownWrite();
  });
  ExpectSame(joined.target.ReceiveUntilEof(Patience()), later, "to the target, after its end");
  user.join();
}

}  // namespace
}  // namespace underpass::relay_suite
