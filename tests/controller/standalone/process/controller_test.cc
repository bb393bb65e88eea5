// SPDX-License-Identifier: Apache-2.0
// The running underpass-controller with a fake proxy: files in, child processes out.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "api/base/clock.h"
#include "tests/controller/standalone/temp_folder.h"

namespace underpass::standalone {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

constexpr Duration kDeadline = 20s;

// Polls `condition` until it holds or the deadline passes.
bool Eventually(const std::function<bool()>& condition) {
  const TimePoint end = Clock::now() + kDeadline;
  while (!condition()) {
    if (Clock::now() >= end) return false;
    poll(nullptr, 0, 2);
  }
  return true;
}

std::string Forward(const std::string& name, int port, const std::string& group = "") {
  std::string text = "apiVersion: underpass.dev/v1alpha1\nkind: Tunnel\nmetadata: {name: " + name +
                     "}\nspec:\n  forward: {}\n  targets: [{address: \"127.0.0.1:9\"}]\n"
                     "  listen: {address: 127.0.0.1, port: " +
                     std::to_string(port) + ", protocols: [TCP]}\n";
  if (!group.empty()) text += "  placement: {group: " + group + "}\n";
  return text;
}

// A running controller; killed with this object if it still runs.
class Process {
 public:
  Process(std::vector<std::string> argv, const std::string& log) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    std::vector<char*> arguments;
    arguments.reserve(argv.size() + 1);
    for (std::string& argument : argv) arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    const int failure =
        posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    EXPECT_EQ(failure, 0) << argv[0];
    if (failure != 0) pid_ = -1;
  }
  ~Process() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void Signal(int signal) const {
    if (pid_ > 0) kill(pid_, signal);
  }
  // The exit status, once it has ended by itself; nullopt after the deadline or if a signal ended
  // it.
  std::optional<int> WaitForExit() {
    int status = 0;
    if (pid_ <= 0 || !Eventually([&] { return waitpid(pid_, &status, WNOHANG) == pid_; })) {
      return std::nullopt;
    }
    pid_ = -1;
    return WIFEXITED(status) ? std::optional(WEXITSTATUS(status)) : std::nullopt;
  }

 private:
  pid_t pid_ = -1;
};

struct Event {
  std::string what;    // "start", "term", ...
  std::string config;  // path
  pid_t pid = 0;
};

class ControllerTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(std::getenv("FAKE_PROXY"), nullptr) << "run by ctest";
    setenv("FAKE_PROXY_LOG", proxy_log_.c_str(), 1);
    std::filesystem::create_directory(folder_ / "manifests");
  }

  void TearDown() override {
    if (HasFailure()) {
      std::cerr << ReadText(log_) << ReadText(proxy_log_);
    }
  }

  Process Controller(const std::string& manifests) const {
    const std::string program = UNDERPASS_BIN_DIR "/underpass-controller";
    const char* proxy = std::getenv("FAKE_PROXY");
    return Process({program, "--manifests", manifests, "--state-dir", folder_ / "state", "--proxy",
                    proxy == nullptr ? "" : proxy},
                   log_);
  }
  Process Controller() const { return Controller(folder_ / "manifests"); }

  void WriteManifest(const std::string& name, const std::string& text) const {
    folder_.Write("manifests/" + name, text);
  }

  std::string ConfigPath(const std::string& group) const {
    return folder_ / ("state/default." + group + "/proxy.yaml");
  }
  std::string SocketPath(const std::string& group) const {
    return folder_ / ("state/default." + group + ".sock");
  }

  // Events of one group, in order.
  std::vector<Event> Events(const std::string& group) const {
    std::vector<Event> events;
    std::istringstream lines(ReadText(proxy_log_));
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      Event event;
      words >> event.what;
      if (event.what != "term" && event.what != "int") {
        std::string flag;
        std::string socket;
        words >> flag >> event.config >> flag >> socket;
      } else {
        words >> event.config;
      }
      words >> event.pid;
      if (event.config == ConfigPath(group)) events.push_back(event);
    }
    return events;
  }

  std::size_t Count(const std::string& group, const std::string& what) const {
    std::size_t count = 0;
    for (const Event& event : Events(group)) count += event.what == what ? 1u : 0u;
    return count;
  }
  // The n-th start of the group's proxy, waited for.
  pid_t AwaitStart(const std::string& group, std::size_t n) const {
    if (!Eventually([&] { return Count(group, "start") >= n; })) return 0;
    std::size_t count = 0;
    for (const Event& event : Events(group)) {
      if (event.what == "start" && ++count == n) return event.pid;
    }
    return 0;
  }
  bool AwaitLog(const std::string& text) const {
    return Eventually([&] { return ReadText(log_).find(text) != std::string::npos; });
  }
  bool AwaitConfig(const std::string& group, const std::string& text) const {
    return Eventually([&] { return ReadText(ConfigPath(group)).find(text) != std::string::npos; });
  }

  TempFolder folder_;
  std::string log_ = folder_ / "controller.log";
  std::string proxy_log_ = folder_ / "proxy.log";
};

