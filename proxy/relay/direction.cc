// SPDX-License-Identifier: Apache-2.0
#include "proxy/relay/direction.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace underpass::relay {
namespace {

using Action = core::IoResult::Action;

// As much as a pipe of the default size holds.
constexpr std::size_t kSpliceBytes = 64 * 1024;

ssize_t SpliceOnce(int from, int to, std::size_t bytes) {
  // Never SPLICE_F_MORE: with it the last part of a message waits for more (docs/architecture.md).
  while (true) {
    const ssize_t n = splice(from, nullptr, to, nullptr, bytes, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
    if (n >= 0 || errno != EINTR) return n;
  }
}

}  // namespace

Direction::~Direction() {
  if (pipe_.has_value()) resources_.ReturnPipe(*pipe_, piped_ == 0);
}

Direction::Outcome Direction::Pump() {
  if (done_) return CheckSource();
  turn_bytes_ = 0;
  while (true) {
    Step step = holding() ? FlushHeld() : Step::kMoved;
    if (step == Step::kMoved && source_ended_) {
      destination_.ShutdownWrite();
      done_ = true;
      return Outcome::kDone;
    }
    if (step == Step::kMoved) step = Read();
    if (step == Step::kFailed) return Outcome::kFailed;
    if (step == Step::kBlocked) return Outcome::kWaiting;
    if (turn_bytes_ >= kTurnBytes) return Outcome::kAgain;
  }
}

// A source that has ended can still be reset, which the other direction would notice only when it
// writes.
Direction::Outcome Direction::CheckSource() {
  sys_errno_ = source_.Failure();
  return sys_errno_ == 0 ? Outcome::kDone : Outcome::kFailed;
}

// Writes all that is held, or blocks.
Direction::Step Direction::FlushHeld() {
  while (held_begin_ != held_end_) {
    const core::IoResult result =
        destination_.Write(std::span(*held_).subspan(held_begin_, held_end_ - held_begin_));
    if (result.action == Action::kFailed) return Fail(result.sys_errno);
    if (result.action != Action::kProgress) return Step::kBlocked;
    held_begin_ += result.bytes;
    Wrote(result.bytes);
  }
  if (held_ != nullptr) resources_.ReturnBlock(std::move(held_));
  held_begin_ = held_end_ = 0;
  while (piped_ > 0) {
    const ssize_t n = SpliceOnce(pipe_->read_end, destination_.SpliceFd(), piped_);
    if (n < 0 && errno == EAGAIN) return Step::kBlocked;
    if (n <= 0) return Fail(n < 0 ? errno : EIO);
    piped_ -= static_cast<std::size_t>(n);
    Wrote(static_cast<std::size_t>(n));
  }
  return Step::kMoved;
}

// Requires: nothing is held.
Direction::Step Direction::Read() {
  if (splicing_ && source_.SpliceFd() >= 0 && destination_.SpliceFd() >= 0) return Splice();
  return CopyOnce();
}

Direction::Step Direction::Splice() {
  if (!pipe_.has_value()) pipe_ = resources_.TakePipe();
  if (!pipe_.has_value()) {
    splicing_ = false;
    return CopyOnce();
  }
  const ssize_t n = SpliceOnce(source_.SpliceFd(), pipe_->write_end, kSpliceBytes);
  if (n > 0) {
    piped_ = static_cast<std::size_t>(n);
    return Step::kMoved;
  }
  const int error = errno;
  resources_.ReturnPipe(*std::exchange(pipe_, std::nullopt), true);
  splicing_ = false;
  if (n == 0) {
    source_ended_ = true;
    return Step::kMoved;
  }
  return error == EAGAIN ? Step::kBlocked : Fail(error);
}

Direction::Step Direction::CopyOnce() {
  const std::span<std::byte> scratch = resources_.scratch();
  const core::IoResult read = source_.Read(scratch);
  switch (read.action) {
    case Action::kFailed:
      return Fail(read.sys_errno);
    case Action::kWouldBlock:
      return Step::kBlocked;
    case Action::kEnd:
      source_ended_ = true;
      return Step::kMoved;
    case Action::kProgress:
      break;
  }
  splicing_ = read.bytes == scratch.size();
  std::span<const std::byte> rest = scratch.first(read.bytes);
  const core::IoResult written = destination_.Write(rest);
  if (written.action == Action::kFailed) return Fail(written.sys_errno);
  Wrote(written.bytes);
  rest = rest.subspan(written.bytes);
  if (!rest.empty()) Keep(rest);
  return Step::kMoved;
}

void Direction::Keep(std::span<const std::byte> rest) {
  held_ = resources_.TakeBlock();
  std::memcpy(held_->data(), rest.data(), rest.size());
  held_begin_ = 0;
  held_end_ = rest.size();
}

void Direction::Wrote(std::size_t n) {
  bytes_ += n;
  turn_bytes_ += n;
  counter_.Add(n);
}

Direction::Step Direction::Fail(int sys_errno) {
  sys_errno_ = sys_errno;
  return Step::kFailed;
}

}  // namespace underpass::relay
