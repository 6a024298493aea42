// SPDX-License-Identifier: Apache-2.0
// Payments as account.payment records, and partners as res.partner records.
#include "adapters/odoo/mapping.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {

using base::Error;
using base::Reason;

absl::StatusOr<SheetRecord> MapPayment(const model::Document& document,
                                       const model::References& references,
                                       const model::Catalogue& catalogue, const Dialect& dialect) {
  const auto& payment = std::get<model::Payment>(document.content);
  const model::Journal* const journal = catalogue.FindJournal(payment.journal_code);
  if (journal == nullptr) return Error(Reason::kJournalUnknown).Field("payment.journal_code");
  if (references.partner_id <= 0) return Error(Reason::kPartnerUnknown).Field("payment.partner");
  if (!payment.date.has_value()) return Error(Reason::kFieldMissing).Field("payment.date");
  KONTOR_ASSIGN_OR_RETURN(
      const int64_t currency_id,
      CurrencyId(catalogue, payment.amount.currency().code(), "payment.amount"));
  SheetRecord record;
  const bool inbound = payment.direction == model::PaymentDirection::kInbound;
  const bool customer = payment.partner_role == model::PartnerRole::kCustomer;
  record.header = {{"payment_type", inbound ? "inbound" : "outbound"},
                   {"partner_type", customer ? "customer" : "supplier"},
                   {"partner_id/.id", std::to_string(references.partner_id)},
                   {"amount", payment.amount.ValueText()},
                   {"currency_id/.id", std::to_string(currency_id)},
                   {"date", payment.date->ToString()},
                   {"journal_id/.id", std::to_string(journal->id)}};
  if (!payment.memo.empty()) record.header.emplace_back(dialect.payment_memo_field, payment.memo);
  if (!payment.partner_bank_account.empty()) {
    if (references.partner_bank_id <= 0) {
      return Error(Reason::kBankAccountUnknown).Field("payment.partner_bank_account");
    }
    record.header.emplace_back("partner_bank_id/.id", std::to_string(references.partner_bank_id));
  }
  if (!payment.outstanding_account_code.empty()) {
    if (references.payment_method_line_id <= 0) {
      return Error(Reason::kAccountUnknown).Field("payment.outstanding_account_code");
    }
    record.header.emplace_back("payment_method_line_id/.id",
                               std::to_string(references.payment_method_line_id));
  }
  return record;
}

absl::StatusOr<SheetRecord> MapPartner(const model::Partner& partner,
                                       const model::Catalogue& catalogue, const Lookups& lookups) {
  SheetRecord record;
  record.header = {{"name", partner.name},
                   {"ref", partner.reference},
                   {"is_company", partner.is_company ? "1" : "0"}};
  const auto add = [&record](std::string_view column, const std::string& text) {
    if (!text.empty()) record.header.emplace_back(column, text);
  };
  add("vat", partner.vat);
  add("email", partner.email);
  add("phone", partner.phone);
  add("street", partner.street);
  add("street2", partner.street2);
  add("city", partner.city);
  add("zip", partner.zip);
  add("lang", partner.language);
  if (!partner.country_code.empty()) {
    const auto it = lookups.countries.find(partner.country_code);
    if (it == lookups.countries.end()) {
      return Error(Reason::kFieldInvalid).Field("partner.country_code");
    }
    record.header.emplace_back("country_id/.id", std::to_string(it->second));
  }
  const auto add_term = [&](std::string_view column, const std::string& name,
                            std::string_view field) -> absl::Status {
    if (name.empty()) return absl::OkStatus();
    const model::NamedId* const term = catalogue.FindPaymentTerm(name);
    if (term == nullptr) return Error(Reason::kPaymentTermUnknown).Field(field);
    record.header.emplace_back(column, std::to_string(term->id));
    return absl::OkStatus();
  };
  KONTOR_RETURN_IF_ERROR(add_term("property_payment_term_id/.id", partner.customer_payment_term,
                                  "partner.customer_payment_term"));
  KONTOR_RETURN_IF_ERROR(add_term("property_supplier_payment_term_id/.id",
                                  partner.supplier_payment_term, "partner.supplier_payment_term"));
  return record;
}

}  // namespace kontor::odoo
