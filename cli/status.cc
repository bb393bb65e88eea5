// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <ostream>
#include <thread>

#include "cli/admin_client.h"
#include "cli/commands.h"
#include "cli/find_proxies.h"
#include "cli/status_table.h"

namespace underpass::cli {
namespace {

using std::chrono::milliseconds;

// Without rates --watch still looks for proxies that came or went.
constexpr milliseconds kLookAgain{2000};
// A burst of changes is drawn once.
constexpr milliseconds kSettle{50};

// All proxies at once, so that those that hang cost one deadline together.
std::vector<ProxySample> Sample(const std::vector<std::string>& sockets) {
  std::vector<ProxySample> samples(sockets.size());
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    samples[i].socket = sockets[i];
    threads.emplace_back([&sample = samples[i]] {
      Result<admin::v1::Status> status = AdminClient(sample.socket).GetStatus();
      if (status.has_value()) {
        sample.status = std::move(*status);
      } else if (status.error().code == ErrorCode::kPeerClosed) {
        sample.error = "no process answers; its proxy has ended, or is not this user's";
      } else {
        sample.error = "the proxy does not answer: " + status.error().ToString();
      }
    });
  }
  threads.clear();
  return samples;
}

void AddEarlier(const std::vector<ProxySample>& before, std::vector<ProxySample>& now) {
  for (ProxySample& sample : now) {
    const auto same = std::find_if(before.begin(), before.end(), [&](const ProxySample& other) {
      return other.socket == sample.socket;
    });
    // Another process behind the same socket counts from zero.
    if (same != before.end() && same->status.has_value() && sample.status.has_value() &&
        same->status->pid() == sample.status->pid()) {
      sample.earlier = same->status;
    }
  }
}

std::string Draw(const std::vector<ProxySample>& samples, const StatusOptions& options,
                 const Console& console) {
  return options.json ? StatusAsJson(samples) : DrawStatus(samples, console.terminal);
}

class ChangeSignal {
 public:
  void Raise() {
    {
      const std::lock_guard lock(mutex_);
      raised_ = true;
    }
    condition_.notify_all();
  }
  void WaitFor(milliseconds timeout) {
    std::unique_lock lock(mutex_);
    condition_.wait_for(lock, timeout, [this] { return raised_; });
    raised_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool raised_ = false;
};

// Raises the signal at each change of one proxy, and when it goes.
class Watcher {
 public:
  Watcher(const std::string& socket, ChangeSignal& signal)
      : client_(socket), thread_([this, &signal] {
          client_.Watch([&signal] { signal.Raise(); });
          ended_ = true;
          signal.Raise();
        }) {}
  ~Watcher() {
    client_.StopWatch();
    thread_.join();
  }
  const std::string& socket() const { return client_.socket(); }
  bool ended() const { return ended_; }

 private:
  AdminClient client_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

// A watcher for each proxy that answers and has none.
void UpdateWatchers(const std::vector<ProxySample>& samples, ChangeSignal& signal,
                    std::list<Watcher>& watchers) {
  watchers.remove_if([](const Watcher& watcher) { return watcher.ended(); });
  for (const ProxySample& sample : samples) {
    const bool watched = std::any_of(watchers.begin(), watchers.end(), [&](const Watcher& watcher) {
      return watcher.socket() == sample.socket;
    });
    if (sample.status.has_value() && !watched) watchers.emplace_back(sample.socket, signal);
  }
}

// Until the output is closed; a person ends it with Ctrl-C.
int Watch(const StatusOptions& options, const Console& console) {
  ChangeSignal signal;
  std::list<Watcher> watchers;
  std::vector<ProxySample> before;
  while (console.out.good()) {
    const FoundProxies found = FindProxies(options.proxies);
    std::vector<ProxySample> now = Sample(found.sockets);
    if (options.interval.count() > 0) AddEarlier(before, now);
    if (console.terminal && !options.json) console.out << "\x1b[H\x1b[2J";
    console.out << (found.sockets.empty() ? NoProxiesText(found) : Draw(now, options, console))
                << "\n"
                << std::flush;
    UpdateWatchers(now, signal, watchers);
    before = std::move(now);
    signal.WaitFor(options.interval.count() > 0 ? options.interval : kLookAgain);
    std::this_thread::sleep_for(kSettle);
  }
  return 0;
}

}  // namespace

int RunStatus(const StatusOptions& options, const Console& console) {
  if (options.watch) return Watch(options, console);
  const FoundProxies found = FindProxies(options.proxies);
  if (found.sockets.empty()) {
    console.err << NoProxiesText(found);
    return 1;
  }
  std::vector<ProxySample> samples = Sample(found.sockets);
  const auto answers = [](const ProxySample& sample) { return sample.status.has_value(); };
  const bool any = std::any_of(samples.begin(), samples.end(), answers);
  if (any && options.interval.count() > 0 && !options.json) {
    const std::vector<ProxySample> before = std::move(samples);
    std::this_thread::sleep_for(options.interval);
    samples = Sample(found.sockets);
    AddEarlier(before, samples);
  }
  console.out << Draw(samples, options, console);
  return any ? 0 : 1;
}

}  // namespace underpass::cli
