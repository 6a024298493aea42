// SPDX-License-Identifier: Apache-2.0
// What the output is: a terminal gets colours and live lines, anything else plain text.
#pragma once

#include <string>
#include <string_view>

namespace kontor::cli {

enum class Colour { kPlain, kRed, kGreen, kYellow, kDim, kBold };

struct Terminal {
  bool is_terminal = false;  ///< Of standard output.
  bool colours = false;      ///< A terminal, and NO_COLOR is not set.
  int columns = 100;
};

/// Looks at the file descriptor and the environment.
Terminal TerminalOf(int descriptor);
std::string Paint(const Terminal& terminal, Colour colour, std::string_view text);
/// Columns that the text takes on a terminal: code points, wide East Asian ones twice.
int WidthOf(std::string_view text);
/// Cut to `width` columns with "…" at the end.
std::string Fit(std::string_view text, int width);

}  // namespace kontor::cli
