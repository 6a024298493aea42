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
  Json domain = Json::array({Term("company_id", "=", company_id),
                             Term("move_type", "=", "in_invoice"),
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

absl::StatusOr<Surroundings> Gather(Work& work, const std::vector<Json>& bills) {
  Surroundings all;
  const std::vector<int64_t> partner_ids = LinksOf(bills, "commercial_partner_id");
  KONTOR_ASSIGN_OR_RETURN(
      std::vector<Json> partners,
      work.ReadRecords("res.partner", partner_ids, {"name", "street", "zip", "city",
                                                    "country_id"}));
  if (const auto ids = LinksOf(partners, "country_id"); !ids.empty()) {
    KONTOR_ASSIGN_OR_RETURN(auto countries, work.ReadRecords("res.country", ids, {"code"}));
    all.countries = ById(std::move(countries));
  }
  all.partners = ById(std::move(partners));
  const Json wanted = Json::array({"|", Term("partner_id", "in", partner_ids),
                                   Term("id", "in", LinksOf(bills, "partner_bank_id"))});
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

}  // namespace

absl::StatusOr<ports::PayablePage> ReadPayableBills(Work& work, JournalCodes& journals,
                                                    const PayableQuery& query) {
  constexpr int kLimitMax = 1000;
  const auto limit = static_cast<size_t>(std::clamp(query.limit, 1, kLimitMax));
  std::vector<std::string> fields = MoveFields();
  fields.emplace_back("commercial_partner_id");
  fields.emplace_back("partner_bank_id");
  KONTOR_ASSIGN_OR_RETURN(const std::vector<Json> rows,
                          work.SearchRead("account.move", DomainOf(query, work.company_id()),
                                          fields, "id", limit));
  ports::PayablePage page;
  if (rows.empty()) return page;
  KONTOR_ASSIGN_OR_RETURN(auto snapshots, MoveSnapshots(work, journals, rows));
  KONTOR_ASSIGN_OR_RETURN(const Surroundings around, Gather(work, rows));
  for (size_t i = 0; i < rows.size(); ++i) {
    Payable& payable = page.rows.emplace_back();
    payable.bill = std::move(snapshots[i]);
    payable.partner_id = LinkIdOf(rows[i], "commercial_partner_id");
    if (const auto it = around.partners.find(payable.partner_id); it != around.partners.end()) {
      payable.partner_name = TextOf(it->second, "name");
      payable.address = AddressOf(it->second, around.countries);
    }
    int64_t account = LinkIdOf(rows[i], "partner_bank_id");
    if (account == 0) {
      const auto own = around.accounts_of.find(payable.partner_id);
      payable.accounts = own == around.accounts_of.end() ? 0 : static_cast<int>(own->second.size());
      if (payable.accounts == 1) account = own->second.front();
    }
    if (const auto it = around.accounts.find(account); it != around.accounts.end()) {
      payable.account = it->second;
    }
  }
  page.next_id = IntOf(rows.back(), "id");
  page.more = rows.size() == limit;
  return page;
}

}  // namespace kontor::odoo
