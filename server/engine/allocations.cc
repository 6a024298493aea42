// SPDX-License-Identifier: Apache-2.0
// Odoo reconciles two documents as far as both reach, so a part of an invoice can only be paid by
// the last of a payment. What does not fit is said before anything is sent.
#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/compare.h"
#include "server/engine/transitions.h"

namespace kontor::engine {
namespace {

using base::Reason;
using base::StrCat;
using model::Decimal;
using model::Money;

void CheckTarget(const Money& payment, const AllocationTarget& target,
                 std::vector<model::Finding>& findings) {
  const ports::ErpSnapshot& invoice = target.invoice;
  if (!invoice.exists) {
    findings.push_back(model::MakeFinding(Reason::kInvoiceNotPosted, target.field,
                                          "The invoice does not stand in Odoo"));
    return;
  }
  if (!IsPostedState(invoice)) {
    findings.push_back(model::MakeFinding(
        Reason::kInvoiceNotPosted, target.field,
        StrCat("The invoice ", invoice.record.name, " is ", invoice.state, " in Odoo"), "posted",
        invoice.state));
    return;
  }
  if (invoice.residual.IsZero()) {
    findings.push_back(model::MakeFinding(
        Reason::kNothingToPay, target.field,
        StrCat("The invoice ", invoice.record.name, " has nothing left to pay")));
    return;
  }
  if (!target.amount) return;
  if (invoice.currency_code != payment.currency().code()) {
    findings.push_back(
        model::MakeFinding(Reason::kFieldConflict, target.field,
                           "An amount can only be allocated in the invoice's currency",
                           payment.currency().code(), invoice.currency_code));
  } else if (target.amount->ToDecimal() > invoice.residual) {
    findings.push_back(model::MakeFinding(
        Reason::kOverpayment, target.field,
        StrCat("The invoice ", invoice.record.name, " has less left than is to be paid"),
        target.amount->ToString(),
        StrCat(model::AmountText(invoice.currency_code, invoice.residual), " ",
               invoice.currency_code)));
  }
}

bool IsPart(const AllocationTarget& target) {
  return target.amount && target.amount->ToDecimal() < target.invoice.residual;
}

}  // namespace

AllocationPlan PlanAllocations(const Money& payment, const std::vector<AllocationTarget>& targets) {
  AllocationPlan plan;
  for (const AllocationTarget& target : targets) CheckTarget(payment, target, plan.findings);
  for (size_t i = 0; i < targets.size(); ++i) plan.order.push_back(i);
  // Stated amounts of whole invoices, then "as much as is left", then the one part.
  std::stable_sort(plan.order.begin(), plan.order.end(), [&](size_t a, size_t b) {
    const auto rank = [&](size_t i) { return IsPart(targets[i]) ? 2 : targets[i].amount ? 0 : 1; };
    return rank(a) < rank(b);
  });
  if (!plan.findings.empty()) return plan;
  const auto parts = std::count_if(targets.begin(), targets.end(), IsPart);
  if (parts == 0) return plan;
  const bool open_ended = std::any_of(targets.begin(), targets.end(),
                                      [](const auto& target) { return !target.amount; });
  Decimal stated;
  for (const AllocationTarget& target : targets) {
    if (!target.amount) continue;
    const auto next = stated.Add(target.amount->ToDecimal());
    if (next.ok()) stated = *next;
  }
  if (parts > 1 || open_ended || stated != payment.ToDecimal()) {
    plan.findings.push_back(model::MakeFinding(
        Reason::kFieldConflict, "payment.allocations",
        "Odoo pays an invoice in part only with all that is left of a payment: send one payment "
        "for each part",
        payment.ToString(), stated.ToString()));
  }
  return plan;
}

}  // namespace kontor::engine
