// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/minimal_nodepass_peer.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <optional>
#include <random>
#include <utility>

namespace underpass::interop {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::In;
using support::Listener;
using support::Socket;

constexpr milliseconds kSlice{20};          // how soon a stop is noticed
constexpr milliseconds kPoolInterval{100};  // NodePass's shortest
constexpr seconds kHandshakeTimeout{5};

std::string Date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[64];
  std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

std::string HttpAnswer(const std::string& status, const std::string& type,
                       const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Type: " + type +
         "\r\nDate: " + Date() + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

std::string Refusal(const std::string& status) {
  return HttpAnswer(status, "text/plain; charset=utf-8", status.substr(4) + "\n");
}

std::string FormatId(std::uint32_t id) {
  char text[9];
  std::snprintf(text, sizeof(text), "%08x", id);
  return text;
}

std::string IdBytes(std::uint32_t id) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(id >> shift & 255U);
  return bytes;
}

// The head of a request with its empty line, "" if it does not come.
std::string ReadHead(Socket& socket) {
  std::string head;
  while (head.find("\r\n\r\n") == std::string::npos) {
    const Socket::Received received = socket.Receive(4096, In(seconds(1)));
    if (received.outcome != Socket::Outcome::kData || head.size() > 8192) return "";
    head += received.data;
  }
  return head;
}

// All until the end of the stream; "" for what is not HTTP: a server that takes the connection for
// a pool connection.
std::string ReadAnswer(Socket& socket) {
  constexpr std::string_view kProtocol = "HTTP/1.1 ";
  const support::Deadline deadline = In(kHandshakeTimeout);
  std::string answer;
  while (true) {
    const Socket::Received received = socket.Receive(4096, deadline);
    if (received.outcome == Socket::Outcome::kEnd)
      return answer.starts_with(kProtocol) ? answer : "";
    if (received.outcome != Socket::Outcome::kData) return "";
    answer += received.data;
    if (!kProtocol.starts_with(answer.substr(0, kProtocol.size()))) return "";
  }
}

}  // namespace

std::string HandshakeRequest(const std::string& token, const std::string& method,
                             const std::string& path) {
  return method + " " + path +
         " HTTP/1.1\r\nHost: none\r\nUser-Agent: Go-http-client/1.1\r\nAuthorization: Bearer " +
         token + "\r\nAccept-Encoding: gzip\r\n\r\n";
}

// --- NodePassPeer ---

NodePassPeer::NodePassPeer(PeerOptions options) : options_(std::move(options)) {
  if (options_.tunnel_port == 0) options_.tunnel_port = support::FreePort();
  if (options_.user_port == 0) options_.user_port = support::FreePort();
}

void NodePassPeer::Start(std::function<void()> once) {
  thread_ = std::thread([this, once = std::move(once)] {
    while (!stopping_) {
      once();
      End();
      support::Eventually([this] { return stopping(); }, In(options_.restart_wait));
    }
  });
}

void NodePassPeer::Stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<NodePassSession> NodePassPeer::Begin(Listener users) {
  NodePassSession::Config config;
  config.key = options_.key;
  config.dialect = options_.dialect;
  config.target_port = options_.target_port;
  config.ping_interval = options_.ping_interval;
  config.silent = options_.silent;
  auto session = std::make_shared<NodePassSession>(config, std::move(users));
  ++sessions_;
  const std::lock_guard lock(mutex_);
  session_ = session;
  return session;
}

void NodePassPeer::End() {
  std::shared_ptr<NodePassSession> last;
  const std::lock_guard lock(mutex_);
  last.swap(session_);
}

std::shared_ptr<NodePassSession> NodePassPeer::session() const {
  const std::lock_guard lock(mutex_);
  return session_;
}

bool NodePassPeer::WaitReady(support::Deadline deadline) const {
  return support::Eventually(
      [this] {
        const auto now = session();
        return now && now->connected() && !now->ended() && now->idle() > 0;
      },
      deadline);
}

bool NodePassPeer::WaitEnded(support::Deadline deadline) const {
  return support::Eventually(
      [this] {
        const auto now = session();
        return !now || now->ended();
      },
      deadline);
}

bool NodePassPeer::WaitReceived(const std::string& text, support::Deadline deadline) const {
  return support::Eventually(
      [&] {
        const auto now = session();
        if (!now) return false;
        const std::vector<std::string> received = now->Received();
        return std::any_of(received.begin(), received.end(), [&](const std::string& line) {
          return line.find(text) != std::string::npos;
        });
      },
      deadline);
}

bool NodePassPeer::SendRaw(const std::string& bytes) const {
  const auto now = session();
  return now && now->SendRaw(bytes);
}

bool NodePassPeer::SendText(const std::string& text) const {
  return SendRaw(EncodeLine(text, options_.key));
}

bool NodePassPeer::Send(const Signal& signal) const {
  const auto now = session();
  return now && now->Send(signal);
}

void NodePassPeer::StopReading() const {
  if (const auto now = session()) now->StopReading();
}

std::vector<std::string> NodePassPeer::IdleIds() const {
  const auto now = session();
  return now ? now->IdleIds() : std::vector<std::string>();
}

// --- NodePassServer ---

NodePassServer::NodePassServer(PeerOptions options) : NodePassPeer(std::move(options)) {
  Start([this] { RunOnce(); });
}

NodePassServer::~NodePassServer() { Stop(); }

std::string NodePassServer::last_request() const {
  const std::lock_guard lock(request_mutex_);
  return last_request_;
}

