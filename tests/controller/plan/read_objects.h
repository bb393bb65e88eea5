// SPDX-License-Identifier: Apache-2.0
// What Plan() takes, read from Tunnel files of the source tree.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "api/v1alpha1/document.h"

namespace underpass::plan {

struct PlanInput {
  std::vector<v1alpha1::Tunnel> tunnels;
  std::vector<v1alpha1::SecretObject> secrets;
};

inline std::string ReadWhole(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Fails the test for each error in the text.
inline PlanInput ReadPlanInput(const std::string& text, const std::string& source) {
  PlanInput input;
  v1alpha1::ReadOutcome outcome = v1alpha1::ReadObjects(text, source);
  for (const Error& error : outcome.errors) ADD_FAILURE() << error.ToString();
  for (v1alpha1::Object& object : outcome.objects) {
    if (auto* tunnel = std::get_if<v1alpha1::Tunnel>(&object)) {
      input.tunnels.push_back(std::move(*tunnel));
    } else {
      input.secrets.push_back(std::get<v1alpha1::SecretObject>(std::move(object)));
    }
  }
  return input;
}

}  // namespace underpass::plan
