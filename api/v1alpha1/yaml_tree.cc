// SPDX-License-Identifier: Apache-2.0
#include "api/v1alpha1/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <optional>
#include <streambuf>

#include "api/base/defaults.h"

namespace underpass::v1alpha1 {
namespace {

int LineOf(const YAML::Mark& mark) { return mark.line < 0 ? 1 : mark.line + 1; }

YamlNode NodeAt(const YAML::Mark& mark, YamlNode::Kind kind) {
  YamlNode node;
  node.kind = kind;
  node.line = LineOf(mark);
  return node;
}

// Reads from memory that someone else owns.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // streambuf's interface; it is only read
    setg(begin, begin, begin + text.size());
  }
};

// Builds the documents' trees from yaml-cpp's events. After the first problem all events are
// ignored.
class TreeBuilder : public YAML::EventHandler {
 public:
  const std::optional<YamlProblem>& problem() const { return problem_; }
  std::vector<YamlNode> TakeDocuments() { return std::move(documents_); }

  // yaml-cpp reports a token that can begin no document (such as a ',') as an empty document, for
  // ever.
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (mark.pos == last_start_) Fail(mark, "not YAML: a document cannot begin like this");
    last_start_ = mark.pos;
    root_ = YamlNode();
  }
  void OnDocumentEnd() override {
    if (!problem_ && root_.kind != YamlNode::Kind::kNull) documents_.push_back(std::move(root_));
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapEnd() override { Close(); }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (Refused(mark, "?", anchor)) return;
    Add(NodeAt(mark, YamlNode::Kind::kNull));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Fail(mark, "an alias (*name) is not allowed; write the value out");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (Refused(mark, tag, anchor)) return;
    YamlNode node = NodeAt(mark, YamlNode::Kind::kScalar);
    node.quoted = tag == "!";
    node.scalar = value;
    Add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    if (Refused(mark, tag, anchor)) return;
    Open(NodeAt(mark, YamlNode::Kind::kList), mark);
  }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    if (Refused(mark, tag, anchor)) return;
    Open(NodeAt(mark, YamlNode::Kind::kMap), mark);
  }

 private:
  struct Frame {
    YamlNode node;
    std::optional<YamlNode::Member> pending;  // a key whose value has not come yet
  };

  void Fail(const YAML::Mark& mark, std::string context) {
    if (problem_) return;
    problem_ = YamlProblem{LineOf(mark), {ErrorCode::kInvalidConfig, 0, std::move(context)}};
  }

  // yaml-cpp marks an untagged plain node "?" and an untagged quoted one "!".
  bool Refused(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) Fail(mark, "an anchor (&name) is not allowed; write the value out");
    if (tag != "?" && tag != "!" && !tag.empty()) Fail(mark, "a tag (!name) is not allowed");
    return problem_.has_value();
  }

  void Open(YamlNode node, const YAML::Mark& mark) {
    if (frames_.size() >= static_cast<std::size_t>(kMaxYamlDepth)) {
      Fail(mark,
           "nested too deep; at most " + std::to_string(kMaxYamlDepth) + " levels are allowed");
      return;
    }
    if (ExpectsKey()) {
      Fail(mark, "a key must be text, not a list or a map");
      return;
    }
    frames_.push_back({std::move(node), std::nullopt});
  }

  void Close() {
    if (problem_) return;
    YamlNode node = std::move(frames_.back().node);
    frames_.pop_back();
    Add(std::move(node));
  }

  bool ExpectsKey() const {
    return !frames_.empty() && frames_.back().node.kind == YamlNode::Kind::kMap &&
           !frames_.back().pending;
  }

  void Add(YamlNode node) {
    if (frames_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.node.kind == YamlNode::Kind::kList) {
      frame.node.items.push_back(std::move(node));
    } else if (frame.pending) {
      frame.pending->value = std::move(node);
      frame.node.members.push_back(std::move(*frame.pending));
      frame.pending.reset();
    } else {
      frame.pending = YamlNode::Member{std::move(node.scalar), node.line, {}};
    }
  }

  int last_start_ = -1;
  YamlNode root_;
  std::vector<YamlNode> documents_;
  std::vector<Frame> frames_;
  std::optional<YamlProblem> problem_;
};

bool IsDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsDecimalNumber(std::string_view text) {
  const std::size_t exponent = text.find_first_of("eE");
  if (exponent != std::string_view::npos) {
    std::string_view power = text.substr(exponent + 1);
    if (power.starts_with('+') || power.starts_with('-')) power.remove_prefix(1);
    if (!IsDigits(power)) return false;
    text = text.substr(0, exponent);
  }
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos) return IsDigits(text);
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = text.substr(point + 1);
  return (whole.empty() || IsDigits(whole)) && (fraction.empty() || IsDigits(fraction)) &&
         text.size() > 1;
}

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

ScalarType TypeOfPlain(std::string_view text) {
  if (IsOneOf(text, {"true", "True", "TRUE", "false", "False", "FALSE"})) return ScalarType::kBool;
  std::string_view number = text;
  if (number.starts_with('+') || number.starts_with('-')) number.remove_prefix(1);
  if (IsDigits(number)) return ScalarType::kInteger;
  const bool other_base =
      (number.starts_with("0x") || number.starts_with("0o")) && number.size() > 2 &&
      number.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos;
  const bool special = IsOneOf(number, {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"});
  return other_base || special || IsDecimalNumber(number) ? ScalarType::kNumber : ScalarType::kText;
}

}  // namespace

ScalarType TypeOf(const YamlNode& scalar) {
  return scalar.quoted ? ScalarType::kText : TypeOfPlain(scalar.scalar);
}

bool IsPlainSafe(std::string_view text) {
  if (text.empty() || TypeOfPlain(text) != ScalarType::kText) return false;
  // Truth values and nulls of any YAML version stay quoted, for other readers' sake.
  if (IsOneOf(text, {"null", "Null", "NULL", "yes", "Yes", "YES", "no", "No", "NO", "on", "On",
                     "ON", "off", "Off", "OFF", "y", "Y", "n", "N"})) {
    return false;
  }
  const auto letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const auto allowed = [&](char c) {
    return letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '/';
  };
  return (letter_or_digit(text.front()) || text.front() == '/') &&
         std::all_of(text.begin(), text.end(), allowed);
}

tl::expected<std::vector<YamlNode>, YamlProblem> ParseYaml(std::string_view text) {
  if (text.size() > defaults::kMaxDocumentBytes) {
    return tl::unexpected(
        YamlProblem{1,
                    {ErrorCode::kTooLarge, 0,
                     "the document has " + std::to_string(text.size()) + " bytes; at most " +
                         std::to_string(defaults::kMaxDocumentBytes) + " are allowed"}});
  }
  ViewBuffer buffer(text);
  std::istream stream(&buffer);
  TreeBuilder builder;
  std::optional<YamlProblem> syntax;
  try {
    YAML::Parser parser(stream);
    while (!builder.problem() && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    syntax =
        YamlProblem{LineOf(error.mark), {ErrorCode::kInvalidConfig, 0, "not YAML: " + error.msg}};
  }
  if (builder.problem()) return tl::unexpected(*builder.problem());
  if (syntax) return tl::unexpected(*std::move(syntax));
  return builder.TakeDocuments();
}

}  // namespace underpass::v1alpha1
