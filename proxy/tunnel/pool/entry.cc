// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel/pool/entry.h"

#include <utility>

#include "api/base/log.h"

namespace underpass::tunnel {

Entry::Entry(PoolContext& context, net::UniqueFd listening, EntryEvents& events)
    : context_(context),
      events_(events),
      listener_(std::in_place, context.dispatcher, std::move(listening), context.slots,
                context.board, static_cast<entry::UserSink&>(*this)),
      address_(listener_->address()),
      ask_(context.dispatcher.CreateTimer([this] { AskForConnections(); })),
      deadline_(context.dispatcher.CreateTimer([this] { ExpireWaiting(); })) {}

Entry::~Entry() {
  waiting_.clear();
  CountWaiting();
}

void Entry::OnUser(entry::User user) {
  if (waiting_.empty()) {
    if (Session* session = events_.SessionForUser()) {
      std::optional<entry::User> back = session->Serve(std::move(user));
      if (!back.has_value()) return;
      user = std::move(*back);
    }
  }
  core::TunnelStats& stats = context_.board.stats();
  if (waiting_.size() >= defaults::kWaitingUsers) {
    stats.CountDrop(ErrorCode::kQueueFull);
    stats.connections_failed.Add();
    user.stream->Abort();
    return;
  }
  waiting_.push_back(std::move(user));
  CountWaiting();
  if (waiting_.size() == 1) deadline_->Arm(defaults::kPoolWait);
  if (!ask_->armed()) ask_->Arm(Duration::zero());
}

void Entry::ServeWaiting() {
  while (!waiting_.empty()) {
    Session* const session = events_.SessionForUser();
    if (session == nullptr) break;
    std::optional<entry::User> back = session->Serve(std::move(waiting_.front()));
    waiting_.pop_front();
    if (back.has_value()) waiting_.push_front(std::move(*back));
  }
  CountWaiting();
  if (!waiting_.empty() && !ask_->armed()) ask_->Arm(Duration::zero());
}

void Entry::AskForConnections() {
  if (!waiting_.empty()) events_.OnUsersWaiting(waiting_.size());
}

void Entry::ExpireWaiting() {
  const TimePoint now = context_.dispatcher.Now();
  while (!waiting_.empty()) {
    entry::User& first = waiting_.front();
    const TimePoint deadline = first.arrived + defaults::kPoolWait;
    if (deadline > now) {
      deadline_->Arm(deadline - now);
      break;
    }
    core::TunnelStats& stats = context_.board.stats();
    stats.CountDrop(ErrorCode::kPoolExhausted);
    stats.connections_failed.Add();
    Log(LogLevel::kWarn, "user given up",
        {{"tunnel", context_.board.label()},
         {"user", first.address.ToString()},
         {"reason", Name(ErrorCode::kPoolExhausted)},
         {"waiting", waiting_.size()}});
    first.stream->Abort();
    waiting_.pop_front();
  }
  CountWaiting();
}

void Entry::CountWaiting() {
  context_.board.stats().users_waiting.Set(static_cast<std::int64_t>(waiting_.size()));
}

}  // namespace underpass::tunnel
