// SPDX-License-Identifier: Apache-2.0
#include "tests/support/proxy_process.h"

#include <signal.h>

#include <cstdlib>
#include <optional>
#include <utility>

#include "tests/support/http_get.h"

namespace underpass::support {

ProxyProcess::ProxyProcess(std::string program, std::vector<std::string> args)
    : program_(std::move(program)), args_(std::move(args)) {
  for (const std::string& flag : {std::string("--admin-socket"), directory_.File("admin.sock"),
                                  std::string("--metrics-address"), std::string("127.0.0.1:0")}) {
    args_.push_back(flag);
  }
  Start();
}

void ProxyProcess::Start() {
  metrics_port_ = 0;
  child_ = std::make_unique<Child>(program_, args_);
}

bool ProxyProcess::WaitReady(Deadline deadline) {
  std::optional<std::string> line = child_->WaitForLine("msg=metrics", deadline);
  if (!line || !child_->WaitForLine("msg=ready", deadline)) return false;
  const std::size_t begin = line->find("address=");
  if (begin == std::string::npos) return false;
  const std::string address = line->substr(begin, line->find(' ', begin) - begin);
  metrics_port_ = static_cast<std::uint16_t>(std::atoi(address.c_str() + address.rfind(':') + 1));
  return metrics_port_ != 0;
}

void ProxyProcess::KillAndRestart() {
  child_->Kill(SIGKILL);
  child_->Wait(In(std::chrono::seconds(5)));
  Start();
}

double ProxyProcess::Metric(const std::string& name, const std::vector<std::string>& labels) const {
  const std::optional<HttpReply> page =
      HttpGet(metrics_port_, "/metrics", In(std::chrono::seconds(2)));
  return page && page->status == 200 ? MetricSum(page->body, name, labels) : -1;
}

double ProxyProcess::Drops(const std::string& reason) const {
  return Metric("underpass_drops_total", {"reason=\"" + reason + "\""});
}

bool ProxyProcess::WaitDrops(const std::string& reason, Deadline deadline) const {
  return Eventually([&] { return Drops(reason) >= 1; }, deadline);
}

}  // namespace underpass::support
