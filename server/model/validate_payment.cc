// SPDX-License-Identifier: Apache-2.0
// Payments, as far as they can be judged without Odoo.
#include <set>

#include "server/base/ids.h"
#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/model/internal/rules.h"

namespace kontor::model::internal {
namespace {

using base::Reason;

void ValidateAmount(const Payment& payment, Findings& findings) {
  if (payment.amount.currency().IsNone()) {
    findings.Add(Reason::kFieldMissing, "payment.amount", "No amount with a currency is given");
  } else if (payment.amount.IsZero() || payment.amount.IsNegative()) {
    findings.Add(Reason::kAmountInvalid, "payment.amount",
                 base::StrCat("A payment of ", payment.amount.ToString(), " is not above 0"));
  }
}

void ValidateBankAccount(const Payment& payment, Findings& findings) {
  constexpr const char* kField = "payment.partner_bank_account";
  if (payment.partner_bank_account.empty()) return;
  findings.Text(payment.partner_bank_account, kAccountNumberMax, kField);
  const std::string number = NormalAccountNumber(payment.partner_bank_account);
  if (LooksLikeIban(number)) findings.Add(base::AtField(CheckIban(number), kField));
  if (payment.direction == PaymentDirection::kInbound) {
    findings.Add(Reason::kFieldConflict, kField,
                 "The partner's bank account is named for outgoing payments only");
  }
}

bool IsInvoiceId(std::string_view id) {
  return base::IsId(id, base::kInvoicePrefix) || base::IsId(id, base::kBillPrefix) ||
         base::IsId(id, base::kCreditNotePrefix);
}

void ValidateAllocation(const Allocation& allocation, const Payment& payment,
                        const std::string& at, Findings& findings) {
  const bool by_id = !allocation.invoice_id.empty();
  const bool by_move = allocation.odoo_move_id != 0;
  if (!by_id && !by_move) findings.Add(Reason::kFieldMissing, at, "No document is named");
  if (by_id && by_move) {
    findings.Add(Reason::kFieldConflict, at, "Both invoice_id and odoo_move_id are given");
  }
  if (by_id && !IsInvoiceId(allocation.invoice_id)) {
    findings.Add(Reason::kFieldInvalid, base::StrCat(at, ".invoice_id"),
                 "This is not the id of an invoice, bill or credit note");
  }
  if (allocation.odoo_move_id < 0) {
    findings.Add(Reason::kFieldInvalid, base::StrCat(at, ".odoo_move_id"),
                 "Database ids are greater than 0");
  }
  if (!allocation.amount.has_value()) return;
  if (allocation.amount->currency() != payment.amount.currency()) {
    findings.Add(Reason::kFieldConflict, base::StrCat(at, ".amount"),
                 base::StrCat("The amount is in ", allocation.amount->currency().code(),
                              ", the payment in ", payment.amount.currency().code()));
  } else if (allocation.amount->IsZero() || allocation.amount->IsNegative()) {
    findings.Add(Reason::kAmountInvalid, base::StrCat(at, ".amount"),
                 "An allocated amount is above 0");
  }
}

/// What the allocations name must be covered by the payment.
void ValidateAllocatedSum(const Payment& payment, Findings& findings) {
  Decimal sum;
  for (const Allocation& allocation : payment.allocations) {
    if (!allocation.amount.has_value()) continue;
    if (allocation.amount->currency() != payment.amount.currency()) return;  // said already
    const absl::StatusOr<Decimal> next = sum.Add(allocation.amount->ToDecimal());
    if (!next.ok()) return findings.Add(base::AtField(next.status(), "payment.allocations"));
    sum = *next;
  }
  if (!sum.IsZero() && sum > payment.amount.ToDecimal()) {
    findings.Add(Reason::kAmountInvalid, "payment.allocations",
                 base::StrCat("The allocations add up to ", sum.ToString(),
                              ", more than the payment of ", payment.amount.ToString()),
                 sum.ToString(), payment.amount.ValueText());
  }
}

void ValidateAllocations(const Payment& payment, Findings& findings) {
  constexpr const char* kField = "payment.allocations";
  if (payment.allocations.size() > kAllocationsMax) {
    findings.Add(Reason::kFieldTooLong, kField,
                 base::StrCat(payment.allocations.size(), " allocations, ", kAllocationsMax,
                              " are allowed"));
    return;
  }
  std::set<std::string> seen;
  for (size_t i = 0; i < payment.allocations.size(); ++i) {
    const Allocation& allocation = payment.allocations[i];
    ValidateAllocation(allocation, payment, FieldAt(kField, i), findings);
    if (!seen.insert(base::StrCat(allocation.invoice_id, "#", allocation.odoo_move_id)).second) {
      findings.Add(Reason::kFieldConflict, FieldAt(kField, i), "The document is named twice");
    }
  }
  ValidateAllocatedSum(payment, findings);
}

}  // namespace

void ValidatePayment(const Payment& payment, Findings& findings) {
  ValidatePartnerRef(payment.partner, /*required=*/true, "payment.partner", findings);
  ValidateAmount(payment, findings);
  if (!payment.date.has_value()) {
    findings.Add(Reason::kFieldMissing, "payment.date", "The payment has no date");
  }
  findings.RequiredText(payment.journal_code, kReferenceMax, "payment.journal_code");
  findings.Text(payment.memo, kPaymentReferenceMax, "payment.memo");
  ValidateBankAccount(payment, findings);
  ValidateAllocations(payment, findings);
}

}  // namespace kontor::model::internal
