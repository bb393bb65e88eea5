// SPDX-License-Identifier: Apache-2.0
#include "controller/standalone/standalone.h"

#include <sys/types.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "api/base/clock.h"
#include "api/base/log.h"
#include "api/base/runtime_dir.h"
#include "controller/plan/plan.h"
#include "controller/standalone/child_process.h"
#include "controller/standalone/manifests.h"
#include "controller/standalone/state_dir.h"
#include "controller/standalone/supervisor.h"
#include "controller/standalone/wakeup.h"

namespace underpass::standalone {
namespace {

constexpr std::chrono::milliseconds kSettle{50};
// Behind inotify, which sees neither network file systems nor the target of a symbolic link.
constexpr std::chrono::seconds kPoll{2};

// As in the proxy's logs and metrics: the namespace only where it is not the default one.
std::string TunnelLabel(const v1alpha1::ObjectName& name) {
  return name.namespace_name == "default" ? name.name : name.namespace_name + "/" + name.name;
}

void LogErrors(const std::vector<std::string>& errors) {
  for (const std::string& error : errors) Log(LogLevel::kError, "bad manifest", {{"error", error}});
}

void LogProblem(const plan::Problem& problem) {
  Log(LogLevel::kError, "tunnel does not run",
      {{"tunnel", TunnelLabel(problem.tunnel)},
       {"reason", Name(problem.error.code)},
       {"error", problem.error.context},
       {"next", NextStep(problem.error.code)}});
}

class Controller {
 public:
  Controller(const Options& options, std::string program, StateDir state, Wakeup wakeup,
             Reading reading)
      : options_(options),
        program_(std::move(program)),
        state_(std::move(state)),
        wakeup_(std::move(wakeup)),
        gate_(std::move(reading)),
        supervisor_(state_.Proxies()) {}

  // Takes over a plan: files first, then processes.
  void Apply(const plan::Planned& planned);
  void Loop();

 private:
  void Look(TimePoint now);
  void Reload(const Reading& reading);
  bool WouldEndRunning(const plan::Planned& planned) const;
  std::optional<std::string> WriteProxy(const plan::Proxy& proxy);
  void CarryOut(const Supervisor::Action& action);
  void Start(const std::string& label);
  void Signal(const std::string& label, int signal);
  void Reap();
  void OnStopSignals(int count);

