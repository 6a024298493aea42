// SPDX-License-Identifier: Apache-2.0
// Documents as kontor answers them: what was asked, where it stands in Odoo, what Odoo booked.
#include <nlohmann/json.hpp>

#include "server/api/convert.h"
#include "server/base/status.h"
#include "server/base/text.h"
#include "server/model/canon.h"

namespace kontor::api {
namespace {

using nlohmann::json;

/// The last observed snapshot; an empty object when there is none.
json Booked(const ports::DocumentRow& row) {
  if (row.booked.empty()) return json::object();
  json booked = json::parse(row.booked, nullptr, false);
  return booked.is_object() ? booked : json::object();
}

std::string Text(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

/// An amount of the snapshot at the currency's decimals; nothing when the snapshot has none.
template <typename Setter>
void WriteBookedMoney(const json& booked, const char* key, const std::string& currency_code,
                      Setter mutable_money) {
  const std::string text = Text(booked, key);
  if (text.empty()) return;
  const auto money = model::Money::Parse(currency_code, text);
  if (money.ok()) WriteMoney(*money, mutable_money());
}

std::string CurrencyOf(const json& booked, const ports::DocumentRow& row) {
  std::string code = Text(booked, "currency_code");
  return code.empty() ? row.currency_code : code;
}

void WriteRecord(const model::ErpRecord& record, v1::OdooRecord* out) {
  out->set_model(record.model);
  out->set_id(record.id);
  out->set_name(record.name);
}

void WritePartnerRef(const model::PartnerRef& ref, v1::PartnerRef* out) {
  if (!ref.reference.empty()) out->set_reference(ref.reference);
  if (ref.odoo_id > 0) out->set_odoo_id(ref.odoo_id);
  if (!ref.vat.empty()) out->set_vat(ref.vat);
}

template <typename Line>
void WriteAnalytic(const std::vector<model::AnalyticShare>& shares, Line* out) {
  for (const auto& share : shares) {
    auto* added = out->add_analytic();
    added->set_account_code(share.account_code);
    added->set_percentage(share.percentage.ToString());
  }
}

void WriteLine(const model::InvoiceLine& line, v1::InvoiceLine* out) {
  out->set_description(line.description);
  out->set_quantity(line.quantity.ToString());
  out->set_unit_price(line.unit_price.ToString());
  if (!line.discount_percent.IsZero()) {
    out->set_discount_percent(line.discount_percent.ToString());
  }
  out->set_account_code(line.account_code);
  for (const auto& tax : line.tax_names) out->add_tax_names(tax);
  out->set_product_code(line.product_code);
  WriteAnalytic(line.analytic, out);
}

v1::Invoice::Kind WriteKind(model::InvoiceKind kind) {
  switch (kind) {
    case model::InvoiceKind::kCustomerInvoice: return v1::Invoice::KIND_CUSTOMER_INVOICE;
    case model::InvoiceKind::kVendorBill: return v1::Invoice::KIND_VENDOR_BILL;
    case model::InvoiceKind::kCustomerCreditNote: return v1::Invoice::KIND_CUSTOMER_CREDIT_NOTE;
    case model::InvoiceKind::kVendorCreditNote: return v1::Invoice::KIND_VENDOR_CREDIT_NOTE;
  }
  return v1::Invoice::KIND_UNSPECIFIED;
}

void WriteInvoiceContent(const model::Invoice& in, v1::Invoice* out) {
  out->set_kind(WriteKind(in.kind));
  WritePartnerRef(in.partner, out->mutable_partner());
  if (in.invoice_date) out->set_invoice_date(in.invoice_date->ToString());
  if (in.accounting_date) out->set_accounting_date(in.accounting_date->ToString());
  if (in.due_date) out->set_due_date(in.due_date->ToString());
  out->set_payment_term(in.payment_term);
  out->set_currency_code(in.currency.code());
  if (in.exchange_rate) out->set_exchange_rate(in.exchange_rate->ToString());
  out->set_journal_code(in.journal_code);
  out->set_reference(in.reference);
  out->set_payment_reference(in.payment_reference);
  out->set_narration(in.narration);
  for (const auto& line : in.lines) WriteLine(line, out->add_lines());
  if (in.expected_total) WriteMoney(*in.expected_total, out->mutable_expected_total());
  if (in.expected_tax) WriteMoney(*in.expected_tax, out->mutable_expected_tax());
  for (const auto& file : in.attachments) {
    auto* added = out->add_attachments();
    added->set_name(file.name);
    added->set_media_type(file.media_type);
    added->set_size_bytes(static_cast<int64_t>(file.content.size()));
    added->set_sha256(file.sha256);
  }
  out->set_reversed_invoice_id(in.reversed_invoice_id);
}

/// Fields that every document answers.
template <typename Out>
void WriteCommon(const ports::DocumentRow& row, Out* out) {
  out->set_id(row.id);
  out->set_entity(row.entity);
  if (const auto state = model::ParseOperationState(row.state)) {
    out->set_state(WriteState(*state));
  }
  out->set_operation_id(row.operation_id);
  out->set_source(row.source);
  if (row.record.id > 0) WriteRecord(row.record, out->mutable_odoo());
  WriteTime(row.created, out->mutable_create_time());
}

template <typename Content>
absl::StatusOr<Content> ContentOf(const ports::DocumentRow& row) {
  auto document = model::FromCanonicalJson(row.content);
  if (!document.ok()) return document.status();
  Content* content = std::get_if<Content>(&document->content);
  if (content == nullptr) {
    return base::Error(base::Reason::kNotFound).Says("the id is of another type of document");
  }
  return std::move(*content);
}

}  // namespace

std::string StateFilter(v1::Operation::State state) {
  if (state == v1::Operation::STATE_UNSPECIFIED) return "";
  constexpr std::string_view kPrefix = "STATE_";
  return v1::Operation::State_Name(state).substr(kPrefix.size());
}

absl::Status WriteInvoice(const ports::DocumentRow& row, v1::Invoice* out) {
  KONTOR_ASSIGN_OR_RETURN(const auto invoice, ContentOf<model::Invoice>(row));
  WriteInvoice(row, invoice, out);
  return absl::OkStatus();
}

void WriteInvoice(const ports::DocumentRow& row, const model::Invoice& content, v1::Invoice* out) {
  WriteInvoiceContent(content, out);
  WriteCommon(row, out);
  const json booked = Booked(row);
  if (booked.empty()) return;
  auto* to = out->mutable_booked();
  const std::string currency_code = CurrencyOf(booked, row);
  to->set_name(Text(booked, "name"));
  to->set_state(Text(booked, "state"));
  to->set_date(Text(booked, "date"));
  to->set_invoice_date(Text(booked, "invoice_date"));
  to->set_due_date(Text(booked, "due_date"));
  to->set_payment_state(Text(booked, "payment_state"));
  WriteBookedMoney(booked, "total", currency_code, [to] { return to->mutable_total(); });
  WriteBookedMoney(booked, "tax", currency_code, [to] { return to->mutable_tax(); });
  WriteBookedMoney(booked, "residual", currency_code, [to] { return to->mutable_residual(); });
  WriteBookedMoney(booked, "company_total", Text(booked, "company_currency_code"),
                   [to] { return to->mutable_company_total(); });
}

absl::Status WritePayment(const ports::DocumentRow& row, Shown shown, v1::Payment* out) {
  KONTOR_ASSIGN_OR_RETURN(const auto in, ContentOf<model::Payment>(row));
  WriteCommon(row, out);
  const bool outbound = in.direction == model::PaymentDirection::kOutbound;
  out->set_direction(outbound ? v1::Payment::DIRECTION_OUTBOUND : v1::Payment::DIRECTION_INBOUND);
  const bool supplier = in.partner_role == model::PartnerRole::kSupplier;
  out->set_partner_type(supplier ? v1::Payment::PARTNER_TYPE_SUPPLIER
                                 : v1::Payment::PARTNER_TYPE_CUSTOMER);
  WritePartnerRef(in.partner, out->mutable_partner());
  WriteMoney(in.amount, out->mutable_amount());
  if (in.date) out->set_date(in.date->ToString());
  out->set_journal_code(in.journal_code);
  out->set_memo(in.memo);
  if (!in.partner_bank_account.empty()) {
    out->set_partner_bank_account(shown == Shown::kAll ? in.partner_bank_account
                                                       : base::Masked(in.partner_bank_account));
  }
  for (const auto& share : in.allocations) {
    auto* added = out->add_allocations();
    if (!share.invoice_id.empty()) added->set_invoice_id(share.invoice_id);
    if (share.odoo_move_id > 0) added->set_odoo_move_id(share.odoo_move_id);
    if (share.amount) WriteMoney(*share.amount, added->mutable_amount());
  }
  const json booked = Booked(row);
  if (booked.empty()) return absl::OkStatus();
  auto* to = out->mutable_booked();
  const std::string currency_code = CurrencyOf(booked, row);
  to->set_name(Text(booked, "name"));
  to->set_state(Text(booked, "state"));
  to->set_date(Text(booked, "date"));
  WriteBookedMoney(booked, "total", currency_code, [to] { return to->mutable_amount(); });
  const auto move = booked.find("move_id");
  if (move != booked.end() && move->is_number_integer()) to->set_move_id(move->get<int64_t>());
  return absl::OkStatus();
}

absl::Status WriteJournalEntry(const ports::DocumentRow& row, v1::JournalEntry* out) {
  KONTOR_ASSIGN_OR_RETURN(const auto in, ContentOf<model::JournalEntry>(row));
  WriteCommon(row, out);
  if (in.date) out->set_date(in.date->ToString());
  out->set_journal_code(in.journal_code);
  out->set_reference(in.reference);
  out->set_narration(in.narration);
  out->set_reversed_entry_id(in.reversed_entry_id);
  for (const auto& line : in.lines) {
    auto* added = out->add_lines();
    added->set_account_code(line.account_code);
    if (!line.partner.IsEmpty()) WritePartnerRef(line.partner, added->mutable_partner());
    added->set_description(line.description);
    if (!line.credit.IsZero()) {
      added->set_credit(model::AmountText(row.currency_code, line.credit));
    } else {
      added->set_debit(model::AmountText(row.currency_code, line.debit));
    }
    if (line.amount_currency) WriteMoney(*line.amount_currency, added->mutable_amount_currency());
    WriteAnalytic(line.analytic, added);
    for (const auto& tax : line.tax_names) added->add_tax_names(tax);
  }
  const json booked = Booked(row);
  if (booked.empty()) return absl::OkStatus();
  auto* to = out->mutable_booked();
  to->set_name(Text(booked, "name"));
  to->set_state(Text(booked, "state"));
  to->set_date(Text(booked, "date"));
  WriteBookedMoney(booked, "total", CurrencyOf(booked, row), [to] { return to->mutable_total(); });
  return absl::OkStatus();
}

absl::Status WritePartner(const ports::DocumentRow& row, Shown shown, v1::Partner* out) {
  KONTOR_ASSIGN_OR_RETURN(const auto in, ContentOf<model::Partner>(row));
  WriteCommon(row, out);
  out->set_reference(in.reference);
  out->set_name(in.name);
  out->set_is_company(in.is_company);
  out->set_vat(in.vat);
  out->set_email(in.email);
  out->set_phone(in.phone);
  out->set_street(in.street);
  out->set_street2(in.street2);
  out->set_city(in.city);
  out->set_zip(in.zip);
  out->set_country_code(in.country_code);
  out->set_language(in.language);
  out->set_customer_payment_term(in.customer_payment_term);
  out->set_supplier_payment_term(in.supplier_payment_term);
  for (const auto& account : in.bank_accounts) {
    auto* added = out->add_bank_accounts();
    added->set_account_number(shown == Shown::kAll ? account.account_number
                                                   : base::Masked(account.account_number));
    added->set_bic(account.bic);
    added->set_holder_name(account.holder_name);
    added->set_currency_code(account.currency.code());
  }
  out->set_version(row.version);
  return absl::OkStatus();
}

}  // namespace kontor::api
