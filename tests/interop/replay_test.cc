// SPDX-License-Identifier: Apache-2.0
// Recorded NodePass tunnels played to the running proxy: the test plays one end byte for byte, and
// what the proxy sends as the other end is compared with what NodePass sent. Only ids that the
// server draws and addresses of users differ.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>

#include "tests/interop/nodepass_line.h"
#include "tests/interop/transcript.h"
#include "tests/interop/tunnel_pair.h"
#include "tests/support/proxy_process.h"
#include "tests/support/socket.h"

namespace underpass::interop {
namespace {

using std::chrono::seconds;
using support::In;
using support::Listener;
using support::Socket;

constexpr int kHandshake = 1;
constexpr int kControl = 2;
constexpr seconds kPatience{5};
constexpr const char* kUserText = "hello over tcp";
constexpr const char* kTargetText = "tcp reply to hello over tcp";

std::string WithoutDate(const std::string& head) {
  const std::size_t begin = head.find("Date: ");
  if (begin == std::string::npos) return head;
  return head.substr(0, begin) + head.substr(head.find("\r\n", begin) + 2);
}

// The value of a header of a request, with its name.
std::string HeaderLine(const std::string& request, const std::string& name) {
  const std::size_t begin = request.find("\r\n" + name + ": ");
  return begin == std::string::npos
             ? ""
             : request.substr(begin + 2, request.find("\r\n", begin + 2) - begin - 2);
}

std::string HexId(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += "0123456789abcdef"[value >> 4U];
    text += "0123456789abcdef"[value & 15U];
  }
  return text;
}

// One run: `played` is the end that the test plays.
class Replay {
 public:
  Replay(Transcript transcript, Dialect dialect, Side played)
      : transcript_(std::move(transcript)), dialect_(dialect), played_(played) {
    if (played_ == Side::kServer) tunnel_ = Listener::Bind(0);
    tunnel_port_ = played_ == Side::kServer ? tunnel_.port() : support::FreePort();
    proxy_is_entry_ = (played_ == Side::kClient) == (transcript_.flow == '-');
  }

  std::string Url() const {
    const std::string target = std::to_string(proxy_is_entry_ ? user_port_ : target_.port());
    const std::string address =
        transcript_.key + "@127.0.0.1:" + std::to_string(tunnel_port_) + "/127.0.0.1:" + target;
    if (played_ == Side::kServer) return "client://" + address + "?mode=2&min=4&noudp=1";
    return "server://" + address + "?mode=" + (transcript_.flow == '-' ? "1" : "2") +
           "&max=8&noudp=1";
  }

  void Run() {
    for (const Event& event : transcript_.events) {
      SCOPED_TRACE("recorded at " + std::to_string(event.milliseconds) + " ms");
      if (event.from == played_) {
        Play(event);
      } else {
        Expect(event);
      }
      if (testing::Test::HasFatalFailure()) return;
    }
    CheckUser();
  }

 private:
  // --- the end that the test plays ---

  void Play(const Event& event) {
    Socket& socket = sockets_[event.connection];
    switch (event.kind) {
      case Event::Kind::kOpen:
        socket = Socket::Connect(tunnel_port_, In(kPatience));
        ASSERT_TRUE(socket.valid());
        return;
      case Event::Kind::kFin:
        socket.ShutdownWrite();
        return;
      case Event::Kind::kData:
        break;
    }
    if (event.connection == kControl && event.data.size() > 4) return PlayLine(event.data);
    if (event.connection > kHandshake && !ids_.contains(event.connection)) {
      ids_[event.connection] = recorded_ids_[event.connection] = HexId(event.data);
    }
    ASSERT_TRUE(socket.SendAll(event.data, In(kPatience)));
    if (event.data == kUserText) ReceiveAtTarget();
  }

  // As recorded, but with the id that the proxy gave the same connection.
  void PlayLine(const std::string& line) {
    std::string text = DecodeLine(line.substr(0, line.size() - 1), transcript_.key).value_or("");
    for (const auto& [connection, id] : recorded_ids_) {
      const std::size_t at = text.find(id);
      if (at != std::string::npos && connection != kControl)
        text.replace(at, id.size(), ids_[connection]);
    }
    ASSERT_TRUE(sockets_[kControl].SendAll(EncodeLine(text, transcript_.key), In(kPatience)));
  }

