// SPDX-License-Identifier: Apache-2.0
// Tables for load(): never two sets of columns in one.
#include "adapters/odoo/sheet.h"

#include <boost/test/unit_test.hpp>

namespace kontor::odoo {
namespace {

SheetRecord Record(const std::string& id, Cells header, std::vector<Cells> lines, size_t item) {
  return {.external_id = id,
          .header = std::move(header),
          .lines_field = lines.empty() ? "" : "line_ids",
          .lines = std::move(lines),
          .item = item};
}

BOOST_AUTO_TEST_CASE(a_record_with_lines_fills_one_row_a_line) {
  const SheetRecord record =
      Record("x", {{"ref", "R"}}, {{{"name", "a"}}, {{"name", "b"}}}, 4);
  const auto tables = LayOut(std::span(&record, 1));
  BOOST_REQUIRE_EQUAL(tables.size(), 1U);
  const std::vector<std::string> columns{"id", "ref", "line_ids/id", "line_ids/name"};
  BOOST_TEST(tables[0].columns == columns, boost::test_tools::per_element());
  const std::vector<std::string> first{"kontor.x", "R", "kontor.x_l1", "a"};
  const std::vector<std::string> second{"", "", "kontor.x_l2", "b"};
  BOOST_REQUIRE_EQUAL(tables[0].rows.size(), 2U);
  BOOST_TEST(tables[0].rows[0] == first, boost::test_tools::per_element());
  BOOST_TEST(tables[0].rows[1] == second, boost::test_tools::per_element());
  BOOST_TEST(tables[0].items.front() == 4U);
}

BOOST_AUTO_TEST_CASE(records_with_other_columns_go_into_another_table) {
  const std::vector<SheetRecord> records{
      Record("a", {{"ref", "1"}}, {}, 0), Record("b", {{"ref", "2"}, {"memo", "m"}}, {}, 1),
      Record("c", {{"ref", "3"}}, {}, 2), Record("d", {{"ref", "4"}}, {{{"name", "x"}}}, 3)};
  const auto tables = LayOut(records);
  BOOST_REQUIRE_EQUAL(tables.size(), 3U);
  const std::vector<size_t> together{0, 2};
  BOOST_TEST(tables[0].items == together, boost::test_tools::per_element());
  for (const Table& table : tables) {
    for (const auto& row : table.rows) BOOST_TEST(row.size() == table.columns.size());
  }
}

BOOST_AUTO_TEST_CASE(a_load_answer_is_ids_or_the_error_of_a_guilty_record) {
  const LoadAnswer good = ReadLoadAnswer({{"ids", {7, 8}}, {"messages", Json::array()}});
  BOOST_TEST(!good.refused);
  BOOST_TEST((good.ids == std::vector<int64_t>{7, 8}));
  const LoadAnswer bad = ReadLoadAnswer(
      {{"ids", false},
       {"messages",
        {{{"type", "warning"}, {"message", "hm"}},
         {{"type", "error"}, {"message", "no"}, {"record", 1}, {"field", "date"}}}}});
  BOOST_TEST(bad.refused);
  BOOST_TEST(bad.message == "no");
  BOOST_TEST(bad.field == "date");
  BOOST_TEST(bad.record == 1);
  const LoadAnswer whole = ReadLoadAnswer(
      {{"ids", false},
       {"messages",
        {{{"type", "error"}, {"message", "unbalanced"}, {"record", 0}},
         {{"type", "error"}, {"message", "unbalanced"}, {"record", 2}}}}});
  BOOST_TEST(whole.record == 2);
  BOOST_TEST(!whole.try_again);
  const LoadAnswer race = ReadLoadAnswer(
      {{"ids", false},
       {"messages",
        {{{"type", "error"}, {"message", "could not serialize access due to concurrent update"}},
         {{"type", "error"}, {"message", "something else"}, {"record", 1}}}}});
  BOOST_TEST(race.try_again);
  for (const Json& odd : {Json(), Json(false), Json::object(), Json{{"ids", false}}}) {
    BOOST_TEST(ReadLoadAnswer(odd).refused);
    BOOST_TEST(ReadLoadAnswer(odd).message.empty());
  }
}

BOOST_AUTO_TEST_CASE(nothing_makes_no_table) {
  BOOST_TEST(LayOut({}).empty());
}

}  // namespace
}  // namespace kontor::odoo
