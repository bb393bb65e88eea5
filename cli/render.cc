// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "api/config/proxy_config.h"
#include "cli/commands.h"
#include "cli/inputs.h"

namespace underpass::cli {
namespace {

void PrintProxy(const plan::Proxy& proxy, std::ostream& out) {
  out << "---\n# proxy " << plan::Label(proxy.name) << "\n";
  for (const auto& [path, value] : proxy.material) {
    out << "# with the file " << path << ", " << value.Reveal().size() << " bytes\n";
  }
  out << config::PrintProxyConfig(proxy.config, false);
}

}  // namespace

int RunRender(const std::vector<std::string>& inputs, const Console& console) {
  Objects objects;
  bool failed = false;
  const auto print_error = [&](const std::string& text) {
    console.err << "error: " << text << "\n";
    failed = true;
  };
  for (const std::string& input : inputs) {
    const Result<std::vector<Document>> documents = ReadInput(input, console.in);
    if (!documents.has_value()) {
      print_error(ErrorText(documents.error()));
      continue;
    }
    for (const Document& document : *documents) {
      for (const Error& error : AppendObjects(document, objects)) print_error(ErrorText(error));
    }
  }
  if (failed) return 1;  // half of the Tunnels would make other proxies than all of them
  const plan::Planned planned = plan::Plan(objects.tunnels, objects.secrets);
  for (const plan::Problem& problem : planned.problems) print_error(ProblemText(problem));
  for (const plan::Proxy& proxy : planned.proxies) PrintProxy(proxy, console.out);
  return failed ? 1 : 0;
}

}  // namespace underpass::cli
