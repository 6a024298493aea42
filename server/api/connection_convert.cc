// SPDX-License-Identifier: Apache-2.0
#include "server/api/connection_convert.h"

#include "server/api/convert.h"
#include "server/base/status.h"
#include "server/engine/identity.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;

std::string TransportName(v1::Connection::Transport transport) {
  switch (transport) {
    case v1::Connection::TRANSPORT_JSON2: return "json2";
    case v1::Connection::TRANSPORT_JSONRPC: return "jsonrpc";
    case v1::Connection::TRANSPORT_XMLRPC: return "xmlrpc";
    default: return "";
  }
}

v1::Connection::Transport WriteTransport(std::string_view name) {
  if (name == "json2") return v1::Connection::TRANSPORT_JSON2;
  if (name == "jsonrpc") return v1::Connection::TRANSPORT_JSONRPC;
  if (name == "xmlrpc") return v1::Connection::TRANSPORT_XMLRPC;
  return v1::Connection::TRANSPORT_AUTO;
}

engine::Mode ReadMode(v1::Mode mode, engine::Mode otherwise) {
  switch (mode) {
    case v1::MODE_SHADOW: return engine::Mode::kShadow;
    case v1::MODE_LIVE: return engine::Mode::kLive;
    case v1::MODE_PAUSED: return engine::Mode::kPaused;
    default: return otherwise;
  }
}

v1::Mode WriteMode(engine::Mode mode) {
  switch (mode) {
    case engine::Mode::kShadow: return v1::MODE_SHADOW;
    case engine::Mode::kLive: return v1::MODE_LIVE;
    case engine::Mode::kPaused: return v1::MODE_PAUSED;
  }
  return v1::MODE_UNSPECIFIED;
}

void WriteDate(const std::optional<model::Date>& date, std::string* out) {
  if (date.has_value()) *out = date->ToString();
}

v1::ReconcileDifference::Kind WriteKind(std::string_view kind) {
  if (kind == "MISSING_IN_ODOO") return v1::ReconcileDifference::KIND_MISSING_IN_ODOO;
  if (kind == "MISSING_IN_KONTOR") return v1::ReconcileDifference::KIND_MISSING_IN_KONTOR;
  if (kind == "AMOUNT") return v1::ReconcileDifference::KIND_AMOUNT;
  if (kind == "DATE") return v1::ReconcileDifference::KIND_DATE;
  if (kind == "STATE") return v1::ReconcileDifference::KIND_STATE;
  if (kind == "BALANCE") return v1::ReconcileDifference::KIND_BALANCE;
  return v1::ReconcileDifference::KIND_UNSPECIFIED;
}

void WriteMinor(const std::string& currency_code, int64_t minor, v1::Money* out) {
  const auto currency = model::Currency::Parse(currency_code);
  if (currency.ok()) WriteMoney(model::Money(*currency, minor), out);
}

void WriteRow(const engine::ReconcileRow& row, v1::ReconcileRow* to) {
  to->set_journal_code(row.journal_code);
  to->set_date(row.date.ToString());
  to->set_kontor_count(row.kontor_count);
  to->set_odoo_count(row.erp_count);
  WriteMinor(row.currency_code, row.kontor_total_minor, to->mutable_kontor_total());
  WriteMinor(row.currency_code, row.erp_total_minor, to->mutable_odoo_total());
}

engine::AddonUse ReadAddonUse(v1::Connection::AddonUse in) {
  switch (in) {
    case v1::Connection::ADDON_USE_NEVER: return engine::AddonUse::kNever;
    case v1::Connection::ADDON_USE_REQUIRED: return engine::AddonUse::kRequired;
    default: return engine::AddonUse::kAuto;
  }
}

v1::Connection::AddonUse WriteAddonUse(engine::AddonUse use) {
  switch (use) {
    case engine::AddonUse::kNever: return v1::Connection::ADDON_USE_NEVER;
    case engine::AddonUse::kRequired: return v1::Connection::ADDON_USE_REQUIRED;
    case engine::AddonUse::kAuto: break;
  }
  return v1::Connection::ADDON_USE_AUTO;
}

}  // namespace

