// SPDX-License-Identifier: Apache-2.0
// Vendor bills as payment orders need them: those that are named in any state, else those with
// something left to pay.
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

}  // namespace
}  // namespace kontor::odoo::contract
