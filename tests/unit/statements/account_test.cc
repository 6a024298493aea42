// SPDX-License-Identifier: Apache-2.0
// Where a statement belongs, and whose account it is about.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/engine/statements/internal/account.h"

namespace bdata = boost::unit_test::data;

namespace kontor::statements {
namespace {

std::optional<model::Money> Euro(int64_t minor) {
  return model::Money(*model::Currency::Parse("EUR"), minor);
}

Place At(const char* date, int64_t opening, int64_t closing, const char* from = "") {
  return {Euro(opening), Euro(closing), date, from};
}

/// 1 and 2 March are here, 5 March is too, 3 and 4 are missing.
AccountState WithGap() {
  AccountState state;
  for (const auto& [place, id] : {std::pair(At("2026-03-01", 0, 100), "stm_1"),
                                  std::pair(At("2026-03-02", 100, 200), "stm_2"),
                                  std::pair(At("2026-03-05", 400, 500), "stm_5")}) {
    TakeStatement(state, place, PlaceStatement(state, place), id, "");
  }
  return state;
}

struct Case {
  const char* name;
  Place place;
  Standing standing;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
const Case kCases[] = {
    {"the next day", At("2026-03-06", 500, 600), Standing::kNext},
    {"the same day again, going on", At("2026-03-05", 500, 600), Standing::kNext},
    {"a day without bookings", At("2026-03-06", 500, 500), Standing::kNext},
    {"a later day that opens otherwise", At("2026-03-07", 501, 600), Standing::kAfterGap},
    {"a later one that tells of known days", At("2026-03-07", 200, 600, "2026-03-03"),
     Standing::kOverlap},
    {"the whole of what was missing", At("2026-03-04", 200, 400), Standing::kFillsGap},
    {"the first part of it", At("2026-03-03", 200, 300), Standing::kFillsGap},
    {"the last part of it", At("2026-03-04", 300, 400), Standing::kFillsGap},
    {"one that joins the gap at neither end", At("2026-03-03", 250, 300), Standing::kOverlap},
    {"one before the first", At("2026-02-28", -50, 0), Standing::kEarlier},
    {"one before the first that does not join", At("2026-02-28", -50, -20), Standing::kOverlap},
    {"a known day with other balances", At("2026-03-02", 100, 201), Standing::kOverlap},
    {"one without an opening balance", {std::nullopt, Euro(1), "2026-03-06", ""},
     Standing::kUnordered},
    {"one without a closing balance", {Euro(1), std::nullopt, "2026-03-06", ""},
     Standing::kUnordered},
};

BOOST_AUTO_TEST_SUITE(places)

BOOST_DATA_TEST_CASE(money_and_days_say_where_it_belongs, bdata::make(kCases), c) {
  const Placed placed = PlaceStatement(WithGap(), c.place);
  BOOST_TEST(NameOf(placed.standing) == NameOf(c.standing));
  BOOST_TEST(!placed.explanation.empty());
}

BOOST_AUTO_TEST_CASE(the_first_statement_is_the_first) {
  BOOST_TEST(NameOf(PlaceStatement({}, At("2026-03-01", 7, 8)).standing) == "FIRST");
}

BOOST_AUTO_TEST_CASE(a_gap_closes_only_when_all_of_it_came) {
  AccountState state = WithGap();
  BOOST_TEST(state.gaps.size() == 1U);
  Place place = At("2026-03-03", 200, 300);
  BOOST_TEST(TakeStatement(state, place, PlaceStatement(state, place), "stm_3", "").empty());
  BOOST_TEST(state.gaps.size() == 1U);
  place = At("2026-03-04", 300, 400);
  const auto closed = TakeStatement(state, place, PlaceStatement(state, place), "stm_4", "");
  BOOST_TEST(closed == std::vector<std::string>{"stm_5"});
  BOOST_TEST(state.gaps.empty());
  BOOST_TEST((*state.booked == *Euro(500)));
}

BOOST_AUTO_TEST_CASE(a_gap_that_is_filled_from_behind_moves_to_the_one_that_filled_it) {
  AccountState state = WithGap();
  const Place place = At("2026-03-04", 300, 400);
  const auto closed = TakeStatement(state, place, PlaceStatement(state, place), "stm_4", "");
  BOOST_TEST(closed == std::vector<std::string>{"stm_5"});
  BOOST_TEST(state.gaps.size() == 1U);
  BOOST_TEST(state.gaps[0].before == "stm_4");
}

BOOST_AUTO_TEST_CASE(what_is_known_survives_the_store) {
  const AccountState state = WithGap();
  const auto read = AccountStateOf(ToJson(state));
  BOOST_REQUIRE(read.ok());
  BOOST_TEST(ToJson(*read) == ToJson(state));
  BOOST_TEST(!AccountStateOf("{}").ok());
}

struct Number {
  const char* told;
  bool ours;
};
std::ostream& operator<<(std::ostream& out, const Number& n) { return out << n.told; }
const Number kNumbers[] = {
    {"DE89370400440532013000", true},     {"DE89 3704 0044 0532 0130 00", true},
    {"de89370400440532013000", true},     {"DE89370400440532013000EUR", true},
    {"370400440532013000", true},         {"37040044/0532013000", true},
    {"37040044/532013000", true},         {"DE89370400440532013000USD", false},
    {"DE89370400440532013001", false},    {"0532013000", false},
    {"532013000", false},                 {"", false},
    {"/", false},                         {"DE", false},
    {"37040044/", false},
};

BOOST_DATA_TEST_CASE(a_number_is_ours_however_the_bank_writes_it, bdata::make(kNumbers), n) {
  model::OwnAccount account;
  account.iban = "DE89370400440532013000";
  account.currency = *model::Currency::Parse("EUR");
  BOOST_TEST(IsNumberOf(n.told, account) == n.ours);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::statements
