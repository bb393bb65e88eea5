// SPDX-License-Identifier: Apache-2.0
#include "api/base/host_port.h"

#include <gtest/gtest.h>

namespace underpass {
namespace {

struct Good {
  std::string_view text;
  std::string_view host;
  std::uint16_t port;
};

void PrintTo(const Good& value, std::ostream* out) { *out << '"' << value.text << '"'; }

class HostPortGoodTest : public testing::TestWithParam<Good> {};

TEST_P(HostPortGoodTest, ParsesAndPrintsBack) {
  const Result<HostPort> parsed = ParseHostPort(GetParam().text);
  ASSERT_TRUE(parsed.has_value()) << parsed.error().ToString();
  EXPECT_EQ(parsed->host, GetParam().host);
  EXPECT_EQ(parsed->port, GetParam().port);
  EXPECT_EQ(parsed->ToString(), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(All, HostPortGoodTest,
                         testing::Values(Good{"10.0.0.7:5432", "10.0.0.7", 5432},
                                         Good{"db-1.shop_x.svc:1", "db-1.shop_x.svc", 1},
                                         Good{":65535", "", 65535}, Good{"[::1]:80", "::1", 80},
                                         Good{"[fe80::1%eth0]:80", "fe80::1%eth0", 80}));

struct Bad {
  std::string_view text;
  std::string_view says;
};

void PrintTo(const Bad& value, std::ostream* out) { *out << '"' << value.text << '"'; }

class HostPortBadTest : public testing::TestWithParam<Bad> {};

TEST_P(HostPortBadTest, SaysWhatIsWrong) {
  const Result<HostPort> parsed = ParseHostPort(GetParam().text);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidConfig);
  EXPECT_NE(parsed.error().context.find(GetParam().says), std::string::npos)
      << parsed.error().context;
}

INSTANTIATE_TEST_SUITE_P(
    All, HostPortBadTest,
    testing::Values(Bad{"", "no port"}, Bad{"host", "no port"}, Bad{"host:", "port is missing"},
                    Bad{"host:0", "port 0 is not allowed; 1..65535 are"},
                    Bad{"host:65536", "port 65536 is not allowed; 1..65535 are"},
                    Bad{"host:99999999999999999999", "is not allowed; 1..65535 are"},
                    Bad{"host:8o", "is not a number"}, Bad{"host:-1", "is not a number"},
                    Bad{"::1:80", "brackets"}, Bad{"[::1]", "is not [address]:port"},
                    Bad{"[::1:80", "is not [address]:port"},
                    Bad{"[1.2.3.4]:80", "is not an IPv6 address"},
                    Bad{"a b:80", "is not a host name"}));

TEST(HostPortTest, KnowsLocalAddresses) {
  for (const char* host : {"", "0.0.0.0", "::"})
    EXPECT_TRUE((HostPort{host, 1}.IsUnspecified())) << host;
  for (const char* host : {"127.0.0.1", "127.9.8.7", "::1", "localhost"}) {
    EXPECT_TRUE((HostPort{host, 1}.IsLoopback())) << host;
  }
  EXPECT_FALSE((HostPort{"127.example.com", 1}.IsLoopback()));
  EXPECT_FALSE((HostPort{"10.0.0.1", 1}.IsUnspecified()));
  EXPECT_TRUE((HostPort{"::1", 1}.IsIpAddress()));
  EXPECT_FALSE((HostPort{"localhost", 1}.IsIpAddress()));
}

}  // namespace
}  // namespace underpass
