// SPDX-License-Identifier: Apache-2.0
#include "proxy/app/tunnel_host.h"

#include <functional>
#include <utility>

#include "api/base/log.h"
#include "proxy/net/socket.h"
#include "proxy/transport/tcp/tcp_transport.h"
#include "proxy/tunnel/forward/forward_tunnel.h"
#include "proxy/tunnel/pool/pool_client.h"
#include "proxy/tunnel/pool/pool_server.h"

namespace underpass::app {
namespace {

using v1alpha1::Flow;
using v1alpha1::PoolRole;
using v1alpha1::PoolSpec;

// In the worker's loop.
std::unique_ptr<core::Tunnel> MakePool(Worker& worker, core::Resolver& resolver,
                                       SharedTunnel& shared) {
  const v1alpha1::TunnelSpec& spec = shared.tunnel.spec;
  const auto& pool = std::get<PoolSpec>(spec.kind);
  core::Dispatcher& dispatcher = worker.dispatcher();
  Secret key = v1alpha1::PoolKey(pool.key.value, pool.address.port);
  if (pool.role == PoolRole::kServer) {
    return std::make_unique<tunnel::PoolServer>(dispatcher, resolver, worker.resources(),
                                                shared.slots, shared.board, spec, std::move(key));
  }
  auto transport =
      std::make_unique<transport::TcpTransport>(dispatcher, resolver, spec.dial.dns_cache);
  return std::make_unique<tunnel::PoolClient>(dispatcher, resolver, std::move(transport),
                                              worker.resources(), shared.slots, shared.board, spec,
                                              std::move(key));
}

}  // namespace

TunnelHost::TunnelHost(std::uint64_t id, v1alpha1::Tunnel tunnel, core::Dispatcher& main,
                       core::Resolver& resolver, std::vector<std::unique_ptr<Worker>>& workers,
                       core::StateListener& listener)
    : id_(id),
      main_(main),
      resolver_(resolver),
      workers_(workers),
      shared_(std::make_shared<SharedTunnel>(std::move(tunnel), listener)),
      self_(std::make_shared<TunnelHost*>(this)),
      retry_(main.CreateTimer([this] { Start(); })) {}

TunnelHost::~TunnelHost() { RemoveInstances(); }

void TunnelHost::RemoveInstances() {
  for (const auto& worker : workers_) {
    Worker* const target = worker.get();
    target->dispatcher().Post([target, id = id_] { target->Remove(id); });
  }
}

void TunnelHost::Start() {
  const v1alpha1::TunnelSpec& spec = shared_->tunnel.spec;
  const auto* pool = std::get_if<PoolSpec>(&spec.kind);
  if (pool == nullptr) return BindAll(spec.listen->ToHostPort());
  if (pool->role == PoolRole::kClient && pool->flow == Flow::kAuto) return BindAll(pool->address);
  StartPool();
}

void TunnelHost::BindAll(const HostPort& address) {
  binder_ = std::make_unique<net::Binder>(main_, resolver_, address, workers_.size(),
                                          [this](Result<std::vector<net::UniqueFd>> fds) {
                                            if (fds.has_value())
                                              return StartForward(std::move(*fds));
                                            BindFailed(fds.error());
                                          });
}

void TunnelHost::BindFailed(const Error& error) {
  // A NodePass client without a mode: what it cannot bind it dials.
  if (std::holds_alternative<PoolSpec>(shared_->tunnel.spec.kind)) return StartPool();
  core::TunnelBoard& board = *shared_->board;
  board.stats().CountDrop(error.code);
  const auto before = board.state()->error;
  if (!before.has_value() || before->code != error.code) {
    Log(LogLevel::kError, "tunnel cannot listen",
        {{"tunnel", board.label()},
         {"reason", Name(error.code)},
         {"error", error.ToString()},
         {"next", NextStep(error.code)}});
  }
  board.Set({.phase = core::TunnelPhase::kFailed, .error = error});
  retry_->Arm(defaults::kListenRetry);
}

void TunnelHost::StartForward(std::vector<net::UniqueFd> fds) {
  state_ = State::kRunning;
  const std::string address = net::LocalAddress(fds.front().get()).ToString();
  Log(LogLevel::kInfo, "tunnel listening",
      {{"tunnel", shared_->board->label()}, {"users", address}});
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    Worker* const worker = workers_[i].get();
    auto fd = std::make_shared<net::UniqueFd>(std::move(fds[i]));
    worker->dispatcher().Post([worker, id = id_, shared = shared_, resolver = &resolver_, fd] {
      worker->Add(id, shared,
                  std::make_unique<tunnel::ForwardTunnel>(
                      worker->dispatcher(), *resolver, worker->resources(), shared->slots,
                      shared->board, shared->tunnel.spec, std::move(*fd)));
    });
  }
  shared_->board->Set({.phase = core::TunnelPhase::kConnected, .entry = address});
}

void TunnelHost::StartPool() {
  state_ = State::kRunning;
  // By name, so that a changed tunnel finds its old self, and its port, on the same worker.
  Worker* const worker =
      workers_[std::hash<std::string>()(shared_->board->label()) % workers_.size()].get();
  worker->dispatcher().Post([worker, id = id_, shared = shared_, resolver = &resolver_] {
    worker->Add(id, shared, MakePool(*worker, *resolver, *shared));
  });
}

void TunnelHost::Drain(std::function<void()> drained) {
  drained_ = std::move(drained);
  if (state_ == State::kStarting) {
    binder_.reset();
    retry_->Disarm();
  }
  state_ = State::kDraining;
  undrained_ = workers_.size();
  const std::weak_ptr<TunnelHost*> self = self_;
  for (const auto& worker : workers_) {
    Worker* const target = worker.get();
    target->dispatcher().Post([target, id = id_, main = &main_, self] {
      target->Drain(id, [main, self] {
        main->Post([self] {
          if (const auto host = self.lock()) (*host)->OnInstanceDrained();
        });
      });
    });
  }
  core::TunnelState state = *shared_->board->state();
  state.phase = core::TunnelPhase::kDraining;
  shared_->board->Set(std::move(state));
}

void TunnelHost::OnInstanceDrained() {
  if (--undrained_ > 0) return;
  state_ = State::kDrained;
  RemoveInstances();
  drained_();
}

}  // namespace underpass::app
