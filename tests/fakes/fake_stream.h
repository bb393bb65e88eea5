// SPDX-License-Identifier: Apache-2.0
// A core::Stream in memory: two of them joined back to back, with as much room between them as a
// test wants. Header only; one thread.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "proxy/core/stream.h"

namespace underpass::fakes {

class FakeStream final : public core::Stream {
 public:
  using Action = core::IoResult::Action;

  // Two ends. room: bytes that may be under way in each direction.   peer: what each end shows as
  // its peer.
  static std::pair<std::unique_ptr<FakeStream>, std::unique_ptr<FakeStream>> Pair(
      core::Dispatcher& dispatcher, std::size_t room = 1 << 20,
      const std::string& peer = "192.0.2.1") {
    auto forth = std::make_shared<Pipe>(Pipe{.room = room});
    auto back = std::make_shared<Pipe>(Pipe{.room = room});
    auto a = std::unique_ptr<FakeStream>(new FakeStream(dispatcher, back, forth, peer));
    auto b = std::unique_ptr<FakeStream>(new FakeStream(dispatcher, forth, back, peer));
    return {std::move(a), std::move(b)};
  }

  ~FakeStream() override {
    *alive_ = false;
    if (aborted_) {
      in_->reset = out_->reset = true;
    } else {
      out_->ended = true;
      in_->reader_gone = true;
    }
    in_->reader = nullptr;
    out_->writer = nullptr;
    Wake(out_->reader);
    Wake(in_->writer);
  }

  void SetEvents(core::StreamEvents* events) override { events_ = events; }

  core::IoResult Read(std::span<std::byte> buffer) override { return Take(buffer, true); }
  core::IoResult Peek(std::span<std::byte> buffer) override { return Take(buffer, false); }

  core::IoResult Write(std::span<const std::byte> buffer) override {
    if (out_->reset || out_->reader_gone)
      return {Action::kFailed, 0, out_->reset ? ECONNRESET : EPIPE};
    const std::size_t n =
        std::min(buffer.size(), out_->room - std::min(out_->room, out_->bytes.size()));
    if (n == 0) return {Action::kWouldBlock, 0, 0};
    out_->bytes.append(reinterpret_cast<const char*>(buffer.data()), n);
    Wake(out_->reader);
    return {Action::kProgress, n, 0};
  }

  int Failure() override { return in_->reset ? ECONNRESET : 0; }
  void ShutdownWrite() override {
    out_->ended = true;
    Wake(out_->reader);
  }
  void Abort() override { aborted_ = true; }
  int SpliceFd() const override { return -1; }
  core::SocketAddress local() const override {
    return *core::SocketAddress::FromIp("127.0.0.1", 1);
  }
  core::SocketAddress peer() const override { return *core::SocketAddress::FromIp(peer_, 40000); }
  Duration Rtt() const override { return Duration::zero(); }

  // --- for tests ---
  void Send(std::string_view text) { Write(std::as_bytes(std::span(text))); }
  // All that is there now.
  std::string ReadAll() {
    std::string text = std::exchange(in_->bytes, {});
    Wake(in_->writer);
    return text;
  }
  bool ended() const { return in_->ended && in_->bytes.empty(); }
  bool was_reset() const { return in_->reset; }
  void SetRoom(std::size_t room) {
    in_->room = room;
    Wake(in_->writer);
  }

 private:
  struct Pipe {
    std::size_t room = 0;
    std::string bytes;
    bool ended = false;
    bool reset = false;
    bool reader_gone = false;
    FakeStream* reader = nullptr;
    FakeStream* writer = nullptr;
  };

  FakeStream(core::Dispatcher& dispatcher, std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out,
             std::string peer)
      : dispatcher_(dispatcher), in_(std::move(in)), out_(std::move(out)), peer_(std::move(peer)) {
    in_->reader = this;
    out_->writer = this;
  }

  core::IoResult Take(std::span<std::byte> buffer, bool consume) {
    if (in_->reset) return {Action::kFailed, 0, ECONNRESET};
    if (in_->bytes.empty()) return {in_->ended ? Action::kEnd : Action::kWouldBlock, 0, 0};
    const std::size_t n = std::min(buffer.size(), in_->bytes.size());
    std::memcpy(buffer.data(), in_->bytes.data(), n);
    if (consume) {
      in_->bytes.erase(0, n);
      Wake(in_->writer);
    }
    return {Action::kProgress, n, 0};
  }

  static void Wake(FakeStream* stream) {
    if (stream == nullptr) return;
    stream->dispatcher_.Defer([stream, alive = stream->alive_] {
      if (*alive && stream->events_ != nullptr) stream->events_->OnStreamReady(true, true);
    });
  }

  core::Dispatcher& dispatcher_;
  const std::shared_ptr<Pipe> in_;
  const std::shared_ptr<Pipe> out_;
  const std::string peer_;
  core::StreamEvents* events_ = nullptr;
  bool aborted_ = false;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace underpass::fakes
