// SPDX-License-Identifier: Apache-2.0
#include "controller/standalone/state_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "api/base/defaults.h"
#include "controller/standalone/files.h"

namespace underpass::standalone {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxSocketPath = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::size_t kMaxMaterialBytes = 1 << 20;  // Kubernetes' limit of a Secret

// The pid in the lock file, or "unknown".
std::string ReadPid(int fd) {
  std::array<char, 16> text{};
  const ssize_t size = pread(fd, text.data(), text.size(), 0);
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "unknown";
}

Result<Fd> Lock(const std::string& folder) {
  const std::string path = folder + "/controller.lock";
  Fd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return Fail(ErrnoError(errno, "open " + path));
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return Fail(ErrnoError(errno, "lock " + path));
    return Fail(ErrorCode::kAddressInUse, "state folder " + folder + " is used by controller pid " +
                                              ReadPid(fd.get()) +
                                              "; stop it or choose another --state-dir");
  }
  const std::string pid = std::to_string(getpid());
  if (ftruncate(fd.get(), 0) != 0 ||
      pwrite(fd.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return Fail(ErrnoError(errno, "write " + path));
  }
  return fd;
}

// The revision of the rendered config at `path`; nullopt if there is none.
std::optional<std::uint64_t> RevisionOf(const std::string& text) {
  return config::ParseProxyConfig(text, "proxy.yaml").config.revision;
}

std::string Print(const plan::Proxy& proxy, std::uint64_t revision) {
  config::ProxyConfig config = proxy.config;
  config.revision = revision;
  return config::PrintProxyConfig(config, false);
}

// Relative paths of all files under <folder>/material.
std::set<std::string> ListMaterial(const std::string& folder) {
  std::set<std::string> paths;
  std::error_code failure;
  for (fs::recursive_directory_iterator it(folder + "/material", failure), end;
       !failure && it != end; it.increment(failure)) {
    std::error_code ignored;
    if (!it->is_directory(ignored)) paths.insert(it->path().lexically_relative(folder).string());
  }
  return paths;
}

bool SameMaterial(const std::string& folder, const std::map<std::string, Secret>& material) {
  const std::set<std::string> present = ListMaterial(folder);
  if (present.size() != material.size()) return false;
  for (const auto& [path, secret] : material) {
    const Result<std::string> text = ReadFile(folder + "/" + path, kMaxMaterialBytes);
    if (!text.has_value() || *text != secret.Reveal()) return false;
  }
  return true;
}

}  // namespace

Result<StateDir> StateDir::Open(const std::string& path) {
  std::error_code failure;
  fs::path absolute = fs::absolute(path, failure).lexically_normal();
  if (!absolute.has_filename()) absolute = absolute.parent_path();  // a trailing slash
  const std::string folder = absolute.string();
  if (failure) return Fail(ErrnoError(failure.value(), "state folder " + path));
  RETURN_IF_ERROR(MakeFolder(folder));
  struct stat status{};
  if (stat(folder.c_str(), &status) != 0) {
    return Fail(ErrnoError(errno, "state folder " + folder));
  }
  if (!S_ISDIR(status.st_mode)) {
    return Fail(ErrorCode::kInvalidConfig, "state folder " + folder + " is not a folder");
  }
  // Another owner could swap the keys under a proxy.
  if (status.st_uid != geteuid()) {
    return Fail(ErrorCode::kPermissionDenied,
                "state folder " + folder + " belongs to user id " + std::to_string(status.st_uid));
  }
  Result<Fd> lock = Lock(folder);
  if (!lock.has_value()) return Fail(std::move(lock.error()));
  return StateDir(folder, std::move(*lock));
}

std::string StateDir::ConfigPath(const std::string& label) const {
  return path_ + "/" + label + "/proxy.yaml";
}

std::string StateDir::SocketPath(const std::string& label) const {
  return path_ + "/" + label + ".sock";
}

std::set<std::string> StateDir::Proxies() const {
  std::set<std::string> labels;
  std::error_code failure;
  for (fs::directory_iterator it(path_, failure), end; !failure && it != end;
       it.increment(failure)) {
    const std::string label = it->path().filename();
    const Result<std::string> text = ReadFile(ConfigPath(label), defaults::kMaxDocumentBytes);
    if (text.has_value() && RevisionOf(*text)) labels.insert(label);
  }
  return labels;
}

Result<void> StateDir::WriteFiles(const plan::Proxy& proxy, const std::string& config_text) {
  const std::string folder = path_ + "/" + plan::Label(proxy.name);
  const std::string temporary = folder + "/.writing";
  RETURN_IF_ERROR(MakeFolder(folder));
  for (const auto& [path, secret] : proxy.material) {
    const std::string file = folder + "/" + path;
    RETURN_IF_ERROR(MakeFolder(fs::path(file).parent_path().string()));
    RETURN_IF_ERROR(ReplaceFile(file, temporary, secret.Reveal()));
  }
  RETURN_IF_ERROR(ReplaceFile(ConfigPath(plan::Label(proxy.name)), temporary, config_text));
  for (const std::string& path : ListMaterial(folder)) {
    std::error_code ignored;  // tried again with the next change
    if (!proxy.material.contains(path)) fs::remove(folder + "/" + path, ignored);
  }
  return {};
}

Result<StateDir::Written> StateDir::Write(const plan::Proxy& proxy) {
  const std::string label = plan::Label(proxy.name);
  if (SocketPath(label).size() > kMaxSocketPath) {
    return Fail(ErrorCode::kInvalidConfig, "admin socket " + SocketPath(label) + ": longer than " +
                                               std::to_string(kMaxSocketPath) +
                                               " bytes; choose a shorter --state-dir");
  }
  const Result<std::string> old_text = ReadFile(ConfigPath(label), defaults::kMaxDocumentBytes);
  const std::uint64_t old_revision = old_text.has_value() ? RevisionOf(*old_text).value_or(0) : 0;
  if (old_revision > 0 && !unfinished_.contains(label) && *old_text == Print(proxy, old_revision) &&
      SameMaterial(path_ + "/" + label, proxy.material)) {
    return Written{old_revision, false};
  }
  unfinished_.insert(label);
  RETURN_IF_ERROR(WriteFiles(proxy, Print(proxy, old_revision + 1)));
  unfinished_.erase(label);
  return Written{old_revision + 1, true};
}

void StateDir::RemoveSocket(const std::string& label) {
  std::error_code ignored;
  fs::remove(SocketPath(label), ignored);
}

void StateDir::Remove(const std::string& label) {
  RemoveSocket(label);
  const fs::path folder = path_ + "/" + label;
  std::error_code ignored;
  fs::remove_all(folder / "material", ignored);
  fs::remove(folder / ".writing", ignored);
  fs::remove(folder / "proxy.yaml", ignored);
  fs::remove(folder, ignored);
}

}  // namespace underpass::standalone
