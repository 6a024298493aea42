// SPDX-License-Identifier: Apache-2.0
// Dialect packs: what kontor brings along comes out as its own examples say, and a pack that is
// wrong is not believed.
#include "server/formats/dialect.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <set>
#include <string>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace bdata = boost::unit_test::data;

namespace kontor::formats {
namespace {

using base::Reason;

BOOST_AUTO_TEST_SUITE(dialects)

BOOST_AUTO_TEST_CASE(every_pack_accepts_and_refuses_what_its_examples_say) {
  BOOST_TEST(BuiltInDialects().size() == 5u);
  std::set<std::string> names;
  for (const Dialect& dialect : BuiltInDialects()) {
    const absl::Status status = ProveDialect(dialect);
    BOOST_TEST(status.ok(), status.ToString());
    BOOST_TEST(names.insert(dialect.name).second);
    BOOST_TEST(dialect.examples.size() >= 3u);
    BOOST_TEST(FindDialect(dialect.name) == &dialect);
  }
  BOOST_TEST(FindDialect("sepa-07") == nullptr);
}

/// A pack that is right, with `from` replaced by `to`.
std::string Pack(const std::string& from = "", const std::string& to = "") {
  std::string text = R"({
    "name": "t", "version": 9, "currencies": ["EUR"], "charge_bearers": ["SLEV"],
    "base_order": {"message_id": "M", "created_at": "2026-03-01T08:00:00",
      "initiator": {"name": "A"},
      "batches": [{"payment_information_id": "P", "execution_date": "2026-03-02",
        "charge_bearer": "SLEV",
        "debtor": {"name": "A", "account": {"number": "DE89370400440532013000"}},
        "transfers": [{"end_to_end_id": "E", "amount": {"currency": "EUR", "value": "1.00"},
          "creditor": {"name": "B", "account": {"number": "DE89370400440532013000"}}}]}]},
    "examples": [
      {"name": "fine", "change": {}, "accept": true},
      {"name": "dollars", "change": {"/batches/0/transfers/0/amount/currency": "USD"},
       "accept": false, "reason": "DIALECT_REFUSED", "field": "batches[0].transfers[0].amount"}]
  })";
  if (!from.empty()) text.replace(text.find(from), from.size(), to);
  return text;
}

BOOST_AUTO_TEST_CASE(a_right_pack_is_taken) {
  const auto dialect = ParseDialect(Pack());
  BOOST_REQUIRE(dialect.ok());
  BOOST_TEST(ProveDialect(*dialect).ok());
  BOOST_TEST(dialect->NameSpace() == "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09");
}

struct Wrong {
  const char* name;
  const char* from;
  const char* to;
  const char* field;
};
std::ostream& operator<<(std::ostream& out, const Wrong& c) { return out << c.name; }
const Wrong kUnreadable[] = {
    {"no JSON", "\"name\": \"t\"", "name", ""},
    {"a key twice", "\"name\": \"t\"", "\"name\": \"t\", \"name\": \"u\"", ""},
    {"a misspelt rule", "\"currencies\"", "\"currency\"", "currency"},
    {"a misspelt key of an example", "\"accept\": true", "\"accepts\": true",
     "examples[0].accepts"},
    {"a version that is not written", "\"version\": 9", "\"version\": 5", "version"},
    {"a version out of range", "\"version\": 9", "\"version\": 10", "version"},
    {"a word that is none", "\"version\": 9", "\"version\": 9, \"characters\": \"utf8\"",
     "characters"},
    {"a list of numbers", "[\"EUR\"]", "[1]", "currencies"},
    {"a limit beyond the schema", "\"version\": 9", "\"version\": 9, \"name_length_max\": 141",
     "name_length_max"},
    {"an amount that is none", "\"version\": 9", "\"version\": 9, \"amount_max\": \"a lot\"",
     "amount_max"},
    {"a date that is none", "\"version\": 9", "\"version\": 9, \"address_from\": \"soon\"",
     "address_from"},
    {"no name", "\"name\": \"t\", ", "", ""},
};
BOOST_DATA_TEST_CASE(a_pack_that_cannot_be_read_is_refused_with_its_key, bdata::make(kUnreadable),
                     c) {
  const auto dialect = ParseDialect(Pack(c.from, c.to));
  BOOST_REQUIRE(!dialect.ok());
  BOOST_TEST(base::Is(dialect.status(), Reason::kDialectInvalid));
  BOOST_TEST(base::InfoOf(dialect.status()).field == c.field);
}

const Wrong kDisproven[] = {
    {"an accepted example that is refused", "\"charge_bearers\": [\"SLEV\"]",
     "\"charge_bearers\": [\"SHAR\"]", ""},
    {"a refused example that is accepted", "\"currencies\": [\"EUR\"]", "\"currencies\": []", ""},
    {"a refusal for another reason", "\"reason\": \"DIALECT_REFUSED\"",
     "\"reason\": \"AMOUNT_INVALID\"", ""},
    {"a refusal at another field", "\"field\": \"batches[0].transfers[0].amount\"",
     "\"field\": \"amount\"", ""},
    {"a change of nothing", "\"/batches/0/transfers/0/amount/currency\"", "\"batches\"", ""},
    {"no refused example", "\"accept\": false", "\"accept\": true", ""},
    {"no accepted example", "\"accept\": true", "\"accept\": false", ""},
};
BOOST_DATA_TEST_CASE(a_pack_that_its_own_examples_disprove_is_not_believed, bdata::make(kDisproven),
                     c) {
  const auto dialect = ParseDialect(Pack(c.from, c.to));
  BOOST_REQUIRE(dialect.ok());
  BOOST_TEST(base::Is(ProveDialect(*dialect), Reason::kDialectInvalid));
}

BOOST_AUTO_TEST_CASE(what_comes_twice_in_an_order_is_found) {
  const Dialect& dialect = *FindDialect("sepa-09");
  model::PaymentOrder order = ReadOrderJson(dialect.base_order).value();
  BOOST_TEST(CheckOrder(dialect, order).empty());
  order.batches.push_back(order.batches[0]);
  BOOST_TEST(model::SumUp(order).ok());
  std::string found;
  for (const model::Finding& finding : CheckOrder(dialect, order)) {
    base::StrAppend(&found, finding.reason, "@", finding.field, " ");
  }
  BOOST_TEST(found ==
             "ID_NOT_UNIQUE@batches[1].instruction.payment_information_id "
             "ID_NOT_UNIQUE@batches[1].transfers[0].instruction_id "
             "ID_NOT_UNIQUE@batches[1].transfers[0].end_to_end_id ");
}

BOOST_AUTO_TEST_CASE(sums_that_are_stated_wrongly_are_found) {
  const Dialect& dialect = *FindDialect("sepa-09");
  model::PaymentOrder order = ReadOrderJson(dialect.base_order).value();
  order.header.control_sum = base::Decimal::Parse("345.59").value();
  const auto findings = CheckOrder(dialect, order);
  BOOST_REQUIRE(findings.size() == 1u);
  BOOST_TEST(findings[0].reason == "TOTALS_MISMATCH");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::formats
