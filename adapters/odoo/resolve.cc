// SPDX-License-Identifier: Apache-2.0
// See resolve.h. One question for each kind of thing, however many documents ask.
#include "adapters/odoo/resolve.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "adapters/odoo/claims.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using model::Document;
using model::ExpenseClaim;
using model::Invoice;
using model::JournalEntry;
using model::PartnerRef;
using model::Payment;

/// Everything that the documents name.
struct Wanted {
  std::set<std::string> vats;
  std::set<std::string> references;  // not kontor's own: `ref` in Odoo
  std::set<int64_t> partner_ids;
  std::set<std::string> product_codes;
  std::set<std::string> accounts;
  std::set<std::string> employees;  // work e-mail addresses
};

const PartnerRef* HeadPartner(const Document& document) {
  if (const auto* invoice = std::get_if<Invoice>(&document.content)) return &invoice->partner;
  if (const auto* payment = std::get_if<Payment>(&document.content)) return &payment->partner;
  return nullptr;
}

std::vector<const PartnerRef*> PartnersOf(const Document& document) {
  std::vector<const PartnerRef*> partners;
  if (const PartnerRef* const head = HeadPartner(document)) partners.push_back(head);
  if (const auto* entry = std::get_if<JournalEntry>(&document.content)) {
    for (const auto& line : entry->lines) partners.push_back(&line.partner);
  }
  std::erase_if(partners, [](const PartnerRef* partner) { return partner->IsEmpty(); });
  return partners;
}

Wanted WantedOf(std::span<const Document* const> documents,
                const std::map<std::string, int64_t>& known_partners) {
  Wanted wanted;
  for (const Document* const document : documents) {
    for (const PartnerRef* const partner : PartnersOf(*document)) {
      if (partner->odoo_id > 0) wanted.partner_ids.insert(partner->odoo_id);
      if (!partner->vat.empty()) wanted.vats.insert(partner->vat);
      const auto it = known_partners.find(partner->reference);
      if (it != known_partners.end()) {
        wanted.partner_ids.insert(it->second);
      } else if (!partner->reference.empty()) {
        wanted.references.insert(partner->reference);
      }
    }
    if (const auto* invoice = std::get_if<Invoice>(&document->content)) {
      for (const auto& line : invoice->lines) {
        if (!line.product_code.empty()) wanted.product_codes.insert(line.product_code);
      }
    }
    if (const auto* claim = std::get_if<ExpenseClaim>(&document->content)) {
      wanted.employees.insert(claim->employee_email);
      for (const auto& line : claim->lines) wanted.product_codes.insert(line.product_code);
    }
    const auto* payment = std::get_if<Payment>(&document->content);
    if (payment != nullptr && !payment->partner_bank_account.empty()) {
      wanted.accounts.insert(SanitizedAccount(payment->partner_bank_account));
    }
  }
  return wanted;
}

/// Texts that exactly one record carries.
std::map<std::string, int64_t> UniqueBy(const std::vector<Json>& rows, std::string_view field) {
  std::map<std::string, int64_t> found;
  std::set<std::string> doubled;
  for (const Json& row : rows) {
    const std::string text = TextOf(row, field);
    if (!found.try_emplace(text, IntOf(row, "id")).second) doubled.insert(text);
  }
  for (const std::string& text : doubled) found.erase(text);
  return found;
}

struct Employee {
  int64_t id = 0;  // 0: several
  bool has_contact = false;
};

struct Found {
  std::set<int64_t> partners;
  std::map<std::string, int64_t> by_vat;
  std::map<std::string, int64_t> by_reference;
  std::map<std::string, int64_t> products;
  std::vector<Json> banks;
  std::map<std::string, Employee> employees;  // by address in lower case
  std::set<std::string> unfit_products;
};

/// Employees of the company by work e-mail address, whatever its case.
absl::Status FindEmployees(Work& work, const std::set<std::string>& addresses, Found& found) {
  Json domain = Json::array({Term("company_id", "in", Json::array({work.company_id(), false}))});
  for (size_t i = 1; i < addresses.size(); ++i) domain.push_back("|");
  for (const std::string& address : addresses) {
    domain.push_back(Term("work_email", "=ilike", address));
  }
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.SearchRead("hr.employee", std::move(domain), {"work_email", "work_contact_id"}));
  for (const Json& row : rows) {
    Employee& employee = found.employees[base::ToLower(TextOf(row, "work_email"))];
    const bool several = employee.id != 0;
    employee.id = several ? 0 : IntOf(row, "id");
    employee.has_contact = LinkIdOf(row, "work_contact_id") > 0;
  }
  return absl::OkStatus();
}

