// SPDX-License-Identifier: Apache-2.0
// A value that must not be printed by accident: no stream operator, no format, one loud accessor.
#pragma once

#include <string>
#include <utility>

namespace underpass {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  bool empty() const { return value_.empty(); }
  // The value itself. Callers neither log it nor put it into an Error.
  const std::string& Reveal() const { return value_; }

  friend bool operator==(const Secret&, const Secret&) = default;

 private:
  std::string value_;
};

}  // namespace underpass
