// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace underpass {

// Where a user's proxies have their sockets and the controller its state, and so where `underpass
// status` looks: $XDG_RUNTIME_DIR/underpass, or /run/underpass where that variable is unset or
// empty. The folder may not exist.
std::string RuntimeDir();

}  // namespace underpass
