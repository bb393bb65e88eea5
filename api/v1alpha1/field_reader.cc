// SPDX-License-Identifier: Apache-2.0
#include "api/v1alpha1/field_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

namespace underpass::v1alpha1 {
namespace {

constexpr std::size_t kMaxFindings = 100;
constexpr std::size_t kMaxQuotedBytes = 80;

std::string Join(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// Edits (insert, delete, replace) from a to b.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

// The allowed word that `word` is likely a slip of: at most two edits and less than half of it.
// Empty: none.
std::string_view Nearest(std::string_view word, const std::vector<std::string_view>& allowed) {
  constexpr std::size_t kLongestKey = 40;
  if (word.size() > kLongestKey) return {};
  const std::string lower = Lower(word);
  std::string_view best;
  std::size_t best_distance = 3;
  for (const std::string_view candidate : allowed) {
    const std::size_t distance = Distance(lower, Lower(candidate));
    if (distance >= best_distance || distance * 2 >= candidate.size()) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

std::string DidYouMean(std::string_view word, const std::vector<std::string_view>& allowed) {
  const std::string_view nearest = Nearest(word, allowed);
  return nearest.empty() ? "" : "did you mean " + std::string(nearest) + "? ";
}

std::string Describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
    case YamlNode::Kind::kScalar:
      return Quoted(node.scalar);
  }
  return "";
}

}  // namespace

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text.substr(0, kMaxQuotedBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      std::array<char, 8> hex{};
      std::snprintf(hex.data(), hex.size(), "\\x%02x", byte);
      out += hex.data();
    } else {
      out += c;
    }
  }
  return out + (text.size() > kMaxQuotedBytes ? "...\"" : "\"");
}

void Findings::Add(List& list, int line, std::string_view path, std::string_view text) {
  if (list.found.size() >= kMaxFindings) {
    ++list.dropped;
    return;
  }
  list.found.emplace(line, Place(line, path) + ": " + std::string(text));
}

void Findings::Fail(int line, std::string_view path, std::string_view text) {
  Add(errors_, line, path, text);
}

void Findings::Warn(int line, std::string_view path, std::string_view text) {
  Add(warnings_, line, path, text);
}

void Findings::UnknownKey(int line, std::string_view path, std::string_view text) {
  lenient_ ? Warn(line, path, text) : Fail(line, path, text);
}

std::string Findings::Place(int line, std::string_view path) const {
  std::string place = source_ + ":" + std::to_string(line);
  if (!subject_.empty()) place += ": " + subject_;
  if (!path.empty()) place += ": " + std::string(path);
  return place;
}

std::string Findings::Place(std::string_view path) const {
  int line = 1;
  for (std::string_view holder = path;;) {
    const auto found = lines_.find(holder);
    if (found != lines_.end()) {
      line = found->second;
      break;
    }
    const std::size_t end = holder.find_last_of(".[");
    if (end == std::string_view::npos) break;
    holder = holder.substr(0, end);
  }
  return Place(line, path);
}

std::vector<std::string> Findings::Texts(List list) {
  std::vector<std::string> texts;
  for (auto& [line, text] : list.found) texts.push_back(std::move(text));
  if (list.dropped > 0) texts.back() += " (and " + std::to_string(list.dropped) + " more)";
  return texts;
}

std::vector<Error> Findings::TakeErrors() {
  std::vector<Error> errors;
  for (std::string& text : Texts(std::exchange(errors_, {}))) {
    errors.push_back({ErrorCode::kInvalidConfig, 0, std::move(text)});
  }
  return errors;
}

std::vector<std::string> Findings::TakeWarnings() { return Texts(std::exchange(warnings_, {})); }

MapReader::MapReader(const YamlNode& node, std::string path, Findings& findings)
    : node_(&node), path_(std::move(path)), findings_(&findings) {
  findings.Record(path_, node.line);
  if (node.kind != YamlNode::Kind::kMap) {
    findings.Fail(node.line, path_, Describe(node) + " is not allowed; a map is expected");
    return;
  }
  std::map<std::string_view, int> first_lines;
  for (const YamlNode::Member& member : node.members) {
    const auto [first, inserted] = first_lines.emplace(member.key, member.line);
    if (inserted) {
      findings.Record(PathOf(member.key), member.line);
    } else {
      findings.Fail(member.line, PathOf(member.key),
                    "the key is given twice, first on line " + std::to_string(first->second) +
                        "; once is allowed");
    }
  }
}

std::string MapReader::PathOf(std::string_view key) const {
  // A key that people would not recognise in a path is quoted.
  const bool odd =
      key.empty() || key.size() > kMaxQuotedBytes ||
      std::any_of(key.begin(), key.end(), [](char c) { return c <= 0x20 || c == 0x7f; });
  const std::string name = odd ? Quoted(key) : std::string(key);
  return path_.empty() ? name : path_ + "." + name;
}

