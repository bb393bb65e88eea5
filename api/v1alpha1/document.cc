// SPDX-License-Identifier: Apache-2.0
#include "api/v1alpha1/document.h"

#include <set>
#include <tuple>
#include <utility>

#include "api/base/check.h"
#include "api/v1alpha1/base64.h"
#include "api/v1alpha1/field_reader.h"
#include "api/v1alpha1/spec_printer.h"
#include "api/v1alpha1/spec_reader.h"
#include "api/v1alpha1/validate.h"
#include "api/v1alpha1/yaml_tree.h"
#include "api/v1alpha1/yaml_writer.h"

namespace underpass::v1alpha1 {
namespace {

constexpr std::string_view kTunnelVersion = "underpass.dev/v1alpha1";
constexpr std::string_view kSecretVersion = "v1";

std::string TitleOf(std::string_view kind, const ObjectName& name) {
  const std::string place = name.namespace_name == "default" ? "" : name.namespace_name + "/";
  return std::string(kind) + " " + place + name.name;
}

// One document into one object; what is wrong goes to `findings`.
class ObjectReader {
 public:
  ObjectReader(const YamlNode& document, Findings& findings)
      : map_(document, "", findings), findings_(findings) {}

  std::optional<Object> Read() {
    if (findings_.failed()) return std::nullopt;
    map_.Require("apiVersion", std::string(kTunnelVersion) + " for a Tunnel, v1 for a Secret");
    map_.Require("kind", "allowed: Tunnel, Secret");
    const std::optional<std::string> kind = map_.String("kind");
    if (!kind) return std::nullopt;
    if (*kind == "Tunnel") return ReadTunnel();
    if (*kind == "Secret") return ReadSecret();
    map_.Fail("kind", Quoted(*kind) + " is not allowed; allowed: Tunnel, Secret");
    return std::nullopt;
  }

 private:
  void ReadVersion(std::string_view expected) {
    const std::optional<std::string> version = map_.String("apiVersion");
    if (version && *version != expected) {
      map_.Fail("apiVersion",
                Quoted(*version) + " is not allowed; " + std::string(expected) + " is");
    }
  }

  // Labels and annotations are read for the sake of files that are also applied to a cluster; they
  // mean nothing here.
  ObjectName ReadMetadata(std::string_view kind) {
    ObjectName name;
    map_.Require("metadata", "with a name");
    std::optional<MapReader> metadata = map_.Map("metadata");
    if (!metadata) return name;
    metadata->Require("name", "the object's name");
    if (std::optional<std::string> text = metadata->String("name")) name.name = *std::move(text);
    if (std::optional<std::string> text = metadata->String("namespace"))
      name.namespace_name = *std::move(text);
    metadata->Strings("labels");
    metadata->Strings("annotations");
    metadata->Finish();
    if (!name.name.empty())
      findings_.set_subject(TitleOf(kind, {Shown(name.name), Shown(name.namespace_name)}));
    return name;
  }

  // Names are not validated yet when errors begin to show them.
  static std::string Shown(const std::string& name) {
    const std::string quoted = Quoted(name);
    return quoted.substr(1, quoted.size() - 2);
  }

  std::optional<Object> ReadTunnel() {
    Tunnel tunnel;
    ReadVersion(kTunnelVersion);
    tunnel.metadata = ReadMetadata("Tunnel");
    map_.Require("spec", "the tunnel itself");
    if (std::optional<MapReader> spec = map_.Map("spec")) {
      tunnel.spec = ReadSpec(*spec, SpecForm::kTunnel);
      spec->Finish();
    }
    map_.Finish();
    if (findings_.failed()) return std::nullopt;
    return tunnel;
  }

  std::optional<Object> ReadSecret() {
    SecretObject secret;
    ReadVersion(kSecretVersion);
    secret.metadata = ReadMetadata("Secret");
    map_.String("type");
    for (auto& [key, text] : map_.Strings("data")) {
      std::optional<std::string> value = DecodeBase64(text);
      if (value) {
        secret.data[key] = Secret(*std::move(value));
      } else {
        map_.Fail("data", "the value of key " + Quoted(key) +
                              " is not base64; plain text belongs into stringData");
      }
    }
    for (auto& [key, text] : map_.Strings("stringData")) secret.data[key] = Secret(std::move(text));
    map_.Finish();
    if (findings_.failed()) return std::nullopt;
    return secret;
  }

  MapReader map_;
  Findings& findings_;
};

const ObjectName& MetadataOf(const Object& object) {
  return std::visit([](const auto& value) -> const ObjectName& { return value.metadata; }, object);
}

std::vector<Error> ValidateObject(const Object& object, const Findings& findings) {
  std::vector<Error> errors = Validate(MetadataOf(object), PlaceNamer(findings, "metadata."));
  if (const auto* tunnel = std::get_if<Tunnel>(&object)) {
    for (Error& error : Validate(tunnel->spec, PlaceNamer(findings, "spec."))) {
      errors.push_back(std::move(error));
    }
  }
  return errors;
}

void Append(std::vector<Error>& list, std::vector<Error> more) {
  for (Error& error : more) list.push_back(std::move(error));
}

}  // namespace

ReadOutcome ReadObjects(std::string_view text, const std::string& source) {
  ReadOutcome outcome;
  auto documents = ParseYaml(text);
  if (!documents.has_value()) {
    YamlProblem& problem = documents.error();
    problem.error.context =
        source + ":" + std::to_string(problem.line) + ": " + problem.error.context;
    outcome.errors.push_back(std::move(problem.error));
    return outcome;
  }
  std::set<std::tuple<std::size_t, ObjectName>> seen;
  for (const YamlNode& document : *documents) {
    Findings findings(source, false);
    std::optional<Object> object = ObjectReader(document, findings).Read();
    if (object) {
      Append(outcome.errors, ValidateObject(*object, findings));
      if (!seen.emplace(object->index(), MetadataOf(*object)).second) {
        findings.Fail(document.line, "metadata.name",
                      "is given twice in this file; once is allowed");
      }
      outcome.objects.push_back(*std::move(object));
    }
    Append(outcome.errors, findings.TakeErrors());
  }
  if (!outcome.errors.empty()) outcome.objects.clear();
  return outcome;
}

std::string PrintTunnel(const Tunnel& tunnel) {
  if (const auto* pool = std::get_if<PoolSpec>(&tunnel.spec.kind)) {
    CHECK(pool->key.file.empty() && pool->key.value.empty());
  }
  YamlWriter writer;
  writer.Text("apiVersion", kTunnelVersion);
  writer.Text("kind", "Tunnel");
  writer.OpenMap("metadata");
  writer.Text("name", tunnel.metadata.name);
  if (tunnel.metadata.namespace_name != "default")
    writer.Text("namespace", tunnel.metadata.namespace_name);
  writer.Close();
  writer.OpenMap("spec");
  PrintSpec(writer, tunnel.spec, SpecForm::kTunnel, false);
  writer.Close();
  return writer.text();
}

}  // namespace underpass::v1alpha1
