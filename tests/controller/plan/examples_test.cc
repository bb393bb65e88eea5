// SPDX-License-Identifier: Apache-2.0
// Every Tunnel file in examples/ is good and can be run.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

#include "controller/plan/plan.h"
#include "tests/controller/plan/read_objects.h"

namespace underpass::plan {
namespace {

const std::string kExamples = UNDERPASS_SOURCE_DIR "/examples";

std::set<std::string> ExampleFiles() {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kExamples)) {
    if (entry.path().extension() == ".yaml") files.insert(entry.path());
  }
  return files;
}

void ExpectRuns(const PlanInput& input, std::size_t proxies) {
  const Planned planned = Plan(input.tunnels, input.secrets);
  EXPECT_EQ(planned.proxies.size(), proxies);
  for (const Problem& problem : planned.problems) {
    ADD_FAILURE() << Label(problem.tunnel) << ": " << problem.error.ToString();
  }
}

TEST(ExamplesTest, EachFileRunsByItself) {
  const std::set<std::string> files = ExampleFiles();
  ASSERT_GE(files.size(), 4u);
  for (const std::string& file : files) {
    SCOPED_TRACE(file);
    const PlanInput input = ReadPlanInput(ReadWhole(file), file);
    EXPECT_FALSE(input.tunnels.empty());
    ExpectRuns(input, input.tunnels.size());
  }
}

TEST(ExamplesTest, QuickStartRunsAsAFolder) {
  PlanInput input;
  for (const std::string name : {"server", "client"}) {
    const std::string file = kExamples + "/quickstart/" + name + ".yaml";
    PlanInput read = ReadPlanInput(ReadWhole(file), file);
    for (auto& tunnel : read.tunnels) input.tunnels.push_back(std::move(tunnel));
    for (auto& secret : read.secrets) input.secrets.push_back(std::move(secret));
  }
  ASSERT_EQ(input.tunnels.size(), 2u);
  ExpectRuns(input, 2);
}

}  // namespace
}  // namespace underpass::plan
