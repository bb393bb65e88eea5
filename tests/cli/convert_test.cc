// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "cli/commands.h"
#include "cli/inputs.h"

namespace underpass::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class ConvertTest : public testing::Test {
 protected:
  int Convert(const std::string& url) { return RunConvert(url, {in_, out_, err_}); }

  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(ConvertTest, TheOutputReadsBackToARunnableTunnel) {
  ASSERT_EQ(Convert("server://s%3A%23cret@0.0.0.0:10101/127.0.0.1:8080?mode=1"), 0);
  Objects objects;
  EXPECT_TRUE(AppendObjects({"out", out_.str()}, objects).empty()) << out_.str();
  ASSERT_EQ(objects.tunnels.size(), 1u);
  ASSERT_EQ(objects.secrets.size(), 1u);
  EXPECT_EQ(objects.secrets[0].data.at("key").Reveal(), "s:#cret");
  const plan::Planned planned = plan::Plan(objects.tunnels, objects.secrets);
  EXPECT_TRUE(planned.problems.empty());
  EXPECT_EQ(planned.proxies.size(), 1u);
}

TEST_F(ConvertTest, APrintedKeyIsWarnedAboutWithoutRepeatingIt) {
  ASSERT_EQ(Convert("server://topsecret@0.0.0.0:10101/127.0.0.1:8080"), 0);
  EXPECT_THAT(err_.str(), HasSubstr("server-10101-key"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("topsecret")));
}

TEST_F(ConvertTest, WithoutAKeyThereIsNoSecret) {
  ASSERT_EQ(Convert("server://0.0.0.0:10101/127.0.0.1:8080"), 0);
  EXPECT_THAT(out_.str(), Not(HasSubstr("Secret")));
}

TEST_F(ConvertTest, CertificateFilesBecomeASecretToMake) {
  ASSERT_EQ(Convert("server://0.0.0.0:10101/127.0.0.1:8080?tls=2&crt=/a.pem&key=/b.pem"), 0);
  EXPECT_THAT(out_.str(), HasSubstr("secretName: server-10101-tls"));
  EXPECT_THAT(err_.str(), HasSubstr("/a.pem"));
}

TEST_F(ConvertTest, WhatCannotRunYetIsConvertedWithAWarning) {
  ASSERT_EQ(Convert("server://0.0.0.0:10101/127.0.0.1:8080?type=1"), 0);
  EXPECT_THAT(out_.str(), HasSubstr("transport: QUIC"));
  EXPECT_THAT(err_.str(), HasSubstr("?type=1"));
}

TEST_F(ConvertTest, ABadUrlPrintsNothingButTheError) {
  EXPECT_EQ(Convert("server://0.0.0.0:0/127.0.0.1:8080"), 1);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(err_.str(), HasSubstr("port 0"));
}

}  // namespace
}  // namespace underpass::cli
