// SPDX-License-Identifier: Apache-2.0
#include "cli/find_proxies.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "api/base/runtime_dir.h"

namespace underpass::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> Folders(const ProxySelection& selection) {
  if (!selection.state_dirs.empty()) return selection.state_dirs;
  const std::string system = "/run/underpass";
  std::vector<std::string> folders = {RuntimeDir()};
  if (folders.front() != system) folders.push_back(system);
  return folders;
}

void Scan(const fs::path& folder, bool nested, std::vector<std::string>& sockets,
          std::error_code& error) {
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;  // an entry that has just gone
    if (entry->is_socket(ignored) && entry->path().extension() == ".sock") {
      sockets.push_back(entry->path().string());
    } else if (nested && entry->is_directory(ignored)) {
      std::error_code unreadable;  // another user's
      Scan(entry->path(), false, sockets, unreadable);
    }
  }
}

}  // namespace

FoundProxies FindProxies(const ProxySelection& selection) {
  FoundProxies found;
  if (!selection.sockets.empty()) {
    found.sockets = selection.sockets;
    return found;
  }
  for (const std::string& folder : Folders(selection)) {
    std::error_code error;
    Scan(folder, true, found.sockets, error);
    found.looked.push_back(error ? folder + " (" + error.message() + ")" : folder);
  }
  std::sort(found.sockets.begin(), found.sockets.end());
  return found;
}

std::string NoProxiesText(const FoundProxies& found) {
  std::string text = "no proxies found; looked for *.sock in:\n";
  for (const std::string& folder : found.looked) text += "  " + folder + "\n";
  return text +
         "Start tunnels with `underpass up FILE`, or name a proxy's socket with --socket PATH.\n";
}

}  // namespace underpass::cli