TEST_F(ControllerTest, StartsOneProxyPerGroupWithItsArguments) {
  WriteManifest("a.yaml", Forward("a", 18001, "edge") + "---\n" + Forward("b", 18002, "edge"));
  WriteManifest("c.yaml", Forward("c", 18003));
  Process controller = Controller();
  ASSERT_GT(AwaitStart("edge", 1), 0);
  ASSERT_GT(AwaitStart("c", 1), 0);
  EXPECT_THAT(ReadText(proxy_log_), HasSubstr("start --config " + ConfigPath("edge") +
                                              " --admin-socket " + SocketPath("edge") + " "));
  EXPECT_THAT(ReadText(proxy_log_),
              HasSubstr("flags " + ConfigPath("edge") + " --log-level info --log-format logfmt "));
  EXPECT_THAT(ReadText(ConfigPath("edge")), HasSubstr("revision: 1\n"));
  EXPECT_THAT(ReadText(ConfigPath("edge")), HasSubstr("name: a\n"));
  EXPECT_THAT(ReadText(ConfigPath("edge")), HasSubstr("name: b\n"));
  EXPECT_TRUE(AwaitLog("underpass status"));
  EXPECT_EQ(Count("edge", "start"), 1u);
}

TEST_F(ControllerTest, SigtermEndsEveryProxyInOrder) {
  WriteManifest("a.yaml", Forward("a", 18001) + "---\n" + Forward("b", 18002));
  Process controller = Controller();
  ASSERT_GT(AwaitStart("a", 1), 0);
  ASSERT_GT(AwaitStart("b", 1), 0);
  controller.Signal(SIGTERM);
  EXPECT_EQ(controller.WaitForExit(), 0);
  EXPECT_EQ(Count("a", "term"), 1u);
  EXPECT_EQ(Count("b", "term"), 1u);
  EXPECT_FALSE(std::filesystem::exists(SocketPath("a")));
}

TEST_F(ControllerTest, SecondSignalKillsWhatDoesNotEnd) {
  folder_.Write("proxy.log.stubborn", "");
  WriteManifest("a.yaml", Forward("a", 18001));
  Process controller = Controller();
  ASSERT_GT(AwaitStart("a", 1), 0);
  controller.Signal(SIGINT);
  ASSERT_TRUE(Eventually([&] { return Count("a", "term") == 1; }));
  controller.Signal(SIGINT);
  EXPECT_EQ(controller.WaitForExit(), 0);
  EXPECT_THAT(ReadText(log_), HasSubstr("signal=9"));
}

TEST_F(ControllerTest, ChangedManifestRewritesTheConfigOfItsProxyOnly) {
  WriteManifest("a.yaml", Forward("a", 18001));
  WriteManifest("b.yaml", Forward("b", 18002));
  Process controller = Controller();
  ASSERT_GT(AwaitStart("a", 1), 0);
  ASSERT_GT(AwaitStart("b", 1), 0);
  WriteManifest("a.yaml", Forward("a", 18011));
  EXPECT_TRUE(AwaitConfig("a", "port: 18011"));
  EXPECT_THAT(ReadText(ConfigPath("a")), HasSubstr("revision: 2\n"));
  EXPECT_THAT(ReadText(ConfigPath("b")), HasSubstr("revision: 1\n"));
  EXPECT_EQ(Count("a", "term"), 0u);
  EXPECT_EQ(Count("a", "start"), 1u);
}

TEST_F(ControllerTest, RotatedSecretReachesTheMaterialAndRaisesTheRevision) {
  const std::string tunnel =
      "apiVersion: underpass.dev/v1alpha1\nkind: Tunnel\nmetadata: {name: a}\nspec:\n"
      "  pool: {role: Server, address: \"127.0.0.1:10101\", keySecretRef: {name: s, key: k}}\n"
      "  listen: {port: 18080, protocols: [TCP]}\n---\n"
      "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {k: ";
  WriteManifest("a.yaml", tunnel + "first-value}\n");
  Process controller = Controller();
  ASSERT_GT(AwaitStart("a", 1), 0);
  const std::string key = folder_ / "state/default.a/material/s/k";
  EXPECT_EQ(ReadText(key), "first-value");
  WriteManifest("a.yaml", tunnel + "second-value}\n");
  EXPECT_TRUE(AwaitConfig("a", "revision: 2\n"));
  EXPECT_EQ(ReadText(key), "second-value");
  EXPECT_THAT(ReadText(ConfigPath("a")) + ReadText(log_), Not(HasSubstr("-value")));
}