absl::StatusOr<engine::Connection> ReadConnection(const v1::Connection& in,
                                                  engine::Connection base) {
  base.name = in.name();
  base.url = in.url();
  base.database = in.database();
  base.login = in.login();
  if (!in.api_key().empty()) base.api_key = in.api_key();
  base.transport = TransportName(in.transport());
  base.mode = ReadMode(in.mode(), base.mode);
  base.addon_use = ReadAddonUse(in.addon_use());
  base.calls_in_flight_max = in.max_calls_in_flight();
  if (in.has_min_call_interval()) {
    const absl::Duration interval = ReadDuration(in.min_call_interval());
    if (interval < absl::ZeroDuration()) {
      return Error(Reason::kFieldInvalid)
          .Field("connection.min_call_interval")
          .Says("must not be negative");
    }
    const bool limited = interval > absl::ZeroDuration();
    base.calls_per_second_max =
        limited ? std::max<int>(1, static_cast<int>(absl::Seconds(1) / interval)) : 0;
  }
  return base;
}

void WriteConnection(const engine::Connection& in, v1::Connection* out) {
  out->set_name(in.name);
  out->set_url(in.url);
  out->set_database(in.database);
  out->set_login(in.login);
  out->set_api_key_set(!in.api_key.empty());
  out->set_transport(WriteTransport(in.transport));
  out->set_mode(WriteMode(in.mode));
  out->set_addon_use(WriteAddonUse(in.addon_use));
  out->set_max_calls_in_flight(in.calls_in_flight_max);
  if (in.calls_per_second_max > 0) {
    WriteDuration(absl::Seconds(1) / in.calls_per_second_max, out->mutable_min_call_interval());
  }
  out->set_database_identity(in.database_mark);
  out->set_suspend_reason(in.suspended_reason);
}

absl::StatusOr<engine::Entity> ReadEntity(const v1::Entity& in, engine::Entity base) {
  base.name = in.name();
  base.connection = in.connection();
  base.company_id = in.company_id();
  base.currency_code = in.currency_code();
  base.mode = ReadMode(in.mode(), base.mode);
  KONTOR_ASSIGN_OR_RETURN(base.live_from, ReadDate(in.live_from(), "entity.live_from"));
  base.accept_total_mismatch = in.on_difference() == v1::Entity::ON_DIFFERENCE_ACCEPT;
  return base;
}

void WriteEntity(const engine::Entity& in, v1::Entity* out) {
  out->set_name(in.name);
  out->set_connection(in.connection);
  out->set_company_id(in.company_id);
  out->set_currency_code(in.currency_code);
  out->set_mode(WriteMode(in.mode));
  WriteDate(in.live_from, out->mutable_live_from());
  out->set_on_difference(in.accept_total_mismatch ? v1::Entity::ON_DIFFERENCE_ACCEPT
                                                  : v1::Entity::ON_DIFFERENCE_EXCEPTION);
}

void WriteReport(const ports::ErpReport& in, const engine::Connection& connection,
                 v1::ConnectionReport* out) {
  out->set_reachable(true);
  out->set_authenticated(true);
  out->set_series(in.identity.series);
  out->set_server_version(in.identity.server_version);
  out->set_transport(WriteTransport(in.identity.transport));
  out->set_addon_present(in.identity.has_addon);
  out->set_addon_version(in.identity.addon_version);
  for (const auto& right : in.missing_rights) out->add_missing_rights(right);
  for (const auto& right : in.excess_rights) out->add_excess_rights(right);
  out->set_database_identity(in.identity.database_mark);
  out->set_identity_matches(engine::MismatchOf(connection, in.identity).empty());
  for (const auto& finding : in.findings) WriteFinding(finding, out->add_findings());
  if (!in.precision.has_value()) return;
  const std::pair<const char*, int> digits[] = {
      {"Product Price", in.precision->price},
      {"Product Unit of Measure", in.precision->quantity},
      {"Discount", in.precision->discount}};
  for (const auto& [name, count] : digits) {
    auto* precision = out->add_precisions();
    precision->set_name(name);
    precision->set_digits(count);
  }
}

