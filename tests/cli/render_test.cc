// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "cli/commands.h"

namespace underpass::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kObjects[] = R"(
apiVersion: v1
kind: Secret
metadata: {name: db-tunnel, namespace: shop}
stringData: {key: topsecret}
---
apiVersion: underpass.dev/v1alpha1
kind: Tunnel
metadata: {name: db, namespace: shop}
spec:
  pool: {role: Server, address: "0.0.0.0:10101", keySecretRef: {name: db-tunnel, key: key}}
  listen: {port: 15432, protocols: [TCP]}
---
apiVersion: underpass.dev/v1alpha1
kind: Tunnel
metadata: {name: web}
spec:
  forward: {}
  targets: [{address: "127.0.0.1:8080"}]
  listen: {port: 18080, protocols: [TCP]}
)";

TEST(RenderTest, PrintsOneConfigAProxyAndNoSecret) {
  std::istringstream in(kObjects);
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(RunRender({"-"}, {in, out, err}), 0) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("---\n# proxy default.web\nformat: 1\n"));
  EXPECT_THAT(out.str(), HasSubstr("---\n# proxy shop.db\n# with the file material/db-tunnel/key"));
  EXPECT_THAT(out.str(), Not(HasSubstr("topsecret")));
}

TEST(RenderTest, AProblemOfOneTunnelKeepsTheOthersAndExitsWithOne) {
  std::istringstream in(std::string(kObjects).substr(std::string(kObjects).find("---")));
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(RunRender({"-"}, {in, out, err}), 1);
  EXPECT_THAT(err.str(), HasSubstr("tunnel shop/db: "));
  EXPECT_THAT(out.str(), HasSubstr("# proxy default.web"));
  EXPECT_THAT(out.str(), Not(HasSubstr("shop.db")));
}

TEST(RenderTest, ADocumentThatCannotBeReadRendersNothing) {
  std::istringstream in(std::string(kObjects) + "---\nkind: Nothing\n");
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(RunRender({"-"}, {in, out, err}), 1);
  EXPECT_EQ(out.str(), "");
}

}  // namespace
}  // namespace underpass::cli
