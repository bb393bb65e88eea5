// SPDX-License-Identifier: Apache-2.0
#include "proxy/app/config_source.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>
#include <utility>

#include "api/import/nodepass_url.h"
#include "api/v1alpha1/validate.h"

namespace underpass::app {
namespace {

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Fail(ErrnoError(errno, "open " + path));
  // One byte more than is allowed, so that the parser sees that it is too large.
  std::string text(defaults::kMaxDocumentBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return Fail(ErrorCode::kIoError, "read " + path);
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

// Takes out what this version cannot run, so that the other tunnels do.
void RefuseUnsupported(LoadedConfig& loaded) {
  std::vector<v1alpha1::Tunnel> runnable;
  for (std::size_t i = 0; i < loaded.config.tunnels.size(); ++i) {
    v1alpha1::Tunnel& tunnel = loaded.config.tunnels[i];
    const v1alpha1::PrefixNamer namer("tunnels[" + std::to_string(i) + "].");
    const std::vector<Error> unsupported = Unsupported(tunnel.spec, namer);
    loaded.refused.insert(loaded.refused.end(), unsupported.begin(), unsupported.end());
    if (unsupported.empty()) runnable.push_back(std::move(tunnel));
  }
  loaded.config.tunnels = std::move(runnable);
}

}  // namespace

LoadOutcome LoadConfigFile(const std::string& path) {
  Result<std::string> text = ReadFile(path);
  if (!text.has_value()) return tl::unexpected(std::vector<Error>{text.error()});
  config::ParseOutcome parsed = config::ParseProxyConfig(*text, path);
  if (!parsed.errors.empty()) return tl::unexpected(std::move(parsed.errors));
  Result<config::ProxyConfig> resolved = config::ResolveFiles(
      std::move(parsed.config), std::filesystem::path(path).parent_path().string());
  if (!resolved.has_value()) return tl::unexpected(std::vector<Error>{resolved.error()});
  LoadedConfig loaded{.config = std::move(*resolved),
                      .warnings = std::move(parsed.warnings),
                      .text = std::move(*text)};
  RefuseUnsupported(loaded);
  return loaded;
}

LoadOutcome LoadUrls(const std::vector<std::string>& urls) {
  LoadedConfig loaded;
  std::vector<Error> errors;
  std::set<std::string> names;
  for (const std::string& url : urls) {
    Result<import::ImportedTunnel> imported = import::ParseNodePassUrl(url);
    if (!imported.has_value()) {
      errors.push_back(imported.error());
      continue;
    }
    v1alpha1::Tunnel& tunnel = imported->tunnel;
    const std::string base = tunnel.metadata.name;
    for (int n = 2; !names.insert(tunnel.metadata.name).second; ++n)
      tunnel.metadata.name = base + "-" + std::to_string(n);
    for (std::string& warning : imported->warnings) loaded.warnings.push_back(std::move(warning));
    if (!loaded.log_level.has_value()) loaded.log_level = imported->log_level;
    if (!imported->unsupported.empty()) {
      loaded.refused.insert(loaded.refused.end(), imported->unsupported.begin(),
                            imported->unsupported.end());
      continue;
    }
    loaded.config.tunnels.push_back(std::move(tunnel));
  }
  if (!errors.empty()) return tl::unexpected(std::move(errors));
  return loaded;
}

}  // namespace underpass::app
