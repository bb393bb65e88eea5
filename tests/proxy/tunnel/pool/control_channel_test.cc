// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel/pool/control_channel.h"

#include <optional>

#include "tests/proxy/tunnel/pool/pool_fixture.h"

namespace underpass::tunnel {
namespace {

using nodepass::Action;
using nodepass::Dialect;
using nodepass::Signal;
using std::chrono::seconds;

class ControlChannelTest : public PoolFixture, protected ControlEvents {
 protected:
  void Begin(bool ours, std::size_t room = 1 << 20) {
    auto [inside, outside] = NewStream(room);
    peer_ = std::move(outside);
    channel_ = std::make_unique<ControlChannel>(context_, std::move(inside), ours,
                                                static_cast<ControlEvents&>(*this));
    channel_->Start();
    dispatcher_.Run();
  }
  void Say(const std::string& text) {
    peer_->Send(text);
    dispatcher_.Run();
  }

  void OnSignal(const Signal& signal) override { signals_.push_back(signal); }
  void OnControlReady() override { ++ready_; }
  void OnPingInterval() override { ++intervals_; }
  void OnControlLost(const Error& error) override { lost_ = error.code; }

  std::unique_ptr<fakes::FakeStream> peer_;
  std::unique_ptr<ControlChannel> channel_;
  std::vector<Signal> signals_;
  int ready_ = 0;
  int intervals_ = 0;
  std::optional<ErrorCode> lost_;
};

TEST_F(ControlChannelTest, PingsAtOnceAndEveryFiveSeconds) {
  Begin(true);
  EXPECT_EQ(Received(*peer_), std::vector<Signal>{Signal{}});
  dispatcher_.Advance(seconds(5));
  EXPECT_EQ(Received(*peer_).size(), 1U);
  EXPECT_EQ(intervals_, 2);
}

TEST_F(ControlChannelTest, AnswersPings) {
  Begin(true);
  Received(*peer_);
  Say(Line(Signal{.action = Action::kPing}));
  EXPECT_EQ(Received(*peer_), std::vector<Signal>{Signal{.action = Action::kPong}});
}

TEST_F(ControlChannelTest, MeasuresTheRoundTrip) {
  Begin(true);
  dispatcher_.Advance(std::chrono::milliseconds(7));
  Say(Line(Signal{.action = Action::kPong}));
  EXPECT_EQ(board_.stats().peer_rtt_us.Get(), 7000);
}

TEST_F(ControlChannelTest, FirstLineDecidesTheDialect) {
  Begin(false);
  EXPECT_EQ(Received(*peer_).size(), 1U);
  EXPECT_EQ(last_dialect_, Dialect::kJson);
  EXPECT_EQ(ready_, 0);
  Say(Line(Signal{.action = Action::kPing}, Dialect::kUrl));
  EXPECT_EQ(ready_, 1);
  EXPECT_EQ(Received(*peer_), std::vector<Signal>{Signal{.action = Action::kPong}});
  EXPECT_EQ(last_dialect_, Dialect::kUrl);
}

TEST_F(ControlChannelTest, SilentForeignPeerIsTakenForTheNewerDialect) {
  Begin(false);
  dispatcher_.Advance(seconds(5));
  EXPECT_EQ(ready_, 1);
  EXPECT_EQ(channel_->dialect(), Dialect::kJson);
}

TEST_F(ControlChannelTest, SilenceEndsIt) {
  Begin(true);
  dispatcher_.Advance(seconds(14));
  EXPECT_FALSE(lost_.has_value());
  Say(Line(Signal{.action = Action::kPing}));
  dispatcher_.Advance(seconds(14));
  EXPECT_FALSE(lost_.has_value());
  dispatcher_.Advance(seconds(1));
  EXPECT_EQ(lost_, ErrorCode::kPeerSilent);
}

TEST_F(ControlChannelTest, CloseEndsItAtOnce) {
  Begin(true);
  peer_.reset();
  dispatcher_.Run();
  EXPECT_EQ(lost_, ErrorCode::kPeerClosed);
}

TEST_F(ControlChannelTest, ResetEndsIt) {
  Begin(true);
  peer_->Abort();
  peer_.reset();
  dispatcher_.Run();
  EXPECT_EQ(lost_, ErrorCode::kConnectionReset);
}

TEST_F(ControlChannelTest, PeerThatDoesNotReadEndsIt) {
  Begin(true, 64);
  for (int i = 0; i < 10000 && !lost_.has_value(); ++i)
    channel_->Send(Signal{.action = Action::kTcp, .remote = "u"});
  EXPECT_EQ(lost_, ErrorCode::kQueueFull);
}

TEST_F(ControlChannelTest, QueuedLinesGoOutWhenThePeerReadsAgain) {
  Begin(true, 10);
  for (int i = 0; i < 3; ++i) channel_->Send(Signal{.action = Action::kPong});
  std::string got;
  const std::string expected = Line(Signal{}) + Line(Signal{.action = Action::kPong}) +
                               Line(Signal{.action = Action::kPong}) +
                               Line(Signal{.action = Action::kPong});
  for (int i = 0; i < 100 && got.size() < expected.size(); ++i) {
    got += peer_->ReadAll();
    dispatcher_.Run();
  }
  EXPECT_EQ(got, expected);
}

TEST_F(ControlChannelTest, SkipsForeignLinesAndCountsThem) {
  Begin(true);
  Say("not base64!\n" + std::string("AAAA\n") + Line(Signal{.action = Action::kFlush}));
  EXPECT_FALSE(lost_.has_value());
  EXPECT_EQ(Drops(ErrorCode::kMalformedFrame), 2U);
  ASSERT_EQ(signals_.size(), 1U);
  EXPECT_EQ(signals_[0].action, Action::kFlush);
}

TEST_F(ControlChannelTest, SkipsALineThatIsTooLong) {
  Begin(true);
  for (int i = 0; i < 16; ++i) Say(std::string(1 << 16, 'A'));
  Say("\n" + Line(Signal{.action = Action::kFlush}));
  EXPECT_EQ(Drops(ErrorCode::kTooLarge), 1U);
  EXPECT_EQ(signals_.size(), 1U);
}

TEST_F(ControlChannelTest, TakesSignalsSplitAtEveryByte) {
  const std::string line = Line(Signal{.action = Action::kTcp, .remote = "192.0.2.1:5", .id = 7});
  for (std::size_t split = 0; split <= line.size(); ++split) {
    signals_.clear();
    Begin(true);
    Say(line.substr(0, split));
    Say(line.substr(split));
    ASSERT_EQ(signals_.size(), 1U) << split;
    EXPECT_EQ(signals_[0].id, 7U);
  }
}

}  // namespace
}  // namespace underpass::tunnel
