// SPDX-License-Identifier: Apache-2.0
#include "cli/inputs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "api/base/defaults.h"
#include "tests/support/temp_dir.h"

namespace underpass::cli {
namespace {

TEST(InputsTest, AFolderGivesItsDocumentsInTheOrderOfTheirNames) {
  const support::TempDir folder;
  folder.Write("b.yml", "b");
  folder.Write("a.yaml", "a");
  folder.Write("c.json", "c");
  folder.Write("notes.txt", "no");
  folder.Write(".hidden.yaml", "no");
  std::filesystem::create_directory(folder.File("deeper.yaml"));
  std::istringstream none;
  const auto documents = ReadInput(folder.path(), none);
  ASSERT_TRUE(documents.has_value()) << documents.error().ToString();
  std::string texts;
  for (const Document& document : *documents) texts += document.text;
  EXPECT_EQ(texts, "abc");
  EXPECT_EQ(documents->front().source, folder.File("a.yaml"));
}

TEST(InputsTest, AFolderWithoutDocumentsIsAnError) {
  const support::TempDir folder;
  std::istringstream none;
  const auto documents = ReadInput(folder.path(), none);
  ASSERT_FALSE(documents.has_value());
  EXPECT_EQ(documents.error().code, ErrorCode::kInvalidConfig);
}

TEST(InputsTest, AMissingFileIsNamed) {
  std::istringstream none;
  const auto documents = ReadInput("/nonexistent/x.yaml", none);
  ASSERT_FALSE(documents.has_value());
  EXPECT_EQ(documents.error().code, ErrorCode::kNotFound);
  EXPECT_NE(documents.error().context.find("/nonexistent/x.yaml"), std::string::npos);
}

TEST(InputsTest, ADashIsStandardInput) {
  std::istringstream in("text");
  const auto documents = ReadInput("-", in);
  ASSERT_TRUE(documents.has_value());
  EXPECT_EQ(documents->front().text, "text");
}

TEST(InputsTest, OnlyOneByteMoreThanTheLimitIsRead) {
  std::istringstream in(std::string(3 * defaults::kMaxDocumentBytes, 'x'));
  const auto documents = ReadInput("-", in);
  ASSERT_TRUE(documents.has_value());
  EXPECT_EQ(documents->front().text.size(), defaults::kMaxDocumentBytes + 1);
}

TEST(InputsTest, AProxyConfigHasAFormatAndNoKind) {
  for (const char* text :
       {"format: 1\ntunnels: []\n", "# x\nformat: 1\n", "\"format\": 1\n",
        R"({"format": 1, "tunnels": []})", "{format: 1}", "{ tunnels: [],\nformat: 1}"}) {
    EXPECT_TRUE(IsProxyConfig(text)) << text;
  }
  for (const char* text : {"", "kind: Tunnel\nformat: 1\n", "kind: Tunnel\n", "  format: 1\n",
                           "metadata:\n  format: 1\n", R"({"kind": "Tunnel", "format": 1})"}) {
    EXPECT_FALSE(IsProxyConfig(text)) << text;
  }
}

}  // namespace
}  // namespace underpass::cli
