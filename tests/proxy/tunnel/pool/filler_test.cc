// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel/pool/filler.h"

#include "proxy/codec/nodepass/preface.h"
#include "tests/fakes/fake_transport.h"
#include "tests/proxy/tunnel/pool/pool_fixture.h"

namespace underpass::tunnel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class FillerTest : public PoolFixture, private SessionEvents {
 protected:
  explicit FillerTest(int min = 4, int max = 16) : min_(min), max_(max) {}

  void Begin(std::optional<nodepass::SessionId> id = std::nullopt) {
    session_ = std::make_unique<Session>(context_, Session::Peer{{}, nodepass::Capabilities{}},
                                         nullptr, static_cast<std::size_t>(max_),
                                         static_cast<SessionEvents&>(*this));
    filler_ = std::make_unique<Filler>(context_, transport_, HostPort{"server", 1},
                                       FillPolicy(min_, max_), id, *session_);
    filler_->Start();
    dispatcher_.Run();
  }
  // The server's end of a pool connection that was given `id`.
  std::unique_ptr<fakes::FakeStream> AcceptWithId(std::string_view id) {
    auto server = transport_.Accept();
    server->Send(id);
    dispatcher_.Run();
    return server;
  }

  fakes::FakeTransport transport_{dispatcher_};
  std::unique_ptr<Session> session_;
  std::unique_ptr<Filler> filler_;
  std::vector<std::unique_ptr<fakes::FakeStream>> kept_;

 private:
  void OnSessionUp(Session&) override {}
  void OnPoolChanged(Session&) override { filler_->Kick(); }
  void OnPoolTaken(Session&) override { filler_->Kick(); }
  void OnGrow(Session&, std::uint32_t) override {}
  void OnPeerDraining(Session&) override {}
  void OnSessionDown(Session&, const Error&) override {}

  const int min_;
  const int max_;
};

TEST_F(FillerTest, OpensTheMinimumAtOnce) {
  Begin();
  EXPECT_EQ(transport_.opened(), 4);
  dispatcher_.Advance(seconds(4));
  EXPECT_EQ(transport_.opened(), 4);  // they are still on their way
}

TEST_F(FillerTest, ReadsTheIdAndNoByteMore) {
  Begin();
  const auto control = AcceptWithId(std::string_view("\0\0\0\0", 4));
  const auto server = AcceptWithId("\x12\x34\x56\x78user bytes");
  ASSERT_EQ(session_->idle(), 1U);
  EXPECT_EQ(filler_->opening(), 3U);  // the control connection is none of the four
  auto [inside, user] = NewStream();
  EXPECT_FALSE(
      session_->Serve({std::move(inside), {}, slots_.TryTake(), dispatcher_.Now()}).has_value());
  dispatcher_.Run();
  EXPECT_EQ(user->ReadAll(), "user bytes");
}

TEST_F(FillerTest, TakesTheIdSplitAtEveryByte) {
  Begin();
  for (std::size_t split = 0; split <= 4; ++split) {
    const std::string id = std::string("\x01\x02\x03", 3) + static_cast<char>('a' + split);
    auto server = transport_.Accept();
    server->Send(id.substr(0, split));
    dispatcher_.Run();
    server->Send(id.substr(split));
    dispatcher_.Run();
    EXPECT_EQ(session_->idle(), split < 4 ? split + 1 : 4) << split;
    if (session_->idle() == 4) break;
    kept_.push_back(std::move(server));
  }
}

TEST_F(FillerTest, ProvesItselfToAServerOfOurs) {
  const nodepass::SessionId id{std::byte{7}};
  Begin(id);
  auto first = transport_.Accept();
  auto second = transport_.Accept();
  nodepass::ReplayWindow window;
  for (auto* server : {first.get(), second.get()}) {
    const std::string sent = server->ReadAll();
    ASSERT_EQ(sent.size(), nodepass::kPrefaceBytes);
    const auto preface = nodepass::DecodePreface(
        std::as_bytes(std::span(sent)).first<nodepass::kPrefaceBytes>(), context_.key);
    ASSERT_TRUE(preface.has_value());
    EXPECT_EQ(preface->session, id);
    EXPECT_TRUE(window.Accept(preface->counter));
  }
}

TEST_F(FillerTest, GrowsForUsersWhateverTheCapacity) {
  Begin();
  filler_->Grow(6);
  dispatcher_.Run();
  EXPECT_EQ(transport_.opened(), 10);
  filler_->Grow(100);
  dispatcher_.Run();
  EXPECT_EQ(transport_.opened(), 16);  // no more than the maximum
}

TEST_F(FillerTest, RetriesARefusedOneWithinMilliseconds) {
  Begin();
  transport_.Refuse(ErrorCode::kConnectRefused);
  EXPECT_EQ(transport_.opened(), 4);
  dispatcher_.Advance(milliseconds(2));
  EXPECT_EQ(transport_.opened(), 5);
  EXPECT_EQ(Drops(ErrorCode::kConnectRefused), 1U);
}

TEST_F(FillerTest, GivesUpAConnectionWithoutAnId) {
  Begin();
  const auto server = transport_.Accept();
  dispatcher_.Advance(seconds(5));
  EXPECT_GE(Drops(ErrorCode::kTimeout), 1U);
  EXPECT_TRUE(server->ended());
}

TEST_F(FillerTest, ReplacesOneThatWasClosedBeforeItsId) {
  Begin();
  transport_.Accept().reset();
  dispatcher_.Run();
  EXPECT_EQ(Drops(ErrorCode::kPeerClosed), 1U);
  dispatcher_.Advance(milliseconds(2));
  EXPECT_EQ(transport_.opened(), 5);
}

}  // namespace
}  // namespace underpass::tunnel
