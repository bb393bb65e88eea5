// SPDX-License-Identifier: Apache-2.0
// proxy/relay: moves bytes between two streams in both directions, with half-close, back-pressure
// and idle time-out. Resources is what all relays of a worker share, so that an idle relay holds no
// buffer. Thread: the loop of one worker.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace underpass::relay {

inline constexpr std::size_t kBlockBytes = 64 * 1024;
using Block = std::array<std::byte, kBlockBytes>;

// Both ends of an empty pipe.
struct Pipe {
  int read_end = -1;
  int write_end = -1;
};

class Resources {
 public:
  Resources() : scratch_(std::make_unique<Block>()) {}
  ~Resources();
  Resources(const Resources&) = delete;
  Resources& operator=(const Resources&) = delete;

  // For one read followed by one write; nobody keeps it beyond a callback.
  std::span<std::byte> scratch() { return *scratch_; }

  // A block for bytes that a slow receiver has not taken. Blocks come back and are used again; at
  // most kSpareBlocks are kept.
  std::unique_ptr<Block> TakeBlock();
  void ReturnBlock(std::unique_ptr<Block> block);

  // A pipe, or nothing when kMaxPipes are out or descriptors are short: then the relay copies.
  std::optional<Pipe> TakePipe();
  void ReturnPipe(Pipe pipe, bool empty);  // one that is not empty is closed

 private:
  static constexpr std::size_t kSpareBlocks = 64;
  static constexpr std::size_t kSparePipes = 64;
  // Past 1,024 pipes a user id gets 8 KiB ones (pipe(7), pipe-user-pages-soft); several workers
  // share that.
  static constexpr std::size_t kMaxPipes = 256;

  std::unique_ptr<Block> scratch_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<Pipe> pipes_;
  std::size_t pipes_out_ = 0;
};

}  // namespace underpass::relay