void WriteCompany(const ports::ErpCompany& in, v1::ConnectionReport* out) {
  auto* locks = out->add_lock_dates();
  locks->set_company_id(in.id);
  locks->set_company_name(in.name);
  locks->set_currency_code(in.currency_code);
  WriteDate(in.lock_dates.fiscal_year, locks->mutable_fiscal_year_lock_date());
  WriteDate(in.lock_dates.tax, locks->mutable_tax_lock_date());
  WriteDate(in.lock_dates.sale, locks->mutable_sale_lock_date());
  WriteDate(in.lock_dates.purchase, locks->mutable_purchase_lock_date());
  WriteDate(in.lock_dates.hard, locks->mutable_hard_lock_date());
  WriteDate(in.lock_dates.period, locks->mutable_period_lock_date());
}

void WriteCatalogue(const model::Catalogue& in, v1::Catalogue* out) {
  for (const auto& journal : in.journals) {
    auto* to = out->add_journals();
    to->set_code(journal.code);
    to->set_name(journal.name);
    to->set_type(std::string(model::NameOf(journal.type)));
    to->set_currency_code(journal.currency_code);
    to->set_odoo_id(journal.id);
  }
  for (const auto& account : in.accounts) {
    auto* to = out->add_accounts();
    to->set_code(account.code);
    to->set_name(account.name);
    to->set_type(account.type);
    to->set_deprecated(account.deprecated);
    to->set_odoo_id(account.id);
  }
  for (const auto& tax : in.taxes) {
    auto* to = out->add_taxes();
    to->set_name(tax.name);
    to->set_for_purchase(tax.for_purchase);
    to->set_amount_type(tax.amount_type);
    to->set_amount(tax.amount.ToString());
    to->set_price_included(tax.price_include);
    to->set_odoo_id(tax.id);
  }
  for (const auto& currency : in.currencies) {
    auto* to = out->add_currencies();
    to->set_code(currency.code);
    to->set_active(currency.active);
    to->set_decimal_places(currency.decimal_places);
    to->set_odoo_id(currency.id);
    if (currency.rates.empty()) continue;
    to->set_rate_date(currency.rates.front().date.ToString());
    to->set_rate(currency.rates.front().rate.ToString());
  }
  for (const auto& term : in.payment_terms) {
    auto* to = out->add_payment_terms();
    to->set_name(term.name);
    to->set_odoo_id(term.id);
  }
  for (const auto& account : in.analytic_accounts) {
    auto* to = out->add_analytic_accounts();
    to->set_code(account.code);
    to->set_name(account.name);
    to->set_odoo_id(account.id);
    for (const auto& plan : in.analytic_plans) {
      if (plan.id == account.plan_id) to->set_plan(plan.name);
    }
  }
  WriteTime(in.read_at, out->mutable_read_time());
}

void WriteReconcile(const engine::ReconcileReport& in, v1::ReconcileEntityResponse* out) {
  for (const auto& row : in.rows) WriteRow(row, out->add_rows());
  for (const auto& row : in.bank_rows) WriteRow(row, out->add_bank_rows());
  for (const auto& balance : in.bank_balances) {
    auto* to = out->add_bank_balances();
    to->set_journal_code(balance.journal_code);
    to->set_date(balance.date);
    to->set_statement_id(balance.statement_id);
    WriteMoney(balance.kontor, to->mutable_kontor_balance());
    if (balance.erp) WriteMoney(*balance.erp, to->mutable_odoo_balance());
  }
  for (const auto& difference : in.differences) {
    auto* to = out->add_differences();
    to->set_kind(WriteKind(difference.kind));
    to->set_document_id(difference.document_id);
    to->mutable_odoo()->set_model(difference.record.model);
    to->mutable_odoo()->set_id(difference.record.id);
    to->mutable_odoo()->set_name(difference.record.name);
    to->set_external_id(difference.external_id);
    to->set_kontor_value(difference.asked);
    to->set_odoo_value(difference.got);
    to->set_exception_id(difference.exception_id);
    to->set_message(difference.message);
    to->set_journal_code(difference.journal_code);
    to->set_date(difference.date);
    to->set_statement_id(difference.statement_id);
  }
}

}  // namespace kontor::api
