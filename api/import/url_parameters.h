// SPDX-License-Identifier: Apache-2.0
// The query of a NodePass URL: typed values by name, each error naming its parameter; and the names
// of parameters for the fields of a TunnelSpec. Thread: one (it notes what was read).
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/base/result.h"
#include "api/import/url_parts.h"
#include "api/v1alpha1/validate.h"

namespace underpass::import {

// A parameter that was never asked for is unknown or not applicable: see Ignored. An empty value is
// an absent one. After the first error (error()) values are meaningless.
class UrlParameters {
 public:
  // Requires: `parts` outlives this.
  explicit UrlParameters(const UrlParts& parts) : query_(parts.query) {}

  std::string Text(std::string_view name);
  // The index into `allowed`; absent: 0.
  std::size_t Choice(std::string_view name, const std::vector<std::string_view>& allowed);
  bool Flag(std::string_view name) { return Choice(name, {"0", "1"}) == 1; }
  // A whole number of 0..2147483647.
  std::optional<int> Count(std::string_view name);
  // A Go duration, rounded up.
  std::optional<std::chrono::seconds> Duration(std::string_view name);

  bool Given(std::string_view name) const { return query_.contains(name); }
  // What was written: "?min=64"; "?min=" if it was not.
  std::string Written(std::string_view name) const;
  void Fail(std::string_view name, const std::string& text);
  // Takes back that `name` was asked for.
  void Ignore(std::string_view name);

  const std::optional<Error>& error() const { return error_; }
  // The given parameters that were not asked for, "max, foo"; empty = none.
  std::string Ignored() const;

 private:
  const std::map<std::string, std::string, std::less<>>& query_;
  std::set<std::string, std::less<>> asked_;
  std::optional<Error> error_;
};

// Turns the path of a spec's field into the part of the URL it came from.
class UrlNamer : public v1alpha1::FieldNamer {
 public:
  // forward: the tunnel address became `listen`.
  UrlNamer(const UrlParameters& parameters, bool forward)
      : parameters_(parameters), forward_(forward) {}
  std::string NameOf(std::string_view path) const override;

 private:
  const UrlParameters& parameters_;
  bool forward_;
};

}  // namespace underpass::import