const YamlNode::Member* MapReader::Find(std::string_view key) const {
  for (const YamlNode::Member& member : node_->members) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

const YamlNode* MapReader::Checked(const YamlNode& value, const std::string& path,
                                   YamlNode::Kind kind, std::string_view expected) {
  if (value.kind == kind) return &value;
  findings_->Fail(value.line, path,
                  Describe(value) + " is not allowed; " + std::string(expected) + " is expected");
  return nullptr;
}

const YamlNode* MapReader::Value(std::string_view key, YamlNode::Kind kind,
                                 std::string_view expected) {
  known_.emplace(key);
  const YamlNode::Member* member = Find(key);
  return member == nullptr ? nullptr : Checked(member->value, PathOf(key), kind, expected);
}

std::optional<std::string> MapReader::Text(const YamlNode& value, const std::string& path) {
  if (Checked(value, path, YamlNode::Kind::kScalar, "text") == nullptr) return std::nullopt;
  if (TypeOf(value) == ScalarType::kText) return value.scalar;
  findings_->Fail(value.line, path,
                  value.scalar.substr(0, kMaxQuotedBytes) + " is not text; put it in quotes");
  return std::nullopt;
}

std::optional<std::string> MapReader::String(std::string_view key) {
  const YamlNode* value = Value(key, YamlNode::Kind::kScalar, "text");
  return value == nullptr ? std::nullopt : Text(*value, PathOf(key));
}

std::optional<std::int64_t> MapReader::Integer(std::string_view key, std::int64_t min,
                                               std::int64_t max) {
  const YamlNode* value = Value(key, YamlNode::Kind::kScalar, "a whole number");
  if (value == nullptr) return std::nullopt;
  const std::string range = std::to_string(min) + ".." + std::to_string(max);
  if (TypeOf(*value) != ScalarType::kInteger) {
    findings_->Fail(value->line, PathOf(key),
                    Quoted(value->scalar) +
                        (value->quoted ? " is text" : " is not a whole number") +
                        "; an unquoted whole number of " + range + " is expected");
    return std::nullopt;
  }
  const std::string_view digits =
      std::string_view(value->scalar).substr(value->scalar.front() == '+' ? 1 : 0);
  std::int64_t number = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (parsed.ec != std::errc() || number < min || number > max) {
    findings_->Fail(value->line, PathOf(key),
                    value->scalar.substr(0, kMaxQuotedBytes) + " is not allowed; " + range + " is");
    return std::nullopt;
  }
  return number;
}

std::optional<HostPort> MapReader::Address(std::string_view key) {
  const std::optional<std::string> text = String(key);
  if (!text) return std::nullopt;
  Result<HostPort> address = ParseHostPort(*text);
  if (!address.has_value()) {
    Fail(key, address.error().context);
    return std::nullopt;
  }
  return *std::move(address);
}

std::optional<std::size_t> MapReader::OneOf(const YamlNode& value, const std::string& path,
                                            const Allowed& names) {
  if (Checked(value, path, YamlNode::Kind::kScalar, "a name") == nullptr) return std::nullopt;
  const auto found = std::find(names.begin(), names.end(), value.scalar);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  findings_->Fail(value.line, path,
                  Quoted(value.scalar) + " is not allowed; " + DidYouMean(value.scalar, names) +
                      "allowed: " + Join(names));
  return std::nullopt;
}

std::optional<MapReader> MapReader::Map(std::string_view key) {
  const YamlNode* value = Value(key, YamlNode::Kind::kMap, "a map, {} if empty,");
  if (value == nullptr) return std::nullopt;
  return MapReader(*value, PathOf(key), *findings_);
}

std::map<std::string, std::string> MapReader::Strings(std::string_view key) {
  std::map<std::string, std::string> strings;
  std::optional<MapReader> map = Map(key);
  if (!map) return strings;
  for (const YamlNode::Member& member : map->node_->members) {
    std::optional<std::string> text = Text(member.value, map->PathOf(member.key));
    if (text) strings.emplace(member.key, *std::move(text));
  }
  return strings;
}

std::vector<MapReader> MapReader::Maps(std::string_view key) {
  std::vector<MapReader> readers;
  const YamlNode* list = Value(key, YamlNode::Kind::kList, "a list");
  if (list == nullptr) return readers;
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    const std::string path = PathOf(key) + "[" + std::to_string(i) + "]";
    if (Checked(list->items[i], path, YamlNode::Kind::kMap, "a map") == nullptr) continue;
    readers.emplace_back(list->items[i], path, *findings_);
  }
  return readers;
}

void MapReader::Require(std::string_view key, std::string_view what) {
  known_.emplace(key);
  if (node_->kind != YamlNode::Kind::kMap || Has(key)) return;
  findings_->Fail(node_->line, PathOf(key), "is needed; " + std::string(what));
}

void MapReader::Fail(std::string_view key, std::string_view text) {
  const YamlNode::Member* member = Find(key);
  findings_->Fail(member != nullptr ? member->line : node_->line, PathOf(key), text);
}

void MapReader::Finish() {
  const Allowed allowed(known_.begin(), known_.end());
  for (const YamlNode::Member& member : node_->members) {
    if (known_.contains(member.key)) continue;
    findings_->UnknownKey(
        member.line, PathOf(member.key),
        "unknown key; " + DidYouMean(member.key, allowed) + "allowed: " + Join(allowed));
  }
}

}  // namespace underpass::v1alpha1
