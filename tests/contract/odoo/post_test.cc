// SPDX-License-Identifier: Apache-2.0
// Posting, correcting, undoing, removing, and what a locked period does.
#include "tests/contract/odoo/rig.h"

namespace kontor::odoo::contract {
namespace {

using base::Outcome;
using base::Reason;

ODOO_TEST(posting_twice_posts_once) {
  Rig rig(target_name);
  const model::ErpRecord record = rig.Posted(rig.Invoice());
  const std::string name = rig.ReadOne(record).record.name;
  BOOST_TEST(!name.empty());
  REQUIRE_OK(rig.erp().Post(rig.company_id(), std::vector{record}, rig.Soon()));
  BOOST_TEST(rig.ReadOne(record).record.name == name);
}

ODOO_TEST(a_batch_that_is_posted_in_part_is_finished_by_a_repeat) {
  Rig rig(target_name);
  const auto records = rig.Create({rig.Invoice(), rig.Invoice(), rig.Invoice()});
  REQUIRE_OK(records);
  REQUIRE_OK(rig.erp().Post(rig.company_id(), std::vector{(*records)[1]}, rig.Soon()));
  REQUIRE_OK(rig.erp().Post(rig.company_id(), *records, rig.Soon()));
  const auto got = rig.erp().Read(rig.company_id(), *records, rig.Soon());
  REQUIRE_OK(got);
  for (const auto& snapshot : *got) BOOST_TEST(snapshot.state == "posted");
}

ODOO_TEST(one_bad_draft_holds_its_batch_back) {
  Rig rig(target_name);
  Draft bad = rig.Invoice();
  std::get<model::Invoice>(bad.document.content).lines[0].unit_price = Dec("-100");
  const auto records = rig.Create({rig.Invoice(), bad});
  REQUIRE_OK(records);
  const absl::Status both = rig.erp().Post(rig.company_id(), *records, rig.Soon());
  BOOST_REQUIRE(!both.ok());
  BOOST_TEST((base::OutcomeOf(both) == Outcome::kRefused), both.ToString());
  BOOST_TEST(rig.ReadOne((*records)[0]).state == "draft");
  const absl::Status alone =
      rig.erp().Post(rig.company_id(), std::vector{(*records)[1]}, rig.Soon());
  BOOST_TEST(base::Is(alone, Reason::kOdooRefused));
  BOOST_TEST(base::InfoOf(alone).metadata.at("item") == "0");
  REQUIRE_OK(rig.erp().Post(rig.company_id(), std::vector{(*records)[0]}, rig.Soon()));
}

ODOO_TEST(posting_something_that_is_gone_says_so) {
  Rig rig(target_name);
  const model::ErpRecord gone{"account.move", 99999999, ""};
  const absl::Status status = rig.erp().Post(rig.company_id(), std::vector{gone}, rig.Soon());
  BOOST_TEST(base::Is(status, Reason::kDeletedInOdoo));
  BOOST_TEST(!rig.ReadOne(gone).exists);
}

ODOO_TEST(a_suppliers_rounding_cent_is_corrected_and_survives_posting) {
  Rig rig(target_name);
  const model::ErpRecord record = rig.CreateOne(rig.Invoice(model::InvoiceKind::kVendorBill));
  const model::Money tax = model::Money::Parse("EUR", "4.57").value();
  for (int repeat = 0; repeat < 2; ++repeat) {
    REQUIRE_OK(rig.erp().CorrectTax(rig.company_id(), record, tax, rig.Soon()));
    BOOST_TEST(rig.ReadOne(record).tax.ToString() == "4.57");
    BOOST_TEST(rig.ReadOne(record).total.ToString() == "28.57");
  }
  REQUIRE_OK(rig.erp().Post(rig.company_id(), std::vector{record}, rig.Soon()));
  BOOST_TEST(rig.ReadOne(record).total.ToString() == "28.57");
  const absl::Status late = rig.erp().CorrectTax(rig.company_id(), record, tax, rig.Soon());
  BOOST_TEST(base::Is(late, Reason::kStateConflict));
}

ODOO_TEST(drafts_are_removed_and_posted_documents_are_not) {
  Rig rig(target_name);
  const Draft draft = rig.Invoice();
  const model::ErpRecord record = rig.CreateOne(draft);
  for (int repeat = 0; repeat < 2; ++repeat) {
    REQUIRE_OK(rig.erp().RemoveDrafts(rig.company_id(), std::vector{record}, rig.Soon()));
  }
  BOOST_TEST(!rig.ReadOne(record).exists);
  BOOST_TEST(rig.CountInOdoo(draft.external_id) == 0);
  const model::ErpRecord posted = rig.Posted(rig.Invoice());
  const absl::Status refused =
      rig.erp().RemoveDrafts(rig.company_id(), std::vector{posted}, rig.Soon());
  BOOST_TEST(base::Is(refused, Reason::kStateConflict));
  BOOST_TEST(rig.ReadOne(posted).state == "posted");
}

ODOO_TEST(a_posted_invoice_is_undone_once) {
  Rig rig(target_name);
  const Draft draft = rig.Invoice();
  const model::ErpRecord record = rig.Posted(draft);
  for (int repeat = 0; repeat < 2; ++repeat) {
    REQUIRE_OK(rig.erp().Undo(rig.company_id(), record, rig.Soon()));
    BOOST_TEST(rig.ReadOne(record).state == "cancel");
  }
  BOOST_TEST(rig.CreateOne(draft).id == record.id);
  BOOST_TEST(rig.ReadOne(record).state == "cancel");
  const absl::Status post = rig.erp().Post(rig.company_id(), std::vector{record}, rig.Soon());
  BOOST_TEST(base::Is(post, Reason::kStateConflict));
}

ODOO_TEST(a_credit_note_that_names_its_invoice_settles_it) {
  Rig rig(target_name);
  const model::ErpRecord invoice = rig.Posted(rig.Invoice());
  Draft note = rig.Invoice(model::InvoiceKind::kCustomerCreditNote);
  note.references.reversed_move_id = invoice.id;
  const model::ErpRecord credit = rig.Posted(note);
  BOOST_TEST(rig.ReadOne(credit).residual.IsZero());
  BOOST_TEST(rig.ReadOne(invoice).residual.IsZero());
}

ODOO_TEST(a_locked_period_moves_the_date_and_the_snapshot_shows_it) {
  Rig rig(target_name);
  const std::string locked = "2015-12-31";
  Draft draft = rig.Entry("12", "12");
  std::get<model::JournalEntry>(draft.document.content).date = Day("2015-06-15");
  const model::ErpRecord record = rig.CreateOne(draft);
  using nlohmann::json;
  const auto lock = [&](const json& value) {
    AsAdmin(rig.target(), "res.company", "write",
            json::array({json::array({rig.company_id()}), {{"fiscalyear_lock_date", value}}}));
  };
  // 17 refuses a lock over drafts, so the draft's date is set only for the time of the lock.
  REQUIRE_OK(rig.erp().RemoveDrafts(rig.company_id(), std::vector{record}, rig.Soon()));
  lock(locked);
  const auto catalogue = rig.erp().ReadCatalogue(rig.company_id(), rig.Soon());
  const auto again = rig.Create({draft});
  absl::Status posted = again.status();
  if (again.ok()) posted = rig.erp().Post(rig.company_id(), *again, rig.Soon());
  lock(false);
  REQUIRE_OK(catalogue);
  BOOST_REQUIRE(catalogue->lock_dates.fiscal_year.has_value());
  BOOST_TEST(catalogue->lock_dates.fiscal_year->ToString() == locked);
  REQUIRE_OK(posted);
  const ports::ErpSnapshot got = rig.ReadOne(again->front());
  BOOST_TEST(got.state == "posted");
  BOOST_REQUIRE(got.date.has_value());
  BOOST_TEST((*got.date > Day(locked)));
}

}  // namespace
}  // namespace kontor::odoo::contract
