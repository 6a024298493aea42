// SPDX-License-Identifier: Apache-2.0
#include "sdk/cli/table.h"

#include <algorithm>
#include <numeric>

namespace kontor::cli {
namespace {

constexpr int kGap = 2;
constexpr int kWidthMin = 8;

std::string OneLine(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return text;
}

/// Columns with something in them.
std::vector<size_t> Used(const Table& table) {
  std::vector<size_t> used;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    const bool any = std::any_of(table.rows.begin(), table.rows.end(),
                                 [c](const auto& row) { return !row[c].text.empty(); });
    if (any || table.rows.empty()) used.push_back(c);
  }
  return used;
}

std::vector<int> Widths(const Table& table, const std::vector<size_t>& used) {
  std::vector<int> widths;
  for (const size_t c : used) {
    int width = WidthOf(table.columns[c].title);
    for (const auto& row : table.rows) width = std::max(width, WidthOf(OneLine(row[c].text)));
    widths.push_back(width);
  }
  return widths;
}

/// The widest column gives way until the line fits or none can.
void Shrink(std::vector<int>& widths, int columns) {
  const int gaps = kGap * (static_cast<int>(widths.size()) - 1);
  int total = std::accumulate(widths.begin(), widths.end(), gaps);
  while (total > columns) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kWidthMin) return;
    --*widest;
    --total;
  }
}

std::string Padded(const std::string& text, int width, bool right) {
  const int missing = std::max(0, width - WidthOf(text));
  const std::string spaces(static_cast<size_t>(missing), ' ');
  return right ? spaces + text : text + spaces;
}

}  // namespace

std::string Render(const Table& table, const Terminal& terminal) {
  const std::vector<size_t> used = Used(table);
  if (used.empty()) return "";
  std::vector<int> widths = Widths(table, used);
  if (terminal.is_terminal) Shrink(widths, terminal.columns);
  std::string out;
  const std::string gap(kGap, ' ');
  std::string head;
  std::string rule;
  for (size_t i = 0; i < used.size(); ++i) {
    const Column& column = table.columns[used[i]];
    head += (i == 0 ? "" : gap) + Padded(Fit(column.title, widths[i]), widths[i], column.right);
    for (int n = 0; n < widths[i]; ++n) rule += "─";
    if (i + 1 < used.size()) rule += gap;
  }
  head.erase(head.find_last_not_of(' ') + 1);
  out += Paint(terminal, Colour::kBold, head) + "\n" + Paint(terminal, Colour::kDim, rule) + "\n";
  for (const auto& row : table.rows) {
    std::string line;
    for (size_t i = 0; i < used.size(); ++i) {
      const Cell& cell = row[used[i]];
      const std::string text = Padded(Fit(OneLine(cell.text), widths[i]), widths[i],
                                      table.columns[used[i]].right);
      line += (i == 0 ? "" : gap) + Paint(terminal, cell.colour, text);
    }
    const size_t end = line.find_last_not_of(' ');
    out += line.substr(0, end == std::string::npos ? 0 : end + 1) + "\n";
  }
  return out;
}

}  // namespace kontor::cli
