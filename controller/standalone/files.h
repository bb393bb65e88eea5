// SPDX-License-Identifier: Apache-2.0
// Whole files, without exceptions.
// Thread: any.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "api/base/result.h"

namespace underpass::standalone {

// The first `limit` bytes of a regular file. Never waits, whatever `path` is.
// Errors: kInvalidConfig (no regular file), or of the failed call (kNotFound, kPermissionDenied,
// ...), naming the path.
Result<std::string> ReadFile(const std::string& path, std::size_t limit);

// Replaces `path` by a file of mode 0600: written as `temporary` (same file system), then renamed,
// so that a reader sees the old content or the new. Errors: of the failed call, naming the path.
Result<void> ReplaceFile(const std::string& path, const std::string& temporary,
                         std::string_view content);

// Makes the folder with mode 0700, and the missing ones above it; an existing one stays as it is.
// Errors: of the failed call, naming the path.
Result<void> MakeFolder(const std::string& path);

}  // namespace underpass::standalone
