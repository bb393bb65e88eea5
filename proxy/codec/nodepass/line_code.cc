// SPDX-License-Identifier: Apache-2.0
#include "proxy/codec/nodepass/line_code.h"

#include <openssl/evp.h>

#include <algorithm>

#include "api/base/check.h"

namespace underpass::nodepass {
namespace {

void Xor(std::string& text, const std::string& key) {
  CHECK(!key.empty());
  for (std::size_t i = 0; i < text.size(); ++i)
    text[i] = static_cast<char>(static_cast<unsigned char>(text[i]) ^
                                static_cast<unsigned char>(key[i % key.size()]));
}

bool IsBase64Char(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

// How many '=' end the line; nullopt if it is not base64. OpenSSL's decoder is more lenient (white
// space, padding anywhere), so that the shape is checked before it.
std::optional<std::size_t> Padding(std::string_view line) {
  if (line.empty() || line.size() % 4 != 0) return std::nullopt;
  const auto end = std::find_if_not(line.begin(), line.end(), IsBase64Char);
  const std::string_view tail = line.substr(static_cast<std::size_t>(end - line.begin()));
  if (tail.empty() || tail == "=" || tail == "==") return tail.size();
  return std::nullopt;
}

std::string Base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // the encoder adds a NUL
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

}  // namespace

std::string EncodeLine(std::string text, const Secret& key) {
  Xor(text, key.Reveal());
  return Base64(text);
}

std::optional<std::string> DecodeLine(std::string_view line, const Secret& key) {
  const auto padding = Padding(line);
  if (!padding) return std::nullopt;
  std::string text(line.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(line.data()),
                                   static_cast<int>(line.size()));
  CHECK(size >= 0 && static_cast<std::size_t>(size) == text.size());
  text.resize(text.size() - *padding);
  Xor(text, key.Reveal());
  return text;
}

}  // namespace underpass::nodepass
