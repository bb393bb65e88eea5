// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <memory>
#include <unordered_map>
#include <utility>

#include "proxy/codec/nodepass/signal.h"
#include "proxy/core/stats.h"
#include "proxy/core/stream.h"

namespace underpass::tunnel {

// Pool connections that are ready for use, oldest first. One that the other end closes leaves by
// itself. Bytes that arrive while a connection is idle stay in it: the exit's signal may be slower
// than the user's first bytes. Thread: the loop. Owner: Session.
class IdlePool final {
 public:
  // idle: shows the size; both outlive the pool.
  IdlePool(core::Dispatcher& dispatcher, core::Gauge& idle)
      : dispatcher_(dispatcher), gauge_(idle) {}
  ~IdlePool() { Clear(); }
  IdlePool(const IdlePool&) = delete;
  IdlePool& operator=(const IdlePool&) = delete;

  // Requires: !Contains(id).
  void Add(nodepass::PoolId id, std::unique_ptr<core::Stream> stream);
  bool Contains(nodepass::PoolId id) const { return by_id_.contains(id); }

  // Null if it is not there.
  std::unique_ptr<core::Stream> Take(nodepass::PoolId id);
  // The oldest that is still open; a null stream if there is none.
  std::pair<nodepass::PoolId, std::unique_ptr<core::Stream>> TakeOldest();

  void Clear();
  std::size_t size() const { return by_id_.size(); }

 private:
  struct Idle final : core::StreamEvents {
    Idle(IdlePool& owner, nodepass::PoolId pool_id, std::unique_ptr<core::Stream> pool_stream)
        : pool(owner), id(pool_id), stream(std::move(pool_stream)) {}
    void OnStreamReady(bool readable, bool writable) override;
    bool open();

    IdlePool& pool;
    const nodepass::PoolId id;
    std::unique_ptr<core::Stream> stream;
  };
  using List = std::list<Idle>;

  std::unique_ptr<core::Stream> Remove(List::iterator idle);

  core::Dispatcher& dispatcher_;
  core::Gauge& gauge_;
  List oldest_first_;
  std::unordered_map<nodepass::PoolId, List::iterator> by_id_;
};

}  // namespace underpass::tunnel
