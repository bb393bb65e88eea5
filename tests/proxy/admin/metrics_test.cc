// SPDX-License-Identifier: Apache-2.0
#include "proxy/admin/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/fakes/fake_proxy_control.h"

namespace underpass::admin {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

struct Scrape {
  std::map<std::string, std::string> types;  // family -> type
  std::set<std::string> helps;               // families
  std::map<std::string, double> samples;     // "name{labels}" -> value
  std::vector<std::string> malformed;        // lines of no known shape
};

Scrape Parse(const std::string& text) {
  static const std::regex help(R"(# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) \S.*)");
  static const std::regex type(R"(# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram))");
  static const std::regex sample(
      R"re(([a-zA-Z_:][a-zA-Z0-9_:]*(?:\{(?:[a-z_]+="(?:[^"\\]|\\.)*",?)+\})?) (\S+))re");
  Scrape scrape;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, help)) {
      scrape.helps.insert(match[1]);
    } else if (std::regex_match(line, match, type)) {
      scrape.types[match[1]] = match[2];
    } else if (std::regex_match(line, match, sample) && !scrape.samples.contains(match[1])) {
      scrape.samples[match[1]] = std::stod(match[2]);
    } else {
      scrape.malformed.push_back(line);
    }
  }
  return scrape;
}

core::TunnelState InPhase(core::TunnelPhase phase) {
  core::TunnelState state;
  state.phase = phase;
  return state;
}

// A pool and a forward tunnel with numbers everywhere.
class MetricsTest : public testing::Test {
 protected:
  MetricsTest() {
    control_.counters = {.reloads_ok = 3, .reloads_failed = 1, .accept_pauses = 2};
    core::TunnelBoard& pool = control_.AddTunnel("db", "pool", "Server", "shop");
    pool.Set(InPhase(core::TunnelPhase::kConnected));
    core::TunnelStats& stats = pool.stats();
    stats.connections_active.Set(4);
    stats.connections_ok.Add(10);
    stats.connections_failed.Add(2);
    stats.bytes_to_target.Add(1000);
    stats.bytes_to_user.Add(2'000'000'000'001);
    stats.pool_idle.Set(60);
    stats.pool_capacity.Set(64);
    stats.users_waiting.Set(5);
    stats.peer_rtt_us.Set(1500);
    stats.handshakes_ok.Add(6);
    stats.handshakes_failed.Add(7);
    stats.CountDrop(ErrorCode::kAuthFailed);
    stats.pool_wait.Observe(milliseconds(3));
    stats.pool_wait.Observe(milliseconds(300));
    stats.connect_time.Observe(std::chrono::seconds(90));
    control_.AddTunnel("web", "forward", "").Set(InPhase(core::TunnelPhase::kFailed));
  }

  Scrape Collect() { return Parse(MetricsCollector(control_).Text()); }

  fakes::FakeProxyControl control_;
};

TEST_F(MetricsTest, EveryLineHasTheTextFormatAndNoSampleComesTwice) {
  EXPECT_THAT(Collect().malformed, testing::IsEmpty());
}

TEST_F(MetricsTest, EverySampleHasAFamilyWithHelpAndType) {
  const Scrape scrape = Collect();
  ASSERT_FALSE(scrape.samples.empty());
  for (const auto& [series, value] : scrape.samples) {
    std::string family = series.substr(0, series.find('{'));
    family = std::regex_replace(family, std::regex("_seconds_(bucket|sum|count)$"), "_seconds");
    EXPECT_TRUE(scrape.types.contains(family)) << series;
    EXPECT_TRUE(scrape.helps.contains(family)) << series;
  }
}

TEST_F(MetricsTest, CountersAndOnlyCountersEndInTotal) {
  for (const auto& [family, type] : Collect().types) {
    EXPECT_EQ(family.ends_with("_total"), type == "counter") << family;
  }
}

TEST_F(MetricsTest, ShowsTheNumbersOfTheProxy) {
  const Scrape scrape = Collect();
  const std::map<std::string, double> expected = {
      {R"(underpass_build_info{version="9.8.7"})", 1},
      {R"(underpass_config_reloads_total{result="ok"})", 3},
      {R"(underpass_config_reloads_total{result="failed"})", 1},
      {"underpass_accept_pauses_total", 2},
  };
  for (const auto& [series, value] : expected) {
    ASSERT_TRUE(scrape.samples.contains(series)) << series;
    EXPECT_EQ(scrape.samples.at(series), value) << series;
  }
}

