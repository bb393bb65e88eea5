// SPDX-License-Identifier: Apache-2.0
#include "cli/inputs.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <istream>
#include <system_error>
#include <utility>
#include <variant>

#include "api/base/defaults.h"

namespace underpass::cli {
namespace {

namespace fs = std::filesystem;

std::string ReadLimited(std::istream& in) {
  std::string text(defaults::kMaxDocumentBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

Result<Document> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Fail(ErrnoError(errno, path));
  return Document{path, ReadLimited(file)};
}

bool IsDocumentName(const fs::path& path) {
  const std::string extension = path.extension().string();
  return !path.filename().string().starts_with('.') &&
         (extension == ".yaml" || extension == ".yml" || extension == ".json");
}

Result<std::vector<std::string>> ListFolder(const std::string& path) {
  std::error_code error;
  std::vector<std::string> files;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code not_there;
    if (IsDocumentName(entry->path()) && entry->is_regular_file(not_there)) {
      files.push_back(entry->path().string());
    }
  }
  if (error) return Fail(ErrnoError(error.value(), path));
  if (files.empty()) {
    return Fail(ErrorCode::kInvalidConfig, path + ": the folder has no *.yaml, *.yml or *.json");
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Top level: at the start of a line in block style, or anywhere in JSON (`flow`), where a
// ProxyConfig has no `kind` at all. The key may be quoted.
bool HasTopLevelKey(std::string_view text, std::string_view key, bool flow) {
  const std::string_view before_key = flow ? "{, \t\r\n" : "\n";
  for (std::size_t at = text.find(key); at != text.npos; at = text.find(key, at + 1)) {
    std::size_t begin = at;
    std::size_t end = at + key.size();
    const bool quoted = begin > 0 && (text[begin - 1] == '"' || text[begin - 1] == '\'');
    if (quoted) {
      if (end == text.size() || text[end] != text[begin - 1]) continue;
      --begin;
      ++end;
    }
    if (begin > 0 && before_key.find(text[begin - 1]) == before_key.npos) continue;
    end = text.find_first_not_of(" \t\r\n", end);
    if (end != text.npos && text[end] == ':') return true;
  }
  return false;
}

}  // namespace

Result<std::vector<Document>> ReadInput(const std::string& input, std::istream& in) {
  std::vector<Document> documents;
  if (input == "-") {
    documents.push_back({"standard input", ReadLimited(in)});
    return documents;
  }
  std::error_code error;
  const fs::file_status status = fs::status(input, error);
  std::vector<std::string> files{input};
  if (fs::is_directory(status)) {
    Result<std::vector<std::string>> listed = ListFolder(input);
    if (!listed.has_value()) return Fail(std::move(listed.error()));
    files = std::move(*listed);
  } else if (error) {
    return Fail(ErrnoError(error.value(), input));
  }
  for (const std::string& path : files) {
    Result<Document> document = ReadFile(path);
    if (!document.has_value()) return Fail(std::move(document.error()));
    documents.push_back(std::move(*document));
  }
  return documents;
}

bool IsProxyConfig(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool flow = first != std::string::npos && text[first] == '{';
  return HasTopLevelKey(text, "format", flow) && !HasTopLevelKey(text, "kind", flow);
}

std::vector<Error> AppendObjects(const Document& document, Objects& objects) {
  v1alpha1::ReadOutcome outcome = v1alpha1::ReadObjects(document.text, document.source);
  for (v1alpha1::Object& object : outcome.objects) {
    if (auto* tunnel = std::get_if<v1alpha1::Tunnel>(&object)) {
      objects.tunnels.push_back(std::move(*tunnel));
    } else {
      objects.secrets.push_back(std::move(std::get<v1alpha1::SecretObject>(object)));
    }
  }
  return std::move(outcome.errors);
}

std::string ProblemText(const plan::Problem& problem) {
  return "tunnel " + problem.tunnel.namespace_name + "/" + problem.tunnel.name + ": " +
         ErrorText(problem.error);
}

std::string ErrorText(const Error& error) {
  return error.code == ErrorCode::kInvalidConfig && error.sys_errno == 0 ? error.context
                                                                         : error.ToString();
}

}  // namespace underpass::cli
