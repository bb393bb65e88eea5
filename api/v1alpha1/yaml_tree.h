// SPDX-License-Identifier: Apache-2.0
// YAML (or JSON, which is YAML) as a small tree that keeps what strict reading needs: lines,
// duplicate keys, and whether a scalar was quoted. Anchors, aliases and tags are refused, so no
// document can grow when read. Thread: any; pure. yaml-cpp and its exceptions end in yaml_tree.cc.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/base/result.h"

namespace underpass::v1alpha1 {

struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };
  struct Member;

  Kind kind = Kind::kNull;
  int line = 1;                 // 1-based
  bool quoted = false;          // kScalar: quoted or a block, so text whatever it looks like
  std::string scalar;           // kScalar
  std::vector<YamlNode> items;  // kList
  std::vector<Member> members;  // kMap, in the order of the text, duplicates kept
};

struct YamlNode::Member {
  std::string key;
  int line = 1;
  YamlNode value;
};

// How deep maps and lists may nest. The deepest field of a spec has 6 levels.
inline constexpr int kMaxYamlDepth = 32;

struct YamlProblem {
  int line = 1;
  Error error;  // the context has no place in it
};

// All documents of `text`, empty ones left out.
// Errors: kTooLarge (over defaults::kMaxDocumentBytes; nothing is parsed), kInvalidConfig (not
// YAML, an alias, an anchor, a tag, a key that is not text, too deep).
tl::expected<std::vector<YamlNode>, YamlProblem> ParseYaml(std::string_view text);

// What a scalar stands for in YAML 1.2: an unquoted number or truth value is not text.
enum class ScalarType { kText, kInteger, kNumber, kBool };
ScalarType TypeOf(const YamlNode& scalar);

// True if `text`, written unquoted, reads back as the same text. Sufficient, not necessary.
bool IsPlainSafe(std::string_view text);

}  // namespace underpass::v1alpha1
