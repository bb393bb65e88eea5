// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "api/base/defaults.h"
#include "api/config/proxy_config.h"

namespace underpass::config {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// At most kMaxKeyBytes + 2 bytes: enough to tell that a file is too long, with its newline.
Result<std::string> ReadStart(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) return Fail(ErrnoError(errno, path));
  std::string content(defaults::kMaxKeyBytes + 2, '\0');
  content.resize(std::fread(content.data(), 1, content.size(), file.get()));
  if (std::ferror(file.get()) != 0) return Fail(ErrnoError(errno, path));
  return content;
}

Result<Secret> ReadKey(const std::string& path) {
  Result<std::string> content = ReadStart(path);
  if (!content.has_value()) return Fail(content.error());
  if (content->ends_with('\n')) content->pop_back();
  if (content->empty())
    return Fail(ErrorCode::kInvalidConfig, path + ": the file is empty; a key is expected");
  if (content->size() > defaults::kMaxKeyBytes) {
    return Fail(ErrorCode::kInvalidConfig, path + ": the file is too long; at most " +
                                               std::to_string(defaults::kMaxKeyBytes) +
                                               " bytes are allowed");
  }
  return Secret(*std::move(content));
}

}  // namespace

Result<ProxyConfig> ResolveFiles(ProxyConfig config, const std::string& folder) {
  for (std::size_t i = 0; i < config.tunnels.size(); ++i) {
    auto* pool = std::get_if<v1alpha1::PoolSpec>(&config.tunnels[i].spec.kind);
    if (pool == nullptr || pool->key.file.empty()) continue;
    Result<Secret> key = ReadKey((std::filesystem::path(folder) / pool->key.file).string());
    if (!key.has_value()) {
      Error error = key.error();
      error.context = "tunnels[" + std::to_string(i) + "].pool.keyFile: " + error.context;
      return Fail(std::move(error));
    }
    pool->key.value = *std::move(key);
  }
  return config;
}

}  // namespace underpass::config