  void ReceiveAtTarget() {
    target_connection_ = target_.Accept(In(kPatience));
    ASSERT_TRUE(target_connection_.valid());
    EXPECT_EQ(target_connection_.ReceiveExactly(std::string(kUserText).size(), In(kPatience)),
              kUserText);
  }

  // --- the proxy ---

  void Expect(const Event& event) {
    if (event.kind == Event::Kind::kOpen) {
      sockets_[event.connection] = tunnel_.Accept(In(kPatience));
      ASSERT_TRUE(sockets_[event.connection].valid());
    } else if (event.connection == kHandshake) {
      if (event.kind == Event::Kind::kData) ExpectHandshake(event);
    } else if (event.kind == Event::Kind::kFin) {
      ExpectEnd(event.connection);
    } else if (!ids_.contains(event.connection) && played_ == Side::kClient) {
      ExpectId(event);
    } else if (event.connection == kControl) {
      ExpectLine(event.data);
    } else {
      ExpectPayload(event);
    }
  }

  void ExpectHandshake(const Event& event) {
    Socket& socket = sockets_[kHandshake];
    if (played_ == Side::kClient) {  // nothing of ours may be in it
      const auto answer = socket.ReceiveUntilEof(In(kPatience));
      ASSERT_TRUE(answer);
      EXPECT_NE(answer->find("\r\nDate: "), std::string::npos);
      EXPECT_EQ(WithoutDate(*answer), WithoutDate(event.data));
      return;
    }
    std::string request;
    while (request.find("\r\n\r\n") == std::string::npos) {
      const Socket::Received received = socket.Receive(4096, In(kPatience));
      ASSERT_EQ(received.outcome, Socket::Outcome::kData);
      request += received.data;
    }
    EXPECT_EQ(request.substr(0, request.find("\r\n")),
              event.data.substr(0, event.data.find("\r\n")));
    for (const char* name : {"Host", "Authorization"}) {
      EXPECT_EQ(HeaderLine(request, name), HeaderLine(event.data, name));
    }
  }

  // Connections that were opened together get their ids in either order. The control connection is
  // the one with 00000000, whichever it is, so the two change names.
  std::optional<std::string> ReceiveId(int connection) {
    if (const auto early = early_ids_.extract(connection)) return early.mapped();
    auto id = sockets_[connection].ReceiveExactly(4, In(kPatience));
    const auto next = sockets_.upper_bound(connection);
    if (!id || connection != kControl || HexId(*id) == "00000000" || next == sockets_.end())
      return id;
    std::swap(sockets_[connection], next->second);
    early_ids_[next->first] = *id;
    return sockets_[connection].ReceiveExactly(4, In(kPatience));
  }

  void ExpectId(const Event& event) {
    const auto id = ReceiveId(event.connection);
    ASSERT_TRUE(id);
    ids_[event.connection] = HexId(*id);
    recorded_ids_[event.connection] = HexId(event.data);
    if (event.connection == kControl) {
      EXPECT_EQ(HexId(*id), "00000000");
    } else {
      EXPECT_NE(HexId(*id), "00000000");
    }
  }

  void ExpectLine(const std::string& recorded) {
    const std::string expected =
        DecodeLine(recorded.substr(0, recorded.size() - 1), transcript_.key).value_or("");
    if (ParseSignalText(expected, dialect_)->action == "tcp") return ExpectUserSignal(expected);
    const auto line = sockets_[kControl].ReceiveLine(In(kPatience));
    ASSERT_TRUE(line);
    // Before it has heard its peer the proxy speaks 1.14; a 1.13 peer skips that line.
    const bool first = std::exchange(first_line_, false);
    if (first &&
        *line + "\n" == EncodeLine(SignalText({"ping", "", ""}, Dialect::kJson), transcript_.key)) {
      EXPECT_EQ(ParseSignalText(expected, dialect_)->action, "ping");
      return;
    }
    EXPECT_EQ(*line + "\n", recorded);
  }

