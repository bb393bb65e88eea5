// SPDX-License-Identifier: Apache-2.0
#include "api/v1alpha1/base64.h"

#include <gtest/gtest.h>

namespace underpass::v1alpha1 {
namespace {

// RFC 4648 section 10
TEST(Base64Test, DecodesTheVectorsOfTheRfc) {
  EXPECT_EQ(DecodeBase64(""), "");
  EXPECT_EQ(DecodeBase64("Zg=="), "f");
  EXPECT_EQ(DecodeBase64("Zm8="), "fo");
  EXPECT_EQ(DecodeBase64("Zm9v"), "foo");
  EXPECT_EQ(DecodeBase64("Zm9v\n YmFy\r\n"), "foobar");
  EXPECT_EQ(DecodeBase64("/+8="), "\xff\xef");
}

TEST(Base64Test, RefusesWhatIsMalformed) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg=A", "Zm9v=", "====", "Z===", "Zm9-", "Zm9v!"}) {
    EXPECT_FALSE(DecodeBase64(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace underpass::v1alpha1
