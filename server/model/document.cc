// SPDX-License-Identifier: Apache-2.0
// Names and small questions about documents.
#include "server/model/document.h"

#include <array>

#include "server/base/ids.h"
#include "server/model/internal/names.h"

namespace kontor::model {
namespace {

constexpr std::array<std::string_view, 5> kDocumentTypes = {
    "PARTNER", "INVOICE", "PAYMENT", "JOURNAL_ENTRY", "EXPENSE_CLAIM"};
constexpr std::array<std::string_view, 4> kInvoiceKinds = {
    "CUSTOMER_INVOICE", "VENDOR_BILL", "CUSTOMER_CREDIT_NOTE", "VENDOR_CREDIT_NOTE"};
constexpr std::array<std::string_view, 2> kDirections = {"INBOUND", "OUTBOUND"};
constexpr std::array<std::string_view, 2> kRoles = {"CUSTOMER", "SUPPLIER"};

}  // namespace

std::string_view NameOf(DocumentType type) { return internal::NameAt(kDocumentTypes, type); }
std::optional<DocumentType> ParseDocumentType(std::string_view name) {
  return internal::ParseName<DocumentType>(kDocumentTypes, name);
}

std::string_view NameOf(InvoiceKind kind) { return internal::NameAt(kInvoiceKinds, kind); }
std::optional<InvoiceKind> ParseInvoiceKind(std::string_view name) {
  return internal::ParseName<InvoiceKind>(kInvoiceKinds, name);
}

std::string_view NameOf(PaymentDirection direction) {
  return internal::NameAt(kDirections, direction);
}
std::optional<PaymentDirection> ParsePaymentDirection(std::string_view name) {
  return internal::ParseName<PaymentDirection>(kDirections, name);
}

std::string_view NameOf(PartnerRole role) { return internal::NameAt(kRoles, role); }
std::optional<PartnerRole> ParsePartnerRole(std::string_view name) {
  return internal::ParseName<PartnerRole>(kRoles, name);
}

bool IsCreditNote(InvoiceKind kind) {
  return kind == InvoiceKind::kCustomerCreditNote || kind == InvoiceKind::kVendorCreditNote;
}

bool IsPurchase(InvoiceKind kind) {
  return kind == InvoiceKind::kVendorBill || kind == InvoiceKind::kVendorCreditNote;
}

std::string_view IdPrefixOf(const Content& content) {
  switch (static_cast<DocumentType>(content.index())) {
    case DocumentType::kPartner: return base::kPartnerPrefix;
    case DocumentType::kPayment: return base::kPaymentPrefix;
    case DocumentType::kJournalEntry: return base::kJournalEntryPrefix;
    case DocumentType::kExpenseClaim: return base::kClaimPrefix;
    case DocumentType::kInvoice: break;
  }
  const InvoiceKind kind = std::get<Invoice>(content).kind;
  if (IsCreditNote(kind)) return base::kCreditNotePrefix;
  return IsPurchase(kind) ? base::kBillPrefix : base::kInvoicePrefix;
}

std::vector<Attachment>* AttachmentsOf(Document& document) {
  if (auto* const invoice = std::get_if<Invoice>(&document.content)) return &invoice->attachments;
  if (auto* const entry = std::get_if<JournalEntry>(&document.content)) return &entry->attachments;
  auto* const claim = std::get_if<ExpenseClaim>(&document.content);
  return claim == nullptr ? nullptr : &claim->attachments;
}

const std::vector<Attachment>* AttachmentsOf(const Document& document) {
  return AttachmentsOf(const_cast<Document&>(document));
}

}  // namespace kontor::model
