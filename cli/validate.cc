// SPDX-License-Identifier: Apache-2.0
#include "api/v1alpha1/validate.h"

#include <ostream>
#include <set>

#include "api/config/proxy_config.h"
#include "api/import/nodepass_url.h"
#include "cli/commands.h"
#include "cli/inputs.h"

namespace underpass::cli {
namespace {

class Validation {
 public:
  explicit Validation(const Console& console) : console_(console) {}

  void Add(const std::string& input) {
    if (input.find("://") != std::string::npos) return AddUrl(input);
    const Result<std::vector<Document>> documents = ReadInput(input, console_.in);
    if (!documents.has_value()) return PrintError(ErrorText(documents.error()));
    for (const Document& document : *documents) {
      if (IsProxyConfig(document.text)) {
        AddProxyConfig(document);
      } else {
        for (const Error& error : AppendObjects(document, objects_)) PrintError(ErrorText(error));
      }
    }
  }

  int Finish() {
    AddObjects();
    console_.out << valid_ << (valid_ == 1 ? " tunnel valid" : " tunnels valid");
    if (errors_ > 0) console_.out << ", " << errors_ << (errors_ == 1 ? " error" : " errors");
    console_.out << "\n";
    return errors_ == 0 ? 0 : 1;
  }

 private:
  void PrintError(const std::string& text) {
    ++errors_;
    console_.err << "error: " << text << "\n";
  }
  void PrintWarning(const std::string& text) { console_.err << "warning: " << text << "\n"; }

  // What one tunnel has been found to have; it is valid if there are no errors.
  void Count(const std::vector<Error>& errors) {
    for (const Error& error : errors) PrintError(ErrorText(error));
    if (errors.empty()) ++valid_;
  }

  void AddUrl(const std::string& url) {
    const Result<import::ImportedTunnel> imported = import::ParseNodePassUrl(url);
    if (!imported.has_value()) return PrintError(ErrorText(imported.error()));
    for (const std::string& warning : imported->warnings) PrintWarning(warning);
    Count(imported->unsupported);
  }

  void AddProxyConfig(const Document& document) {
    const config::ParseOutcome outcome = config::ParseProxyConfig(document.text, document.source);
    for (const std::string& warning : outcome.warnings) PrintWarning(warning);
    for (const Error& error : outcome.errors) PrintError(ErrorText(error));
    for (std::size_t i = 0; i < outcome.config.tunnels.size(); ++i) {
      const v1alpha1::TunnelSpec& spec = outcome.config.tunnels[i].spec;
      const v1alpha1::PrefixNamer namer(document.source + ": tunnels[" + std::to_string(i) + "].");
      Count(v1alpha1::Unsupported(spec, namer));
    }
  }

  // Says what the controller would say of all Tunnels together. A Secret that is not among the
  // files may exist where they are applied, so that is a warning.
  void AddObjects() {
    for (const v1alpha1::Tunnel& tunnel : objects_.tunnels) {
      const v1alpha1::PrefixNamer namer("tunnel " + tunnel.metadata.namespace_name + "/" +
                                        tunnel.metadata.name + ": spec.");
      for (const std::string& warning : v1alpha1::Warnings(tunnel.spec, namer)) {
        PrintWarning(warning);
      }
    }
    const plan::Planned planned = plan::Plan(objects_.tunnels, objects_.secrets);
    std::set<v1alpha1::ObjectName> invalid;
    for (const plan::Problem& problem : planned.problems) {
      if (problem.error.code == ErrorCode::kNotFound) {
        PrintWarning(ProblemText(problem) + "; it must exist where the Tunnel is applied");
        continue;
      }
      PrintError(ProblemText(problem));
      invalid.insert(problem.tunnel);
    }
    for (const v1alpha1::Tunnel& tunnel : objects_.tunnels) {
      if (!invalid.contains(tunnel.metadata)) ++valid_;
    }
  }

  const Console& console_;
  Objects objects_;
  int valid_ = 0;
  int errors_ = 0;
};

}  // namespace

int RunValidate(const std::vector<std::string>& inputs, const Console& console) {
  Validation validation(console);
  for (const std::string& input : inputs) validation.Add(input);
  return validation.Finish();
}

}  // namespace underpass::cli
