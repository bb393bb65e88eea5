// SPDX-License-Identifier: Apache-2.0
// What the tests of a pool tunnel's parts share: a context with simulated time, and signals in and
// out of a fake control connection.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/codec/nodepass/signal.h"
#include "proxy/tunnel/pool/context.h"
#include "tests/fakes/counting_listener.h"
#include "tests/fakes/fake_dispatcher.h"
#include "tests/fakes/fake_stream.h"

namespace underpass::tunnel {

// Fails a test that resolves: these tests dial through fakes.
class NoResolver final : public core::Resolver {
 public:
  std::unique_ptr<core::PendingResolve> Resolve(core::Dispatcher&, const std::string& host,
                                                std::uint16_t, Duration, Callback) override {
    ADD_FAILURE() << "resolved " << host;
    return nullptr;
  }
};

class PoolFixture : public testing::Test {
 protected:
  using Ends = std::pair<std::unique_ptr<fakes::FakeStream>, std::unique_ptr<fakes::FakeStream>>;

  Ends NewStream(std::size_t room = 1 << 20) { return fakes::FakeStream::Pair(dispatcher_, room); }

  std::string Line(const nodepass::Signal& signal,
                   nodepass::Dialect dialect = nodepass::Dialect::kJson) const {
    return nodepass::EncodeSignal(signal, dialect, context_.key);
  }

  // The signals that the peer's end of a control connection has received.
  std::vector<nodepass::Signal> Received(fakes::FakeStream& peer) {
    std::vector<nodepass::Signal> signals;
    std::string text = peer.ReadAll();
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      if (end == std::string::npos) {
        ADD_FAILURE() << "half a line";
        break;
      }
      const auto decoded =
          nodepass::DecodeSignal(std::string_view(text).substr(begin, end - begin), context_.key);
      if (decoded.has_value()) {
        signals.push_back(decoded->signal);
        last_dialect_ = decoded->dialect;
      } else {
        ADD_FAILURE() << decoded.error().ToString();
      }
      begin = end + 1;
    }
    return signals;
  }

  std::uint64_t Drops(ErrorCode code) const {
    return board_.stats().drops[static_cast<std::size_t>(code)].Get();
  }

  fakes::FakeDispatcher dispatcher_;
  NoResolver resolver_;
  fakes::CountingListener listener_;
  core::TunnelBoard board_{{"t"}, "pool", "Server", listener_};
  relay::Slots slots_{0};
  relay::Resources resources_;
  relay::RelaySet relays_{dispatcher_, resources_, board_, Duration::zero()};
  PoolContext context_{dispatcher_, resolver_, board_, slots_, relays_, Secret("secret")};
  nodepass::Dialect last_dialect_ = nodepass::Dialect::kJson;
};

}  // namespace underpass::tunnel
