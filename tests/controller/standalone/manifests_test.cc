// SPDX-License-Identifier: Apache-2.0
#include "controller/standalone/manifests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "api/base/defaults.h"
#include "tests/controller/standalone/temp_folder.h"

namespace underpass::standalone {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kTunnel = R"(apiVersion: underpass.dev/v1alpha1
kind: Tunnel
metadata: {name: web}
spec:
  forward: {}
  targets: [{address: "127.0.0.1:18000"}]
  listen: {port: 18080, protocols: [TCP]}
)";

std::vector<std::string> Names(const Reading& reading) {
  std::vector<std::string> names;
  names.reserve(reading.files.size());
  for (const ManifestFile& file : reading.files) {
    names.push_back(std::filesystem::path(file.path).filename());
  }
  return names;
}

TEST(ReadManifestsTest, ReadsTheManifestsOfAFolderByName) {
  const TempFolder folder;
  for (const char* name : {"b.yml", "a.yaml", "c.json", "README.md", ".hidden.yaml", "d.yaml~"}) {
    folder.Write(name, name);
  }
  std::filesystem::create_directory(folder / "sub.yaml");
  folder.Write("sub.yaml/e.yaml", "below");
  const Reading reading = ReadManifests(folder.path());
  EXPECT_THAT(reading.errors, IsEmpty());
  EXPECT_THAT(Names(reading), ElementsAre("a.yaml", "b.yml", "c.json"));
  EXPECT_EQ(reading.files.front().text, "a.yaml");
}

TEST(ReadManifestsTest, ReadsOneFileWhateverItsName) {
  const TempFolder folder;
  folder.Write("tunnels.txt", "text");
  const Reading reading = ReadManifests(folder / "tunnels.txt");
  EXPECT_THAT(reading.errors, IsEmpty());
  ASSERT_THAT(reading.files, SizeIs(1));
  EXPECT_EQ(reading.files.front().text, "text");
}

TEST(ReadManifestsTest, NamesWhatCannotBeRead) {
  const TempFolder folder;
  EXPECT_THAT(ReadManifests(folder / "absent").errors, ElementsAre(HasSubstr("absent: NotFound")));
  std::filesystem::create_symlink(folder / "absent", folder / "dangling.yaml");
  EXPECT_THAT(ReadManifests(folder.path()).errors, ElementsAre(HasSubstr("dangling.yaml")));
}

TEST(ReadManifestsTest, PipeIsRefusedWithoutWaiting) {
  const TempFolder folder;
  ASSERT_EQ(mkfifo((folder / "pipe.yaml").c_str(), 0600), 0);
  EXPECT_THAT(ReadManifests(folder.path()).errors, ElementsAre(HasSubstr("not a regular file")));
}

TEST(ParseManifestsTest, GathersTunnelsAndSecrets) {
  const Reading reading{
      {{"a.yaml", kTunnel},
       {"b.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {key: k}\n"}},
      {}};
  const Manifests manifests = ParseManifests(reading);
  EXPECT_THAT(manifests.errors, IsEmpty());
  EXPECT_THAT(manifests.tunnels, SizeIs(1));
  EXPECT_THAT(manifests.secrets, SizeIs(1));
}

TEST(ParseManifestsTest, OneErrorTakesAllAndSaysWhere) {
  const Manifests manifests =
      ParseManifests({{{"a.yaml", kTunnel}, {"b.yaml", "# comment\nkind: Nothing\n"}}, {}});
  EXPECT_THAT(manifests.tunnels, IsEmpty());
  ASSERT_FALSE(manifests.errors.empty());
  EXPECT_THAT(manifests.errors.front(), HasSubstr("b.yaml:2: "));
}

TEST(ParseManifestsTest, TooLargeFileIsAnError) {
  const TempFolder folder;
  folder.Write("big.yaml", kTunnel + std::string(defaults::kMaxDocumentBytes, '#'));
  const Manifests manifests = ParseManifests(ReadManifests(folder.path()));
  EXPECT_THAT(manifests.errors, ElementsAre(HasSubstr("TooLarge")));
}

TEST(ParseManifestsTest, WhatCannotBeReadIsAnError) {
  const Manifests manifests = ParseManifests({{{"a.yaml", kTunnel}}, {"read b.yaml: NotFound"}});
  EXPECT_THAT(manifests.tunnels, IsEmpty());
  EXPECT_THAT(manifests.errors, ElementsAre("read b.yaml: NotFound"));
}

using Verdict = ChangeGate::Verdict;

Reading Text(const std::string& text) { return {{{"a.yaml", text}}, {}}; }

TEST(ChangeGateTest, SameIsUnchanged) {
  ChangeGate gate(Text("one"));
  EXPECT_EQ(gate.Offer(Text("one")), Verdict::kUnchanged);
}

TEST(ChangeGateTest, ChangeCountsOnceItWasSeenTwiceInARow) {
  ChangeGate gate(Text("one"));
  EXPECT_EQ(gate.Offer(Text("")), Verdict::kLookAgain);  // truncated, about to be written
  EXPECT_EQ(gate.Offer(Text("tw")), Verdict::kLookAgain);
  EXPECT_EQ(gate.Offer(Text("two")), Verdict::kLookAgain);
  EXPECT_EQ(gate.Offer(Text("two")), Verdict::kChanged);
  EXPECT_EQ(gate.Offer(Text("two")), Verdict::kUnchanged);
}

TEST(ChangeGateTest, ChangeThatWasTakenBackIsForgotten) {
  ChangeGate gate(Text("one"));
  EXPECT_EQ(gate.Offer(Text("two")), Verdict::kLookAgain);
  EXPECT_EQ(gate.Offer(Text("one")), Verdict::kUnchanged);
  EXPECT_EQ(gate.Offer(Text("two")), Verdict::kLookAgain);
}

TEST(ChangeGateTest, ErrorIsAChange) {
  ChangeGate gate(Text("one"));
  const Reading unreadable{{}, {"read a.yaml: NotFound"}};
  EXPECT_EQ(gate.Offer(unreadable), Verdict::kLookAgain);
  EXPECT_EQ(gate.Offer(unreadable), Verdict::kChanged);
  EXPECT_EQ(gate.Offer(unreadable), Verdict::kUnchanged);
}

TEST(ChangeGateTest, AfterForgetTheSameCountsAgain) {
  ChangeGate gate(Text("one"));
  gate.Forget();
  EXPECT_EQ(gate.Offer(Text("one")), Verdict::kLookAgain);
  EXPECT_EQ(gate.Offer(Text("one")), Verdict::kChanged);
}

}  // namespace
}  // namespace underpass::standalone
