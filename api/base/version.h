// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace underpass {

// Semantic version of this build, such as "0.1.0". Static storage.
extern const char* const kVersion;

}  // namespace underpass
