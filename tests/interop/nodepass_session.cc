// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/nodepass_session.h"

#include <utility>

namespace underpass::interop {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::In;
using support::Socket;

constexpr const char* kControlId = "00000000";
constexpr seconds kSilence{15};
constexpr seconds kPoolWait{5};
constexpr milliseconds kSlice{20};  // how soon a stop is noticed
constexpr seconds kLong{3600};      // ended by Interrupt

void Copy(Socket& from, Socket& to) {
  while (true) {
    const Socket::Received received = from.Receive(64 * 1024, In(kLong));
    if (received.outcome != Socket::Outcome::kData) break;
    if (!to.SendAll(received.data, In(kLong))) break;
  }
  to.Interrupt();  // both directions, as NodePass does
}

}  // namespace

NodePassSession::NodePassSession(const Config& config, support::Listener users)
    : config_(config), users_(std::move(users)) {}

NodePassSession::~NodePassSession() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    control_.Interrupt();
    for (Link& link : links_) {
      link.user_or_target.Interrupt();
      link.pool.Interrupt();
    }
    changed_.notify_all();
  }
  for (std::thread* thread : {&reader_, &pinger_, &acceptor_}) {
    if (thread->joinable()) thread->join();
  }
  for (Link& link : links_) link.thread.join();  // no thread that could add one is left
}

void NodePassSession::Add(const std::string& id, Socket socket) {
  const std::lock_guard lock(mutex_);
  if (id != kControlId || connected_) {
    idle_[id] = std::move(socket);
    changed_.notify_all();
    return;
  }
  control_ = std::move(socket);
  connected_ = true;
  reader_ = std::thread([this] { ReadControl(); });
  pinger_ = std::thread([this] { PingLoop(); });
  if (users_.valid()) acceptor_ = std::thread([this] { AcceptUsers(); });
}

std::size_t NodePassSession::idle() const {
  const std::lock_guard lock(mutex_);
  return idle_.size();
}

std::vector<std::string> NodePassSession::IdleIds() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> ids;
  for (const auto& [id, socket] : idle_) ids.push_back(id);
  return ids;
}

std::vector<std::string> NodePassSession::Received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

bool NodePassSession::SendRaw(const std::string& bytes) {
  const std::lock_guard lock(send_mutex_);
  return connected_ && control_.SendAll(bytes, In(seconds(5)));
}

bool NodePassSession::Send(const Signal& signal) {
  return SendRaw(EncodeLine(SignalText(signal, config_.dialect), config_.key));
}

void NodePassSession::ReadControl() {
  std::string buffer;
  support::Deadline silent_at = In(kSilence);
  while (!stopping_) {
    if (!reading_) {
      std::this_thread::sleep_for(kSlice);
      continue;
    }
    const Socket::Received received = control_.Receive(4096, In(kSlice));
    if (received.outcome == Socket::Outcome::kTimeout) {
      if (support::PollTimeout(silent_at) == 0) break;
      continue;
    }
    if (received.outcome != Socket::Outcome::kData) break;
    silent_at = In(kSilence);
    buffer += received.data;
    for (std::size_t end = 0; (end = buffer.find('\n')) != std::string::npos;
         buffer.erase(0, end + 1)) {
      OnLine(buffer.substr(0, end));
    }
  }
  ended_ = true;
}

void NodePassSession::OnLine(const std::string& line) {
  const std::string text = DecodeLine(line, config_.key).value_or("");
  {
    const std::lock_guard lock(mutex_);
    received_.push_back(text);
  }
  const std::optional<Signal> signal = ParseSignalText(text, config_.dialect);
  if (!signal) return;  // NodePass logs and skips it
  if (signal->action == "ping" && !config_.silent) Send({"pong", "", ""});
  if (signal->action == "flush") {
    const std::lock_guard lock(mutex_);
    idle_.clear();
  }
  if (signal->action == "tcp" && !users_.valid()) {
    StartLink(Socket(), [this, id = signal->id](Link& link) { ServeTarget(link, id); });
  }
}

void NodePassSession::PingLoop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    if (!config_.silent) Send({"ping", "", ""});
    lock.lock();
    changed_.wait_for(lock, config_.ping_interval, [this] { return stopping_.load(); });
  }
}

void NodePassSession::AcceptUsers() {
  while (!stopping_ && !ended_) {
    Socket user = users_.Accept(In(kSlice));
    if (user.valid()) StartLink(std::move(user), [this](Link& link) { ServeUser(link); });
  }
}

template <typename Serve>
void NodePassSession::StartLink(Socket user, Serve serve) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  Link& link = links_.emplace_back();
  link.user_or_target = std::move(user);
  link.thread = std::thread([this, &link, serve] {
    serve(link);
    const std::lock_guard closing(mutex_);
    link.user_or_target.Close();
    link.pool.Close();
  });
}

bool NodePassSession::Take(Link& link, const std::string& id, std::string& taken) {
  std::unique_lock lock(mutex_);
  const auto found = [&] { return id.empty() ? idle_.begin() : idle_.find(id); };
  changed_.wait_for(lock, kPoolWait, [&] { return stopping_ || found() != idle_.end(); });
  const auto entry = found();
  if (stopping_ || entry == idle_.end()) return false;
  taken = entry->first;
  link.pool = std::move(entry->second);
  idle_.erase(entry);
  return true;
}

void NodePassSession::ServeUser(Link& link) {
  std::string id;
  if (!Take(link, "", id)) return;
  if (Send({"tcp", link.user_or_target.peer_address(), id})) Join(link);
}

void NodePassSession::ServeTarget(Link& link, const std::string& id) {
  std::string taken;
  if (!Take(link, id, taken)) return;
  Socket target = Socket::ConnectOnce(config_.target_port, In(kPoolWait));
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || !target.valid()) return;
    link.user_or_target = std::move(target);
  }
  Join(link);
}

void NodePassSession::Join(Link& link) {
  std::thread back([&link] { Copy(link.pool, link.user_or_target); });
  Copy(link.user_or_target, link.pool);
  back.join();
}

}  // namespace underpass::interop
