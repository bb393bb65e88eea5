// SPDX-License-Identifier: Apache-2.0
#include "api/v1alpha1/yaml_writer.h"

#include <array>
#include <cstdio>

#include "api/v1alpha1/yaml_tree.h"

namespace underpass::v1alpha1 {
namespace {

std::string Scalar(std::string_view text) {
  if (IsPlainSafe(text)) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      std::array<char, 8> hex{};
      std::snprintf(hex.data(), hex.size(), "\\x%02x", byte);
      out += hex.data();
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace

void YamlWriter::Key(std::string_view key) {
  const std::size_t spaces = indent_ - dash_.size();
  text_.append(spaces, ' ');
  text_ += dash_;
  dash_.clear();
  text_ += key;
  text_ += ':';
}

void YamlWriter::Text(std::string_view key, std::string_view text) {
  Key(key);
  text_ += ' ' + Scalar(text) + '\n';
}

void YamlWriter::Integer(std::string_view key, std::int64_t value) {
  Key(key);
  text_ += ' ' + std::to_string(value) + '\n';
}

void YamlWriter::Names(std::string_view key, const std::vector<std::string_view>& names) {
  Key(key);
  std::string list;
  for (const std::string_view name : names) {
    if (!list.empty()) list += ", ";
    list += name;
  }
  text_ += " [" + list + "]\n";
}

void YamlWriter::EmptyMap(std::string_view key) {
  Key(key);
  text_ += " {}\n";
}

void YamlWriter::OpenMap(std::string_view key) {
  Key(key);
  text_ += '\n';
  indent_ += 2;
}

void YamlWriter::OpenList(std::string_view key) { OpenMap(key); }

void YamlWriter::OpenItem() {
  indent_ += 2;
  dash_ = "- ";
}

void YamlWriter::Close() { indent_ -= 2; }

}  // namespace underpass::v1alpha1