void NodePassServer::RunOnce() {
  const bool entry = options_.flow == '-';
  Listener users;
  if (entry) users = Listener::Bind(options_.user_port);
  Listener tunnel = Listener::Bind(options_.tunnel_port);
  if (!tunnel.valid() || (entry && !users.valid())) return;

  const std::string client_ip = Handshake(tunnel);
  if (client_ip.empty()) return;
  tunnel.Close();
  tunnel = Listener::Bind(options_.tunnel_port);
  if (!tunnel.valid()) return;
  const auto session = Begin(std::move(users));
  ServePool(tunnel, client_ip, *session);
}

std::string NodePassServer::Handshake(Listener& tunnel) {
  while (!stopping()) {
    Socket socket = tunnel.Accept(In(kSlice));
    if (!socket.valid()) continue;
    const std::string client_ip =
        socket.peer_ip();  // not known any more once the client has closed
    const std::string request = ReadHead(socket);
    if (request.empty()) continue;
    {
      const std::lock_guard lock(request_mutex_);
      last_request_ = request;
    }
    const std::string answer = Answer(request);
    const bool good = answer.empty();
    const std::string body = std::string(R"({"flow":")") + options_.flow + R"(","max":)" +
                             std::to_string(options_.max) + R"(,"tls":"0","type":"0"})" + "\n";
    const std::string reply = !options_.raw_answer.empty()
                                  ? options_.raw_answer
                                  : HttpAnswer("200 OK", "application/json", body);
    socket.SendAll(good ? reply : answer, In(seconds(1)));
    socket.ShutdownWrite();
    if (good && options_.raw_answer.empty()) return client_ip;
  }
  return "";
}

// The refusal, "" for a good request.
std::string NodePassServer::Answer(const std::string& request) const {
  if (!request.starts_with("GET ")) return Refusal("405 Method Not Allowed");
  if (!request.starts_with("GET / ")) return Refusal("404 Not Found");
  const std::string bearer = "\r\nAuthorization: Bearer " + Token(options_.key) + "\r\n";
  if (request.find(bearer) == std::string::npos) return Refusal("401 Unauthorized");
  return "";
}

void NodePassServer::ServePool(Listener& tunnel, const std::string& client_ip,
                               NodePassSession& session) {
  std::mt19937 random(std::random_device{}());
  const support::Deadline control_by = In(kHandshakeTimeout);
  bool first = true;
  while (!stopping() && !session.ended()) {
    if (!session.connected() && support::PollTimeout(control_by) == 0) return;
    Socket socket = tunnel.Accept(In(kSlice));
    if (!socket.valid()) continue;
    if (socket.peer_ip() != client_ip || session.idle() >= static_cast<std::size_t>(options_.max))
      continue;
    const std::uint32_t id = first ? 0 : static_cast<std::uint32_t>(random());
    if (!socket.SendAll(IdBytes(id), In(seconds(1)))) continue;
    first = false;
    session.Add(FormatId(id), std::move(socket));
  }
}

// --- NodePassClient ---

NodePassClient::NodePassClient(PeerOptions options) : NodePassPeer(std::move(options)) {
  Start([this] { RunOnce(); });
}

NodePassClient::~NodePassClient() { Stop(); }

std::string NodePassClient::last_answer() const {
  const std::lock_guard lock(answer_mutex_);
  return last_answer_;
}

void NodePassClient::RunOnce() {
  const std::string config = Handshake();
  if (config.empty()) return;
  const bool entry = JsonMember(config, "flow") == "+";
  Listener users;
  if (entry) {
    users = Listener::Bind(options_.user_port);
    if (!users.valid()) return;
  }
  const auto session = Begin(std::move(users));
  KeepPool(*session);
}

std::string NodePassClient::Handshake() {
  Socket socket = Socket::ConnectOnce(tunnel_port(), In(seconds(1)));
  if (!socket.valid()) return "";
  const std::string token = options_.token.empty() ? Token(options_.key) : options_.token;
  socket.SendAll(HandshakeRequest(token, options_.method, options_.path), In(seconds(1)));
  const std::string answer = ReadAnswer(socket);
  const std::size_t body = answer.find("\r\n\r\n");
  if (body == std::string::npos) return "";
  {
    const std::lock_guard lock(answer_mutex_);
    last_answer_ = answer;
  }
  last_status_ = std::stoi(answer.substr(9, 3));
  return last_status_ == 200 ? answer.substr(body + 4) : "";
}

void NodePassClient::KeepPool(NodePassSession& session) {
  const support::Deadline control_by = In(kHandshakeTimeout);
  while (!stopping() && !session.ended()) {
    if (!session.connected() && support::PollTimeout(control_by) == 0) return;
    const std::size_t idle = session.idle();
    std::vector<Socket> opened;
    for (std::size_t i = idle; i < options_.min; ++i) {
      opened.push_back(Socket::ConnectOnce(tunnel_port(), In(seconds(1))));
    }
    for (Socket& socket : opened) {
      const std::string id = socket.valid() ? ReadId(socket) : "";
      if (!id.empty()) session.Add(id, std::move(socket));
    }
    support::Eventually([&] { return stopping() || session.ended(); }, In(kPoolInterval));
  }
}

std::string NodePassClient::ReadId(Socket& socket) const {
  std::string bytes;
  const support::Deadline deadline = In(kHandshakeTimeout);
  while (bytes.size() < 4) {
    const Socket::Received received = socket.Receive(4 - bytes.size(), In(kSlice));
    if (received.outcome == Socket::Outcome::kData) {
      bytes += received.data;
    } else if (received.outcome != Socket::Outcome::kTimeout || stopping() ||
               support::PollTimeout(deadline) == 0) {
      return "";
    }
  }
  std::uint32_t id = 0;
  for (const char byte : bytes) id = id << 8U | static_cast<unsigned char>(byte);
  return FormatId(id);
}

}  // namespace underpass::interop
