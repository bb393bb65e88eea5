// SPDX-License-Identifier: Apache-2.0
// A URL taken apart and percent-decoded, as Go's net/url does it for NodePass.
// Source: RFC 3986; Go net/url Parse and ParseQuery. Thread: any; pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "api/base/result.h"

namespace underpass::import {

struct UrlParts {
  std::string scheme;
  std::string user;           // before the first ':' of what stands before '@'
  bool has_password = false;  // there is more behind it
  std::string host;           // host:port, not decoded
  std::string path;           // without its first '/'
  std::map<std::string, std::string, std::less<>>
      query;  // the first of a repeated name counts; '+' is a blank
};

// Errors: kInvalidConfig naming the part: no "scheme://", a control character, a bad
// percent-escape, an escape that yields no UTF-8.
Result<UrlParts> SplitUrl(std::string_view url);

}  // namespace underpass::import
