// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace underpass::relay {

// The limit of connections of one tunnel, over all workers. Thread: any.
class Slots {
 public:
  // One connection's place; gives it back when destroyed.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)) {}
    Lease& operator=(Lease&& other) noexcept {
      std::swap(slots_, other.slots_);
      return *this;
    }
    ~Lease() {
      if (slots_ != nullptr) slots_->used_.fetch_sub(1, std::memory_order_relaxed);
    }
    explicit operator bool() const { return slots_ != nullptr; }

   private:
    friend class Slots;
    explicit Lease(Slots* slots) : slots_(slots) {}
    Slots* slots_ = nullptr;
  };

  explicit Slots(int limit) : limit_(limit) {}  // 0 = unlimited

  // An empty lease when all places are taken. The slots outlive their leases.
  Lease TryTake() {
    const int before = used_.fetch_add(1, std::memory_order_relaxed);
    if (limit_ > 0 && before >= limit_) {
      used_.fetch_sub(1, std::memory_order_relaxed);
      return Lease();
    }
    return Lease(this);
  }

 private:
  const int limit_;
  std::atomic<int> used_{0};
};

}  // namespace underpass::relay
