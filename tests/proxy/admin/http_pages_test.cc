// SPDX-License-Identifier: Apache-2.0
#include "proxy/admin/http_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_proxy_control.h"

namespace underpass::admin {
namespace {

using testing::HasSubstr;

TEST(HttpPagesTest, ReadyzGivesTheReasonAndTheNextStep) {
  fakes::FakeProxyControl control;
  EXPECT_EQ(RenderPage(control, "", "/readyz").status, 200);
  control.SetNotReady(Error{ErrorCode::kDescriptorsExhausted, 0, "accept"});
  const Page page = RenderPage(control, "", "/readyz");
  EXPECT_EQ(page.status, 503);
  EXPECT_THAT(page.body, HasSubstr("accept: DescriptorsExhausted"));
  EXPECT_THAT(page.body, HasSubstr(NextStep(ErrorCode::kDescriptorsExhausted)));
}

TEST(HttpPagesTest, HealthzDoesNotDependOnReadiness) {
  fakes::FakeProxyControl control;
  control.SetNotReady(Error{ErrorCode::kDraining, 0, ""});
  EXPECT_EQ(RenderPage(control, "", "/healthz").status, 200);
  control.SetUnhealthy(Error{ErrorCode::kTimeout, 0, "worker 1"});
  EXPECT_EQ(RenderPage(control, "", "/healthz").status, 503);
}

TEST(HttpPagesTest, AnUnknownPathListsThePages) {
  fakes::FakeProxyControl control;
  for (const char* path : {"/", "/metric", "/metrics/", ""}) {
    const Page page = RenderPage(control, "", path);
    EXPECT_EQ(page.status, 404) << path;
    for (const char* known : {"/metrics", "/healthz", "/readyz", "/status"}) {
      EXPECT_THAT(page.body, HasSubstr(known));
    }
  }
}

TEST(HttpPagesTest, StatusIsJsonAndMetricsAreText) {
  fakes::FakeProxyControl control;
  const Page status = RenderPage(control, "127.0.0.1:1", "/status");
  EXPECT_EQ(status.content_type, "application/json");
  EXPECT_THAT(status.body, HasSubstr("\"metricsAddress\": \"127.0.0.1:1\""));
  const Page metrics = RenderPage(control, "", "/metrics");
  EXPECT_THAT(metrics.content_type, HasSubstr("version=0.0.4"));
  EXPECT_THAT(metrics.body, HasSubstr("# TYPE underpass_build_info gauge"));
}

}  // namespace
}  // namespace underpass::admin
