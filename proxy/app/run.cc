// SPDX-License-Identifier: Apache-2.0
#include "proxy/app/run.h"

#include <sys/signalfd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <thread>
#include <utility>

#include "api/base/check.h"
#include "api/base/log.h"
#include "api/base/version.h"
#include "proxy/app/config_source.h"
#include "proxy/app/file_watch.h"
#include "proxy/app/proxy.h"
#include "proxy/event/libevent_dispatcher.h"
#include "proxy/net/socket.h"

namespace underpass::app {
namespace {

LoadOutcome Load(const RunOptions& options) {
  return options.urls.empty() ? LoadConfigFile(options.config_file) : LoadUrls(options.urls);
}

void LogErrors(std::string_view message, const std::vector<Error>& errors) {
  for (const Error& error : errors) {
    Log(LogLevel::kError, message, {{"reason", Name(error.code)}, {"error", error.context}});
  }
}

// Blocks the signals that the loop reads in this thread and all that it makes.
net::UniqueFd BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  CHECK(pthread_sigmask(SIG_BLOCK, &signals, nullptr) == 0);
  std::signal(SIGPIPE, SIG_IGN);
  net::UniqueFd fd(signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
  CHECK(fd.valid());
  return fd;
}

// The program: signals, reload, the way out.
//   kRunning --SIGTERM, SIGINT, Drain--> kDraining --drained | grace over | second signal--> kEnded
class Program final : private core::FdEvents {
 public:
  Program(const RunOptions& options, LoadedConfig loaded, net::UniqueFd signals)
      : options_(options),
        signals_(std::move(signals)),
        text_(loaded.text),
        proxy_(main_, options.workers > 0
                          ? options.workers
                          : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()))),
        grace_(main_.CreateTimer([this] {
          Log(LogLevel::kWarn, "grace time is over; connections are cut", {});
          End(2);
        })) {
    proxy_.OnDrainRequested([this] { Drain(); });
    Apply(std::move(loaded));
    watcher_ = main_.Watch(signals_.get(), *this);
    if (!options_.config_file.empty()) {
      watch_.emplace(main_, options_.config_file, [this] { Reload(false); });
    }
  }
  ~Program() { watcher_.reset(); }

  int Run(const StartAdmin& start_admin) {
    Result<std::unique_ptr<AdminHandle>> admin = start_admin(proxy_);
    if (!admin.has_value()) {
      LogErrors("cannot start", {admin.error()});
      return 1;
    }
    Log(LogLevel::kInfo, "ready", {{"version", kVersion}, {"tunnels", proxy_.Tunnels().size()}});
    main_.Run();
    if (exit_code_ != 0) {
      // "At once" waits for nothing: neither for connections nor for a name server that hangs.
      admin->reset();
      std::_Exit(exit_code_);
    }
    return 0;
  }

 private:
  void OnFdReady(bool /*readable*/, bool /*writable*/) override {
    signalfd_siginfo info{};
    while (read(signals_.get(), &info, sizeof(info)) == sizeof(info)) {
      if (info.ssi_signo == SIGHUP) {
        Reload(true);
      } else if (draining_) {
        Log(LogLevel::kWarn, "second signal; connections are cut", {});
        End(2);
      } else {
        Drain();
      }
    }
  }

  void Apply(LoadedConfig loaded) {
    LogErrors("tunnel refused", loaded.refused);
    for (const std::string& warning : loaded.warnings) Log(LogLevel::kWarn, warning, {});
    tunnels_ = loaded.config.tunnels;
    proxy_.Apply(std::move(loaded.config));
  }

  void Reload(bool asked) {
    if (options_.config_file.empty() || draining_) return;
    LoadOutcome loaded = LoadConfigFile(options_.config_file);
    if (!loaded.has_value()) {
      // The poll comes every 2 s: the same failure is told once.
      const std::string told = loaded.error().front().ToString();
      if (!asked && told == last_failure_) return;
      last_failure_ = told;
      proxy_.CountFailedReload();
      LogErrors("config not loaded; the old one stays", loaded.error());
      return;
    }
    last_failure_.clear();
    if (loaded->text == text_ && loaded->config.tunnels == tunnels_) return;
    text_ = loaded->text;
    Apply(std::move(*loaded));
    Log(LogLevel::kInfo, "config loaded", {{"tunnels", proxy_.Tunnels().size()}});
  }

  void Drain() {
    if (std::exchange(draining_, true)) return;
    Log(LogLevel::kInfo, "draining", {});
    grace_->Arm(options_.drain_delay + options_.grace);
    proxy_.DrainAll(options_.drain_delay, [this] { End(0); });
  }

  void End(int code) {
    exit_code_ = code;
    main_.Stop();
  }

  const RunOptions& options_;
  event::LibeventDispatcher main_;
  net::UniqueFd signals_;
  std::string text_;                       // of the config that runs
  std::vector<v1alpha1::Tunnel> tunnels_;  // likewise, with what its files said
  std::string last_failure_;
  bool draining_ = false;
  int exit_code_ = 0;
  Proxy proxy_;
  std::unique_ptr<core::Timer> grace_;
  std::optional<FileWatch> watch_;
  std::unique_ptr<core::FdWatcher> watcher_;
};

}  // namespace

int Run(const RunOptions& options, const StartAdmin& start_admin) {
  net::UniqueFd signals = BlockSignals();
  LoadOutcome loaded = Load(options);
  if (!loaded.has_value()) {
    LogErrors("cannot start", loaded.error());
    return 1;
  }
  if (loaded->config.tunnels.empty() && !loaded->refused.empty()) {
    LogErrors("cannot start", loaded->refused);
    return 1;
  }
  if (loaded->log_level.has_value() && !options.log_level_given) SetLogLevel(*loaded->log_level);
  const std::size_t descriptors = net::RaiseDescriptorLimit();
  Log(LogLevel::kDebug, "limit of descriptors", {{"descriptors", descriptors}});
  return Program(options, std::move(*loaded), std::move(signals)).Run(start_admin);
}

}  // namespace underpass::app
