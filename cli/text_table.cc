// SPDX-License-Identifier: Apache-2.0
#include "cli/text_table.h"

#include <algorithm>
#include <utility>

#include "api/base/check.h"

namespace underpass::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr char kPlain[] = "\x1b[0m";

std::string Drawn(const TextTable::Cell& cell) {
  return cell.colour.empty() ? cell.text : cell.colour + cell.text + kPlain;
}

}  // namespace

TextTable::TextTable(std::vector<std::string> headers) {
  std::vector<Cell> cells;
  cells.reserve(headers.size());
  for (std::string& header : headers) cells.push_back({std::move(header), ""});
  rows_.push_back(std::move(cells));
}

void TextTable::AddRow(std::vector<Cell> cells) {
  CHECK(cells.size() == rows_.front().size());
  rows_.push_back(std::move(cells));
}

std::string TextTable::Draw() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].text.size());
    }
  }
  std::string text;
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      text += Drawn(row[i]);
      text.append(widths[i] - row[i].text.size() + kGap, ' ');
    }
    text += Drawn(row.back()) + "\n";
  }
  return text;
}

}  // namespace underpass::cli
