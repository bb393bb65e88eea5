// SPDX-License-Identifier: Apache-2.0
// A table of text with columns as wide as their content, two spaces between them.
// Thread: one. Value.
#pragma once

#include <string>
#include <vector>

namespace underpass::cli {

class TextTable {
 public:
  struct Cell {
    std::string text;
    std::string colour;  // ANSI sequence before the text, or empty
  };

  explicit TextTable(std::vector<std::string> headers);
  // Requires: as many cells as headers.
  void AddRow(std::vector<Cell> cells);
  // Lines end without spaces.
  std::string Draw() const;

 private:
  std::vector<std::vector<Cell>> rows_;  // the first is the headers
};

}  // namespace underpass::cli
