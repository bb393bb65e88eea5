// SPDX-License-Identifier: Apache-2.0
#include <ostream>
#include <utility>

#include "api/import/nodepass_url.h"
#include "api/v1alpha1/document.h"
#include "api/v1alpha1/yaml_writer.h"
#include "cli/commands.h"
#include "cli/inputs.h"

namespace underpass::cli {
namespace {

constexpr char kKeyName[] = "key";

// Without a namespace, as the Tunnel beside it.
std::string PrintKeySecret(const std::string& name, const Secret& key) {
  v1alpha1::YamlWriter yaml;
  yaml.Text("apiVersion", "v1");
  yaml.Text("kind", "Secret");
  yaml.OpenMap("metadata");
  yaml.Text("name", name);
  yaml.Close();
  yaml.OpenMap("stringData");
  yaml.Text(kKeyName, key.Reveal());
  yaml.Close();
  return yaml.text();
}

}  // namespace

int RunConvert(const std::string& url, const Console& console) {
  Result<import::ImportedTunnel> imported = import::ParseNodePassUrl(url);
  if (!imported.has_value()) {
    console.err << "error: " << ErrorText(imported.error()) << "\n";
    return 1;
  }
  for (const std::string& warning : imported->warnings) {
    console.err << "warning: " << warning << "\n";
  }
  for (const Error& error : imported->unsupported) {
    console.err << "warning: " << ErrorText(error) << "\n";
  }

  v1alpha1::Tunnel& tunnel = imported->tunnel;
  std::string secret;
  if (auto* pool = std::get_if<v1alpha1::PoolSpec>(&tunnel.spec.kind)) {
    const std::string prefix = tunnel.metadata.name;
    if (!pool->key.value.empty()) {
      const std::string name = prefix + "-key";
      secret = "---\n" + PrintKeySecret(name, std::exchange(pool->key.value, {}));
      pool->key.secret_ref = v1alpha1::SecretKeyRef{name, kKeyName};
      console.err << "warning: the key is printed in plain text, as Secret " << name
                  << "; keep it out of version control\n";
    }
    if (!pool->tls.cert_file.empty() || !pool->tls.key_file.empty()) {
      pool->tls.secret_name = prefix + "-tls";
      console.err << "warning: put " << pool->tls.cert_file << " and " << pool->tls.key_file
                  << " into a Secret " << pool->tls.secret_name << " as tls.crt and tls.key\n";
      pool->tls.cert_file.clear();
      pool->tls.key_file.clear();
    }
  }
  console.out << v1alpha1::PrintTunnel(tunnel) << secret;
  return 0;
}

}  // namespace underpass::cli
