// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel/pool/idle_pool.h"

#include <array>

#include "api/base/check.h"

namespace underpass::tunnel {

void IdlePool::Add(nodepass::PoolId id, std::unique_ptr<core::Stream> stream) {
  DCHECK(!Contains(id));
  const auto idle = oldest_first_.emplace(oldest_first_.end(), *this, id, std::move(stream));
  by_id_.emplace(id, idle);
  gauge_.Add(1);
  idle->stream->SetEvents(&*idle);
  idle->OnStreamReady(true, false);  // it may have ended before
}

std::unique_ptr<core::Stream> IdlePool::Take(nodepass::PoolId id) {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : Remove(it->second);
}

std::pair<nodepass::PoolId, std::unique_ptr<core::Stream>> IdlePool::TakeOldest() {
  while (!oldest_first_.empty()) {
    const auto idle = oldest_first_.begin();
    const nodepass::PoolId id = idle->id;
    const bool open = idle->open();
    std::unique_ptr<core::Stream> stream = Remove(idle);
    if (open) return {id, std::move(stream)};
  }
  return {0, nullptr};
}

void IdlePool::Clear() {
  while (!oldest_first_.empty()) Remove(oldest_first_.begin());
}

std::unique_ptr<core::Stream> IdlePool::Remove(List::iterator idle) {
  std::unique_ptr<core::Stream> stream = std::move(idle->stream);
  stream->SetEvents(nullptr);
  by_id_.erase(idle->id);
  oldest_first_.erase(idle);
  gauge_.Add(-1);
  return stream;
}

bool IdlePool::Idle::open() {
  std::array<std::byte, 1> byte{};
  const core::IoResult::Action seen = stream->Peek(byte).action;
  return seen == core::IoResult::Action::kProgress || seen == core::IoResult::Action::kWouldBlock;
}

void IdlePool::Idle::OnStreamReady(bool readable, bool /*writable*/) {
  if (!readable || open()) return;
  pool.dispatcher_.DeferDelete(pool.Remove(pool.by_id_.at(id)));  // destroys this
}

}  // namespace underpass::tunnel