  const Options options_;
  const std::string program_;
  StateDir state_;
  Wakeup wakeup_;
  ChangeGate gate_;
  Supervisor supervisor_;
  std::map<std::string, pid_t> children_;
  std::set<v1alpha1::ObjectName> tunnels_;  // of the plan in force
  std::uint64_t refused_ = 0;               // changes of the manifests that were not taken over
  bool stopping_ = false;
  TimePoint look_at_ = Clock::now() + kPoll;
};

// The label, if the proxy is to run.
std::optional<std::string> Controller::WriteProxy(const plan::Proxy& proxy) {
  std::string label = plan::Label(proxy.name);
  const Result<StateDir::Written> written = state_.Write(proxy);
  if (!written.has_value()) {
    Log(LogLevel::kError, "cannot write the proxy's files; trying again",
        {{"proxy", label}, {"error", written.error().ToString()}});
    gate_.Forget();
    // With its old files it goes on.
    return children_.contains(label) ? std::optional(std::move(label)) : std::nullopt;
  }
  if (written->changed && children_.contains(label)) {
    Log(LogLevel::kInfo, "proxy config changed",
        {{"proxy", label}, {"revision", written->revision}});
  }
  return label;
}

void Controller::Apply(const plan::Planned& planned) {
  for (const plan::Problem& problem : planned.problems) LogProblem(problem);
  std::set<std::string> wanted;
  tunnels_.clear();
  for (const plan::Proxy& proxy : planned.proxies) {
    const std::optional<std::string> label = WriteProxy(proxy);
    if (!label) continue;
    wanted.insert(*label);
    for (const v1alpha1::Tunnel& tunnel : proxy.config.tunnels) tunnels_.insert(tunnel.metadata);
  }
  if (wanted.empty()) Log(LogLevel::kWarn, "no tunnel to run", {{"manifests", options_.manifests}});
  supervisor_.SetWanted(wanted);
}

bool Controller::WouldEndRunning(const plan::Planned& planned) const {
  return std::any_of(
      planned.problems.begin(), planned.problems.end(),
      [this](const plan::Problem& problem) { return tunnels_.contains(problem.tunnel); });
}

void Controller::Reload(const Reading& reading) {
  const Manifests manifests = ParseManifests(reading);
  const plan::Planned planned = plan::Plan(manifests.tunnels, manifests.secrets);
  if (manifests.errors.empty() && !WouldEndRunning(planned)) {
    Log(LogLevel::kInfo, "manifests changed",
        {{"manifests", options_.manifests}, {"tunnels", manifests.tunnels.size()}});
    Apply(planned);
    return;
  }
  LogErrors(manifests.errors);
  for (const plan::Problem& problem : planned.problems) LogProblem(problem);
  Log(LogLevel::kError, "change of the manifests refused; what runs stays",
      {{"manifests", options_.manifests}, {"refused", ++refused_}});
}

void Controller::Look(TimePoint now) {
  wakeup_.RefreshWatch();
  const Reading reading = ReadManifests(options_.manifests);
  look_at_ = now + kPoll;
  switch (gate_.Offer(reading)) {
    case ChangeGate::Verdict::kUnchanged:
      return;
    case ChangeGate::Verdict::kLookAgain:
      look_at_ = now + kSettle;
      return;
    case ChangeGate::Verdict::kChanged:
      Reload(reading);
      return;
  }
}

void Controller::Start(const std::string& label) {
  state_.RemoveSocket(label);
  std::vector<std::string> command = {program_, "--config", state_.ConfigPath(label),
                                      "--admin-socket", state_.SocketPath(label)};
  command.insert(command.end(), options_.proxy_flags.begin(), options_.proxy_flags.end());
  const Result<pid_t> pid = StartChild(command);
  if (!pid.has_value()) {
    Log(LogLevel::kError, "proxy cannot be started",
        {{"proxy", label}, {"error", pid.error().ToString()}});
    supervisor_.OnExited(label, Clock::now());
    return;
  }
  children_[label] = *pid;
  Log(LogLevel::kInfo, "proxy started",
      {{"proxy", label},
       {"pid", *pid},
       {"config", state_.ConfigPath(label)},
       {"look", "underpass status"}});
}

void Controller::Signal(const std::string& label, int signal) {
  const auto child = children_.find(label);
  if (child == children_.end()) return;
  Log(LogLevel::kInfo, signal == SIGKILL ? "proxy killed" : "proxy told to end",
      {{"proxy", label}, {"pid", child->second}});
  kill(child->second, signal);
}

void Controller::CarryOut(const Supervisor::Action& action) {
  switch (action.kind) {
    case Supervisor::ActionKind::kStart:
      return Start(action.proxy);
    case Supervisor::ActionKind::kTerminate:
      return Signal(action.proxy, SIGTERM);
    case Supervisor::ActionKind::kKill:
      return Signal(action.proxy, SIGKILL);
    case Supervisor::ActionKind::kRemove:
      return state_.Remove(action.proxy);
  }
}

void Controller::Reap() {
  for (auto it = children_.begin(); it != children_.end();) {
    const std::optional<ChildExit> exit = ReapChild(it->second);
    if (!exit) {
      ++it;
      continue;
    }
    Log(exit->by_signal || exit->code != 0 ? LogLevel::kWarn : LogLevel::kInfo, "proxy ended",
        {{"proxy", it->first},
         {"pid", it->second},
         {exit->by_signal ? "signal" : "status", exit->code}});
    state_.RemoveSocket(it->first);
    supervisor_.OnExited(it->first, Clock::now());
    it = children_.erase(it);
  }
}

void Controller::OnStopSignals(int count) {
  for (; count > 0; --count) {
    Log(LogLevel::kInfo, stopping_ ? "stopping at once" : "stopping",
        {{"proxies", children_.size()}});
    if (stopping_) supervisor_.KillAll();
    supervisor_.StopAll();
    stopping_ = true;
  }
}

void Controller::Loop() {
  while (!supervisor_.stopped()) {
    for (const Supervisor::Action& action : supervisor_.Due(Clock::now())) CarryOut(action);
    const std::optional<TimePoint> due = supervisor_.NextDue();
    const TimePoint look = stopping_ ? TimePoint::max() : look_at_;
    const Wakeup::Events events = wakeup_.Wait(due ? std::min(*due, look) : look);
    if (events.child_ended) Reap();
    OnStopSignals(events.stop_signals);
    const TimePoint now = Clock::now();
    if (events.files_changed) look_at_ = std::min(look_at_, now + kSettle);
    if (!stopping_ && now >= look_at_) Look(now);
  }
  Log(LogLevel::kInfo, "stopped");
}

}  // namespace

Result<void> Run(const Options& options) {
  Result<std::string> program = FindProxyProgram(options.proxy);
  if (!program.has_value()) return Fail(std::move(program.error()));
  // Watched before they are read, so that no change falls in between.
  Result<Wakeup> wakeup = Wakeup::Create(options.manifests);
  if (!wakeup.has_value()) return Fail(std::move(wakeup.error()));
  Reading reading = ReadManifests(options.manifests);
  const Manifests manifests = ParseManifests(reading);
  if (!manifests.errors.empty()) {
    LogErrors(manifests.errors);
    return Fail(ErrorCode::kInvalidConfig,
                options.manifests + " has " + std::to_string(manifests.errors.size()) + " errors");
  }
  const plan::Planned planned = plan::Plan(manifests.tunnels, manifests.secrets);
  if (planned.proxies.empty() && !planned.problems.empty()) {
    for (const plan::Problem& problem : planned.problems) LogProblem(problem);
    return Fail(ErrorCode::kInvalidConfig, options.manifests + ": no tunnel of it can run");
  }
  Result<StateDir> state =
      StateDir::Open(options.state_dir.empty() ? RuntimeDir() : options.state_dir);
  if (!state.has_value()) return Fail(std::move(state.error()));
  Controller controller(options, std::move(*program), std::move(*state), std::move(*wakeup),
                        std::move(reading));
  controller.Apply(planned);
  controller.Loop();
  return {};
}

}  // namespace underpass::standalone
