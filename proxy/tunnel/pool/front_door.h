// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "proxy/codec/http1/http1.h"
#include "proxy/codec/nodepass/preface.h"
#include "proxy/net/acceptor.h"
#include "proxy/tunnel/pool/context.h"

namespace underpass::tunnel {

class FrontDoorEvents {
 public:
  // A request that is whole; returns the answer to send. The connection is closed after it.
  virtual std::string OnRequest(const http1::Request& request, const core::SocketAddress& peer) = 0;
  // A pool connection of ours that proved itself.
  virtual void OnPreface(const nodepass::DecodedPreface& preface,
                         std::unique_ptr<core::Stream> stream) = 0;
  // May a connection from this address that says nothing be a pool connection of a foreign session?
  virtual bool ExpectsSilent(const core::SocketAddress& peer) = 0;
  // It said nothing for long enough.
  virtual void OnSilent(std::unique_ptr<core::Stream> stream, const core::SocketAddress& peer) = 0;
  // There is a foreign session, though not from this address.
  virtual bool HasForeignSession() = 0;

 protected:
  ~FrontDoorEvents() = default;
};

// The tunnel port of a server: finds out what each new connection is. A visitor:
//
//   kSniffing --an HTTP method--> kRequest --whole--> answer, kLeaving --peer closed | 1 s--> gone
//             --"UPP1"----------> kPreface --44 good bytes--> OnPreface
//             --silent for max(20 ms, 2 RTT), a foreign session expects it--> OnSilent
//             --anything else, 5 s--> refused, counted with its reason
//
// At most defaults::kMaxUnknownConnections visitors; one more sends the oldest away.
// Thread: the loop. Owner: PoolServer.
class FrontDoor final : private net::AcceptEvents {
 public:
  FrontDoor(PoolContext& context, net::UniqueFd listening, FrontDoorEvents& events);
  ~FrontDoor();

  const core::SocketAddress& address() const { return acceptor_.address(); }

 private:
  class Visitor;

  void OnAccepted(std::unique_ptr<core::Stream> stream, const core::SocketAddress& peer) override;
  void OnAcceptPaused(int sys_errno) override;
  void Refuse(Visitor& visitor, const Error& error);
  void Remove(Visitor& visitor);

  PoolContext& context_;
  FrontDoorEvents& events_;
  std::uint64_t next_visitor_ = 0;
  std::map<std::uint64_t, std::unique_ptr<Visitor>> visitors_;  // in the order of arrival
  net::Acceptor acceptor_;
};

}  // namespace underpass::tunnel
