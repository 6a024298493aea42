// SPDX-License-Identifier: Apache-2.0
#include "sdk/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace kontor::cli {
namespace {

/// Length in bytes of the code point that begins with `first`; 1 for a stray byte.
size_t LengthOf(unsigned char first) {
  if (first >= 0xF0) return 4;
  if (first >= 0xE0) return 3;
  if (first >= 0xC0) return 2;
  return 1;
}

uint32_t PointAt(std::string_view text, size_t at, size_t length) {
  const auto first = static_cast<unsigned char>(text[at]);
  if (length == 1) return first;
  uint32_t point = first & (0xFFU >> (length + 1));
  for (size_t i = 1; i < length && at + i < text.size(); ++i) {
    point = (point << 6) | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  }
  return point;
}

int ColumnsOf(uint32_t point) {
  const bool combining = point >= 0x300 && point <= 0x36F;
  if (combining) return 0;
  const bool wide = (point >= 0x1100 && point <= 0x115F) || (point >= 0x2E80 && point <= 0xA4CF) ||
                    (point >= 0xAC00 && point <= 0xD7A3) || (point >= 0xF900 && point <= 0xFAFF) ||
                    (point >= 0xFE30 && point <= 0xFE6F) || (point >= 0xFF00 && point <= 0xFF60);
  return wide ? 2 : 1;
}

}  // namespace

Terminal TerminalOf(int descriptor) {
  Terminal terminal;
  terminal.is_terminal = isatty(descriptor) == 1;
  terminal.colours = terminal.is_terminal && std::getenv("NO_COLOR") == nullptr;
  winsize size{};
  if (terminal.is_terminal && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    terminal.columns = size.ws_col;
  }
  return terminal;
}

std::string Paint(const Terminal& terminal, Colour colour, std::string_view text) {
  if (!terminal.colours || colour == Colour::kPlain) return std::string(text);
  const char* code = "0";
  switch (colour) {
    case Colour::kRed: code = "31"; break;
    case Colour::kGreen: code = "32"; break;
    case Colour::kYellow: code = "33"; break;
    case Colour::kDim: code = "2"; break;
    case Colour::kBold: code = "1"; break;
    case Colour::kPlain: break;
  }
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

int WidthOf(std::string_view text) {
  int width = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t length = LengthOf(static_cast<unsigned char>(text[at]));
    width += ColumnsOf(PointAt(text, at, length));
    at += length;
  }
  return width;
}

std::string Fit(std::string_view text, int width) {
  if (WidthOf(text) <= width) return std::string(text);
  std::string out;
  int used = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t length = LengthOf(static_cast<unsigned char>(text[at]));
    const int columns = ColumnsOf(PointAt(text, at, length));
    if (used + columns > width - 1) break;
    out.append(text.substr(at, length));
    used += columns;
    at += length;
  }
  return out + "…";
}

}  // namespace kontor::cli
