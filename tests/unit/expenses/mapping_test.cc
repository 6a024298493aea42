// SPDX-License-Identifier: Apache-2.0
// Mapping files: what they read, and what is wrong with them.
#include <boost/test/unit_test.hpp>

#include "adapters/expense/exact_json.h"
#include "adapters/expense/mapping.h"
#include "server/base/status.h"
#include "tests/unit/expenses/builders.h"

namespace kontor::expense {
namespace {

using expenses::testing::Has;
using nlohmann::json;

json Good() {
  return json::parse(R"({
    "version": 1, "when": {"/event": ["approved", "changed"]},
    "recalled": {"when": {"/event": "recalled"}, "external_id": "/r/no"},
    "ready": {"/event": "ready"}, "reports": "/r",
    "report": {"external_id": "/no", "revision": "/rev",
               "report_date": {"from": "/at", "cut": 10}, "currency_code": "/cur",
               "total": "/sum", "employee": {"external_id": "/who"},
               "approver": {"external_id": {"is": "B-1"}}},
    "lines": "/items",
    "line": {"date": "/day", "description": "/what", "category": "/kind", "amount": "/gross",
             "payment_type": {"from": "/paid", "values": {"card": "COMPANY_CARD"},
                              "else": "PERSONAL"}}
  })");
}

constexpr char kMessage[] = R"({"event": "approved", "r": {"no": 4711, "rev": 2,
  "at": "2026-11-21T08:15:00Z", "cur": "EUR", "sum": 119.10, "who": "E-1",
  "items": [{"day": "2026-11-20", "what": "Train", "kind": "travel", "gross": 100.10},
            {"day": "2026-11-20", "what": "Taxi", "kind": "travel", "gross": 19, "paid": "card"}]
  }})";

BOOST_AUTO_TEST_CASE(a_message_becomes_a_report_by_its_mapping) {
  const auto mapping = ReadMapping(Good().dump());
  BOOST_REQUIRE_MESSAGE(mapping.ok(), mapping.status().ToString());
  const auto reading = ReadMessage(*mapping, kMessage);
  BOOST_REQUIRE_MESSAGE(reading.ok(), reading.status().ToString());
  BOOST_REQUIRE(reading->reports.size() == 1U);
  const ports::PlatformReport& got = reading->reports[0];
  BOOST_TEST(got.problems.empty());
  BOOST_TEST(got.report.external_id == "4711");
  BOOST_TEST(got.report.revision == 2);
  BOOST_TEST(got.report.report_date->ToString() == "2026-11-21");
  BOOST_TEST(got.report.total->ToString() == "119.10 EUR");
  BOOST_TEST(got.report.approver.external_id == "B-1");
  BOOST_TEST((got.report.lines[0].paid_by == model::PaidBy::kPersonal));
  BOOST_TEST((got.report.lines[1].paid_by == model::PaidBy::kCompanyCard));
  BOOST_TEST(model::ValidateExpenseReport(got.report).empty());
}

BOOST_AUTO_TEST_CASE(amounts_are_taken_from_the_text_and_not_through_binary_numbers) {
  const auto mapping = ReadMapping(Good().dump()).value();
  for (const char* number : {"0.1", "1234567890123.45", "4.35", "0.29"}) {
    std::string message = kMessage;
    message.replace(message.find("119.10"), 6, number);
    const auto reading = ReadMessage(mapping, message);
    BOOST_TEST(reading->reports[0].report.total->ToDecimal().ToString() == number);
  }
}

BOOST_AUTO_TEST_CASE(minor_units_are_placed_by_the_currency) {
  json file = Good();
  file["amounts"] = "minor";
  const auto mapping = ReadMapping(file.dump()).value();
  std::string message = R"({"event":"approved","r":{"no":"1","cur":"JPY","sum":119,"items":[]}})";
  BOOST_TEST(ReadMessage(mapping, message)->reports[0].report.total->ToString() == "119 JPY");
  message.replace(message.find("JPY"), 3, "KWD");
  BOOST_TEST(ReadMessage(mapping, message)->reports[0].report.total->ToString() == "0.119 KWD");
}

