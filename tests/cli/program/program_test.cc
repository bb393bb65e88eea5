// SPDX-License-Identifier: Apache-2.0
// The `underpass` program as a person runs it, against admin servers with a fake data plane in this
// process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "proxy/admin/admin_server.h"
#include "tests/fakes/fake_proxy_control.h"
#include "tests/support/child.h"
#include "tests/support/temp_dir.h"

namespace underpass::cli {
namespace {

using std::chrono::seconds;
using support::In;
using testing::HasSubstr;
using testing::Not;

constexpr char kProgram[] = UNDERPASS_BIN_DIR "/underpass";

struct Outcome {
  int code = -1;
  std::string output;
};

Outcome RunProgram(const std::vector<std::string>& arguments) {
  support::Child child(kProgram, arguments);
  Outcome outcome;
  outcome.code = child.Wait(In(seconds(30))).value_or(-1000);
  outcome.output = child.Output();
  return outcome;
}

core::TunnelState InPhase(core::TunnelPhase phase) {
  core::TunnelState state;
  state.phase = phase;
  return state;
}

class ProgramTest : public testing::Test {
 protected:
  // A proxy whose socket is `name` in the folder.
  std::unique_ptr<admin::AdminServer> Serve(fakes::FakeProxyControl& control,
                                            const std::string& name) {
    auto server = admin::AdminServer::Start(control, folder_.File(name), "127.0.0.1:9099");
    EXPECT_TRUE(server.has_value()) << server.error().ToString();
    return std::move(*server);
  }

  support::TempDir folder_;
  fakes::FakeProxyControl control_;
};

TEST_F(ProgramTest, HelpAndVersionOfEverySubcommand) {
  const std::vector<std::vector<std::string>> commands = {
      {}, {"up"}, {"validate"}, {"render"}, {"status"}, {"convert"}, {"drain"}};
  for (std::vector<std::string> command : commands) {
    command.emplace_back("--help");
    const Outcome help = RunProgram(command);
    EXPECT_EQ(help.code, 0);
    EXPECT_THAT(help.output, HasSubstr("Usage: underpass"));
    command.back() = "--version";
    const Outcome version = RunProgram(command);
    EXPECT_EQ(version.code, 0);
    EXPECT_TRUE(version.output.starts_with("underpass ")) << version.output;
  }
}

TEST_F(ProgramTest, WrongUsageExitsWithOne) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"dance"},
                                             {"convert"},
                                             {"validate"},
                                             {"status", "--interval", "-1"},
                                             {"status", "-o", "xml"}}) {
    EXPECT_EQ(RunProgram(arguments).code, 1) << testing::PrintToString(arguments);
  }
}

TEST_F(ProgramTest, ConvertThenValidate) {
  const Outcome converted =
      RunProgram({"convert", "server://0.0.0.0:10101/127.0.0.1:8080?noudp=1"});
  ASSERT_EQ(converted.code, 0) << converted.output;
  // Warnings come before the document on the captured streams.
  const std::string yaml = converted.output.substr(converted.output.find("apiVersion"));
  const Outcome valid = RunProgram({"validate", folder_.Write("t.yaml", yaml)});
  EXPECT_EQ(valid.code, 0) << valid.output;
  EXPECT_THAT(valid.output, HasSubstr("1 tunnel valid"));
}

TEST_F(ProgramTest, BadInputsExitWithOne) {
  EXPECT_EQ(RunProgram({"convert", "server://0.0.0.0:0/127.0.0.1:8080"}).code, 1);
  EXPECT_EQ(RunProgram({"validate", folder_.Write("bad.yaml", "kind: [")}).code, 1);
  EXPECT_EQ(RunProgram({"validate", folder_.path() + "/none"}).code, 1);
  EXPECT_EQ(RunProgram({"render", folder_.path() + "/none"}).code, 1);
}

TEST_F(ProgramTest, StatusWithoutProxiesSaysWhereItLooked) {
  const Outcome outcome = RunProgram({"status", "--state-dir", folder_.path()});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.output, HasSubstr(folder_.path()));
  EXPECT_THAT(outcome.output, HasSubstr("underpass up"));
}

TEST_F(ProgramTest, StatusDrawsAllProxiesInOneTable) {
  fakes::FakeProxyControl other;
  control_.AddTunnel("db", "pool", "Server").Set(InPhase(core::TunnelPhase::kConnected));
  other.AddTunnel("web", "forward", "").Set(InPhase(core::TunnelPhase::kFailed));
  const auto first = Serve(control_, "db.sock");
  const auto second = Serve(other, "web.sock");
  const Outcome outcome =
      RunProgram({"status", "--state-dir", folder_.path(), "--interval", "0.05"});
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_TRUE(outcome.output.starts_with("TUNNEL ")) << outcome.output;
  EXPECT_EQ(outcome.output.find("TUNNEL", 1), std::string::npos);
  EXPECT_THAT(outcome.output, HasSubstr("\ndb "));
  EXPECT_THAT(outcome.output, HasSubstr("\nweb "));
  EXPECT_THAT(outcome.output, HasSubstr("0 B/s / 0 B/s"));
  EXPECT_THAT(outcome.output, HasSubstr("http://127.0.0.1:9099/metrics"));
  EXPECT_THAT(outcome.output, Not(HasSubstr("\x1b")));
}

