// SPDX-License-Identifier: Apache-2.0
#include "proxy/relay/resources.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace underpass::relay {
namespace {

void Close(Pipe pipe) {
  close(pipe.read_end);
  close(pipe.write_end);
}

}  // namespace

Resources::~Resources() {
  for (const Pipe pipe : pipes_) Close(pipe);
}

std::unique_ptr<Block> Resources::TakeBlock() {
  if (blocks_.empty()) return std::unique_ptr<Block>(new Block);  // not zeroed
  std::unique_ptr<Block> block = std::move(blocks_.back());
  blocks_.pop_back();
  return block;
}

void Resources::ReturnBlock(std::unique_ptr<Block> block) {
  if (blocks_.size() < kSpareBlocks) blocks_.push_back(std::move(block));
}

std::optional<Pipe> Resources::TakePipe() {
  if (!pipes_.empty()) {
    const Pipe pipe = pipes_.back();
    pipes_.pop_back();
    ++pipes_out_;
    return pipe;
  }
  if (pipes_out_ >= kMaxPipes) return std::nullopt;
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) != 0) return std::nullopt;
  ++pipes_out_;
  return Pipe{ends[0], ends[1]};
}

void Resources::ReturnPipe(Pipe pipe, bool empty) {
  --pipes_out_;
  if (empty && pipes_.size() < kSparePipes) {
    pipes_.push_back(pipe);
  } else {
    Close(pipe);
  }
}

}  // namespace underpass::relay
