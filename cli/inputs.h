// SPDX-License-Identifier: Apache-2.0
// The documents that a person names on the command line.
// Thread: one.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "api/base/result.h"
#include "api/v1alpha1/document.h"
#include "controller/plan/plan.h"

namespace underpass::cli {

struct Document {
  std::string source;  // file name, or "standard input"
  std::string text;    // at most one byte more than a document may have
};

// input: a file, a folder (its *.yaml, *.yml and *.json in the order of their names, no subfolders,
// none that begins with a dot), or "-" for `in`. Errors: kNotFound, kPermissionDenied,
// kInvalidConfig (a folder without such files, or neither file nor folder), naming the path.
Result<std::vector<Document>> ReadInput(const std::string& input, std::istream& in);

// True for a ProxyConfig: `format` and no `kind` at the top level.
bool IsProxyConfig(const std::string& text);

// All that a set of Tunnel files says.
struct Objects {
  std::vector<v1alpha1::Tunnel> tunnels;
  std::vector<v1alpha1::SecretObject> secrets;
};

// Appends the objects of one document; returns its errors, and then appends nothing.
std::vector<Error> AppendObjects(const Document& document, Objects& objects);

// "tunnel shop/db: <error>".
std::string ProblemText(const plan::Problem& problem);

// What a person reads of an error: its context, and its name where that tells more.
std::string ErrorText(const Error& error);

}  // namespace underpass::cli
