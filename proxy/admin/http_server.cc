// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <httplib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <exception>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "api/base/check.h"
#include "proxy/admin/admin_server.h"
#include "proxy/admin/http_connection.h"
#include "proxy/admin/http_pages.h"
#include "proxy/core/socket_address.h"
#include "proxy/net/unique_fd.h"

namespace underpass::admin {
namespace {

using std::chrono::seconds;

// A thread serves one connection at a time; further ones wait in the backlog.
constexpr int kThreads = 16;
constexpr int kBacklog = 64;
constexpr std::size_t kMaxRequestBytes = 16384;
constexpr seconds kRequestTimeout{5};
constexpr seconds kKeepAlive{5};
constexpr int kMaxRequests = 1000;  // of one connection

// httplib as parser of requests and writer of answers; it neither listens nor starts threads.
class RequestProcessor : public httplib::Server {
 public:
  RequestProcessor() {
    set_keep_alive_timeout(kKeepAlive.count());
    set_keep_alive_max_count(kMaxRequests);
    set_payload_max_length(0);
  }

  // Reads one request, answers it. False: the connection must end.
  bool Process(HttpConnection& connection, bool last) {
    bool closed = false;
    bool keep = false;  // stays so for what cannot be parsed
    const auto inspect = [&](httplib::Request& request) {
      // No page reads a body, so what follows one would be taken for a request.
      keep = !request.has_header("Content-Length") && !request.has_header("Transfer-Encoding");
    };
    try {
      return process_request(connection, last, closed, inspect) && keep && !closed && !last;
    } catch (const std::exception&) {  // a request that httplib cannot parse
      return false;
    }
  }
};

Result<net::UniqueFd> Listen(const core::SocketAddress& address) {
  net::UniqueFd fd(socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  // Not SO_REUSEPORT, which httplib would set: two proxies would share one port.
  if (fd.get() < 0 || setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      bind(fd.get(), address.get(), address.length()) != 0 || listen(fd.get(), kBacklog) != 0) {
    return Fail(ErrnoError(errno, "listen for HTTP on " + address.ToString()));
  }
  return fd;
}

std::string BoundAddress(int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
  return core::SocketAddress(reinterpret_cast<const sockaddr*>(&storage), length).ToString();
}

class ThreadedHttpServer final : public HttpServer {
 public:
  ThreadedHttpServer(core::ProxyControl& control, net::UniqueFd listener, net::UniqueFd stop)
      : control_(control),
        listener_(std::move(listener)),
        stop_(std::move(stop)),
        address_(BoundAddress(listener_.get())) {
    processor_.set_pre_routing_handler(
        [this](const httplib::Request& request, httplib::Response& response) {
          Answer(request, response);
          return httplib::Server::HandlerResponse::Handled;
        });
    for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { Run(); });
  }

  ~ThreadedHttpServer() override {
    // Stays readable: every poll of every thread sees it.
    CHECK(eventfd_write(stop_.get(), 1) == 0);
    for (std::thread& thread : threads_) thread.join();
  }

  std::string address() const override { return address_; }

 private:
  void Run() {
    while (AwaitListener()) {
      const net::UniqueFd connection(
          accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (connection.get() >= 0) {
        Serve(connection.get());
      } else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED && !Pause()) {
        return;
      }
    }
  }

  // False at the stop.
  bool AwaitListener() const {
    std::array<pollfd, 2> polled = {pollfd{stop_.get(), POLLIN, 0},
                                    pollfd{listener_.get(), POLLIN, 0}};
    while (poll(polled.data(), polled.size(), -1) < 0 && errno == EINTR) {
    }
    return polled[0].revents == 0;
  }

  // Without descriptors the listener stays readable; without this the thread would spin. False at
  // the stop.
  bool Pause() const {
    pollfd polled{stop_.get(), POLLIN, 0};
    return poll(&polled, 1, 100) <= 0;
  }

  void Serve(int fd) {
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    HttpConnection connection(fd, stop_.get());
    for (int left = kMaxRequests; left > 0; --left) {
      if (!connection.AwaitRequest(kKeepAlive, kMaxRequestBytes, kRequestTimeout) ||
          !processor_.Process(connection, left == 1)) {
        break;
      }
    }
    shutdown(fd, SHUT_WR);
  }

  void Answer(const httplib::Request& request, httplib::Response& response) const {
    if (request.method != "GET" && request.method != "HEAD") {
      response.status = 405;
      response.set_header("Allow", "GET, HEAD");
      response.set_header("Connection", "close");
      response.set_content("Only GET and HEAD.\n", "text/plain; charset=utf-8");
      return;
    }
    Page page = RenderPage(control_, address_, request.path);
    response.status = page.status;
    response.set_content(std::move(page.body), page.content_type);
  }

  core::ProxyControl& control_;
  const net::UniqueFd listener_;
  const net::UniqueFd stop_;
  const std::string address_;
  RequestProcessor processor_;
  std::vector<std::thread> threads_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::Start(core::ProxyControl& control,
                                                      const std::string& host, std::uint16_t first,
                                                      std::uint16_t last) {
  const std::optional<core::SocketAddress> any_port = core::SocketAddress::FromIp(host, 0);
  if (!any_port.has_value()) {
    return Fail(ErrorCode::kInvalidConfig, "HTTP address '" + host + "': not an IP address");
  }
  net::UniqueFd stop(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (stop.get() < 0) return Fail(ErrnoError(errno, "start the HTTP server"));
  for (std::uint32_t port = first;; ++port) {
    Result<net::UniqueFd> listener = Listen(any_port->WithPort(static_cast<std::uint16_t>(port)));
    if (listener.has_value()) {
      return std::make_unique<ThreadedHttpServer>(control, std::move(*listener), std::move(stop));
    }
    const bool in_use = listener.error().code == ErrorCode::kAddressInUse;
    if (!in_use || port >= last) return Fail(std::move(listener.error()));
  }
}

}  // namespace underpass::admin