TEST_F(ControllerTest, BadManifestChangesNothing) {
  WriteManifest("a.yaml", Forward("a", 18001));
  WriteManifest("b.yaml", Forward("b", 18002));
  Process controller = Controller();
  ASSERT_GT(AwaitStart("a", 1), 0);
  ASSERT_GT(AwaitStart("b", 1), 0);
  WriteManifest("b.yaml", Forward("b", 18002) + "  colour: red\n");
  ASSERT_TRUE(AwaitLog("change of the manifests refused"));
  EXPECT_THAT(ReadText(log_), HasSubstr("b.yaml:8: "));
  EXPECT_EQ(Count("b", "term"), 0u);
  // Once it is good again, it counts.
  WriteManifest("b.yaml", Forward("b", 18012));
  EXPECT_TRUE(AwaitConfig("b", "port: 18012"));
  EXPECT_EQ(Count("a", "term") + Count("b", "term"), 0u);
}

TEST_F(ControllerTest, ChangeThatWouldEndARunningTunnelByAProblemIsRefused) {
  WriteManifest("a.yaml", Forward("a", 18001));
  Process controller = Controller();
  ASSERT_GT(AwaitStart("a", 1), 0);
  WriteManifest("a.yaml", Forward("a", 18001) + "  proxyProtocol: V2\n");
  ASSERT_TRUE(AwaitLog("change of the manifests refused"));
  EXPECT_THAT(ReadText(log_), HasSubstr("spec.proxyProtocol"));
  EXPECT_THAT(ReadText(ConfigPath("a")), HasSubstr("revision: 1\n"));
  EXPECT_EQ(Count("a", "term"), 0u);
}

TEST_F(ControllerTest, TunnelWithAProblemStopsNoOther) {
  WriteManifest("a.yaml", Forward("a", 18001));
  WriteManifest("b.yaml", Forward("b", 18002) + "  proxyProtocol: V2\n");
  Process controller = Controller();
  ASSERT_GT(AwaitStart("a", 1), 0);
  EXPECT_THAT(ReadText(log_), HasSubstr("msg=\"tunnel does not run\" tunnel=b"));
  WriteManifest("a.yaml", Forward("a", 18011));
  EXPECT_TRUE(AwaitConfig("a", "port: 18011"));
}

TEST_F(ControllerTest, NewFileStartsAndRemovedFileEndsAProxy) {
  WriteManifest("a.yaml", Forward("a", 18001));
  Process controller = Controller();
  ASSERT_GT(AwaitStart("a", 1), 0);
  WriteManifest("b.yaml", Forward("b", 18002));
  ASSERT_GT(AwaitStart("b", 1), 0);
  folder_.Remove("manifests/a.yaml");
  EXPECT_TRUE(Eventually([&] { return Count("a", "term") == 1; }));
  EXPECT_TRUE(Eventually([&] { return !std::filesystem::exists(folder_ / "state/default.a"); }));
  EXPECT_EQ(Count("b", "term"), 0u);
}

TEST_F(ControllerTest, ManifestReplacedByRenameIsNoticed) {
  WriteManifest("a.yaml", Forward("a", 18001));
  Process controller = Controller(folder_ / "manifests/a.yaml");
  ASSERT_GT(AwaitStart("a", 1), 0);
  folder_.Write("new", Forward("a", 18011));
  std::filesystem::rename(folder_ / "new", folder_ / "manifests/a.yaml");
  EXPECT_TRUE(AwaitConfig("a", "port: 18011"));
}

TEST_F(ControllerTest, ManifestThatVanishesStopsNothing) {
  WriteManifest("a.yaml", Forward("a", 18001));
  Process controller = Controller(folder_ / "manifests/a.yaml");
  ASSERT_GT(AwaitStart("a", 1), 0);
  folder_.Remove("manifests/a.yaml");
  ASSERT_TRUE(AwaitLog("change of the manifests refused"));
  EXPECT_EQ(Count("a", "term"), 0u);
}

