// SPDX-License-Identifier: Apache-2.0
// Payments against Odoo's master data.
#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/model/internal/rules.h"

namespace kontor::model::internal {
namespace {

using base::Reason;

void CheckJournal(const Payment& payment, const Journal* journal, const CheckContext& context) {
  constexpr const char* kField = "payment.journal_code";
  if (journal == nullptr) {
    context.findings.Add(Reason::kJournalUnknown, kField,
                         base::StrCat("The journal ", payment.journal_code,
                                      " does not exist in Odoo for ",
                                      context.catalogue.company_name),
                         payment.journal_code);
    return;
  }
  const bool fits = journal->type == JournalType::kBank || journal->type == JournalType::kCash ||
                    journal->type == JournalType::kCredit;
  if (!fits) {
    context.findings.Add(Reason::kJournalUnknown, kField,
                         base::StrCat("The journal ", journal->code, " is of type ",
                                      NameOf(journal->type),
                                      ", a payment needs one of type bank, cash or credit"),
                         journal->code, std::string(NameOf(journal->type)));
  }
}

void CheckBankAccount(const Payment& payment, const CheckContext& context) {
  constexpr const char* kField = "payment.partner_bank_account";
  if (payment.partner_bank_account.empty()) return;
  const std::string shown = base::Masked(NormalAccountNumber(payment.partner_bank_account));
  if (context.references.partner_bank_id == 0) {
    context.findings.Add(Reason::kBankAccountUnknown, kField,
                         base::StrCat("The partner has no bank account ", shown, " in Odoo"),
                         shown);
  } else if (payment.direction == PaymentDirection::kOutbound &&
             !context.references.partner_bank_trusted) {
    context.findings.Add(Reason::kBankAccountUntrusted, kField,
                         base::StrCat("Nobody has confirmed in Odoo that money may be sent to the "
                                      "bank account ",
                                      shown),
                         shown);
  }
}

/// Odoo takes the account from the payment's method.
void CheckOutstandingAccount(const Payment& payment, const CheckContext& context) {
  if (payment.outstanding_account_code.empty() || context.references.payment_method_line_id > 0) {
    return;
  }
  const bool outbound = payment.direction == PaymentDirection::kOutbound;
  context.findings.Add(
      Reason::kAccountUnknown, "payment.outstanding_account_code",
      base::StrCat("The journal ", payment.journal_code, " has no payment method for ",
                   outbound ? "outgoing" : "incoming", " payments with the outstanding account ",
                   payment.outstanding_account_code),
      payment.outstanding_account_code);
}

}  // namespace

void CheckPayment(const Payment& payment, const Journal* journal, const CheckContext& context) {
  CheckJournal(payment, journal, context);
  CheckOutstandingAccount(payment, context);
  if (context.references.partner_id == 0 && !payment.partner.IsEmpty()) {
    context.findings.Add(Reason::kPartnerUnknown, "payment.partner",
                         base::StrCat("The partner ", KeyOf(payment.partner),
                                      " does not exist in Odoo, or not just once"),
                         KeyOf(payment.partner));
  }
  const Date date = payment.date.value_or(context.options.today);
  const CurrencyInfo* const currency =
      CheckCurrency(payment.amount.currency(), "payment.amount", context);
  if (currency != nullptr) CheckRate(*currency, date, "payment.amount", context);
  if (journal != nullptr) {
    CheckLock(*journal, /*has_taxes=*/false, date, "payment.date", context);
  }
  CheckBankAccount(payment, context);
}

}  // namespace kontor::model::internal
