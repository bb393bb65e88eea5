// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "cli/admin_client.h"
#include "cli/commands.h"
#include "cli/find_proxies.h"

namespace underpass::cli {
namespace {

// The labels of the proxy's tunnels that a person means by `name`; with an empty name the proxy
// itself.
std::vector<std::string> Matches(const admin::v1::Status& status, const std::string& name) {
  if (name.empty()) return {""};
  std::vector<std::string> labels;
  for (const admin::v1::TunnelStatus& tunnel : status.tunnels()) {
    const std::string full = tunnel.namespace_() + "/" + tunnel.name();
    if (tunnel.label() == name || full == name) labels.push_back(tunnel.label());
  }
  return labels;
}

}  // namespace

int RunDrain(const DrainOptions& options, const Console& console) {
  const FoundProxies found = FindProxies(options.proxies);
  if (found.sockets.empty()) {
    console.err << NoProxiesText(found);
    return 1;
  }
  if (options.tunnel.empty() && found.sockets.size() > 1 && !options.all) {
    console.err << "error: there are " << found.sockets.size()
                << " proxies; name a tunnel, one proxy with --socket, or say --all\n";
    return 1;
  }
  int drained = 0;
  bool failed = false;
  for (const std::string& socket : found.sockets) {
    AdminClient client(socket);
    const Result<admin::v1::Status> status = client.GetStatus();
    if (!status.has_value()) {
      console.err << "error: " << status.error().ToString() << "\n";
      failed = true;
      continue;
    }
    for (const std::string& label : Matches(*status, options.tunnel)) {
      const Result<void> result = client.Drain(label);
      if (result.has_value()) {
        ++drained;
        console.out << "draining " << (label.empty() ? "proxy " + socket : "tunnel " + label)
                    << "\n";
      } else {
        console.err << "error: " << result.error().ToString() << "\n";
        failed = true;
      }
    }
  }
  if (drained == 0 && !failed) {
    console.err << "error: no proxy has a tunnel " << options.tunnel << "\n";
  }
  return drained > 0 && !failed ? 0 : 1;
}

}  // namespace underpass::cli