  // A user comes; the proxy's signal is the recorded one apart from the connection it chose and the
  // user's port.
  void ExpectUserSignal(const std::string& recorded) {
    user_ = Socket::Connect(user_port_, In(kPatience));
    ASSERT_TRUE(user_.valid());
    ASSERT_TRUE(user_.SendAll(kUserText, In(kPatience)));
    const auto line = sockets_[kControl].ReceiveLine(In(kPatience));
    ASSERT_TRUE(line);
    const std::string text = DecodeLine(*line, transcript_.key).value_or("");
    const auto sent = ParseSignalText(text, dialect_);
    auto expected = ParseSignalText(recorded, dialect_);
    ASSERT_TRUE(sent && expected) << text;
    const int recorded_connection = ConnectionOf(recorded_ids_, expected->id);
    const int chosen = ConnectionOf(ids_, sent->id);
    ASSERT_GT(chosen, kControl) << text;
    std::swap(sockets_[recorded_connection], sockets_[chosen]);
    std::swap(ids_[recorded_connection], ids_[chosen]);
    expected->id = sent->id;
    expected->remote = "127.0.0.1:" + std::to_string(user_.local_port());
    EXPECT_EQ(text, SignalText(*expected, dialect_));
  }

  static int ConnectionOf(const std::map<int, std::string>& ids, const std::string& id) {
    for (const auto& [connection, candidate] : ids) {
      if (candidate == id) return connection;
    }
    return 0;
  }

  void ExpectPayload(const Event& event) {
    if (event.data == kTargetText) {
      ASSERT_TRUE(target_connection_.SendAll(kTargetText, In(kPatience)));
      target_connection_.Close();
    }
    EXPECT_EQ(sockets_[event.connection].ReceiveExactly(event.data.size(), In(kPatience)),
              event.data);
  }

  void ExpectEnd(int connection) {
    CheckUser();
    EXPECT_EQ(sockets_[connection].ReceiveUntilEof(In(kPatience)), "");
  }

  // The user has got the whole answer and its end, and leaves.
  void CheckUser() {
    if (!user_.valid()) return;
    EXPECT_EQ(user_.ReceiveUntilEof(In(kPatience)), kTargetText);
    user_.Close();
  }

  const Transcript transcript_;
  const Dialect dialect_;
  const Side played_;
  Listener tunnel_;  // the test plays the server
  Listener target_ = Listener::Bind(0);
  const std::uint16_t user_port_ = support::FreePort();
  std::uint16_t tunnel_port_ = 0;
  bool proxy_is_entry_ = false;
  bool first_line_ = true;
  std::map<int, Socket> sockets_;
  std::map<int, std::string> early_ids_;     // received before their turn
  std::map<int, std::string> ids_;           // of this run
  std::map<int, std::string> recorded_ids_;  // of the same connections
  Socket user_;
  Socket target_connection_;
};

struct Recording {
  std::string file;
  Dialect dialect;
};

// How gtest shows it.
void PrintTo(const Recording& value, std::ostream* out) { *out << value.file; }

class ReplayTest : public testing::TestWithParam<std::tuple<Side, Recording>> {};

TEST_P(ReplayTest, TheProxySendsWhatNodePassSent) {
  const auto& [played, recording] = GetParam();
  Transcript transcript = ReadTranscript(UNDERPASS_SOURCE_DIR "/tests/interop/transcripts/" +
                                         recording.file + ".jsonl");
  ASSERT_GT(transcript.events.size(), 20U);
  Replay replay(std::move(transcript), recording.dialect, played);
  support::ProxyProcess proxy(ProxyProgram(), {replay.Url()});
  ASSERT_TRUE(proxy.WaitReady(In(seconds(10)))) << proxy.child().Output();
  replay.Run();
  if (HasFailure()) ADD_FAILURE() << proxy.child().Output();
}

INSTANTIATE_TEST_SUITE_P(
    Transcripts, ReplayTest,
    testing::Combine(testing::Values(Side::kClient, Side::kServer),
                     testing::Values(Recording{"tcp-reverse", Dialect::kJson},
                                     Recording{"tcp-forward", Dialect::kJson},
                                     Recording{"tcp-reverse-1.13", Dialect::kUrl},
                                     Recording{"tcp-forward-1.13", Dialect::kUrl})),
    [](const auto& param_info) {
      std::string name = std::string(
          std::get<0>(param_info.param) == Side::kClient ? "ToOurServer" : "ToOurClient");
      for (const char byte : std::get<1>(param_info.param).file)
        name += std::isalnum(byte) ? std::string(1, byte) : "";
      return name;
    });

}  // namespace
}  // namespace underpass::interop
