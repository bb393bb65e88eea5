// SPDX-License-Identifier: Apache-2.0
// Finds the admin sockets of the proxies on this machine.
// Thread: one.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.h"

namespace underpass::cli {

struct FoundProxies {
  std::vector<std::string> sockets;  // by path
  std::vector<std::string>
      looked;  // folders, each with what was wrong with it: "/run/underpass (No such file ...)"
};

// With sockets in the selection: these. Else every *.sock in its folders and one level below them;
// without folders in $XDG_RUNTIME_DIR/underpass and /run/underpass.
FoundProxies FindProxies(const ProxySelection& selection);

// What to tell a person when there are none.
std::string NoProxiesText(const FoundProxies& found);

}  // namespace underpass::cli
