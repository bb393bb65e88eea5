// SPDX-License-Identifier: Apache-2.0
// Manifests: the Tunnel files that a person keeps in a file or a folder, and when a change of them
// counts.
// Thread: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/base/error.h"
#include "api/v1alpha1/document.h"
#include "api/v1alpha1/tunnel_spec.h"

namespace underpass::standalone {

struct ManifestFile {
  std::string path;
  // At most one byte more than a document may have, so that the parser sees that it is too large.
  std::string text;
  friend bool operator==(const ManifestFile&, const ManifestFile&) = default;
};

// What one look at the path found.
struct Reading {
  std::vector<ManifestFile> files;  // by path
  std::vector<std::string> errors;  // not empty: something cannot be read
  friend bool operator==(const Reading&, const Reading&) = default;
};

// path: a file, or a folder of which *.yaml, *.yml and *.json are read, not those below it and none
// beginning with a dot.
Reading ReadManifests(const std::string& path);

struct Manifests {
  std::vector<v1alpha1::Tunnel> tunnels;
  std::vector<v1alpha1::SecretObject> secrets;
  std::vector<std::string> errors;  // "<file>:<line>: ..."; not empty: the rest is empty
};
Manifests ParseManifests(const Reading& reading);

// Lets a change through once it has settled: two looks in a row saw the same, so that a file that
// is just being written is not taken for its whole.
class ChangeGate {
 public:
  enum class Verdict : std::uint8_t {
    kUnchanged,
    kLookAgain,  // soon
    kChanged,    // act on this reading; it is what later ones are compared with
  };

  explicit ChangeGate(Reading current) : current_(std::move(current)) {}
  Verdict Offer(const Reading& reading);
  // Acting on the last reading failed half-way: the next look counts as a change.
  void Forget() { current_.reset(); }

 private:
  std::optional<Reading> current_;
  std::optional<Reading> candidate_;
};

}  // namespace underpass::standalone
