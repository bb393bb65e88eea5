// SPDX-License-Identifier: Apache-2.0
// What the program says and returns before it runs anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/proxy/app/program/program_fixture.h"
#include "tests/support/child.h"
#include "tests/support/http_get.h"
#include "tests/support/socket.h"
#include "tests/support/temp_dir.h"

namespace underpass::app {
namespace {

const std::string kProgram = UNDERPASS_BIN_DIR "/underpass-proxy";

using support::Child;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct Ended {
  int code = -1;
  std::string output;
};

Ended RunToTheEnd(const std::vector<std::string>& args) {
  Child child(kProgram, args);
  const std::optional<int> code = child.Wait(Patience());
  child.WaitForLine("no such line: waits for the end of the output", Patience());
  return {code.value_or(-1000), child.Output()};
}

TEST(CommandLineTest, WithoutArgumentsTellsVersionAndUsage) {
  const Ended ended = RunToTheEnd({});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.output, AllOf(HasSubstr("underpass-proxy 0."), HasSubstr("--config"),
                                  HasSubstr("server://")));
}

TEST(CommandLineTest, HelpAndVersionAreNoFailure) {
  const Ended help = RunToTheEnd({"--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.output, HasSubstr("--admin-socket"));
  const Ended version = RunToTheEnd({"--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_THAT(version.output, testing::MatchesRegex("underpass-proxy [0-9.]+\n"));
}

TEST(CommandLineTest, BadUseNamesTheOption) {
  for (const std::string option :
       {"--no-such-option", "--grace=x", "--workers=-1", "--log-level=x"}) {
    const Ended ended = RunToTheEnd({"server://127.0.0.1:1/127.0.0.1:2", option});
    EXPECT_EQ(ended.code, 1) << option;
    EXPECT_THAT(ended.output, HasSubstr(option.substr(0, option.find('='))));
  }
  EXPECT_EQ(RunToTheEnd({"server://127.0.0.1:1/127.0.0.1:2", "--config", "x"}).code, 1);
}

struct BadInput {
  std::string input;
  std::string named;
};

TEST(CommandLineTest, BadUrlNamesThePart) {
  for (const BadInput& bad :
       std::vector<BadInput>{{"server://k@127.0.0.1:99999/127.0.0.1:80", "tunnel address"},
                             {"server://k@127.0.0.1:10101", "target address"},
                             {"server://k@127.0.0.1:10101/127.0.0.1:80?min=x", "?min="},
                             {"server://k@127.0.0.1:10101/127.0.0.1:80?tls=1", "?tls="},
                             {"http://127.0.0.1:10101/127.0.0.1:80", "http"}}) {
    const Ended ended = RunToTheEnd({bad.input});
    EXPECT_EQ(ended.code, 1) << bad.input;
    EXPECT_THAT(ended.output, AllOf(HasSubstr("msg=\"cannot start\""), HasSubstr(bad.named)));
  }
}

// One bad URL among good ones: nothing runs.
TEST(CommandLineTest, OneBadUrlStopsAll) {
  const Ended ended =
      RunToTheEnd({ForwardUrl(support::FreePort(), 9), "server://k@127.0.0.1:10101"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.output, Not(HasSubstr("msg=ready")));
}

TEST(CommandLineTest, KeysAreNotTold) {
  const Ended ended = RunToTheEnd({"server://verysecret@127.0.0.1:10101/127.0.0.1:80?min=x"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.output, Not(HasSubstr("verysecret")));
}

TEST(CommandLineTest, BadConfigNamesTheField) {
  const support::TempDir folder;
  for (const BadInput& bad : std::vector<BadInput>{
           {"{format: 1, tunnels: [{name: a, pool: {role: Server, address: '1.2.3.4:0'}, "
            "listen: {port: 80}}]}",
            "tunnels[0].pool.address"},
           {"{format: 1, tunnels: [{name: a, forward: {}, listen: {port: 80}}]}",
            "tunnels[0].targets"},
           {"{format: 1, tunnels: [], colour: red}", "colour"},
           {"{format: 2, tunnels: []}", "format"},
           {"{format: 1, tunnels: [{name: a, pool: {role: Server, address: '1.2.3.4:5', keyFile: "
            "missing}, listen: {port: 80}}]}",
            "keyFile"}}) {
    const std::string path = folder.Write("proxy.yaml", bad.input);
    const Ended ended = RunToTheEnd({"--config", path});
    EXPECT_EQ(ended.code, 1) << bad.input;
    EXPECT_THAT(ended.output, AllOf(HasSubstr("msg=\"cannot start\""), HasSubstr(bad.named)));
  }
}

TEST(CommandLineTest, MissingConfigIsNamed) {
  const support::TempDir folder;
  const Ended ended = RunToTheEnd({"--config", folder.File("none.yaml")});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.output, HasSubstr(folder.File("none.yaml")));
}

TEST(CommandLineTest, WhatWasAskedForMustStart) {
  const support::Listener taken = support::Listener::Bind(0);
  const std::string url = ForwardUrl(support::FreePort(), 9);
  const Ended metrics =
      RunToTheEnd({url, "--admin-socket", "none", "--metrics-address", Loopback(taken.port())});
  EXPECT_EQ(metrics.code, 1);
  EXPECT_THAT(metrics.output, AllOf(HasSubstr("AddressInUse"), HasSubstr(Loopback(taken.port()))));
  const Ended socket = RunToTheEnd(
      {url, "--metrics-address", "none", "--admin-socket", "/proc/no-such-folder/admin.sock"});
  EXPECT_EQ(socket.code, 1);
  EXPECT_THAT(socket.output, HasSubstr("/proc/no-such-folder"));
}

TEST(CommandLineTest, MetricsAndAdminCanBeOff) {
  Child child(kProgram, {ForwardUrl(support::FreePort(), 9), "--metrics-address", "none",
                         "--admin-socket", "none"});
  ASSERT_TRUE(child.WaitForLine("msg=ready", Patience())) << child.Output();
  EXPECT_THAT(child.Output(), AllOf(Not(HasSubstr("msg=metrics")), Not(HasSubstr("msg=admin"))));
}

TEST(CommandLineTest, MetricsOnAFreePortAnswer) {
  const support::TempDir folder;
  Child child(kProgram, {ForwardUrl(support::FreePort(), 9), "--metrics-address", "127.0.0.1:0",
                         "--admin-socket", folder.File("admin.sock"), "--log-format", "json"});
  const std::optional<std::string> line = child.WaitForLine("\"msg\":\"metrics\"", Patience());
  ASSERT_TRUE(line && child.WaitForLine("\"msg\":\"ready\"", Patience())) << child.Output();
  EXPECT_THAT(child.Output(), HasSubstr(folder.File("admin.sock")));
  const std::size_t colon = line->find("127.0.0.1:");
  ASSERT_NE(colon, std::string::npos) << *line;
  const auto port = static_cast<std::uint16_t>(std::stoi(line->substr(colon + 10)));
  for (const std::string page : {"/metrics", "/healthz", "/readyz", "/status"}) {
    const std::optional<support::HttpReply> reply = support::HttpGet(port, page, Patience());
    ASSERT_TRUE(reply) << page;
    EXPECT_EQ(reply->status, 200) << page;
  }
}

}  // namespace
}  // namespace underpass::app
