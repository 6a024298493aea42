// SPDX-License-Identifier: Apache-2.0
// Look-ups in master data.
#include <string>

#include <boost/test/unit_test.hpp>

#include "server/model/catalogue.h"
#include "tests/unit/model/builders.h"

namespace kontor::model {
namespace {

using testing::Day;
using testing::Wrap;

BOOST_AUTO_TEST_CASE(what_does_not_exist_is_not_found) {
  const Catalogue catalogue = testing::GoodCatalogue();
  BOOST_TEST((catalogue.FindJournal("INV2") == nullptr));
  BOOST_TEST((catalogue.FindJournal("") == nullptr));
  BOOST_TEST((catalogue.FindAccount("40000") == nullptr));
  BOOST_TEST((catalogue.FindTax("19 %", false) == nullptr));
  BOOST_TEST((catalogue.FindTax("7% sales only", true) == nullptr));
  BOOST_TEST((catalogue.FindCurrency("SEK") == nullptr));
  BOOST_TEST((catalogue.FindPaymentTerm("30 days") == nullptr));
  BOOST_TEST((catalogue.FindAnalytic("") == nullptr));
  BOOST_TEST((catalogue.FindAnalytic("P2") == nullptr));
  BOOST_TEST((catalogue.FirstJournal(JournalType::kCredit) == nullptr));
}

BOOST_AUTO_TEST_CASE(what_exists_is_found) {
  const Catalogue catalogue = testing::GoodCatalogue();
  BOOST_TEST(catalogue.FindJournal("BNK1")->id == 4);
  BOOST_TEST(catalogue.FindAccount("400000")->id == 1);
  BOOST_TEST(catalogue.FindTax("19%", false)->id == 1);
  BOOST_TEST(catalogue.FindTax("19%", true)->id == 2);
  BOOST_TEST(catalogue.FindPaymentTerm("30 Days")->id == 1);
  BOOST_TEST(catalogue.FindAnalytic("P1")->id == 1);
  BOOST_TEST(catalogue.FindAnalytic("Nameless Code")->id == 2);
}

BOOST_AUTO_TEST_CASE(a_document_goes_to_its_named_journal_or_the_first_of_its_type) {
  const Catalogue catalogue = testing::GoodCatalogue();
  Invoice invoice = testing::GoodInvoice();
  BOOST_TEST(JournalOf(Wrap(invoice), catalogue)->code == "INV");
  BOOST_TEST(JournalOf(Wrap(testing::GoodBill()), catalogue)->code == "BILL");
  invoice.journal_code = "MISC";
  BOOST_TEST(JournalOf(Wrap(invoice), catalogue)->code == "MISC");
  invoice.journal_code = "NONE";
  BOOST_TEST((JournalOf(Wrap(invoice), catalogue) == nullptr));
  JournalEntry entry = testing::GoodEntry();
  entry.journal_code.clear();
  BOOST_TEST(JournalOf(Wrap(entry), catalogue)->code == "MISC");
  BOOST_TEST((JournalOf(Wrap(testing::GoodPartner()), catalogue) == nullptr));
}

BOOST_AUTO_TEST_CASE(the_latest_of_the_locks_that_concern_a_journal_holds) {
  LockDates locks;
  BOOST_TEST(!locks.For(JournalType::kSale, true).has_value());
  locks.fiscal_year = Day("2026-01-31");
  locks.sale = Day("2026-03-31");
  locks.purchase = Day("2026-04-30");
  locks.tax = Day("2026-05-31");
  BOOST_TEST((locks.For(JournalType::kSale, false) == Day("2026-03-31")));
  BOOST_TEST((locks.For(JournalType::kPurchase, false) == Day("2026-04-30")));
  BOOST_TEST((locks.For(JournalType::kGeneral, false) == Day("2026-01-31")));
  BOOST_TEST((locks.For(JournalType::kGeneral, true) == Day("2026-05-31")));
  locks.hard = Day("2026-06-30");
  BOOST_TEST((locks.For(JournalType::kBank, false) == Day("2026-06-30")));
  locks.period = Day("2026-07-31");
  BOOST_TEST((locks.For(JournalType::kBank, false) == Day("2026-07-31")));
}

BOOST_AUTO_TEST_CASE(journal_types_are_read_by_odoos_own_words) {
  for (const JournalType type :
       {JournalType::kSale, JournalType::kPurchase, JournalType::kBank, JournalType::kCash,
        JournalType::kCredit, JournalType::kGeneral}) {
    BOOST_TEST((ParseJournalType(NameOf(type)) == type));
  }
  BOOST_TEST(!ParseJournalType("situation").has_value());
}

BOOST_AUTO_TEST_CASE(a_partners_key_is_the_one_thing_it_is_named_by) {
  PartnerRef partner;
  BOOST_TEST(KeyOf(partner).empty());
  partner.odoo_id = 7;
  BOOST_TEST(KeyOf(partner) == "#7");
  partner.odoo_id = 0;
  partner.vat = "DE1";
  BOOST_TEST(KeyOf(partner) == "DE1");
}

BOOST_AUTO_TEST_CASE(a_line_of_an_entry_takes_the_tax_of_its_side_or_the_only_one_there_is) {
  const Catalogue catalogue = testing::GoodCatalogue();
  const JournalEntry entry = testing::GoodEntry();
  const JournalEntryLine& debit = entry.lines[0];
  const JournalEntryLine& credit = entry.lines[1];
  BOOST_TEST(EntryTax(catalogue, entry, debit, "19%")->for_purchase);
  BOOST_TEST(!EntryTax(catalogue, entry, credit, "19%")->for_purchase);
  BOOST_TEST(!EntryTax(catalogue, entry, debit, "7% sales only")->for_purchase);
  BOOST_TEST(EntryTax(catalogue, entry, debit, "8%") == nullptr);
  JournalEntry reversal = entry;
  reversal.reversed_entry_id = "jrn_1";
  BOOST_TEST(!EntryTax(catalogue, reversal, debit, "19%")->for_purchase);
  BOOST_TEST(EntryTax(catalogue, reversal, credit, "19%")->for_purchase);
}

}  // namespace
}  // namespace kontor::model