TEST_F(ControllerTest, KilledProxyIsStartedAgain) {
  WriteManifest("a.yaml", Forward("a", 18001));
  Process controller = Controller();
  const pid_t first = AwaitStart("a", 1);
  ASSERT_GT(first, 0);
  kill(first, SIGKILL);
  const pid_t second = AwaitStart("a", 2);
  EXPECT_GT(second, 0);
  EXPECT_NE(second, first);
  EXPECT_THAT(ReadText(log_), HasSubstr("signal=9"));
}

TEST_F(ControllerTest, ProxyThatCrashesAtItsStartIsTriedAgain) {
  folder_.Write("proxy.log.crash", "");
  WriteManifest("a.yaml", Forward("a", 18001));
  Process controller = Controller();
  ASSERT_TRUE(Eventually([&] { return Count("a", "crash") >= 2; }));
  folder_.Remove("proxy.log.crash");
  EXPECT_GT(AwaitStart("a", 1), 0);
  EXPECT_THAT(ReadText(log_), HasSubstr("status=3"));
  controller.Signal(SIGTERM);
  EXPECT_EQ(controller.WaitForExit(), 0);
}

TEST_F(ControllerTest, ProxiesEndWhenTheControllerIsKilled) {
  WriteManifest("a.yaml", Forward("a", 18001));
  Process controller = Controller();
  ASSERT_GT(AwaitStart("a", 1), 0);
  controller.Signal(SIGKILL);
  EXPECT_TRUE(Eventually([&] { return Count("a", "term") == 1; }));
}

TEST_F(ControllerTest, SecondControllerOnTheStateFolderIsRefused) {
  WriteManifest("a.yaml", Forward("a", 18001));
  Process first = Controller();
  ASSERT_GT(AwaitStart("a", 1), 0);
  Process second = Controller();
  EXPECT_EQ(second.WaitForExit(), 1);
  EXPECT_THAT(ReadText(log_),
              HasSubstr("is used by controller pid " + std::to_string(first.pid())));
  EXPECT_EQ(Count("a", "start"), 1u);
}

TEST_F(ControllerTest, BadManifestAtTheStartEndsIt) {
  WriteManifest("a.yaml", "apiVersion: underpass.dev/v1alpha1\nkind: Tunel\n");
  EXPECT_EQ(Controller().WaitForExit(), 1);
  EXPECT_THAT(ReadText(log_), HasSubstr("a.yaml:2: "));
}

TEST_F(ControllerTest, ManifestsThatDoNotExistEndIt) {
  EXPECT_EQ(Controller(folder_ / "absent").WaitForExit(), 1);
  EXPECT_THAT(ReadText(log_), HasSubstr("absent: NotFound"));
}

TEST_F(ControllerTest, WithoutARunnableTunnelItEnds) {
  WriteManifest("a.yaml", Forward("a", 18001) + "  proxyProtocol: V2\n");
  EXPECT_EQ(Controller().WaitForExit(), 1);
  EXPECT_THAT(ReadText(log_), HasSubstr("no tunnel of it can run"));
}

class ControllerFlagsTest : public ControllerTest {
 protected:
  std::optional<int> RunWith(std::vector<std::string> flags) {
    flags.insert(flags.begin(), UNDERPASS_BIN_DIR "/underpass-controller");
    return Process(flags, log_).WaitForExit();
  }
};

TEST_F(ControllerFlagsTest, WithoutManifestsItPrintsUsage) {
  EXPECT_EQ(RunWith({}), 1);
  EXPECT_THAT(ReadText(log_), HasSubstr("--manifests"));
}

TEST_F(ControllerFlagsTest, HelpAndVersionSucceed) {
  EXPECT_EQ(RunWith({"--help"}), 0);
  EXPECT_EQ(RunWith({"--version"}), 0);
  EXPECT_THAT(ReadText(log_), HasSubstr("\nunderpass-controller "));
}

TEST_F(ControllerFlagsTest, BadFlagsAreRefused) {
  EXPECT_EQ(RunWith({"--manifest", "x"}), 1);
  EXPECT_EQ(RunWith({"--manifests", "x", "--log-level", "loud"}), 1);
  EXPECT_EQ(RunWith({"--manifests", "x", "--log-format", "xml"}), 1);
}

TEST_F(ControllerFlagsTest, ProxyThatIsNoProgramIsRefused) {
  EXPECT_EQ(RunWith({"--manifests", folder_ / "manifests", "--proxy", folder_ / "absent"}), 1);
  EXPECT_THAT(ReadText(log_), HasSubstr("absent: not a program"));
}

}  // namespace
}  // namespace underpass::standalone
