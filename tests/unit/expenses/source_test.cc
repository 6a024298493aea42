// SPDX-License-Identifier: Apache-2.0
// Settings of a source that cannot work together.
#include <boost/test/unit_test.hpp>

#include "tests/unit/expenses/builders.h"

namespace kontor::expenses::testing {
namespace {

using model::Source;

BOOST_AUTO_TEST_CASE(a_good_source_has_no_finding) {
  BOOST_TEST(model::ValidateSource(GoodSource()).empty());
}

BOOST_AUTO_TEST_CASE(entries_cannot_be_watched_for_their_payment) {
  Source source = GoodSource();
  source.expense.watch_reimbursement = true;
  BOOST_TEST(model::ValidateSource(source).empty());
  source.expense.style = model::ExpenseStyle::kJournalEntry;
  BOOST_TEST(Has(model::ValidateSource(source), "FIELD_CONFLICT",
                 "source.expense.watch_reimbursement"));
}

BOOST_AUTO_TEST_CASE(only_watched_bills_are_reimbursed_by_orders_of_their_own) {
  Source source = GoodSource();
  source.expense.reimburse_from = "giro";
  BOOST_TEST(Has(model::ValidateSource(source), "FIELD_CONFLICT",
                 "source.expense.reimburse_from"));
  source.expense.watch_reimbursement = true;
  BOOST_TEST(model::ValidateSource(source).empty());
  source.expense.style = model::ExpenseStyle::kOdooExpense;
  BOOST_TEST(Has(model::ValidateSource(source), "FIELD_CONFLICT",
                 "source.expense.reimburse_from"));
}

BOOST_AUTO_TEST_CASE(a_time_that_is_not_signed_is_refused) {
  Source source = GoodSource();
  source.verification.scheme = model::HookScheme::kHmac;
  source.verification.signature_header = "x-signature";
  source.verification.timestamp_header = "x-timestamp";
  BOOST_TEST(Has(model::ValidateSource(source), "FIELD_CONFLICT",
                 "source.verification.timestamp_header"));
  source.verification.signed_content = "{timestamp}.{body}";
  BOOST_TEST(model::ValidateSource(source).empty());
}

}  // namespace
}  // namespace kontor::expenses::testing
