// SPDX-License-Identifier: Apache-2.0
// Documents as callers send them. Only shapes are read here; what is missing or too long is found
// by the model's rules, all findings at once.
#include <algorithm>

#include "server/api/convert.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::api {
namespace {

using base::AtField;
using base::Error;
using base::Reason;
using base::StrCat;

model::PartnerRef ReadPartnerRef(const v1::PartnerRef& in) {
  model::PartnerRef out;
  out.reference = in.reference();
  out.odoo_id = in.odoo_id();
  out.vat = in.vat();
  return out;
}

absl::StatusOr<model::Currency> ReadCurrency(const std::string& code, std::string_view field) {
  if (code.empty()) return model::Currency();
  auto currency = model::Currency::Parse(code);
  if (!currency.ok()) return AtField(currency.status(), field);
  return currency;
}

absl::StatusOr<std::vector<model::AnalyticShare>> ReadAnalytic(
    const google::protobuf::RepeatedPtrField<v1::AnalyticShare>& in, const std::string& root) {
  std::vector<model::AnalyticShare> out;
  for (int i = 0; i < in.size(); ++i) {
    model::AnalyticShare share;
    share.account_code = in[i].account_code();
    KONTOR_ASSIGN_OR_RETURN(
        share.percentage,
        ReadDecimal(in[i].percentage(), StrCat(root, ".analytic[", i, "].percentage")));
    out.push_back(std::move(share));
  }
  return out;
}

absl::StatusOr<model::InvoiceLine> ReadLine(const v1::InvoiceLine& in, const std::string& root) {
  model::InvoiceLine out;
  out.description = in.description();
  out.quantity = model::Decimal::FromInt(1);
  if (!in.quantity().empty()) {
    KONTOR_ASSIGN_OR_RETURN(out.quantity, ReadDecimal(in.quantity(), root + ".quantity"));
  }
  if (in.unit_price().empty()) {
    return Error(Reason::kFieldMissing).Field(root + ".unit_price").Says("a line needs a price");
  }
  KONTOR_ASSIGN_OR_RETURN(out.unit_price, ReadDecimal(in.unit_price(), root + ".unit_price"));
  KONTOR_ASSIGN_OR_RETURN(out.discount_percent,
                          ReadDecimal(in.discount_percent(), root + ".discount_percent"));
  out.account_code = in.account_code();
  out.tax_names.assign(in.tax_names().begin(), in.tax_names().end());
  out.product_code = in.product_code();
  KONTOR_ASSIGN_OR_RETURN(out.analytic, ReadAnalytic(in.analytic(), root));
  return out;
}

absl::StatusOr<model::InvoiceKind> ReadKind(v1::Invoice::Kind kind, std::string_view root) {
  switch (kind) {
    case v1::Invoice::KIND_CUSTOMER_INVOICE: return model::InvoiceKind::kCustomerInvoice;
    case v1::Invoice::KIND_VENDOR_BILL: return model::InvoiceKind::kVendorBill;
    case v1::Invoice::KIND_CUSTOMER_CREDIT_NOTE: return model::InvoiceKind::kCustomerCreditNote;
    case v1::Invoice::KIND_VENDOR_CREDIT_NOTE: return model::InvoiceKind::kVendorCreditNote;
    default: break;
  }
  return Error(Reason::kFieldMissing)
      .Field(StrCat(root, ".kind"))
      .Says("say which kind of invoice it is");
}

absl::StatusOr<model::JournalEntryLine> ReadEntryLine(const v1::JournalEntryLine& in,
                                                      const std::string& root) {
  model::JournalEntryLine out;
  out.account_code = in.account_code();
  out.partner = ReadPartnerRef(in.partner());
  out.description = in.description();
  KONTOR_ASSIGN_OR_RETURN(out.debit, ReadDecimal(in.debit(), root + ".debit"));
  KONTOR_ASSIGN_OR_RETURN(out.credit, ReadDecimal(in.credit(), root + ".credit"));
  KONTOR_ASSIGN_OR_RETURN(
      out.amount_currency,
      ReadMoney(in.has_amount_currency(), in.amount_currency(), root + ".amount_currency"));
  KONTOR_ASSIGN_OR_RETURN(out.analytic, ReadAnalytic(in.analytic(), root));
  out.tax_names.assign(in.tax_names().begin(), in.tax_names().end());
  return out;
}

std::string WithoutSpaces(const std::string& text) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](char c) { return c != ' '; });
  return out;
}

}  // namespace

