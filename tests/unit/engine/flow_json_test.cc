// SPDX-License-Identifier: Apache-2.0
// Findings at rest and as others see them.
#include "server/engine/flow_json.h"

#include <boost/test/unit_test.hpp>

namespace kontor::engine::testing {
namespace {

using model::Finding;
using nlohmann::json;

const Finding kWhole{
    "BILL_CHANGED", "payments[2].amount",     "The bill is 10.00 now.", "Look again.", "12.00",
    "10.00",        model::Severity::kWarning};
const Finding kBare{"FIELD_MISSING", "", "No day is given.", "", "", "", model::Severity::kError};

BOOST_AUTO_TEST_SUITE(flow_json)

BOOST_AUTO_TEST_CASE(findings_are_read_back_as_they_were_stored) {
  for (const std::vector<Finding>& findings :
       {std::vector<Finding>{}, {kBare}, {kWhole, kBare, kWhole}}) {
    const json stored = json::parse(DumpLine(StoredFindings(findings)));
    BOOST_TEST(stored.is_array());
    BOOST_TEST((FindingsFromStored(stored) == findings));
  }
}

BOOST_AUTO_TEST_CASE(bodies_that_are_on_disk_already_keep_their_keys) {
  BOOST_TEST(DumpLine(StoredFinding(kWhole)) ==
             R"({"asked":"12.00","field":"payments[2].amount","got":"10.00",)"
             R"("message":"The bill is 10.00 now.","reason":"BILL_CHANGED",)"
             R"("suggestion":"Look again.","warning":true})");
}

BOOST_AUTO_TEST_CASE(what_was_not_stored_so_is_not_read) {
  const json whole = StoredFinding(kWhole);
  for (const auto& [key, value] : whole.items()) {
    json without = whole;
    without.erase(key);
    BOOST_CHECK_THROW(FindingFromStored(without), json::exception);
    json other = whole;
    other[key] = 7;
    BOOST_CHECK_THROW(FindingFromStored(other), json::exception);
  }
  for (const json& other : {json("text"), json::array({1}), json::object({{"a", 1}})}) {
    BOOST_CHECK_THROW(FindingsFromStored(other), json::exception);
  }
}

BOOST_AUTO_TEST_CASE(members_that_say_nothing_are_not_shown) {
  BOOST_TEST(DumpLine(ShownFindings({kBare}, "")) ==
             R"([{"message":"No day is given.","reason":"FIELD_MISSING","severity":"ERROR"}])");
  BOOST_TEST(DumpLine(ShownFindings({}, "SEVERITY_")) == "[]");
}

BOOST_AUTO_TEST_CASE(answers_name_the_severity_as_the_contract_does) {
  const json shown = ShownFindings({kWhole, kBare}, "SEVERITY_");
  BOOST_TEST(shown.at(0).at("severity") == "SEVERITY_WARNING");
  BOOST_TEST(shown.at(1).at("severity") == "SEVERITY_ERROR");
  BOOST_TEST(shown.at(0).at("asked") == "12.00");
  BOOST_TEST(shown.at(0).at("got") == "10.00");
  BOOST_TEST(shown.at(0).at("suggestion") == "Look again.");
  BOOST_TEST(shown.at(0).at("field") == "payments[2].amount");
  BOOST_TEST(!shown.at(0).contains("warning"));
}

BOOST_AUTO_TEST_CASE(a_byte_that_is_not_utf8_does_not_lose_the_rest) {
  BOOST_TEST(DumpLine({{"text", "a\xff z"}}) == "{\"text\":\"a\xef\xbf\xbd z\"}");
}

BOOST_AUTO_TEST_CASE(a_value_with_line_breaks_stands_in_one_line) {
  BOOST_TEST(DumpLine({{"text", "a\nb"}}) == R"({"text":"a\nb"})");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::engine::testing
