// SPDX-License-Identifier: Apache-2.0
#include "proxy/core/socket_address.h"

#include <gtest/gtest.h>

namespace underpass::core {
namespace {

TEST(SocketAddressTest, PrintsBothFamilies) {
  EXPECT_EQ(SocketAddress::FromIp("192.0.2.1", 80)->ToString(), "192.0.2.1:80");
  EXPECT_EQ(SocketAddress::FromIp("[2001:db8::1]", 80)->ToString(), "[2001:db8::1]:80");
  EXPECT_EQ(SocketAddress().ToString(), "");
}

TEST(SocketAddressTest, MappedIpv4IsTheSameAddress) {
  const auto mapped = SocketAddress::FromIp("::ffff:192.0.2.1", 1);
  const auto plain = SocketAddress::FromIp("192.0.2.1", 2);
  ASSERT_TRUE(mapped.has_value());
  EXPECT_EQ(mapped->ip(), "192.0.2.1");
  EXPECT_TRUE(mapped->SameIp(*plain));
  EXPECT_FALSE(mapped->SameIp(*SocketAddress::FromIp("192.0.2.2", 1)));
}

TEST(SocketAddressTest, RefusesWhatIsNoLiteral) {
  EXPECT_FALSE(SocketAddress::FromIp("example.com", 80).has_value());
  EXPECT_FALSE(SocketAddress::FromIp("", 80).has_value());
  EXPECT_FALSE(SocketAddress::FromIp("1.2.3", 80).has_value());
}

TEST(SocketAddressTest, WithPortChangesThePortOnly) {
  const auto address = SocketAddress::FromIp("2001:db8::1", 80)->WithPort(443);
  EXPECT_EQ(address.ToString(), "[2001:db8::1]:443");
  EXPECT_EQ(address.port(), 443);
}

}  // namespace
}  // namespace underpass::core
