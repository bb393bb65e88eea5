// SPDX-License-Identifier: Apache-2.0
// The table bad_specs.yaml: each document is refused, and the error names the field and what is
// allowed.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "api/v1alpha1/document.h"
#include "api/v1alpha1/yaml_tree.h"

namespace underpass::v1alpha1 {
namespace {

std::string Member(const YamlNode& item, std::string_view key) {
  for (const YamlNode::Member& member : item.members) {
    if (member.key == key) return member.value.scalar;
  }
  return "";
}

void ExpectRefused(const YamlNode& item) {
  SCOPED_TRACE(Member(item, "name"));
  const ReadOutcome outcome = ReadObjects(Member(item, "document"), "db.yaml");
  EXPECT_TRUE(outcome.objects.empty());
  const std::string named = ": " + Member(item, "field") + ": ";
  std::string all;
  bool found = false;
  for (const Error& error : outcome.errors) {
    EXPECT_EQ(error.code, ErrorCode::kInvalidConfig);
    EXPECT_TRUE(error.context.starts_with("db.yaml:")) << error.context;
    all += error.context + "\n";
    found |=
        error.context.find(named) != std::string::npos &&
        error.context.find(Member(item, "says"), error.context.find(named)) != std::string::npos;
  }
  EXPECT_TRUE(found) << "wanted" << named << Member(item, "says") << "\ngot\n" << all;
}

TEST(BadSpecsTest, AreRefusedByNameOfTheField) {
  std::ifstream file(UNDERPASS_SOURCE_DIR "/tests/api/v1alpha1/bad_specs.yaml");
  std::ostringstream text;
  text << file.rdbuf();
  const auto documents = ParseYaml(text.str());
  ASSERT_TRUE(documents.has_value()) << documents.error().error.context;
  ASSERT_EQ(documents->size(), 1U);
  EXPECT_GT(documents->front().items.size(), 50U);
  for (const YamlNode& item : documents->front().items) ExpectRefused(item);
}

}  // namespace
}  // namespace underpass::v1alpha1