TEST_F(MetricsTest, ShowsTheNumbersOfATunnel) {
  const Scrape scrape = Collect();
  const std::map<std::string, double> expected = {
      {R"(underpass_tunnel_ready{tunnel="shop/db"})", 1},
      {R"(underpass_tunnel_ready{tunnel="web"})", 0},
      {R"(underpass_connections_active{tunnel="shop/db",protocol="tcp"})", 4},
      {R"(underpass_connections_total{tunnel="shop/db",protocol="tcp",result="ok"})", 10},
      {R"(underpass_connections_total{tunnel="shop/db",protocol="tcp",result="failed"})", 2},
      {R"(underpass_bytes_total{tunnel="shop/db",protocol="tcp",direction="to_target"})", 1000},
      {R"(underpass_bytes_total{tunnel="shop/db",protocol="tcp",direction="to_user"})", 2e12 + 1},
      {R"(underpass_pool_idle{tunnel="shop/db"})", 60},
      {R"(underpass_pool_capacity{tunnel="shop/db"})", 64},
      {R"(underpass_users_waiting{tunnel="shop/db"})", 5},
      {R"(underpass_peer_rtt_seconds{tunnel="shop/db"})", 0.0015},
      {R"(underpass_handshakes_total{tunnel="shop/db",result="ok"})", 6},
      {R"(underpass_handshakes_total{tunnel="shop/db",result="failed"})", 7},
      {R"(underpass_drops_total{tunnel="shop/db",reason="AuthFailed"})", 1},
  };
  for (const auto& [series, value] : expected) {
    ASSERT_TRUE(scrape.samples.contains(series)) << series;
    EXPECT_DOUBLE_EQ(scrape.samples.at(series), value) << series;
  }
}

TEST_F(MetricsTest, HistogramsAreCumulative) {
  const std::map<std::string, double> samples = Collect().samples;
  const auto wait = [&](const std::string& bound) {
    return samples.at("underpass_pool_wait_seconds_bucket{tunnel=\"shop/db\",le=\"" + bound +
                      "\"}");
  };
  EXPECT_EQ(wait("0.0025"), 0);
  EXPECT_EQ(wait("0.005"), 1);
  EXPECT_EQ(wait("0.25"), 1);
  EXPECT_EQ(wait("0.5"), 2);
  EXPECT_EQ(wait("+Inf"), 2);
  EXPECT_EQ(samples.at(R"(underpass_pool_wait_seconds_count{tunnel="shop/db"})"), 2);
  EXPECT_DOUBLE_EQ(samples.at(R"(underpass_pool_wait_seconds_sum{tunnel="shop/db"})"), 0.303);
}

TEST_F(MetricsTest, AnObservationAboveAllBoundsIsInTheLastBucketOnly) {
  const std::map<std::string, double> samples = Collect().samples;
  EXPECT_EQ(samples.at(R"(underpass_connect_seconds_bucket{tunnel="shop/db",le="60"})"), 0);
  EXPECT_EQ(samples.at(R"(underpass_connect_seconds_bucket{tunnel="shop/db",le="+Inf"})"), 1);
}

TEST_F(MetricsTest, AForwardTunnelHasNoPoolNumbers) {
  for (const auto& [series, value] : Collect().samples) {
    if (series.starts_with("underpass_pool_") || series.starts_with("underpass_handshakes_")) {
      EXPECT_THAT(series, Not(HasSubstr("web")));
    }
  }
}

TEST_F(MetricsTest, DropsThatDidNotHappenAreLeftOut) {
  for (const auto& [series, value] : Collect().samples) {
    if (series.starts_with("underpass_drops_total")) {
      EXPECT_GT(value, 0) << series;
    }
  }
}

TEST_F(MetricsTest, ProcessMetricsTellAboutThisProcess) {
  const std::map<std::string, double> samples = Collect().samples;
  EXPECT_GE(samples.at("process_cpu_seconds_total"), 0);
  EXPECT_GE(samples.at("process_open_fds"), 3);
  EXPECT_GT(samples.at("process_max_fds"), samples.at("process_open_fds"));
  EXPECT_GT(samples.at("process_resident_memory_bytes"), 1 << 20);
  EXPECT_GE(samples.at("process_virtual_memory_bytes"),
            samples.at("process_resident_memory_bytes"));
  const double now = static_cast<double>(std::time(nullptr));
  EXPECT_LE(samples.at("process_start_time_seconds"), now + 2);
  EXPECT_GT(samples.at("process_start_time_seconds"), now - 600);
}

}  // namespace
}  // namespace underpass::admin
