// SPDX-License-Identifier: Apache-2.0
// Vendor bills and payments as payment orders need them: bills that are named in any state, else
// those with something left to pay; payments by their ids.
#include <algorithm>

#include "tests/contract/odoo/rig.h"

namespace kontor::odoo::contract {
namespace {

using ports::Payable;
using ports::PayableQuery;

absl::StatusOr<std::vector<Payable>> Read(Rig& rig, PayableQuery query) {
  std::vector<Payable> all;
  while (true) {
    KONTOR_ASSIGN_OR_RETURN(auto page, rig.erp().ReadPayables(rig.company_id(), query, rig.Soon()));
    for (Payable& row : page.rows) all.push_back(std::move(row));
    if (!page.more) return all;
    query.after_id = page.next_id;
  }
}

std::optional<Payable> Find(const std::vector<Payable>& all, const model::ErpRecord& bill) {
  const auto it =
      std::ranges::find_if(all, [&](const Payable& row) { return row.bill.record.id == bill.id; });
  return it == all.end() ? std::nullopt : std::optional(*it);
}

ODOO_TEST(an_open_bill_is_found_by_a_filter_and_told_with_its_vendor) {
  Rig rig(target_name);
  const model::ErpRecord bill = rig.Posted(rig.Invoice(model::InvoiceKind::kVendorBill));
  PayableQuery query;
  query.due_until = Day("2100-01-01");
  query.currency_code = "EUR";
  query.limit = 2;
  const auto all = Read(rig, query);
  REQUIRE_OK(all);
  const auto found = Find(*all, bill);
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->bill.state == "posted");
  BOOST_TEST(found->bill.residual.ToString() == "28.56");
  BOOST_TEST(found->partner_id > 0);
  BOOST_TEST(!found->partner_name.empty());
  query.partner_id = found->partner_id;
  query.journal_code = found->bill.journal_code;
  const auto of_vendor = Read(rig, query);
  REQUIRE_OK(of_vendor);
  BOOST_TEST(Find(*of_vendor, bill).has_value());
  query.due_until = Day("2001-01-01");
  const auto early = Read(rig, query);
  REQUIRE_OK(early);
  BOOST_TEST(!Find(*early, bill).has_value());
}

ODOO_TEST(who_has_sold_to_the_company_is_a_vendor) {
  Rig rig(target_name);
  const model::ErpRecord bill = rig.Posted(rig.Invoice(model::InvoiceKind::kVendorBill));
  PayableQuery query;
  query.move_ids = {bill.id};
  const auto bills = Read(rig, query);
  REQUIRE_OK(bills);
  const int64_t partner = bills->at(0).partner_id;
  const auto vendors = rig.erp().ReadVendors(rig.company_id(), 0, rig.Soon());
  REQUIRE_OK(vendors);
  const auto found = std::ranges::find(*vendors, partner, &model::NamedId::id);
  BOOST_REQUIRE((found != vendors->end()));
  BOOST_TEST(found->name == bills->at(0).partner_name);
  const auto later = rig.erp().ReadVendors(rig.company_id(), vendors->back().id, rig.Soon());
  REQUIRE_OK(later);
  BOOST_TEST(later->empty());
}

ODOO_TEST(a_named_bill_is_told_whatever_its_state) {
  Rig rig(target_name);
  const model::ErpRecord draft = rig.CreateOne(rig.Invoice(model::InvoiceKind::kVendorBill));
  const Draft payment = rig.Payment("28.56", model::PaymentDirection::kOutbound);
  const model::ErpRecord paid = rig.Posted(rig.Invoice(model::InvoiceKind::kVendorBill));
  REQUIRE_OK(rig.Reconcile(rig.Posted(payment), paid));
  PayableQuery named;
  named.move_ids = {draft.id, paid.id};
  const auto both = Read(rig, named);
  REQUIRE_OK(both);
  BOOST_REQUIRE(both->size() == 2U);
  BOOST_TEST(Find(*both, draft)->bill.state == "draft");
  BOOST_TEST(Find(*both, paid)->bill.residual.IsZero());
  const auto open = Read(rig, {});
  REQUIRE_OK(open);
  BOOST_TEST(!Find(*open, draft).has_value());
  BOOST_TEST(!Find(*open, paid).has_value());
}

ODOO_TEST(what_is_no_vendor_bill_is_not_payable) {
  Rig rig(target_name);
  const model::ErpRecord invoice = rig.Posted(rig.Invoice(model::InvoiceKind::kCustomerInvoice));
  PayableQuery named;
  named.move_ids = {invoice.id};
  const auto none = Read(rig, named);
  REQUIRE_OK(none);
  BOOST_TEST(none->empty());
}

absl::StatusOr<std::vector<ports::BookedPayment>> ReadOnes(Rig& rig, std::vector<int64_t> ids) {
  return rig.erp().ReadPayments(rig.company_id(), ids, rig.Soon());
}

ODOO_TEST(a_posted_payment_is_told_with_whom_it_pays) {
  Rig rig(target_name);
  const model::ErpRecord payment =
      rig.Posted(rig.Payment("28.56", model::PaymentDirection::kOutbound));
  const auto found = ReadOnes(rig, {payment.id});
  REQUIRE_OK(found);
  BOOST_REQUIRE(found->size() == 1U);
  const ports::BookedPayment& booked = found->front();
  BOOST_TEST(booked.outgoing);
  BOOST_TEST(!booked.sent);
  BOOST_TEST(!booked.matched);
  BOOST_TEST((booked.payment.state == "posted" || booked.payment.state == "in_process"),
             booked.payment.state);
  BOOST_TEST(booked.payment.total.ToString() == "28.56");
  BOOST_TEST(booked.payment.currency_code == "EUR");
  BOOST_TEST(booked.payment.journal_code == "BNK1");
  BOOST_TEST(booked.payment.move_id > 0);
  BOOST_TEST(booked.partner_id > 0);
  BOOST_TEST(!booked.partner_name.empty());
}

ODOO_TEST(a_payment_is_told_whatever_its_state_and_a_missing_one_is_left_out) {
  Rig rig(target_name);
  const model::ErpRecord draft =
      rig.CreateOne(rig.Payment("10.00", model::PaymentDirection::kOutbound));
  const model::ErpRecord incoming =
      rig.Posted(rig.Payment("11.00", model::PaymentDirection::kInbound));
  constexpr int64_t kMissing = 999'999'999;
  const auto found = ReadOnes(rig, {draft.id, incoming.id, kMissing});
  REQUIRE_OK(found);
  BOOST_REQUIRE(found->size() == 2U);
  for (const ports::BookedPayment& booked : *found) {
    const bool is_draft = booked.payment.record.id == draft.id;
    BOOST_TEST(booked.outgoing == is_draft);
    BOOST_TEST((booked.payment.state == "draft") == is_draft);
  }
}

ODOO_TEST(a_payment_that_was_undone_says_so) {
  Rig rig(target_name);
  const model::ErpRecord payment =
      rig.Posted(rig.Payment("12.00", model::PaymentDirection::kOutbound));
  REQUIRE_OK(rig.erp().Undo(rig.company_id(), payment, rig.Soon()));
  REQUIRE_OK(rig.erp().Undo(rig.company_id(), payment, rig.Soon()));  // done already is done
  const auto found = ReadOnes(rig, {payment.id});
  REQUIRE_OK(found);
  BOOST_REQUIRE(found->size() == 1U);
  BOOST_TEST(
      (found->front().payment.state == "cancel" || found->front().payment.state == "canceled"),
      found->front().payment.state);
}

}  // namespace
}  // namespace kontor::odoo::contract
