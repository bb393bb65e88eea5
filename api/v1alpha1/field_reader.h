// SPDX-License-Identifier: Apache-2.0
// Strict reading of a map: typed values by key, each error with the path of its field and what is
// allowed. The one reader for Tunnel files and ProxyConfigs. Thread: any; pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/base/error.h"
#include "api/base/host_port.h"
#include "api/v1alpha1/enum_names.h"
#include "api/v1alpha1/validate.h"
#include "api/v1alpha1/yaml_tree.h"

namespace underpass::v1alpha1 {

// `text` in double quotes, control characters escaped, cut after 80 bytes: for errors.
std::string Quoted(std::string_view text);

// What was found while reading one document, and where each field stands.
class Findings {
 public:
  // source: the file's name.   lenient: unknown keys are warnings.
  Findings(std::string source, bool lenient) : source_(std::move(source)), lenient_(lenient) {}

  // What errors are about, such as "Tunnel db", put before the field from now on. Empty = nothing.
  void set_subject(std::string subject) { subject_ = std::move(subject); }

  void Fail(int line, std::string_view path, std::string_view text);
  void UnknownKey(int line, std::string_view path, std::string_view text);
  void Warn(int line, std::string_view path, std::string_view text);
  void Record(const std::string& path, int line) { lines_.emplace(path, line); }

  bool lenient() const { return lenient_; }
  bool failed() const { return !errors_.found.empty(); }
  // "<source>:<line>: <subject>: <path>", with the line of the field or of the nearest that holds
  // it.
  std::string Place(std::string_view path) const;

  // In the order of the text, at most 100; the last says how many more there are. Empties the list.
  std::vector<Error> TakeErrors();
  std::vector<std::string> TakeWarnings();

 private:
  struct List {
    std::multimap<int, std::string> found;  // by line; of one line in the order of reading
    std::size_t dropped = 0;                // beyond what is kept
  };
  std::string Place(int line, std::string_view path) const;
  void Add(List& list, int line, std::string_view path, std::string_view text);
  static std::vector<std::string> Texts(List list);

  std::string source_;
  std::string subject_;
  bool lenient_;
  List errors_;
  List warnings_;
  std::map<std::string, int, std::less<>> lines_;
};

// Names fields with their place in the text: for errors of the validator.
class PlaceNamer : public FieldNamer {
 public:
  PlaceNamer(const Findings& findings, std::string prefix)
      : findings_(findings), prefix_(std::move(prefix)) {}
  std::string NameOf(std::string_view path) const override {
    return findings_.Place(prefix_ + std::string(path));
  }

 private:
  const Findings& findings_;
  std::string prefix_;
};

// One map. Every getter notes its key as known and returns nothing where the key is absent or its
// value is wrong (the error is in `findings` then). Call Finish last. `node` and `findings` outlive
// the reader.
class MapReader {
 public:
  // path: of this map, "" for the document. Reports a node that is no map, and keys given twice.
  MapReader(const YamlNode& node, std::string path, Findings& findings);

  bool Has(std::string_view key) const { return Find(key) != nullptr; }
  // "spec.pool" + "role" -> "spec.pool.role".
  std::string PathOf(std::string_view key) const;
  const std::string& path() const { return path_; }

  std::optional<std::string> String(std::string_view key);
  std::optional<std::int64_t> Integer(std::string_view key, std::int64_t min, std::int64_t max);
  std::optional<HostPort> Address(std::string_view key);
  template <typename E>
  std::optional<E> Enum(std::string_view key);
  // No duplicates.
  template <typename E>
  std::optional<std::vector<E>> EnumList(std::string_view key);
  std::optional<MapReader> Map(std::string_view key);
  // A map of any keys to strings, such as a Secret's data.
  std::map<std::string, std::string> Strings(std::string_view key);
  // One reader an item; an item that is no map is an error and left out.
  std::vector<MapReader> Maps(std::string_view key);

  // Records the error "<path>.<key>: is needed; <what>" unless the key is there.
  void Require(std::string_view key, std::string_view what);
  void Fail(std::string_view key, std::string_view text);
  // About the map itself.
  void Warn(std::string_view text) { findings_->Warn(node_->line, path_, text); }

  // Reports the keys that no getter asked for, with the allowed ones and the nearest of them.
  void Finish();

 private:
  using Allowed = std::vector<std::string_view>;
  const YamlNode::Member* Find(std::string_view key) const;
  // The member's value; absent, or of another kind (reported): nullptr.
  const YamlNode* Value(std::string_view key, YamlNode::Kind kind, std::string_view expected);
  const YamlNode* Checked(const YamlNode& value, const std::string& path, YamlNode::Kind kind,
                          std::string_view expected);
  // The text of a scalar that stands for text.
  std::optional<std::string> Text(const YamlNode& value, const std::string& path);
  // Index into `names`, or nothing with an error.
  std::optional<std::size_t> OneOf(const YamlNode& value, const std::string& path,
                                   const Allowed& names);
  template <typename E>
  static Allowed AllowedNames();

  const YamlNode* node_;
  std::string path_;
  Findings* findings_;
  std::set<std::string, std::less<>> known_;
};

template <typename E>
MapReader::Allowed MapReader::AllowedNames() {
  Allowed names;
  for (const auto& [value, name] : kNames<E>) names.push_back(name);
  return names;
}

template <typename E>
std::optional<E> MapReader::Enum(std::string_view key) {
  const Allowed names = AllowedNames<E>();
  const YamlNode* value = Value(key, YamlNode::Kind::kScalar, "a name");
  if (value == nullptr) return std::nullopt;
  const std::optional<std::size_t> index = OneOf(*value, PathOf(key), names);
  if (!index) return std::nullopt;
  return kNames<E>[*index].first;
}

template <typename E>
std::optional<std::vector<E>> MapReader::EnumList(std::string_view key) {
  const YamlNode* list = Value(key, YamlNode::Kind::kList, "a list such as [TCP]");
  if (list == nullptr) return std::nullopt;
  const Allowed names = AllowedNames<E>();
  std::vector<E> result;
  std::set<std::size_t> seen;
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    const std::string path = PathOf(key) + "[" + std::to_string(i) + "]";
    const std::optional<std::size_t> index = OneOf(list->items[i], path, names);
    if (!index) continue;
    if (!seen.insert(*index).second) {
      findings_->Fail(list->items[i].line, path,
                      Quoted(names[*index]) + " is given twice; once is enough");
      continue;
    }
    result.push_back(kNames<E>[*index].first);
  }
  return result;
}

}  // namespace underpass::v1alpha1
