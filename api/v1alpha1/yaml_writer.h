// SPDX-License-Identifier: Apache-2.0
// Writes block-style YAML that yaml_tree.h reads back as the same values. Text is quoted unless it
// is safe without. Thread: one. Value: the text so far.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace underpass::v1alpha1 {

class YamlWriter {
 public:
  // "key: value". text: UTF-8.
  void Text(std::string_view key, std::string_view text);
  void Integer(std::string_view key, std::int64_t value);
  // "key: [A, B]".
  void Names(std::string_view key, const std::vector<std::string_view>& names);
  void EmptyMap(std::string_view key);

  // "key:" and what follows is inside it, until Close.
  void OpenMap(std::string_view key);
  void OpenList(std::string_view key);
  // An item that is a map. Requires: inside a list.
  void OpenItem();
  void Close();

  const std::string& text() const { return text_; }

 private:
  void Key(std::string_view key);

  std::string text_;
  std::size_t indent_ = 0;
  std::string dash_;  // "- " before the first key of an item, else ""
};

}  // namespace underpass::v1alpha1
