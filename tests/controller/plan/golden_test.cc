// SPDX-License-Identifier: Apache-2.0
// tests/golden/plan/<case>.in.yaml -> <case>.out.yaml; UPDATE_GOLDEN=1 rewrites the latter.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "controller/plan/plan.h"
#include "tests/controller/plan/read_objects.h"

namespace underpass::plan {
namespace {

const std::string kFolder = UNDERPASS_SOURCE_DIR "/tests/golden/plan/";

std::string Print(const Planned& planned) {
  std::string text;
  for (const Proxy& proxy : planned.proxies) {
    text += "# proxy " + Label(proxy.name) + "\n";
    text += config::PrintProxyConfig(proxy.config, true);
    for (const auto& [path, secret] : proxy.material) {
      text += "# " + path + ": " + std::to_string(secret.Reveal().size()) + " bytes\n";
    }
    text += "---\n";
  }
  text += "# problems\n";
  for (const Problem& problem : planned.problems) {
    text += "# " + Label(problem.tunnel) + ": " + problem.error.ToString() + "\n";
  }
  return text;
}

std::set<std::string> Cases() {
  std::set<std::string> cases;
  const std::string suffix = ".in.yaml";
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    const std::string name = entry.path().filename();
    if (name.ends_with(suffix)) cases.insert(name.substr(0, name.size() - suffix.size()));
  }
  return cases;
}

class PlanGoldenTest : public testing::TestWithParam<std::string> {};

TEST_P(PlanGoldenTest, IsAsRecorded) {
  const std::string source = GetParam() + ".in.yaml";
  const PlanInput input = ReadPlanInput(ReadWhole(kFolder + source), source);
  const std::string printed = Print(Plan(input.tunnels, input.secrets));
  const std::string out = kFolder + GetParam() + ".out.yaml";
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(out) << printed;
  EXPECT_EQ(printed, ReadWhole(out));
}

TEST_P(PlanGoldenTest, ShowsNoSecretValue) {
  const PlanInput input = ReadPlanInput(ReadWhole(kFolder + GetParam() + ".in.yaml"), GetParam());
  const std::string printed = Print(Plan(input.tunnels, input.secrets));
  for (const v1alpha1::SecretObject& secret : input.secrets) {
    for (const auto& [key, value] : secret.data) {
      if (value.empty() || value.Reveal() == "\n") continue;
      EXPECT_EQ(printed.find(value.Reveal()), std::string::npos) << secret.metadata.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, PlanGoldenTest, testing::ValuesIn(Cases()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace underpass::plan
