// SPDX-License-Identifier: Apache-2.0
// Payments: posting, paying invoices in full and in part, undoing.
#include "tests/contract/odoo/rig.h"

namespace kontor::odoo::contract {
namespace {

using base::Reason;

ODOO_TEST(a_payment_is_created_once_and_posted_with_an_entry) {
  Rig rig(target_name);
  const Draft draft = rig.Payment("28.56");
  const model::ErpRecord record = rig.Posted(draft);
  BOOST_TEST(rig.CreateOne(draft).id == record.id);
  REQUIRE_OK(rig.erp().Post(rig.company_id(), std::vector{record}, rig.Soon()));
  const ports::ErpSnapshot got = rig.ReadOne(record);
  BOOST_TEST(got.record.model == "account.payment");
  BOOST_TEST((got.state == "posted" || got.state == "in_process"), got.state);
  BOOST_TEST(got.move_type == "payment");
  BOOST_TEST(got.move_id > 0);
  BOOST_TEST(got.total.ToString() == "28.56");
  BOOST_TEST(got.residual.ToString() == "28.56");
  BOOST_TEST(got.reference == draft.external_id);
  BOOST_TEST(got.journal_code == "BNK1");
  BOOST_REQUIRE(got.date.has_value());
  BOOST_TEST(got.date->ToString() == SomeDay().PlusDays(2).ToString());
  BOOST_TEST(rig.CountInOdoo(draft.external_id) == 1);
}

ODOO_TEST(a_payment_pays_an_invoice_in_full_and_a_repeat_changes_nothing) {
  Rig rig(target_name);
  const model::ErpRecord invoice = rig.Posted(rig.Invoice());
  const model::ErpRecord payment = rig.Posted(rig.Payment("28.56"));
  for (int repeat = 0; repeat < 2; ++repeat) {
    REQUIRE_OK(rig.Reconcile(payment, invoice));
    const ports::ErpSnapshot got = rig.ReadOne(invoice);
    BOOST_TEST((got.payment_state == "paid" || got.payment_state == "in_payment"));
    BOOST_TEST(got.residual.IsZero());
    BOOST_TEST(rig.ReadOne(payment).residual.IsZero());
  }
}

ODOO_TEST(one_payment_pays_two_bills_as_far_as_it_goes) {
  Rig rig(target_name);
  const model::ErpRecord first = rig.Posted(rig.Invoice(model::InvoiceKind::kVendorBill));
  const model::ErpRecord second = rig.Posted(rig.Invoice(model::InvoiceKind::kVendorBill));
  const model::ErpRecord payment =
      rig.Posted(rig.Payment("40", model::PaymentDirection::kOutbound));
  REQUIRE_OK(rig.Reconcile(payment, first));
  REQUIRE_OK(rig.Reconcile(payment, second));
  REQUIRE_OK(rig.Reconcile(payment, second));
  BOOST_TEST(rig.ReadOne(first).residual.IsZero());
  const ports::ErpSnapshot got = rig.ReadOne(second);
  BOOST_TEST(got.payment_state == "partial");
  BOOST_TEST(got.residual.ToString() == "17.12");
}

ODOO_TEST(what_is_paid_or_not_posted_cannot_be_paid) {
  Rig rig(target_name);
  const model::ErpRecord invoice = rig.Posted(rig.Invoice());
  REQUIRE_OK(rig.Reconcile(rig.Posted(rig.Payment("28.56")), invoice));
  const model::ErpRecord late = rig.Posted(rig.Payment("5"));
  BOOST_TEST(base::Is(rig.Reconcile(late, invoice), Reason::kNothingToPay));
  const model::ErpRecord draft = rig.CreateOne(rig.Invoice());
  BOOST_TEST(base::Is(rig.Reconcile(late, draft), Reason::kInvoiceNotPosted));
  const absl::Status no_entry = rig.erp().Reconcile(
      rig.company_id(), {.payment_move_id = 0, .invoice_move_id = invoice.id}, rig.Soon());
  BOOST_TEST(base::Is(no_entry, Reason::kPaymentWithoutEntry));
}

ODOO_TEST(undoing_a_payment_frees_its_invoice) {
  Rig rig(target_name);
  const model::ErpRecord invoice = rig.Posted(rig.Invoice());
  const model::ErpRecord payment = rig.Posted(rig.Payment("28.56"));
  REQUIRE_OK(rig.Reconcile(payment, invoice));
  for (int repeat = 0; repeat < 2; ++repeat) {
    REQUIRE_OK(rig.erp().Undo(rig.company_id(), payment, rig.Soon()));
  }
  BOOST_TEST(rig.ReadOne(payment).state == "cancel");
  BOOST_TEST(rig.ReadOne(invoice).payment_state == "not_paid");
  BOOST_TEST(rig.ReadOne(invoice).residual.ToString() == "28.56");
}

ODOO_TEST(undoing_a_paid_invoice_frees_its_payment) {
  Rig rig(target_name);
  const model::ErpRecord invoice = rig.Posted(rig.Invoice());
  const model::ErpRecord payment = rig.Posted(rig.Payment("28.56"));
  REQUIRE_OK(rig.Reconcile(payment, invoice));
  REQUIRE_OK(rig.erp().Undo(rig.company_id(), invoice, rig.Soon()));
  BOOST_TEST(rig.ReadOne(invoice).state == "cancel");
  BOOST_TEST(rig.ReadOne(payment).residual.ToString() == "28.56");
}

ODOO_TEST(a_draft_payment_is_removed) {
  Rig rig(target_name);
  const Draft draft = rig.Payment("3.30");
  const model::ErpRecord record = rig.CreateOne(draft);
  REQUIRE_OK(rig.erp().RemoveDrafts(rig.company_id(), std::vector{record}, rig.Soon()));
  BOOST_TEST(rig.CountInOdoo(draft.external_id) == 0);
}

}  // namespace
}  // namespace kontor::odoo::contract
