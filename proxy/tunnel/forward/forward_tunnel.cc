// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel/forward/forward_tunnel.h"

#include <chrono>
#include <utility>

namespace underpass::tunnel {
namespace {

constexpr std::chrono::milliseconds kDrainCheck{20};

}  // namespace

// A user whose target is being dialled. The user's bytes wait in the socket.
class ForwardTunnel::Dialling final : public core::Deferred, private upstream::DialEvents {
 public:
  Dialling(ForwardTunnel& tunnel, entry::User user) : tunnel_(tunnel), user_(std::move(user)) {
    dial_ = tunnel_.upstream_.Dial(*this);
  }

 private:
  void OnDialed(std::unique_ptr<core::Stream> stream, const HostPort& target) override {
    tunnel_.dispatcher_.DeferDelete(tunnel_.Remove(*this));
    tunnel_.relays_.Join({std::move(user_.stream), std::move(stream), user_.address.ToString(),
                          target.ToString(), std::move(user_.slot)});
  }

  void OnDialFailed(const Error& /*error: logged and counted by the upstream*/) override {
    tunnel_.board_->stats().connections_failed.Add();
    user_.stream->Abort();
    tunnel_.dispatcher_.DeferDelete(tunnel_.Remove(*this));
  }

  ForwardTunnel& tunnel_;
  entry::User user_;
  std::unique_ptr<upstream::PendingDial> dial_;
};

ForwardTunnel::ForwardTunnel(core::Dispatcher& dispatcher, core::Resolver& resolver,
                             relay::Resources& resources, relay::Slots& slots,
                             std::shared_ptr<core::TunnelBoard> board,
                             const v1alpha1::TunnelSpec& spec, net::UniqueFd listening)
    : dispatcher_(dispatcher),
      board_(std::move(board)),
      slots_(slots),
      listening_(std::move(listening)),
      relays_(dispatcher, resources, *board_, spec.limits.idle_timeout),
      upstream_(dispatcher, resolver, *board_, spec.targets, spec.dial.dns_cache),
      drain_check_(dispatcher.CreateTimer([this] { CheckDrained(); })) {}

ForwardTunnel::~ForwardTunnel() = default;

void ForwardTunnel::Start() {
  listener_.emplace(dispatcher_, std::move(listening_), slots_, *board_,
                    static_cast<entry::UserSink&>(*this));
}

void ForwardTunnel::OnUser(entry::User user) {
  auto dialling = std::make_unique<Dialling>(*this, std::move(user));
  const Dialling* const key = dialling.get();
  dialling_.emplace(key, std::move(dialling));
}

std::unique_ptr<core::Deferred> ForwardTunnel::Remove(Dialling& dialling) {
  auto node = dialling_.extract(&dialling);
  return std::move(node.mapped());
}

void ForwardTunnel::Drain(std::function<void()> drained) {
  drained_ = std::move(drained);
  listener_.reset();
  drain_check_->Arm(Duration::zero());
}

void ForwardTunnel::CheckDrained() {
  if (!dialling_.empty() || !relays_.empty()) return drain_check_->Arm(kDrainCheck);
  drained_();
}

}  // namespace underpass::tunnel
