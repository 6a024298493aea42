// SPDX-License-Identifier: Apache-2.0
// Bank statements: lines once, grouped, read back, and reconciled with the payments that they
// settle.
#include <map>

#include "tests/contract/odoo/rig.h"

namespace kontor::odoo::contract {
namespace {

using base::Reason;
using ports::StatementLineDraft;

StatementLineDraft Line(std::string_view amount, std::string_view label) {
  StatementLineDraft line;
  line.external_id = Rig::FreshId();
  line.date = SomeDay().PlusDays(3);
  line.amount = *model::Money::FromDecimal(Eur(), Dec(amount));
  line.label = std::string(label);
  line.reference = "E2E-1";
  line.partner_name = "Müller & Söhne <Hafen>";
  line.account_number = "DE02120300000000202051";
  line.transaction_type = "PMNT/ICDT/ESCT";
  return line;
}

absl::StatusOr<std::vector<model::ErpRecord>> Create(Rig& rig,
                                                     const std::vector<StatementLineDraft>& lines,
                                                     const std::string& journal = "BNK1") {
  BOOST_REQUIRE(rig.erp().Bank() != nullptr);
  return rig.erp().Bank()->CreateStatementLines(rig.company_id(), rig.catalogue(), journal, lines,
                                                rig.Soon());
}

ODOO_TEST(lines_are_created_once_and_change_nothing_when_told_again) {
  Rig rig(target_name);
  std::vector<StatementLineDraft> lines = {Line("10.05", "In"), Line("-3.07", "Out")};
  const auto first = Create(rig, lines);
  REQUIRE_OK(first);
  BOOST_REQUIRE(first->size() == 2U);
  BOOST_TEST(first->at(0).model == "account.bank.statement.line");
  BOOST_TEST(!first->at(0).name.empty());
  lines[0].label = "Otherwise";
  const auto again = Create(rig, lines);
  REQUIRE_OK(again);
  for (size_t i = 0; i < 2; ++i) BOOST_TEST(again->at(i).id == first->at(i).id);
}

ODOO_TEST(a_refused_line_leaves_none_of_its_call) {
  Rig rig(target_name);
  BOOST_TEST(base::Is(Create(rig, {Line("1", "In")}, "NONE").status(), Reason::kJournalUnknown));
  std::vector<StatementLineDraft> twice = {Line("1", "In"), Line("2", "In")};
  twice[1].external_id = twice[0].external_id;
  BOOST_TEST(!Create(rig, twice).ok());
}

ODOO_TEST(a_statement_groups_its_lines_once) {
  Rig rig(target_name);
  const auto lines = Create(rig, {Line("10.05", "In"), Line("-3.07", "Out")});
  REQUIRE_OK(lines);
  ports::StatementDraft draft;
  draft.external_id = Rig::FreshId();
  draft.name = "K1";
  draft.opening = Dec("100");
  draft.closing = Dec("106.98");
  for (const auto& line : *lines) draft.line_ids.push_back(line.id);
  const auto first = rig.erp().Bank()->CreateStatement(rig.company_id(), draft, rig.Soon());
  REQUIRE_OK(first);
  const auto again = rig.erp().Bank()->CreateStatement(rig.company_id(), draft, rig.Soon());
  REQUIRE_OK(again);
  BOOST_TEST(first->id == again->id);
}

ODOO_TEST(lines_of_a_journal_are_read_by_day_with_their_external_ids) {
  Rig rig(target_name);
  const std::vector<StatementLineDraft> drafts = {Line("10.05", "In"), Line("-3.07", "Out")};
  const auto made = Create(rig, drafts);
  REQUIRE_OK(made);
  ports::ErpBank& bank = *rig.erp().Bank();
  const model::Date day = drafts[0].date;
  std::map<int64_t, ports::StatementLineSeen> seen;
  int64_t after = 0;
  for (bool more = true; more;) {
    const auto page = bank.ReadStatementLines(rig.company_id(), rig.catalogue(), "BNK1", day, day,
                                              after, 1, rig.Soon());
    REQUIRE_OK(page);
    BOOST_TEST(page->lines.size() <= 1U);
    for (const auto& line : page->lines) seen[line.record.id] = line;
    more = page->more;
    after = page->next_id;
  }
  for (size_t i = 0; i < drafts.size(); ++i) {
    BOOST_REQUIRE(seen.contains(made->at(i).id));
    const ports::StatementLineSeen& line = seen[made->at(i).id];
    BOOST_TEST(line.external_id == drafts[i].external_id);
    BOOST_TEST((line.amount == drafts[i].amount));
    BOOST_TEST((line.date == day));
    BOOST_TEST(line.journal_code == "BNK1");
    BOOST_TEST(line.state == "posted");
    BOOST_TEST(line.record.name == made->at(i).name);
  }
  const auto other = bank.ReadStatementLines(rig.company_id(), rig.catalogue(), "BNK1",
                                             day.PlusDays(1), day.PlusDays(1), 0, 100, rig.Soon());
  REQUIRE_OK(other);
  for (const auto& line : other->lines) BOOST_TEST(!seen.contains(line.record.id));
  BOOST_TEST(base::Is(bank.ReadStatementLines(rig.company_id(), rig.catalogue(), "NONE", day, day,
                                              0, 1, rig.Soon())
                          .status(),
                      Reason::kJournalUnknown));
  const auto found = bank.FindStatementLines(
      rig.company_id(), rig.catalogue(), {made->at(1).id, 999'999'999}, rig.Soon());
  REQUIRE_OK(found);
  BOOST_REQUIRE(found->size() == 1U);
  BOOST_TEST(found->at(0).external_id == drafts[1].external_id);
}

ODOO_TEST(a_statement_is_read_with_what_it_says_and_what_its_lines_make) {
  Rig rig(target_name);
  const auto lines = Create(rig, {Line("10.05", "In"), Line("-3.07", "Out")});
  REQUIRE_OK(lines);
  ports::StatementDraft draft;
  draft.external_id = Rig::FreshId();
  draft.name = "K2";
  draft.opening = Dec("100");
  draft.closing = Dec("107");
  for (const auto& line : *lines) draft.line_ids.push_back(line.id);
  const auto made = rig.erp().Bank()->CreateStatement(rig.company_id(), draft, rig.Soon());
  REQUIRE_OK(made);
  const auto found = rig.erp().Bank()->FindStatements(rig.company_id(), {made->id, 999'999'999},
                                                      rig.Soon());
  REQUIRE_OK(found);
  BOOST_REQUIRE(found->size() == 1U);
  BOOST_TEST(found->at(0).id == made->id);
  BOOST_TEST((found->at(0).closing == Dec("107")));
  BOOST_TEST((found->at(0).computed == Dec("106.98")));
}

ODOO_TEST(a_line_is_reconciled_with_the_payment_that_it_settles) {
  Rig rig(target_name);
  const Draft payment = rig.Payment("28.56", model::PaymentDirection::kOutbound);
  const model::ErpRecord bill = rig.Posted(rig.Invoice(model::InvoiceKind::kVendorBill));
  const model::ErpRecord record = rig.Posted(payment);
  REQUIRE_OK(rig.Reconcile(record, bill));
  const auto lines = Create(rig, {Line("-28.56", "Out")});
  REQUIRE_OK(lines);
  const ports::StatementLineSettlement settlement{lines->at(0), {payment.external_id}, ""};
  for (int repeat = 0; repeat < 2; ++repeat) {
    REQUIRE_OK(rig.erp().Bank()->SettleStatementLine(rig.company_id(), rig.catalogue(),
                                                     settlement, rig.Soon()));
  }
  BOOST_TEST(rig.ReadOne(bill).payment_state == "paid");
}

ODOO_TEST(a_payment_that_is_gone_or_settled_already_settles_no_line) {
  Rig rig(target_name);
  const auto lines = Create(rig, {Line("-5.00", "Out"), Line("-5.00", "Out")});
  REQUIRE_OK(lines);
  ports::StatementLineSettlement settlement{lines->at(0), {Rig::FreshId()}, ""};
  const auto settle = [&] {
    return rig.erp().Bank()->SettleStatementLine(rig.company_id(), rig.catalogue(), settlement,
                                                 rig.Soon());
  };
  BOOST_TEST(base::Is(settle(), Reason::kDeletedInOdoo));
  const Draft payment = rig.Payment("5.00", model::PaymentDirection::kOutbound);
  rig.Posted(payment);
  settlement.payments = {payment.external_id};
  REQUIRE_OK(settle());
  settlement.line = lines->at(1);
  BOOST_TEST(base::Is(settle(), Reason::kStateConflict));
  BOOST_TEST((base::OutcomeOf(settle()) == base::Outcome::kRefused));
}

}  // namespace
}  // namespace kontor::odoo::contract
