// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or an Error. Only what gcc 12's std::expected has may be used (has_value,
// error, value_or, operators), so that the switch to it is this alias.
#pragma once

#include <tl/expected.hpp>
#include <utility>

#include "api/base/error.h"

namespace underpass {

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> Fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

inline tl::unexpected<Error> Fail(ErrorCode code, std::string context) {
  return tl::unexpected<Error>(Error{code, 0, std::move(context)});
}

}  // namespace underpass

#define RETURN_IF_ERROR(expression)                                                      \
  do {                                                                                   \
    if (auto return_if_error_result = (expression); !return_if_error_result.has_value()) \
      return ::underpass::Fail(std::move(return_if_error_result.error()));               \
  } while (false)
