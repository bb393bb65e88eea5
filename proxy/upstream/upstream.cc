// SPDX-License-Identifier: Apache-2.0
#include "proxy/upstream/upstream.h"

#include <utility>

#include "api/base/check.h"
#include "api/base/log.h"
#include "proxy/net/connector.h"

namespace underpass::upstream {

// One dial: targets first, first+1, ... until one connects.
class Upstream::Attempt final : public PendingDial, private core::OpenEvents {
 public:
  Attempt(Upstream& upstream, std::size_t first, DialEvents& events)
      : upstream_(upstream), index_(first), events_(events), began_(upstream.dispatcher_.Now()) {
    Connect();
  }

 private:
  void Connect() {
    connector_ = std::make_unique<net::Connector>(
        upstream_.dispatcher_, upstream_.resolver_, target(), defaults::kDialTimeout,
        upstream_.dns_cache_, static_cast<core::OpenEvents&>(*this));
  }

  const HostPort& target() const { return upstream_.targets_[index_].address; }

  void OnOpened(std::unique_ptr<core::Stream> stream) override {
    upstream_.board_.stats().connect_time.Observe(upstream_.dispatcher_.Now() - began_);
    events_.OnDialed(std::move(stream), target());
  }

  void OnOpenFailed(const Error& error) override {
    upstream_.board_.stats().CountDrop(error.code);
    Log(LogLevel::kWarn, "target not reached",
        {{"tunnel", upstream_.board_.label()},
         {"target", target().ToString()},
         {"reason", Name(error.code)},
         {"error", error.ToString()}});
    if (++tried_ == upstream_.targets_.size()) return events_.OnDialFailed(error);
    index_ = (index_ + 1) % upstream_.targets_.size();
    upstream_.dispatcher_.DeferDelete(std::move(connector_));
    Connect();
  }

  Upstream& upstream_;
  std::size_t index_;
  std::size_t tried_ = 0;
  DialEvents& events_;
  const TimePoint began_;
  std::unique_ptr<core::PendingStream> connector_;
};

Upstream::Upstream(core::Dispatcher& dispatcher, core::Resolver& resolver, core::TunnelBoard& board,
                   std::vector<v1alpha1::TargetSpec> targets, Duration dns_cache)
    : dispatcher_(dispatcher),
      resolver_(resolver),
      board_(board),
      targets_(std::move(targets)),
      dns_cache_(dns_cache) {
  CHECK(!targets_.empty());
}

std::unique_ptr<PendingDial> Upstream::Dial(DialEvents& events) {
  const std::size_t first = next_;
  next_ = (next_ + 1) % targets_.size();
  return std::make_unique<Attempt>(*this, first, events);
}

}  // namespace underpass::upstream