TEST_F(ProgramTest, IntervalZeroTakesOneSample) {
  control_.AddTunnel("db", "pool", "Server");
  const auto server = Serve(control_, "db.sock");
  const Outcome outcome =
      RunProgram({"status", "--socket", folder_.File("db.sock"), "--interval", "0"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.output, Not(HasSubstr("B/s")));
}

TEST_F(ProgramTest, ADeadSocketIsReportedBesideTheLivingOnes) {
  control_.AddTunnel("db", "pool", "Server");
  const auto server = Serve(control_, "db.sock");
  const Outcome outcome = RunProgram({"status", "--socket", folder_.File("db.sock"), "--socket",
                                      folder_.File("gone.sock"), "--interval", "0"});
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("\ndb "));
  EXPECT_THAT(outcome.output, HasSubstr(folder_.File("gone.sock") + ": no process answers"));
  EXPECT_EQ(RunProgram({"status", "--socket", folder_.File("gone.sock")}).code, 1);
}

TEST_F(ProgramTest, StatusAsJson) {
  control_.AddTunnel("db", "pool", "Server");
  const auto server = Serve(control_, "db.sock");
  const Outcome outcome = RunProgram({"status", "--state-dir", folder_.path(), "-o", "json"});
  ASSERT_EQ(outcome.code, 0) << outcome.output;
  const auto json = nlohmann::json::parse(outcome.output);
  EXPECT_EQ(json.at("proxies")[0].at("status").at("tunnels")[0].at("label"), "db");
}

TEST_F(ProgramTest, WatchDrawsEachChangeAtOnce) {
  core::TunnelBoard& board = control_.AddTunnel("db", "pool", "Server");
  const auto server = Serve(control_, "db.sock");
  // An interval beyond the deadlines below: only a change can make it draw again.
  support::Child child(
      kProgram, {"status", "--watch", "--interval", "600", "--socket", folder_.File("db.sock")});
  ASSERT_TRUE(child.WaitForLine("Starting", In(seconds(20))).has_value()) << child.Output();
  board.Set(InPhase(core::TunnelPhase::kConnected));
  EXPECT_TRUE(child.WaitForLine("Connected", In(seconds(20))).has_value()) << child.Output();
  child.Kill(SIGINT);
  EXPECT_EQ(child.Wait(In(seconds(20))), -SIGINT);
}

TEST_F(ProgramTest, DrainsTheTunnelThatIsNamed) {
  control_.AddTunnel("db", "pool", "Server", "shop");
  const auto server = Serve(control_, "db.sock");
  const Outcome outcome = RunProgram({"drain", "shop/db", "--state-dir", folder_.path()});
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_THAT(control_.drained(), testing::ElementsAre("shop/db"));
}

TEST_F(ProgramTest, DrainOfAnUnknownTunnelIsAnError) {
  const auto server = Serve(control_, "db.sock");
  const Outcome outcome = RunProgram({"drain", "none", "--state-dir", folder_.path()});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.output, HasSubstr("none"));
  EXPECT_TRUE(control_.drained().empty());
}

TEST_F(ProgramTest, DrainOfSeveralProxiesMustBeMeant) {
  fakes::FakeProxyControl other;
  const auto first = Serve(control_, "a.sock");
  const auto second = Serve(other, "b.sock");
  EXPECT_EQ(RunProgram({"drain", "--state-dir", folder_.path()}).code, 1);
  EXPECT_TRUE(control_.drained().empty());
  EXPECT_EQ(RunProgram({"drain", "--all", "--state-dir", folder_.path()}).code, 0);
  EXPECT_THAT(control_.drained(), testing::ElementsAre(""));
  EXPECT_THAT(other.drained(), testing::ElementsAre(""));
}

// `up` is the controller beside the program: here a script that prints what it was called with.
TEST_F(ProgramTest, UpRunsTheControllerBesideIt) {
  const std::string program = folder_.File("underpass");
  std::error_code error;
  std::filesystem::copy_file(kProgram, program, error);
  ASSERT_FALSE(error) << error.message();
  const std::string controller =
      folder_.Write("underpass-controller", "#!/bin/sh\necho \"called with $*\"\n");
  ASSERT_EQ(chmod(controller.c_str(), 0755), 0);
  support::Child child(program, {"up", "some dir", "--state-dir", "/s"});
  EXPECT_EQ(child.Wait(In(seconds(20))), 0);
  EXPECT_THAT(child.Output(), HasSubstr("called with --manifests some dir --state-dir /s"));
}

TEST_F(ProgramTest, UpWithoutAControllerSaysSo) {
  const std::string program = folder_.File("underpass");
  std::error_code error;
  std::filesystem::copy_file(kProgram, program, error);
  ASSERT_FALSE(error) << error.message();
  support::Child child(program, {"up", "x"}, {{"PATH", "/nonexistent"}});
  EXPECT_EQ(child.Wait(In(seconds(20))), 1);
  EXPECT_THAT(child.Output(), HasSubstr("underpass-controller"));
}

}  // namespace
}  // namespace underpass::cli
