// SPDX-License-Identifier: Apache-2.0
#include "controller/standalone/manifests.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include "api/base/defaults.h"
#include "controller/standalone/files.h"

namespace underpass::standalone {
namespace {

namespace fs = std::filesystem;

bool IsManifestName(const fs::path& path) {
  constexpr std::array<std::string_view, 3> kExtensions = {".yaml", ".yml", ".json"};
  return !path.filename().string().starts_with('.') &&
         std::find(kExtensions.begin(), kExtensions.end(), path.extension().string()) !=
             kExtensions.end();
}

// The manifests of a folder, by path.
Result<std::vector<std::string>> ListFolder(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code failure;
  for (fs::directory_iterator it(folder, failure), end; !failure && it != end;
       it.increment(failure)) {
    std::error_code ignored;  // what cannot be looked at is reported when it is read
    if (IsManifestName(it->path()) && !it->is_directory(ignored)) paths.push_back(it->path());
  }
  if (failure) return Fail(ErrnoError(failure.value(), "read folder " + folder));
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

Reading ReadManifests(const std::string& path) {
  std::vector<std::string> paths = {path};
  Reading reading;
  std::error_code ignored;  // a path that cannot be looked at is reported by ReadFile
  if (fs::is_directory(path, ignored)) {
    Result<std::vector<std::string>> listed = ListFolder(path);
    if (!listed.has_value()) {
      reading.errors.push_back(listed.error().ToString());
      return reading;
    }
    paths = std::move(*listed);
  }
  for (std::string& file : paths) {
    Result<std::string> text = ReadFile(file, defaults::kMaxDocumentBytes + 1);
    if (text.has_value()) {
      reading.files.push_back({std::move(file), std::move(*text)});
    } else {
      reading.errors.push_back(text.error().ToString());
    }
  }
  return reading;
}

Manifests ParseManifests(const Reading& reading) {
  Manifests manifests;
  manifests.errors = reading.errors;
  for (const ManifestFile& file : reading.files) {
    v1alpha1::ReadOutcome outcome = v1alpha1::ReadObjects(file.text, file.path);
    for (const Error& error : outcome.errors) manifests.errors.push_back(error.ToString());
    for (v1alpha1::Object& object : outcome.objects) {
      if (auto* tunnel = std::get_if<v1alpha1::Tunnel>(&object)) {
        manifests.tunnels.push_back(std::move(*tunnel));
      } else {
        manifests.secrets.push_back(std::get<v1alpha1::SecretObject>(std::move(object)));
      }
    }
  }
  if (!manifests.errors.empty()) {
    manifests.tunnels.clear();
    manifests.secrets.clear();
  }
  return manifests;
}

ChangeGate::Verdict ChangeGate::Offer(const Reading& reading) {
  if (current_ == reading) {
    candidate_.reset();
    return Verdict::kUnchanged;
  }
  if (candidate_ != reading) {
    candidate_ = reading;
    return Verdict::kLookAgain;
  }
  current_ = std::exchange(candidate_, std::nullopt);
  return Verdict::kChanged;
}

}  // namespace underpass::standalone
