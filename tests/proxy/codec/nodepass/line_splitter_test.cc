// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "proxy/codec/nodepass/signal.h"

namespace underpass::nodepass {
namespace {

constexpr std::size_t kLongest = defaults::kMaxSignalLineBytes - 1;  // without newline

// Lines as text, an overlong one as its error.
struct Collector {
  std::vector<std::string> seen;
  std::size_t stop_after = 1000;

  bool operator()(const Result<std::string_view>& line) {
    seen.push_back(line.has_value() ? std::string(*line) : std::string(Name(line.error().code)));
    return seen.size() < stop_after;
  }
};

std::vector<std::string> FeedIn(std::string_view in, std::size_t cut) {
  LineSplitter splitter;
  Collector collector;
  splitter.Feed(in.substr(0, cut), collector);
  splitter.Feed(in.substr(cut), collector);
  return collector.seen;
}

TEST(LineSplitterTest, GivesTheSameLinesForEverySplit) {
  const std::string in = "one\n\ntwo\nthree\npartial";
  const std::vector<std::string> expected = {"one", "", "two", "three"};
  for (std::size_t cut = 0; cut <= in.size(); ++cut) EXPECT_EQ(FeedIn(in, cut), expected) << cut;
}

TEST(LineSplitterTest, GivesTheSameLinesByteByByte) {
  LineSplitter splitter;
  Collector collector;
  for (const char c : std::string("one\n\ntwo\npart")) splitter.Feed({&c, 1}, collector);
  EXPECT_EQ(collector.seen, (std::vector<std::string>{"one", "", "two"}));
  EXPECT_EQ(splitter.buffered(), 4u);
}

TEST(LineSplitterTest, TakesTheLongestLineAndReportsALongerOneOnce) {
  const std::string longest(kLongest, 'x');
  const std::string in = longest + "\n" + longest + "y\nnext\n";
  const std::vector<std::string> expected = {longest, "TooLarge", "next"};
  for (std::size_t cut = 0; cut <= in.size(); cut += 7) EXPECT_EQ(FeedIn(in, cut), expected) << cut;
}

TEST(LineSplitterTest, ReportsAnOverlongLineAsSoonAsItIsKnownAndKeepsNothingOfIt) {
  LineSplitter splitter;
  Collector collector;
  splitter.Feed(std::string(kLongest, 'x'), collector);
  EXPECT_TRUE(collector.seen.empty());
  EXPECT_EQ(splitter.buffered(), kLongest);
  splitter.Feed("x", collector);
  EXPECT_EQ(collector.seen, std::vector<std::string>{"TooLarge"});
  const std::string megabyte(1 << 20, 'x');
  splitter.Feed(megabyte, collector);
  EXPECT_EQ(splitter.buffered(), 0u);
  EXPECT_EQ(collector.seen.size(), 1u);
  splitter.Feed("\nnext\n", collector);
  EXPECT_EQ(collector.seen, (std::vector<std::string>{"TooLarge", "next"}));
}

TEST(LineSplitterTest, ForgetsTheRestWhenTold) {
  LineSplitter splitter;
  Collector collector;
  collector.stop_after = 1;
  splitter.Feed("one\ntwo\npart", collector);
  EXPECT_EQ(collector.seen, std::vector<std::string>{"one"});
  EXPECT_EQ(splitter.buffered(), 0u);
}

TEST(LineSplitterTest, ForgetsTheRestWhenToldAtAnOverlongLine) {
  LineSplitter splitter;
  Collector collector;
  collector.stop_after = 1;
  splitter.Feed(std::string(kLongest + 1, 'x') + "\ntwo\n", collector);
  EXPECT_EQ(collector.seen, std::vector<std::string>{"TooLarge"});
  collector.stop_after = 1000;
  splitter.Feed("three\n", collector);
  EXPECT_EQ(collector.seen, (std::vector<std::string>{"TooLarge", "three"}));
}

}  // namespace
}  // namespace underpass::nodepass