absl::StatusOr<model::Document> ReadInvoice(const v1::Invoice& in, std::string_view root) {
  const std::string at(root);
  model::Invoice out;
  KONTOR_ASSIGN_OR_RETURN(out.kind, ReadKind(in.kind(), root));
  out.partner = ReadPartnerRef(in.partner());
  KONTOR_ASSIGN_OR_RETURN(out.invoice_date, ReadDate(in.invoice_date(), at + ".invoice_date"));
  KONTOR_ASSIGN_OR_RETURN(out.accounting_date,
                          ReadDate(in.accounting_date(), at + ".accounting_date"));
  KONTOR_ASSIGN_OR_RETURN(out.due_date, ReadDate(in.due_date(), at + ".due_date"));
  out.payment_term = in.payment_term();
  KONTOR_ASSIGN_OR_RETURN(out.currency, ReadCurrency(in.currency_code(), at + ".currency_code"));
  if (!in.exchange_rate().empty()) {
    KONTOR_ASSIGN_OR_RETURN(out.exchange_rate,
                            ReadDecimal(in.exchange_rate(), at + ".exchange_rate"));
  }
  out.journal_code = in.journal_code();
  out.reference = in.reference();
  out.payment_reference = in.payment_reference();
  out.narration = in.narration();
  for (int i = 0; i < in.lines_size(); ++i) {
    KONTOR_ASSIGN_OR_RETURN(auto line, ReadLine(in.lines(i), StrCat(at, ".lines[", i, "]")));
    out.lines.push_back(std::move(line));
  }
  KONTOR_ASSIGN_OR_RETURN(out.expected_total, ReadMoney(in.has_expected_total(),
                                                        in.expected_total(),
                                                        at + ".expected_total"));
  KONTOR_ASSIGN_OR_RETURN(
      out.expected_tax, ReadMoney(in.has_expected_tax(), in.expected_tax(), at + ".expected_tax"));
  for (const auto& file : in.attachments()) {
    out.attachments.push_back({file.name(), file.media_type(), file.content(), ""});
  }
  out.reversed_invoice_id = in.reversed_invoice_id();
  return model::Document{in.id(), in.entity(), std::move(out)};
}

absl::StatusOr<model::Document> ReadPayment(const v1::Payment& in, std::string_view root) {
  const std::string at(root);
  model::Payment out;
  if (in.direction() == v1::Payment::DIRECTION_UNSPECIFIED) {
    return Error(Reason::kFieldMissing).Field(at + ".direction").Says("inbound or outbound?");
  }
  const bool outbound = in.direction() == v1::Payment::DIRECTION_OUTBOUND;
  out.direction = outbound ? model::PaymentDirection::kOutbound : model::PaymentDirection::kInbound;
  // Refunds go the other way, so the role is asked for only when it is not the usual one.
  const bool supplier = in.partner_type() == v1::Payment::PARTNER_TYPE_UNSPECIFIED
                            ? outbound
                            : in.partner_type() == v1::Payment::PARTNER_TYPE_SUPPLIER;
  out.partner_role = supplier ? model::PartnerRole::kSupplier : model::PartnerRole::kCustomer;
  out.partner = ReadPartnerRef(in.partner());
  KONTOR_ASSIGN_OR_RETURN(auto amount, ReadMoney(in.has_amount(), in.amount(), at + ".amount"));
  if (!amount.has_value()) {
    return Error(Reason::kFieldMissing).Field(at + ".amount").Says("a payment needs an amount");
  }
  out.amount = *std::move(amount);
  KONTOR_ASSIGN_OR_RETURN(out.date, ReadDate(in.date(), at + ".date"));
  out.journal_code = in.journal_code();
  out.memo = in.memo();
  out.partner_bank_account = WithoutSpaces(in.partner_bank_account());
  for (int i = 0; i < in.allocations_size(); ++i) {
    const auto& share = in.allocations(i);
    model::Allocation allocation;
    allocation.invoice_id = share.invoice_id();
    allocation.odoo_move_id = share.odoo_move_id();
    KONTOR_ASSIGN_OR_RETURN(allocation.amount,
                            ReadMoney(share.has_amount(), share.amount(),
                                      StrCat(at, ".allocations[", i, "].amount")));
    out.allocations.push_back(std::move(allocation));
  }
  return model::Document{in.id(), in.entity(), std::move(out)};
}

absl::StatusOr<model::Document> ReadJournalEntry(const v1::JournalEntry& in,
                                                 std::string_view root) {
  const std::string at(root);
  model::JournalEntry out;
  KONTOR_ASSIGN_OR_RETURN(out.date, ReadDate(in.date(), at + ".date"));
  out.journal_code = in.journal_code();
  out.reference = in.reference();
  out.narration = in.narration();
  for (int i = 0; i < in.lines_size(); ++i) {
    KONTOR_ASSIGN_OR_RETURN(auto line, ReadEntryLine(in.lines(i), StrCat(at, ".lines[", i, "]")));
    out.lines.push_back(std::move(line));
  }
  return model::Document{in.id(), in.entity(), std::move(out)};
}

absl::StatusOr<model::Document> ReadPartner(const v1::Partner& in, std::string_view root) {
  model::Partner out;
  out.reference = in.reference();
  out.name = in.name();
  out.is_company = !in.has_is_company() || in.is_company();
  out.vat = in.vat();
  out.email = in.email();
  out.phone = in.phone();
  out.street = in.street();
  out.street2 = in.street2();
  out.city = in.city();
  out.zip = in.zip();
  out.country_code = in.country_code();
  out.language = in.language();
  out.customer_payment_term = in.customer_payment_term();
  out.supplier_payment_term = in.supplier_payment_term();
  for (int i = 0; i < in.bank_accounts_size(); ++i) {
    const auto& account = in.bank_accounts(i);
    model::BankAccount bank;
    bank.account_number = WithoutSpaces(account.account_number());
    bank.bic = account.bic();
    bank.holder_name = account.holder_name();
    KONTOR_ASSIGN_OR_RETURN(
        bank.currency, ReadCurrency(account.currency_code(),
                                    StrCat(root, ".bank_accounts[", i, "].currency_code")));
    out.bank_accounts.push_back(std::move(bank));
  }
  return model::Document{in.id(), in.entity(), std::move(out)};
}

}  // namespace kontor::api
