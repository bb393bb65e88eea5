// SPDX-License-Identifier: Apache-2.0
// The pages of the HTTP server, without HTTP.
// Thread: any.
#pragma once

#include <string>

#include "proxy/core/control.h"

namespace underpass::admin {

struct Page {
  int status = 200;
  std::string content_type;
  std::string body;
};

// path: without query. An unknown one gives 404 with the list of pages.
// May wait 500 ms for the workers (/readyz, /healthz).
Page RenderPage(const core::ProxyControl& control, const std::string& metrics_address,
                const std::string& path);

}  // namespace underpass::admin
