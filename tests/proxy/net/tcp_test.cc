// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "proxy/event/libevent_dispatcher.h"
#include "proxy/net/acceptor.h"
#include "proxy/net/binder.h"
#include "proxy/net/connector.h"
#include "proxy/net/socket.h"
#include "proxy/net/threaded_resolver.h"

namespace underpass::net {
namespace {

using Action = core::IoResult::Action;

core::SocketAddress Loopback(std::uint16_t port = 0) {
  return *core::SocketAddress::FromIp("127.0.0.1", port);
}

TEST(ListenTcpTest, SeveralSocketsShareOnePort) {
  const auto fds = ListenTcp(Loopback(), 3);
  ASSERT_TRUE(fds.has_value()) << fds.error().ToString();
  const std::uint16_t port = LocalAddress(fds->front().get()).port();
  for (const UniqueFd& fd : *fds) EXPECT_EQ(LocalAddress(fd.get()).port(), port);
}

// A second listener of another owner must not slip in beside ours, although ours share the port:
// NodePass's automatic mode takes a port that can be bound for a free one.
TEST(ListenTcpTest, PortThatIsHeldIsInUse) {
  const auto held = ListenTcp(Loopback(), 2);
  ASSERT_TRUE(held.has_value());
  const std::uint16_t port = LocalAddress(held->front().get()).port();
  const auto second = ListenTcp(Loopback(port), 2);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kAddressInUse);
  EXPECT_NE(second.error().context.find("127.0.0.1:" + std::to_string(port)), std::string::npos);
}

TEST(ListenTcpTest, ForeignAddressIsAnError) {
  const auto fds = ListenTcp(*core::SocketAddress::FromIp("192.0.2.1", 0), 1);
  ASSERT_FALSE(fds.has_value());
  EXPECT_EQ(fds.error().code, ErrorCode::kConnectFailed);
}

TEST(RaiseDescriptorLimitTest, ReachesTheHardLimit) { EXPECT_GT(RaiseDescriptorLimit(), 256U); }

class TcpTest : public testing::Test,
                protected AcceptEvents,
                protected core::OpenEvents,
                protected core::StreamEvents {
 protected:
  void Listen() {
    auto fds = ListenTcp(Loopback(), 1);
    ASSERT_TRUE(fds.has_value());
    acceptor_.emplace(dispatcher_, std::move(fds->front()), static_cast<AcceptEvents&>(*this));
  }
  std::unique_ptr<Connector> Dial(const HostPort& address) {
    return std::make_unique<Connector>(dispatcher_, resolver_, address, std::chrono::seconds(5),
                                       Duration::zero(), static_cast<core::OpenEvents&>(*this));
  }
  void ConnectBoth() {
    Listen();
    const auto dial = Dial({"127.0.0.1", acceptor_->address().port()});
    dispatcher_.Run();
    ASSERT_NE(accepted_, nullptr);
    ASSERT_NE(opened_, nullptr);
  }
  // Runs the loop until the next edge of `stream`.
  void WaitForEdge(core::Stream& stream) {
    stream.SetEvents(this);
    dispatcher_.Run();
    stream.SetEvents(nullptr);
  }
  core::IoResult ReadWhenReady(core::Stream& stream, std::span<std::byte> buffer) {
    while (true) {
      const core::IoResult read = stream.Read(buffer);
      if (read.action != Action::kWouldBlock) return read;
      WaitForEdge(stream);
    }
  }

  void OnAccepted(std::unique_ptr<core::Stream> stream, const core::SocketAddress& peer) override {
    accepted_ = std::move(stream);
    accepted_peer_ = peer;
    if (opened_ != nullptr) dispatcher_.Stop();
  }
  void OnAcceptPaused(int) override { FAIL(); }
  void OnOpened(std::unique_ptr<core::Stream> stream) override {
    opened_ = std::move(stream);
    if (accepted_ != nullptr) dispatcher_.Stop();
  }
  void OnOpenFailed(const Error& error) override {
    failed_ = error;
    dispatcher_.Stop();
  }
  void OnStreamReady(bool readable, bool) override {
    if (readable) dispatcher_.Stop();
  }

  event::LibeventDispatcher dispatcher_;
  ThreadedResolver resolver_;
  std::optional<Acceptor> acceptor_;
  std::unique_ptr<core::Stream> accepted_, opened_;
  core::SocketAddress accepted_peer_;
  std::optional<Error> failed_;
};

TEST_F(TcpTest, ConnectsAndKnowsBothAddresses) {
  ConnectBoth();
  EXPECT_EQ(opened_->local().ToString(), accepted_->peer().ToString());
  EXPECT_EQ(opened_->local().ToString(), accepted_peer_.ToString());
  EXPECT_EQ(opened_->peer().port(), acceptor_->address().port());
  EXPECT_GT(opened_->Rtt(), Duration::zero());
}

TEST_F(TcpTest, CarriesBytesAndTheEnd) {
  ConnectBoth();
  const std::string text = "hello";
  ASSERT_EQ(opened_->Write(std::as_bytes(std::span(text))).bytes, text.size());
  opened_->ShutdownWrite();
  std::array<std::byte, 16> buffer{};
  EXPECT_EQ(ReadWhenReady(*accepted_, buffer).bytes, text.size());
  EXPECT_EQ(ReadWhenReady(*accepted_, buffer).action, Action::kEnd);
  // The other direction lives on.
  ASSERT_EQ(accepted_->Write(std::as_bytes(std::span(text))).bytes, text.size());
  EXPECT_EQ(ReadWhenReady(*opened_, buffer).bytes, text.size());
}

TEST_F(TcpTest, PeekLeavesTheBytes) {
  ConnectBoth();
  const std::string text = "x";
  opened_->Write(std::as_bytes(std::span(text)));
  std::array<std::byte, 16> buffer{};
  core::IoResult peeked = accepted_->Peek(buffer);
  while (peeked.action == Action::kWouldBlock) {
    WaitForEdge(*accepted_);
    peeked = accepted_->Peek(buffer);
  }
  EXPECT_EQ(peeked.bytes, 1U);
  EXPECT_EQ(accepted_->Read(buffer).bytes, 1U);
}

TEST_F(TcpTest, AbortResets) {
  ConnectBoth();
  opened_->Abort();
  opened_.reset();
  std::array<std::byte, 16> buffer{};
  const core::IoResult read = ReadWhenReady(*accepted_, buffer);
  EXPECT_EQ(read.action, Action::kFailed);
  EXPECT_EQ(read.sys_errno, ECONNRESET);
}

TEST_F(TcpTest, RefusedDialNamesTheAddress) {
  Listen();
  const std::uint16_t port = acceptor_->address().port();
  acceptor_.reset();
  const auto dial = Dial({"127.0.0.1", port});
  dispatcher_.Run();
  ASSERT_TRUE(failed_.has_value());
  EXPECT_EQ(failed_->code, ErrorCode::kConnectRefused);
  EXPECT_NE(failed_->context.find("127.0.0.1:" + std::to_string(port)), std::string::npos);
}

TEST_F(TcpTest, TriesTheAddressesOfANameInTurn) {
  Listen();
  ThreadedResolver two([](const std::string&) -> Result<std::vector<core::SocketAddress>> {
    return std::vector{*core::SocketAddress::FromIp("127.0.0.2", 0), Loopback()};
  });
  const Connector dial(dispatcher_, two, {"name", acceptor_->address().port()},
                       std::chrono::seconds(5), Duration::zero(),
                       static_cast<core::OpenEvents&>(*this));
  dispatcher_.Run();
  EXPECT_NE(opened_, nullptr);
}

TEST_F(TcpTest, BinderTellsAPortInUse) {
  Listen();
  std::optional<Error> error;
  const Binder binder(dispatcher_, resolver_, {"127.0.0.1", acceptor_->address().port()}, 1,
                      [&](Result<std::vector<UniqueFd>> fds) {
                        if (!fds.has_value()) error = fds.error();
                        dispatcher_.Stop();
                      });
  dispatcher_.Run();
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, ErrorCode::kAddressInUse);
}

}  // namespace
}  // namespace underpass::net
