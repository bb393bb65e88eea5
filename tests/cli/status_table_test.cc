// SPDX-License-Identifier: Apache-2.0
#include "cli/status_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace underpass::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kNow = 1'700'000'000'000;

admin::v1::TunnelStatus Tunnel(const std::string& label, const std::string& kind,
                               const std::string& role, const std::string& phase) {
  admin::v1::TunnelStatus tunnel;
  tunnel.set_label(label);
  tunnel.set_kind(kind);
  tunnel.set_role(role);
  tunnel.set_phase(phase);
  tunnel.set_phase_since_unix_ms(kNow - 150'000);
  return tunnel;
}

admin::v1::Status Proxy(int pid) {
  admin::v1::Status status;
  status.set_version("1.2.3");
  status.set_pid(pid);
  status.set_started_unix_ms(kNow - 3 * 86'400'000LL);
  status.set_now_unix_ms(kNow);
  return status;
}

ProxySample SampleOf(const std::string& socket, admin::v1::Status status) {
  ProxySample sample;
  sample.socket = socket;
  sample.status = std::move(status);
  return sample;
}

// A proxy with one tunnel in good order, that carried `to_target` and `to_user` bytes in the last 2
// s.
ProxySample WithTraffic(std::uint64_t to_target, std::uint64_t to_user) {
  admin::v1::Status status = Proxy(41);
  status.set_revision(7);
  status.set_metrics_address("127.0.0.1:9090");
  admin::v1::TunnelStatus& db = *status.add_tunnels() =
      Tunnel("shop/db", "pool", "Server", "Connected");
  db.set_peer("192.0.2.7:51234");
  db.set_peer_kind("NodePass 1.14");
  db.set_pool_idle(60);
  db.set_pool_capacity(64);
  db.set_connections_active(4);
  db.set_entry("0.0.0.0:15432");
  db.set_bytes_to_target(1000);
  db.set_bytes_to_user(1000);
  ProxySample sample = SampleOf("/run/underpass/shop.db.sock", status);
  sample.earlier = status;
  sample.earlier->set_now_unix_ms(kNow - 2000);
  sample.status->mutable_tunnels(0)->set_bytes_to_target(1000 + to_target);
  sample.status->mutable_tunnels(0)->set_bytes_to_user(1000 + to_user);
  return sample;
}

std::vector<ProxySample> AllSorts() {
  std::vector<ProxySample> samples = {WithTraffic(2'468'000, 600)};

  admin::v1::Status broken = Proxy(42);
  broken.set_draining(true);
  admin::v1::TunnelStatus& web = *broken.add_tunnels() = Tunnel("web", "forward", "", "Failed");
  web.set_reason("AddressInUse");
  web.set_message("listen on 0.0.0.0:80: Address already in use");
  web.set_next_step("stop the program that holds the port (ss -ltnp), or choose another");
  *broken.add_tunnels() = Tunnel("office-link", "pool", "Client", "Waiting");
  broken.mutable_tunnels(1)->set_tunnel_address("example.com:10101");
  samples.push_back(SampleOf("/run/underpass/web.sock", broken));

  samples.push_back(SampleOf("/run/underpass/empty.sock", Proxy(43)));
  ProxySample dead;
  dead.socket = "/run/underpass/dead.sock";
  dead.error = "no process answers";
  samples.push_back(dead);
  return samples;
}

TEST(StatusTableTest, DrawsAllSortsOfProxies) {
  const std::string path = UNDERPASS_SOURCE_DIR "/tests/golden/cli/status.txt";
  const std::string drawn = DrawStatus(AllSorts(), false);
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path) << drawn;
  std::ifstream file(path);
  const std::string golden((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(drawn, golden);
}

TEST(StatusTableTest, RatesArePerSecondInDecimalUnits) {
  const std::pair<std::uint64_t, const char*> cases[] = {
      {0, " 0 B/s / "},
      {2, " 1 B/s / "},
      {1998, " 999 B/s / "},
      {1999, " 1.0 kB/s / "},
      {1'999'800, " 999.9 kB/s / "},
      {1'999'990, " 1.0 MB/s / "},
      {250'000'000'000, " 125.0 GB/s / "},
  };
  for (const auto& [bytes, text] : cases) {
    EXPECT_THAT(DrawStatus({WithTraffic(bytes, 0)}, false), HasSubstr(text)) << bytes;
  }
}

TEST(StatusTableTest, CountersThatWereResetShowNoTraffic) {
  ProxySample sample = WithTraffic(0, 0);
  sample.status->mutable_tunnels(0)->set_bytes_to_target(3);
  EXPECT_THAT(DrawStatus({sample}, false), HasSubstr(" 0 B/s / 0 B/s "));
}

TEST(StatusTableTest, ATunnelWithoutEarlierSampleHasNoRate) {
  ProxySample sample = WithTraffic(2000, 2000);
  sample.earlier->clear_tunnels();
  EXPECT_THAT(DrawStatus({sample}, false), Not(HasSubstr("B/s")));
  sample.earlier.reset();
  EXPECT_THAT(DrawStatus({sample}, false), Not(HasSubstr("B/s")));
}

TEST(StatusTableTest, ColourOnlyWhenAsked) {
  EXPECT_THAT(DrawStatus(AllSorts(), false), Not(HasSubstr("\x1b")));
  const std::string coloured = DrawStatus(AllSorts(), true);
  EXPECT_THAT(coloured, HasSubstr("\x1b[32mConnected\x1b[0m"));
  EXPECT_THAT(coloured, HasSubstr("\x1b[31mFailed\x1b[0m"));
}

TEST(StatusTableTest, ColourDoesNotMoveColumns) {
  std::string coloured = DrawStatus(AllSorts(), true);
  for (const char* sequence : {"\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[0m"}) {
    for (std::size_t at = 0; (at = coloured.find(sequence)) != std::string::npos;) {
      coloured.erase(at, std::string(sequence).size());
    }
  }
  EXPECT_EQ(coloured, DrawStatus(AllSorts(), false));
}

TEST(StatusTableTest, JsonHasEveryProxy) {
  const auto json = nlohmann::json::parse(StatusAsJson(AllSorts()));
  const auto& proxies = json.at("proxies");
  ASSERT_EQ(proxies.size(), 4u);
  EXPECT_EQ(proxies[0].at("socket"), "/run/underpass/shop.db.sock");
  EXPECT_EQ(proxies[0].at("status").at("tunnels")[0].at("phase"), "Connected");
  EXPECT_EQ(proxies[3].at("error"), "no process answers");
}

}  // namespace
}  // namespace underpass::cli
