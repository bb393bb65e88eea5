// SPDX-License-Identifier: Apache-2.0
// The codec against bytes that NodePass sent: tests/interop/transcripts.
#include <gtest/gtest.h>

#include <ctime>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "proxy/codec/nodepass/handshake.h"
#include "proxy/codec/nodepass/hex.h"
#include "proxy/codec/nodepass/signal.h"

namespace underpass::nodepass {
namespace {

struct Recorded {
  std::string client;  // all bytes of one connection that the client sent
  std::string server;
};

struct Transcript {
  Secret key;
  char flow = '-';
  std::map<int, Recorded> connections;

  // The one whose id is 00000000.
  const Recorded& control() const {
    for (const auto& [number, recorded] : connections) {
      if (recorded.server.starts_with(std::string(4, '\0'))) return recorded;
    }
    throw std::logic_error("no control connection in the transcript");
  }
};

std::string Bytes(const std::string& hex) {
  std::string bytes(hex.size() / 2, '\0');
  EXPECT_TRUE(BytesOfHex(hex, std::as_writable_bytes(std::span(bytes))));
  return bytes;
}

Transcript Load(const std::string& name) {
  std::ifstream file(std::string(UNDERPASS_SOURCE_DIR) + "/tests/interop/transcripts/" + name);
  Transcript transcript;
  for (std::string line; std::getline(file, line);) {
    const auto entry = nlohmann::json::parse(line);
    if (entry.contains("about")) {
      transcript.key = Secret(entry.at("key").get<std::string>());
      transcript.flow = entry.at("flow").get<std::string>().front();
    }
    if (!entry.contains("hex")) continue;
    Recorded& recorded = transcript.connections[entry.at("conn").get<int>()];
    (entry.at("from") == "client" ? recorded.client : recorded.server) +=
        Bytes(entry.at("hex").get<std::string>());
  }
  return transcript;
}

// The request and its size; a failure and nothing if `in` has no whole one.
std::pair<http1::Request, std::size_t> Whole(std::string_view in) {
  const auto result = http1::ParseRequest(in);
  if (result.has_value() && result->has_value()) return **result;
  ADD_FAILURE() << "no whole request";
  return {};
}

// A failure and nothing if `in` has no whole answer.
http1::Response WholeAnswer(std::string_view in) {
  const auto result = http1::ParseResponse(in, false, 4096);
  if (result.has_value() && result->has_value()) return **result;
  ADD_FAILURE() << "no whole answer";
  return {};
}

std::int64_t UnixOfDate(const std::string& date) {
  std::tm utc{};
  EXPECT_NE(strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &utc), nullptr);
  return timegm(&utc);
}

class TranscriptTest : public testing::TestWithParam<std::pair<const char*, Dialect>> {
 protected:
  const Transcript& transcript() const { return transcript_; }

  // Decodes every line, expects the recorded dialect and the same bytes when encoded again.
  std::vector<Signal> ReplaySignals(const std::string& bytes) {
    std::vector<Signal> signals;
    std::string again;
    LineSplitter splitter;
    splitter.Feed(bytes, [&](const Result<std::string_view>& line) {
      const auto decoded = DecodeSignal(line.value(), transcript().key);
      EXPECT_TRUE(decoded.has_value()) << *line;
      if (!decoded.has_value()) return false;
      EXPECT_EQ(decoded->dialect, GetParam().second);
      again += EncodeSignal(decoded->signal, decoded->dialect, transcript().key);
      signals.push_back(decoded->signal);
      return true;
    });
    EXPECT_EQ(again, bytes);
    return signals;
  }

 private:
  Transcript transcript_ = Load(GetParam().first);
};

TEST_P(TranscriptTest, AcceptsTheRecordedRequest) {
  const std::string& bytes = transcript().connections.at(1).client;
  const auto [request, size] = Whole(bytes);
  EXPECT_EQ(size, bytes.size());
  const auto accepted = JudgeRequest(request, transcript().key);
  ASSERT_TRUE(accepted.has_value());
  EXPECT_EQ(accepted->capabilities, std::nullopt);
}

TEST_P(TranscriptTest, MakesTheRecordedAnswer) {
  const std::string& bytes = transcript().connections.at(1).server;
  const http1::Response response = WholeAnswer(bytes);
  const auto answer = JudgeResponse(response);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->parameters.flow, transcript().flow);
  EXPECT_EQ(answer->capabilities, std::nullopt);
  const std::string* date = http1::Find(response.headers, "Date");
  ASSERT_NE(date, nullptr);
  EXPECT_EQ(AcceptResponse(answer->parameters, std::nullopt, std::nullopt, UnixOfDate(*date)),
            bytes);
}

TEST_P(TranscriptTest, ReadsEverySignalAndMakesItAgain) {
  const Recorded& control = transcript().control();
  const auto from_client = ReplaySignals(control.client);
  const auto from_server = ReplaySignals(control.server.substr(4));
  // Two pings and two pongs from each end; the entry also announces one TCP and one UDP user.
  const bool reverse = transcript().flow == '-';
  EXPECT_EQ(from_client.size(), reverse ? 4u : 6u);
  EXPECT_EQ(from_server.size(), reverse ? 6u : 4u);
}

TEST_P(TranscriptTest, SignalsNameConnectionsThatTheServerOpened) {
  const Recorded& control = transcript().control();
  const bool reverse = transcript().flow == '-';
  std::size_t users = 0;
  for (const Signal& signal : ReplaySignals(reverse ? control.server.substr(4) : control.client)) {
    if (signal.action != Action::kTcp && signal.action != Action::kUdp) continue;
    ++users;
    EXPECT_TRUE(signal.remote.starts_with("127.0.0.1:")) << signal.remote;
    bool found = false;
    for (const auto& [number, recorded] : transcript().connections) {
      const std::string id = recorded.server.substr(0, 4);
      found = found || HexOfBytes(std::as_bytes(std::span(id))) == FormatId(signal.id);
    }
    EXPECT_TRUE(found) << FormatId(signal.id);
  }
  EXPECT_EQ(users, 2u);
}

INSTANTIATE_TEST_SUITE_P(All, TranscriptTest,
                         testing::Values(std::pair("tcp-reverse.jsonl", Dialect::kJson),
                                         std::pair("tcp-forward.jsonl", Dialect::kJson),
                                         std::pair("tcp-reverse-1.13.jsonl", Dialect::kUrl),
                                         std::pair("tcp-forward-1.13.jsonl", Dialect::kUrl)),
                         [](const auto& test) {
                           std::string name = test.param.first;
                           std::erase_if(name, [](char c) {
                             return std::isalnum(static_cast<unsigned char>(c)) == 0;
                           });
                           return name;
                         });

}  // namespace
}  // namespace underpass::nodepass
