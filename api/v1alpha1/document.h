// SPDX-License-Identifier: Apache-2.0
// Tunnel files: YAML (or JSON, which is YAML) with any number of documents, `kind: Tunnel` or
// `kind: Secret`. Strict: an unknown key, a duplicate key, a wrong type, an alias, an unknown enum
// value or a second kind is an error that names the field, its line and what is allowed; nothing is
// guessed. Thread: any; pure. Metadata may carry labels and annotations, and a Secret its type;
// they are ignored.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/base/result.h"
#include "api/v1alpha1/tunnel_spec.h"

namespace underpass::v1alpha1 {

// kind: Secret, apiVersion: v1. `data` is base64-decoded, `stringData` taken as it is and wins.
struct SecretObject {
  ObjectName metadata;
  std::map<std::string, Secret> data;
};

using Object = std::variant<Tunnel, SecretObject>;

// Reads all documents of one text and validates each Tunnel (validate.h, prefix "spec.").
//   text: 0..defaults::kMaxDocumentBytes bytes; empty documents are skipped.   source: its name in
//   errors.
// Either every object, or every error found, in the order of the text; each error's context begins
// with
// "<source>:<line>: ", and with the Tunnel's name once it is known.
struct ReadOutcome {
  std::vector<Object> objects;
  std::vector<Error> errors;  // not empty: `objects` is empty
};
ReadOutcome ReadObjects(std::string_view text, const std::string& source);

// One Tunnel as a YAML document that ReadObjects takes back to an equal value. Only fields that
// differ from the default are printed. A Secret's value is never printed. Certificate
// files, which a Tunnel cannot name, are left out. Requires: key.file and key.value are empty.
std::string PrintTunnel(const Tunnel& tunnel);

}  // namespace underpass::v1alpha1
