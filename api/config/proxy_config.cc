// SPDX-License-Identifier: Apache-2.0
#include "api/config/proxy_config.h"

#include <limits>
#include <set>
#include <utility>

#include "api/v1alpha1/field_reader.h"
#include "api/v1alpha1/spec_printer.h"
#include "api/v1alpha1/spec_reader.h"
#include "api/v1alpha1/validate.h"
#include "api/v1alpha1/yaml_tree.h"
#include "api/v1alpha1/yaml_writer.h"

namespace underpass::config {
namespace {

using v1alpha1::Findings;
using v1alpha1::MapReader;
using v1alpha1::ObjectName;
using v1alpha1::PlaceNamer;
using v1alpha1::SpecForm;
using v1alpha1::Tunnel;
using v1alpha1::YamlNode;

bool IsRendered(const YamlNode& document) {
  for (const YamlNode::Member& member : document.members) {
    if (member.key == "revision") return true;
  }
  return false;
}

// One ProxyConfig document; what is wrong goes to `findings`.
class ConfigReader {
 public:
  ConfigReader(const YamlNode& document, Findings& findings)
      : map_(document, "", findings), findings_(findings) {}

  ParseOutcome Read() {
    if (!findings_.failed()) ReadDocument();
    Collect(findings_.TakeErrors());
    std::vector<std::string> unknown = findings_.TakeWarnings();
    outcome_.warnings.insert(outcome_.warnings.begin(), unknown.begin(), unknown.end());
    if (!outcome_.errors.empty()) outcome_.config = {};
    return std::move(outcome_);
  }

 private:
  void ReadDocument() {
    map_.Require("format", std::to_string(kFormat));
    map_.Integer("format", kFormat, kFormat);
    if (const auto revision =
            map_.Integer("revision", 0, std::numeric_limits<std::int64_t>::max())) {
      outcome_.config.revision = static_cast<std::uint64_t>(*revision);
    }
    map_.Require("tunnels", "a list; [] if there are none");
    std::vector<MapReader> items = map_.Maps("tunnels");
    Collect(findings_.TakeErrors());  // what fails from here on is one tunnel's
    for (MapReader& item : items) {
      ReadTunnel(item);
      Collect(findings_.TakeErrors());
    }
    map_.Finish();
  }

  void ReadTunnel(MapReader& item) {
    if (findings_.lenient() && !v1alpha1::HasKnownKind(item)) {
      item.Warn("no kind that this version knows (pool, forward); the tunnel is left out");
      return;
    }
    Tunnel tunnel;
    item.Require("name", "the tunnel's name");
    if (auto name = item.String("name")) tunnel.metadata.name = *std::move(name);
    if (auto text = item.String("namespace")) tunnel.metadata.namespace_name = *std::move(text);
    tunnel.spec = v1alpha1::ReadSpec(item, SpecForm::kProxyConfig);
    item.Finish();
    if (!findings_.failed()) Accept(std::move(tunnel), item);
  }

  void Accept(Tunnel tunnel, MapReader& item) {
    const PlaceNamer namer(findings_, item.path() + ".");
    Collect(v1alpha1::Validate(tunnel.metadata, namer));
    Collect(v1alpha1::Validate(tunnel.spec, namer));
    if (!names_.insert(tunnel.metadata).second) {
      item.Fail("name", "\"" + tunnel.metadata.name +
                            "\" is given twice; names are unique within a namespace");
    }
    for (std::string& warning : v1alpha1::Warnings(tunnel.spec, namer)) {
      outcome_.warnings.push_back(std::move(warning));
    }
    outcome_.config.tunnels.push_back(std::move(tunnel));
  }

  void Collect(std::vector<Error> errors) {
    for (Error& error : errors) outcome_.errors.push_back(std::move(error));
  }

  MapReader map_;
  Findings& findings_;
  std::set<ObjectName> names_;
  ParseOutcome outcome_;
};

ParseOutcome Failed(ErrorCode code, std::string context) {
  ParseOutcome outcome;
  outcome.errors.push_back({code, 0, std::move(context)});
  return outcome;
}

}  // namespace

ParseOutcome ParseProxyConfig(std::string_view text, const std::string& source) {
  const auto documents = v1alpha1::ParseYaml(text);
  if (!documents.has_value()) {
    const v1alpha1::YamlProblem& problem = documents.error();
    return Failed(problem.error.code,
                  source + ":" + std::to_string(problem.line) + ": " + problem.error.context);
  }
  if (documents->size() != 1) {
    return Failed(ErrorCode::kInvalidConfig, source + ":1: " + std::to_string(documents->size()) +
                                                 " documents are not allowed; exactly one is");
  }
  const YamlNode& document = documents->front();
  Findings findings(source, IsRendered(document));
  return ConfigReader(document, findings).Read();
}

std::string PrintProxyConfig(const ProxyConfig& config, bool reveal) {
  v1alpha1::YamlWriter writer;
  writer.Integer("format", kFormat);
  if (config.revision) writer.Integer("revision", static_cast<std::int64_t>(*config.revision));
  if (config.tunnels.empty()) {
    writer.Names("tunnels", {});
    return writer.text();
  }
  writer.OpenList("tunnels");
  for (const Tunnel& tunnel : config.tunnels) {
    writer.OpenItem();
    writer.Text("name", tunnel.metadata.name);
    if (tunnel.metadata.namespace_name != "default")
      writer.Text("namespace", tunnel.metadata.namespace_name);
    v1alpha1::PrintSpec(writer, tunnel.spec, SpecForm::kProxyConfig, reveal);
    writer.Close();
  }
  writer.Close();
  return writer.text();
}

}  // namespace underpass::config