BOOST_AUTO_TEST_CASE(messages_that_say_other_things_are_told_apart) {
  const auto mapping = ReadMapping(Good().dump()).value();
  BOOST_TEST(ReadMessage(mapping, R"({"event":"ready"})")->ready);
  const auto recalled = ReadMessage(mapping, R"({"event":"recalled","r":{"no":"7"}})");
  BOOST_TEST(recalled->recalled.at(0) == "7");
  const auto other = ReadMessage(mapping, R"({"event":"ping"})");
  BOOST_TEST((other->reports.empty() && other->recalled.empty() && !other->ready));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_said) {
  const auto mapping = ReadMapping(Good().dump()).value();
  for (const char* body : {"", "{", "[1,", R"({"event":"approved"})", R"({"a":1,"a":2})",
                           R"({"event":"approved","r":"text"})",
                           R"({"event":"recalled","r":{}})"}) {
    BOOST_TEST(base::Is(ReadMessage(mapping, body).status(), base::Reason::kMessageUnreadable),
               body);
  }
  BOOST_TEST(!ParseExact(std::string(100, '[')).ok());
  const auto poor = ReadMessage(mapping, R"({"event":"approved","r":{"cur":"EUR","sum":"x"}})");
  BOOST_TEST(Has(poor->reports[0].problems, "FIELD_MISSING", "report.external_id"));
  BOOST_TEST(Has(poor->reports[0].problems, "AMOUNT_INVALID", "report.total"));
}

BOOST_AUTO_TEST_CASE(a_bad_mapping_file_is_refused_at_its_place) {
  struct Case {
    const char* pointer;
    json value;
    const char* field;
  };
  const Case cases[] = {
      {"/version", 2, "mapping.version"},
      {"/report/external_id", "no-slash", "mapping.report.external_id"},
      {"/report/external_id", 7, "mapping.report.external_id"},
      {"/report/colour", "/c", "mapping.report.colour"},
      {"/report/employee/shoe", "/c", "mapping.report.employee.shoe"},
      {"/line/amount", json{{"is", "1"}, {"from", "/x"}}, "mapping.line.amount"},
      {"/line/amount", json::object(), "mapping.line.amount"},
      {"/line/payment_type/values", json{{"a", 1}}, "mapping.line.payment_type.values"},
      {"/line/payment_type/cut", 0, "mapping.line.payment_type.cut"},
      {"/line/payment_type/like", "x", "mapping.line.payment_type.like"},
      {"/when", json::object(), "mapping.when"},
      {"/recalled", json{{"when", {{"/a", "b"}}}}, "mapping.recalled"},
      {"/amounts", "cents", "mapping.amounts"},
      {"/lines", "items", "mapping.lines"},
      {"/surprise", true, "mapping.surprise"},
      {"/receipts", "/files", "mapping.receipt.content"},
  };
  for (const Case& c : cases) {
    json file = Good();
    file[json::json_pointer(c.pointer)] = c.value;
    const auto mapping = ReadMapping(file.dump());
    BOOST_TEST_CONTEXT(c.pointer << " = " << c.value.dump()) {
      BOOST_REQUIRE(!mapping.ok());
      BOOST_TEST(base::InfoOf(mapping.status()).reason == "MAPPING_INVALID");
      BOOST_TEST(base::InfoOf(mapping.status()).field == c.field);
    }
  }
  for (const char* missing : {"/report/total", "/line/category", "/version"}) {
    json file = Good();
    const json::json_pointer at(missing);
    file[at.parent_pointer()].erase(at.back());
    BOOST_TEST(!ReadMapping(file.dump()).ok(), missing);
  }
}

}  // namespace
}  // namespace kontor::expense
