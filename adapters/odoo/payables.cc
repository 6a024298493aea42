// SPDX-License-Identifier: Apache-2.0
#include "adapters/odoo/payables.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/model/validate.h"

namespace kontor::odoo {
namespace {

using ports::Payable;
using ports::PayableAccount;
using ports::PayableQuery;

Json DomainOf(const PayableQuery& query, int64_t company_id) {
  Json domain =
      Json::array({Term("company_id", "=", company_id), Term("move_type", "=", "in_invoice"),
                   Term("id", ">", query.after_id)});
  if (!query.move_ids.empty()) {
    domain.push_back(Term("id", "in", query.move_ids));
    return domain;
  }
  domain.push_back(Term("state", "=", "posted"));
  domain.push_back(Term("payment_state", "in", Json::array({"not_paid", "partial"})));
  if (query.due_until) {
    domain.push_back(Term("invoice_date_due", "<=", query.due_until->ToString()));
  }
  if (query.due_from) {
    domain.push_back(Term("invoice_date_due", ">=", query.due_from->ToString()));
  }
  if (!query.journal_code.empty()) {
    domain.push_back(Term("journal_id.code", "=", query.journal_code));
  }
  if (query.partner_id > 0) {
    domain.push_back(Term("commercial_partner_id", "=", query.partner_id));
  }
  if (!query.currency_code.empty()) {
    domain.push_back(Term("currency_id.name", "=", query.currency_code));
  }
  return domain;
}

std::vector<int64_t> LinksOf(const std::vector<Json>& rows, std::string_view field) {
  std::set<int64_t> ids;
  for (const Json& row : rows) {
    if (const int64_t id = LinkIdOf(row, field); id > 0) ids.insert(id);
  }
  return {ids.begin(), ids.end()};
}

std::map<int64_t, Json> ById(std::vector<Json> rows) {
  std::map<int64_t, Json> out;
  for (Json& row : rows) {
    // The id first: assigning moves the row before its place is looked up.
    const int64_t id = IntOf(row, "id");
    out[id] = std::move(row);
  }
  return out;
}

/// Logins where the user may read them; names are what every many2one brings along.
std::map<int64_t, std::string> LoginsOf(Work& work, const std::vector<int64_t>& ids) {
  std::map<int64_t, std::string> logins;
  if (ids.empty()) return logins;
  const auto rows = work.ReadRecords("res.users", ids, {"login"});
  if (!rows.ok()) return logins;
  for (const Json& row : *rows) logins[IntOf(row, "id")] = TextOf(row, "login");
  return logins;
}

PayableAccount AccountOf(const Json& row, const std::map<int64_t, std::string>& logins) {
  PayableAccount account;
  account.id = IntOf(row, "id");
  account.partner_id = LinkIdOf(row, "partner_id");
  account.number = model::NormalAccountNumber(TextOf(row, "acc_number"));
  account.holder = TextOf(row, "acc_holder_name");
  account.bic = base::ToUpper(TextOf(row, "bank_bic"));
  account.bank_name = LinkNameOf(row, "bank_id");
  account.currency_code = LinkNameOf(row, "currency_id");
  account.trusted = BoolOf(row, "allow_out_payment");
  const auto login = logins.find(LinkIdOf(row, "write_uid"));
  account.editor = login != logins.end() && !login->second.empty() ? login->second
                                                                   : LinkNameOf(row, "write_uid");
  account.write_date = TextOf(row, "write_date");
  return account;
}

model::PostalAddress AddressOf(const Json& partner, const std::map<int64_t, Json>& countries) {
  model::PostalAddress address;
  address.street = TextOf(partner, "street");
  address.post_code = TextOf(partner, "zip");
  address.town = TextOf(partner, "city");
  if (const auto it = countries.find(LinkIdOf(partner, "country_id")); it != countries.end()) {
    address.country_code = TextOf(it->second, "code");
  }
  return address;
}

/// What one page of bills needs beside them.
struct Surroundings {
  std::map<int64_t, Json> partners;
  std::map<int64_t, Json> countries;
  std::map<int64_t, PayableAccount> accounts;
  std::map<int64_t, std::vector<int64_t>> accounts_of;  // by partner
};

absl::StatusOr<Surroundings> Gather(Work& work, const std::vector<Json>& records,
                                    std::string_view partner_field) {
  Surroundings all;
  const std::vector<int64_t> partner_ids = LinksOf(records, partner_field);
  KONTOR_ASSIGN_OR_RETURN(std::vector<Json> partners,
                          work.ReadRecords("res.partner", partner_ids,
                                           {"name", "street", "zip", "city", "country_id"}));
  if (const auto ids = LinksOf(partners, "country_id"); !ids.empty()) {
    KONTOR_ASSIGN_OR_RETURN(auto countries, work.ReadRecords("res.country", ids, {"code"}));
    all.countries = ById(std::move(countries));
  }
  all.partners = ById(std::move(partners));
  const Json wanted = Json::array({"|", Term("partner_id", "in", partner_ids),
                                   Term("id", "in", LinksOf(records, "partner_bank_id"))});
  KONTOR_ASSIGN_OR_RETURN(
      const std::vector<Json> accounts,
      work.SearchRead("res.partner.bank", wanted,
                      {"acc_number", "acc_holder_name", "partner_id", "bank_id", "bank_bic",
                       "currency_id", "allow_out_payment", "write_uid", "write_date"}));
  const auto logins = LoginsOf(work, LinksOf(accounts, "write_uid"));
  for (const Json& row : accounts) {
    const PayableAccount account = AccountOf(row, logins);
    all.accounts_of[account.partner_id].push_back(account.id);
    all.accounts[account.id] = account;
  }
  return all;
}

void FillPayee(const Json& record, std::string_view partner_field, const Surroundings& around,
               ports::Payee& payee) {
  payee.partner_id = LinkIdOf(record, partner_field);
  if (const auto it = around.partners.find(payee.partner_id); it != around.partners.end()) {
    payee.partner_name = TextOf(it->second, "name");
    payee.address = AddressOf(it->second, around.countries);
  }
  int64_t account = LinkIdOf(record, "partner_bank_id");
  if (account == 0) {
    const auto own = around.accounts_of.find(payee.partner_id);
    payee.accounts = own == around.accounts_of.end() ? 0 : static_cast<int>(own->second.size());
    if (payee.accounts == 1) account = own->second.front();
  }
  if (const auto it = around.accounts.find(account); it != around.accounts.end()) {
    payee.account = it->second;
  }
}

}  // namespace

absl::StatusOr<ports::PayablePage> ReadPayableBills(Work& work, JournalCodes& journals,
                                                    const PayableQuery& query) {
  constexpr int kLimitMax = 1000;
  const auto limit = static_cast<size_t>(std::clamp(query.limit, 1, kLimitMax));
  std::vector<std::string> fields = MoveFields();
  fields.emplace_back("commercial_partner_id");
  fields.emplace_back("partner_bank_id");
  KONTOR_ASSIGN_OR_RETURN(
      const std::vector<Json> rows,
      work.SearchRead("account.move", DomainOf(query, work.company_id()), fields, "id", limit));
  ports::PayablePage page;
  if (rows.empty()) return page;
  KONTOR_ASSIGN_OR_RETURN(auto snapshots, MoveSnapshots(work, journals, rows));
  KONTOR_ASSIGN_OR_RETURN(const Surroundings around, Gather(work, rows, "commercial_partner_id"));
  for (size_t i = 0; i < rows.size(); ++i) {
    Payable& payable = page.rows.emplace_back();
    payable.bill = std::move(snapshots[i]);
    FillPayee(rows[i], "commercial_partner_id", around, payable);
  }
  page.next_id = IntOf(rows.back(), "id");
  page.more = rows.size() == limit;
  return page;
}

namespace {

/// Numbers of the bills that the payments are reconciled with, by id.
absl::StatusOr<std::map<int64_t, std::string>> BillNames(Work& work,
                                                         const std::vector<Json>& payments) {
  std::set<int64_t> ids;
  for (const Json& payment : payments) {
    for (const int64_t id : IdsOf(payment.value("reconciled_bill_ids", Json::array()))) {
      ids.insert(id);
    }
  }
  std::map<int64_t, std::string> names;
  if (ids.empty()) return names;
  KONTOR_ASSIGN_OR_RETURN(const auto rows,
                          work.ReadRecords("account.move", {ids.begin(), ids.end()}, {"name"}));
  for (const Json& row : rows) names[IntOf(row, "id")] = TextOf(row, "name");
  return names;
}

}  // namespace

absl::StatusOr<std::vector<ports::BookedPayment>> ReadBookedPayments(Work& work,
                                                                     JournalCodes& journals,
                                                                     std::span<const int64_t> ids) {
  const Dialect& dialect = work.dialect();
  std::vector<std::string> fields = PaymentFields(dialect);
  for (const std::string_view field :
       {std::string_view("partner_bank_id"), std::string_view("is_matched"),
        std::string_view("reconciled_bill_ids"), dialect.payment_sent_field,
        dialect.payment_transfer_field}) {
    if (!field.empty()) fields.emplace_back(field);
  }
  const std::vector<int64_t> wanted(ids.begin(), ids.end());
  KONTOR_ASSIGN_OR_RETURN(const std::vector<Json> rows,
                          work.SearchRead("account.payment",
                                          Json::array({Term("company_id", "=", work.company_id()),
                                                       Term("id", "in", wanted)}),
                                          fields, "id"));
  std::vector<ports::BookedPayment> out;
  if (rows.empty()) return out;
  KONTOR_ASSIGN_OR_RETURN(auto snapshots, PaymentSnapshots(work, journals, rows));
  KONTOR_ASSIGN_OR_RETURN(const Surroundings around, Gather(work, rows, "partner_id"));
  KONTOR_ASSIGN_OR_RETURN(const auto names, BillNames(work, rows));
  for (size_t i = 0; i < rows.size(); ++i) {
    ports::BookedPayment& booked = out.emplace_back();
    booked.payment = std::move(snapshots[i]);
    // Between our own accounts it is no payment to anybody.
    const bool transfer =
        !dialect.payment_transfer_field.empty() && BoolOf(rows[i], dialect.payment_transfer_field);
    booked.outgoing = TextOf(rows[i], "payment_type") == "outbound" && !transfer;
    booked.sent = BoolOf(rows[i], dialect.payment_sent_field);
    booked.matched = BoolOf(rows[i], "is_matched");
    for (const int64_t id : IdsOf(rows[i].value("reconciled_bill_ids", Json::array()))) {
      const auto name = names.find(id);
      booked.bills.push_back({id, name == names.end() ? std::string() : name->second});
    }
    FillPayee(rows[i], "partner_id", around, booked);
  }
  return out;
}

absl::StatusOr<std::vector<model::NamedId>> ReadVendorPage(Work& work, int64_t after_id) {
  constexpr size_t kAtOnce = 500;
  // Contacts of a company and its addresses are no vendors of their own.
  const Json domain = Json::array({Term("supplier_rank", ">", 0), Term("parent_id", "=", false),
                                   Term("id", ">", after_id), "|", Term("company_id", "=", false),
                                   Term("company_id", "=", work.company_id())});
  KONTOR_ASSIGN_OR_RETURN(
      const std::vector<Json> rows,
      work.SearchRead("res.partner", domain, {"name", "ref"}, "id", kAtOnce));
  std::vector<model::NamedId> vendors;
  for (const Json& row : rows) {
    vendors.push_back({IntOf(row, "id"), TextOf(row, "name"), TextOf(row, "ref")});
  }
  return vendors;
}

}  // namespace kontor::odoo
