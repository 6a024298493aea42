// SPDX-License-Identifier: Apache-2.0
// Tables, cells and the progress line, as text.
#include <boost/test/unit_test.hpp>

#include "sdk/cli/progress.h"
#include "sdk/cli/table.h"
#include "tests/unit/cli/support.h"

namespace kontor::cli_test {
namespace {

using cli::Colour;
using cli::ProgressLine;
using cli::Render;
using cli::Table;
using cli::Terminal;

BOOST_AUTO_TEST_SUITE(tables)

BOOST_AUTO_TEST_CASE(columns_are_as_wide_as_their_content_and_numbers_stand_right) {
  Table table;
  table.columns = {{"name"}, {"total", true}};
  table.rows = {{{"INV/1"}, {"9.50"}}, {{"INVOICE/22"}, {"12345.00"}}};
  BOOST_TEST(Render(table, Terminal{}) ==
             "name           total\n"
             "──────────  ────────\n"
             "INV/1           9.50\n"
             "INVOICE/22  12345.00\n");
}

BOOST_AUTO_TEST_CASE(a_column_without_content_is_left_out) {
  Table table;
  table.columns = {{"id"}, {"reason"}, {"state"}};
  table.rows = {{{"1"}, {""}, {"POSTED"}}, {{"2"}, {""}, {"HELD"}}};
  BOOST_TEST(!Contains(Render(table, Terminal{}), "reason"));
  table.rows.clear();
  BOOST_TEST(Contains(Render(table, Terminal{}), "reason"));
  BOOST_TEST(Render(Table{}, Terminal{}) == "");
}

BOOST_AUTO_TEST_CASE(umlauts_and_wide_letters_do_not_bend_the_columns) {
  BOOST_TEST(cli::WidthOf("Näve & Søn") == 10);
  BOOST_TEST(cli::WidthOf("東京") == 4);
  BOOST_TEST(cli::WidthOf("e\u0301") == 1);
  BOOST_TEST(cli::WidthOf("\xFF") == 1);
  BOOST_TEST(cli::Fit("Bürobedarf", 5) == "Büro…");
  BOOST_TEST(cli::Fit("東京都", 4) == "東…");
  BOOST_TEST(cli::Fit("short", 5) == "short");
}

BOOST_AUTO_TEST_CASE(line_feeds_stay_out_of_cells) {
  Table table;
  table.columns = {{"text"}};
  table.rows = {{{"one\ntwo\tthree"}}};
  BOOST_TEST(Contains(Render(table, Terminal{}), "one two three\n"));
}

BOOST_AUTO_TEST_CASE(only_on_a_terminal_is_anything_cut_or_coloured) {
  Table table;
  table.columns = {{"text"}, {"state"}};
  table.rows = {{{std::string(200, 'x')}, {"POSTED", Colour::kGreen}}};
  const std::string plain = Render(table, Terminal{});
  BOOST_TEST(Contains(plain, std::string(200, 'x')));
  BOOST_TEST(!Contains(plain, "\x1b"));
  const std::string coloured = Render(table, Terminal{true, true, 60});
  BOOST_TEST(Contains(coloured, "\x1b[32mPOSTED"));
  BOOST_TEST(Contains(coloured, "…"));
  const std::string no_colour = Render(table, Terminal{true, false, 60});
  BOOST_TEST(!Contains(no_colour, "\x1b"));
  for (size_t at = 0; at < no_colour.size();) {
    const size_t end = no_colour.find('\n', at);
    BOOST_TEST(cli::WidthOf(no_colour.substr(at, end - at)) <= 60);
    at = end + 1;
  }
}

BOOST_AUTO_TEST_CASE(the_progress_line_says_rate_and_time_left) {
  BOOST_TEST(ProgressLine({1200, 3, 2000, absl::Seconds(4)}, 90) ==
             "[██████████████████░░░░░░░░░░░░] 1200/2000 60 % · 300/s · 2 s left · 3 refused");
  BOOST_TEST(ProgressLine({2000, 0, 2000, absl::Seconds(10)}, 0) == "2000/2000 100 % · 200/s");
  BOOST_TEST(ProgressLine({5, 0, 0, absl::Seconds(1)}, 80) == "5 · 5/s");
  BOOST_TEST(ProgressLine({0, 0, 10, absl::ZeroDuration()}, 0) == "0/10 0 %");
  BOOST_TEST(Contains(ProgressLine({1, 0, 200, absl::Seconds(1)}, 0), "3 min 19 s left"));
  BOOST_TEST(Contains(ProgressLine({1, 0, 8000, absl::Seconds(1)}, 0), "2 h 13 min left"));
}

BOOST_AUTO_TEST_CASE(progress_is_drawn_over_itself_on_a_terminal_and_once_elsewhere) {
  std::ostringstream plain;
  cli::ShowProgress(Terminal{}, {1, 0, 2, absl::Seconds(1)}, false, plain);
  BOOST_TEST(plain.str() == "");
  cli::ShowProgress(Terminal{}, {2, 0, 2, absl::Seconds(1)}, true, plain);
  BOOST_TEST(plain.str() == "2/2 100 % · 2/s\n");
  std::ostringstream live;
  cli::ShowProgress(Terminal{true, true, 80}, {1, 0, 2, absl::Seconds(1)}, false, live);
  BOOST_TEST(live.str().substr(0, 4) == "\r\x1b[K");
  BOOST_TEST(live.str().back() != '\n');
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::cli_test