/// Codes of products that are no expense category, or whose cost Odoo would book instead.
absl::Status FindUnfitProducts(Work& work, Found& found) {
  std::vector<int64_t> ids;
  for (const auto& [code, id] : found.products) ids.push_back(id);
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.ReadRecords("product.product", ids,
                       {"default_code", "can_be_expensed", "standard_price"}));
  for (const Json& row : rows) {
    KONTOR_ASSIGN_OR_RETURN(const base::Decimal cost, DecimalOf(row, "standard_price"));
    if (BoolOf(row, "can_be_expensed") && cost.IsZero()) continue;
    found.unfit_products.insert(TextOf(row, "default_code"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Found> LookUp(Work& work, const Wanted& wanted) {
  Found found;
  if (!wanted.partner_ids.empty()) {
    KONTOR_ASSIGN_OR_RETURN(
        const auto rows,
        work.SearchRead("res.partner", Json::array({Term("id", "in", wanted.partner_ids)}),
                        {"id"}));
    for (const Json& row : rows) found.partners.insert(IntOf(row, "id"));
  }
  if (!wanted.vats.empty()) {
    KONTOR_ASSIGN_OR_RETURN(
        const auto rows,
        work.SearchRead("res.partner",
                        Json::array({Term("vat", "in", wanted.vats),
                                     Term("parent_id", "=", false)}),
                        {"vat"}));
    found.by_vat = UniqueBy(rows, "vat");
  }
  if (!wanted.references.empty()) {
    KONTOR_ASSIGN_OR_RETURN(
        const auto rows,
        work.SearchRead("res.partner", Json::array({Term("ref", "in", wanted.references)}),
                        {"ref"}));
    found.by_reference = UniqueBy(rows, "ref");
  }
  if (!wanted.product_codes.empty()) {
    KONTOR_ASSIGN_OR_RETURN(
        const auto rows,
        work.SearchRead("product.product",
                        Json::array({Term("default_code", "in", wanted.product_codes)}),
                        {"default_code"}));
    found.products = UniqueBy(rows, "default_code");
  }
  if (!wanted.employees.empty()) {
    // Without the module there are no employees to ask for; the catalogue says so.
    KONTOR_ASSIGN_OR_RETURN(const bool installed, HasExpenses(work));
    if (installed) {
      KONTOR_RETURN_IF_ERROR(FindEmployees(work, wanted.employees, found));
      KONTOR_RETURN_IF_ERROR(FindUnfitProducts(work, found));
    }
  }
  if (!wanted.accounts.empty()) {
    KONTOR_ASSIGN_OR_RETURN(
        found.banks,
        work.SearchRead("res.partner.bank",
                        Json::array({Term("sanitized_acc_number", "in", wanted.accounts)}),
                        {"partner_id", "sanitized_acc_number", "allow_out_payment"}));
  }
  return found;
}

int64_t PartnerId(const PartnerRef& partner, const Found& found,
                  const std::map<std::string, int64_t>& known_partners) {
  if (!partner.vat.empty()) {
    const auto it = found.by_vat.find(partner.vat);
    return it == found.by_vat.end() ? 0 : it->second;
  }
  int64_t id = partner.odoo_id;
  if (!partner.reference.empty()) {
    const auto it = known_partners.find(partner.reference);
    if (it == known_partners.end()) {
      const auto by_reference = found.by_reference.find(partner.reference);
      return by_reference == found.by_reference.end() ? 0 : by_reference->second;
    }
    id = it->second;
  }
  return found.partners.contains(id) ? id : 0;
}

model::References ReferencesOf(const Document& document, const Found& found,
                               const std::map<std::string, int64_t>& known_partners) {
  model::References out;
  for (const PartnerRef* const partner : PartnersOf(document)) {
    const int64_t id = PartnerId(*partner, found, known_partners);
    if (id > 0) out.partners[model::KeyOf(*partner)] = id;
  }
  if (const PartnerRef* const head = HeadPartner(document); head != nullptr && !head->IsEmpty()) {
    out.partner_id = PartnerId(*head, found, known_partners);
  }
  if (const auto* invoice = std::get_if<Invoice>(&document.content)) {
    for (const auto& line : invoice->lines) {
      const auto it = found.products.find(line.product_code);
      if (it != found.products.end()) out.products[line.product_code] = it->second;
    }
  }
  if (const auto* claim = std::get_if<ExpenseClaim>(&document.content)) {
    for (const auto& line : claim->lines) {
      const auto it = found.products.find(line.product_code);
      if (it != found.products.end()) out.products[line.product_code] = it->second;
    }
    out.unfit_products.insert(found.unfit_products.begin(), found.unfit_products.end());
    const auto it = found.employees.find(base::ToLower(claim->employee_email));
    if (it != found.employees.end()) {
      out.employee_id = it->second.id;
      out.employee_has_contact = it->second.has_contact;
    }
  }
  if (const auto* payment = std::get_if<Payment>(&document.content)) {
    const std::string wanted = SanitizedAccount(payment->partner_bank_account);
    for (const Json& bank : found.banks) {
      if (out.partner_id == 0 || LinkIdOf(bank, "partner_id") != out.partner_id) continue;
      if (wanted.empty() || TextOf(bank, "sanitized_acc_number") != wanted) continue;
      out.partner_bank_id = IntOf(bank, "id");
      out.partner_bank_trusted = BoolOf(bank, "allow_out_payment");
    }
  }
  return out;
}

std::string_view OdooKindOf(const Invoice& invoice) {
  return invoice.kind == model::InvoiceKind::kVendorBill ? "in_invoice" : "in_refund";
}

/// Vendor documents that stand in Odoo with the same reference, whoever entered them: from 18 on
/// Odoo itself only warns people about them.
absl::Status FindSameReferences(Work& work, std::span<const Document* const> documents,
                                std::vector<model::References>& references) {
  std::set<std::string> texts;
  std::set<int64_t> partners;
  for (size_t i = 0; i < documents.size(); ++i) {
    const auto* invoice = std::get_if<Invoice>(&documents[i]->content);
    if (invoice == nullptr || !model::IsPurchase(invoice->kind)) continue;
    if (invoice->reference.empty() || references[i].partner_id == 0) continue;
    texts.insert(invoice->reference);
    partners.insert(references[i].partner_id);
  }
  if (texts.empty()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.SearchRead(
          "account.move",
          Json::array({Term("ref", "in", texts), Term("partner_id", "in", partners),
                       Term("company_id", "=", work.company_id()),
                       Term("move_type", "in", Json::array({"in_invoice", "in_refund"})),
                       Term("state", "!=", "cancel")}),
          {"ref", "partner_id", "move_type", "name"}, "id"));
  for (size_t i = 0; i < documents.size(); ++i) {
    const auto* invoice = std::get_if<Invoice>(&documents[i]->content);
    if (invoice == nullptr || !model::IsPurchase(invoice->kind)) continue;
    const auto same = std::find_if(rows.begin(), rows.end(), [&](const Json& row) {
      return TextOf(row, "ref") == invoice->reference &&
             LinkIdOf(row, "partner_id") == references[i].partner_id &&
             TextOf(row, "move_type") == OdooKindOf(*invoice);
    });
    if (same == rows.end()) continue;
    references[i].same_reference_move_id = IntOf(*same, "id");
    const std::string name = TextOf(*same, "name");
    references[i].same_reference_name =
        name.empty() || name == "/" ? base::StrCat("the draft #", IntOf(*same, "id")) : name;
  }
  return absl::OkStatus();
}

/// The journal's first payment method whose payments wait on the wanted account.
absl::Status FindPaymentMethods(Work& work, std::span<const Document* const> documents,
                                std::vector<model::References>& references) {
  std::map<std::array<std::string, 3>, int64_t> known;
  for (size_t i = 0; i < documents.size(); ++i) {
    const auto* payment = std::get_if<Payment>(&documents[i]->content);
    if (payment == nullptr || payment->outstanding_account_code.empty()) continue;
    const bool inbound = payment->direction == model::PaymentDirection::kInbound;
    const std::array<std::string, 3> key = {payment->journal_code,
                                            payment->outstanding_account_code,
                                            inbound ? "inbound" : "outbound"};
    const auto [it, fresh] = known.emplace(key, 0);
    if (fresh) {
      KONTOR_ASSIGN_OR_RETURN(
          const auto rows,
          work.SearchRead("account.payment.method.line",
                          Json::array({Term("journal_id.code", "=", key[0]),
                                       Term("journal_id.company_id", "=", work.company_id()),
                                       Term("payment_account_id.code", "=", key[1]),
                                       Term("payment_type", "=", key[2])}),
                          {"name"}, "sequence, id"));
      if (!rows.empty()) it->second = IntOf(rows.front(), "id");
    }
    references[i].payment_method_line_id = it->second;
  }
  return absl::OkStatus();
}

absl::Status ReadDefaultAccounts(Work& work, const model::Catalogue& catalogue,
                                 std::span<const ports::DraftRequest> requests, Lookups& out) {
  std::set<int64_t> journals;
  std::set<int64_t> products;
  bool for_purchase = false;
  for (const ports::DraftRequest& request : requests) {
    const auto* invoice = std::get_if<Invoice>(&request.document->content);
    if (invoice == nullptr || !MixesAccounts(*invoice)) continue;
    for_purchase = model::IsPurchase(invoice->kind);
    if (const auto* journal = model::JournalOf(*request.document, catalogue)) {
      journals.insert(journal->id);
    }
    if (request.references == nullptr) continue;
    for (const auto& [code, id] : request.references->products) products.insert(id);
  }
  if (journals.empty()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(const auto journal_rows,
                          work.ReadRecords("account.journal", {journals.begin(), journals.end()},
                                           {"default_account_id"}));
  for (const Json& row : journal_rows) {
    out.journal_accounts[IntOf(row, "id")] = LinkIdOf(row, "default_account_id");
  }
  if (products.empty()) return absl::OkStatus();
  const std::string side = for_purchase ? "expense" : "income";
  const std::string own = base::StrCat("property_account_", side, "_id");
  const std::string of_category = base::StrCat("property_account_", side, "_categ_id");
  KONTOR_ASSIGN_OR_RETURN(const auto product_rows,
                          work.ReadRecords("product.product", {products.begin(), products.end()},
                                           {own, "categ_id"}));
  std::set<int64_t> categories;
  for (const Json& row : product_rows) categories.insert(LinkIdOf(row, "categ_id"));
  categories.erase(0);
  KONTOR_ASSIGN_OR_RETURN(const auto category_rows,
                          work.ReadRecords("product.category",
                                           {categories.begin(), categories.end()}, {of_category}));
  std::map<int64_t, int64_t> by_category;
  for (const Json& row : category_rows) by_category[IntOf(row, "id")] = LinkIdOf(row, of_category);
  for (const Json& row : product_rows) {
    int64_t account = LinkIdOf(row, own);
    if (account == 0) account = by_category[LinkIdOf(row, "categ_id")];
    if (account > 0) out.product_accounts[IntOf(row, "id")] = account;
  }
  return absl::OkStatus();
}

/// Partners whose own payment term will apply to an invoice that names none.
absl::Status ReadPartnerTerms(Work& work, std::span<const ports::DraftRequest> requests,
                              Lookups& out) {
  std::set<int64_t> partners;
  bool for_purchase = false;
  for (const ports::DraftRequest& request : requests) {
    const auto* invoice = std::get_if<Invoice>(&request.document->content);
    if (invoice == nullptr || request.references == nullptr) continue;
    if (!LeavesTermToPartner(*invoice) || !invoice->invoice_date.has_value()) continue;
    for_purchase = model::IsPurchase(invoice->kind);
    partners.insert(request.references->partner_id);
  }
  if (partners.empty()) return absl::OkStatus();
  const std::string field =
      for_purchase ? "property_supplier_payment_term_id" : "property_payment_term_id";
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.ReadRecords("res.partner", {partners.begin(), partners.end()}, {field}));
  for (const Json& row : rows) {
    if (LinkIdOf(row, field) > 0) out.partners_with_term.insert(IntOf(row, "id"));
  }
  return absl::OkStatus();
}

}  // namespace

std::string SanitizedAccount(std::string_view number) {
  std::string out;
  for (const char c : base::ToUpper(number)) {
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) out.push_back(c);
  }
  return out;
}

absl::StatusOr<std::vector<model::References>> ResolveReferences(
    Work& work, std::span<const Document* const> documents,
    const std::map<std::string, int64_t>& known_partners) {
  const Wanted wanted = WantedOf(documents, known_partners);
  KONTOR_ASSIGN_OR_RETURN(const Found found, LookUp(work, wanted));
  std::vector<model::References> out;
  for (const Document* const document : documents) {
    out.push_back(ReferencesOf(*document, found, known_partners));
  }
  KONTOR_RETURN_IF_ERROR(FindSameReferences(work, documents, out));
  KONTOR_RETURN_IF_ERROR(FindPaymentMethods(work, documents, out));
  return out;
}

absl::StatusOr<Lookups> ReadLookups(Work& work, const model::Catalogue& catalogue,
                                    std::span<const ports::DraftRequest> requests) {
  Lookups out;
  std::set<std::string> countries;
  for (const ports::DraftRequest& request : requests) {
    const auto* partner = std::get_if<model::Partner>(&request.document->content);
    if (partner != nullptr && !partner->country_code.empty()) {
      countries.insert(partner->country_code);
    }
  }
  if (!countries.empty()) {
    KONTOR_ASSIGN_OR_RETURN(
        const auto rows,
        work.SearchRead("res.country", Json::array({Term("code", "in", countries)}), {"code"}));
    for (const Json& row : rows) out.countries[TextOf(row, "code")] = IntOf(row, "id");
  }
  KONTOR_RETURN_IF_ERROR(ReadDefaultAccounts(work, catalogue, requests, out));
  KONTOR_RETURN_IF_ERROR(ReadPartnerTerms(work, requests, out));
  return out;
}

}  // namespace kontor::odoo
