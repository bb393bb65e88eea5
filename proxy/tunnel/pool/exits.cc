// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel/pool/exits.h"

#include <utility>

#include "api/base/log.h"

namespace underpass::tunnel {

class Exits::Exit final : public core::Deferred, private upstream::DialEvents {
 public:
  Exit(Exits& exits, std::unique_ptr<core::Stream> pool_stream, std::string user,
       relay::Slots::Lease slot)
      : exits_(exits),
        pool_stream_(std::move(pool_stream)),
        user_(std::move(user)),
        slot_(std::move(slot)) {
    dial_ = exits_.upstream_.Dial(*this);
  }

 private:
  void OnDialed(std::unique_ptr<core::Stream> stream, const HostPort& target) override {
    exits_.context_.dispatcher.DeferDelete(exits_.Remove(*this));
    exits_.context_.relays.Join({std::move(pool_stream_), std::move(stream), std::move(user_),
                                 target.ToString(), std::move(slot_)});
  }

  void OnDialFailed(const Error& /*error: logged and counted by the upstream*/) override {
    exits_.context_.board.stats().connections_failed.Add();
    pool_stream_->Abort();
    exits_.context_.dispatcher.DeferDelete(exits_.Remove(*this));
  }

  Exits& exits_;
  std::unique_ptr<core::Stream> pool_stream_;
  std::string user_;
  relay::Slots::Lease slot_;
  std::unique_ptr<upstream::PendingDial> dial_;
};

Exits::Exits(PoolContext& context, upstream::Upstream& upstream)
    : context_(context), upstream_(upstream) {}

Exits::~Exits() = default;

void Exits::Begin(std::unique_ptr<core::Stream> pool_stream, std::string user) {
  relay::Slots::Lease slot = context_.slots.TryTake();
  if (!slot) {
    context_.board.stats().CountDrop(ErrorCode::kSlotLimit);
    context_.board.stats().connections_failed.Add();
    Log(LogLevel::kDebug, "user refused",
        {{"tunnel", context_.board.label()},
         {"user", user},
         {"reason", Name(ErrorCode::kSlotLimit)}});
    pool_stream->Abort();
    return;
  }
  auto exit =
      std::make_unique<Exit>(*this, std::move(pool_stream), std::move(user), std::move(slot));
  const Exit* const key = exit.get();
  exits_.emplace(key, std::move(exit));
}

std::unique_ptr<core::Deferred> Exits::Remove(Exit& exit) {
  auto node = exits_.extract(&exit);
  return std::move(node.mapped());
}

}  // namespace underpass::tunnel
