// SPDX-License-Identifier: Apache-2.0
// Tables for people: columns as wide as their content, numbers to the right, cut to the terminal.
#pragma once

#include <string>
#include <vector>

#include "sdk/cli/terminal.h"

namespace kontor::cli {

struct Column {
  std::string title;
  bool right = false;  ///< Amounts and counts.
};

struct Cell {
  std::string text;
  Colour colour = Colour::kPlain;
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
};

/// The table as text with a head line and a rule; empty columns are left out. On a terminal the
/// widest columns give way until it fits; elsewhere nothing is cut. Line feeds become spaces.
std::string Render(const Table& table, const Terminal& terminal);

}  // namespace kontor::cli
