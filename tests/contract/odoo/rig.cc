// SPDX-License-Identifier: Apache-2.0
// See rig.h.
#include "tests/contract/odoo/rig.h"

#include <atomic>
#include <map>
#include <random>

#include "server/net/http_client.h"

namespace kontor::odoo::contract {
namespace {

ports::HttpClient& Http() {
  static const auto client = net::MakeHttpClient({.allowed_networks = {"127.0.0.0/8"}});
  return **client;
}

struct Known {
  int64_t company_id = 0;
  std::shared_ptr<const model::Catalogue> catalogue;
  int64_t partner_id = 0;
};

Known& KnownOf(const Target& target) {
  static std::map<std::string, Known> known;
  return known[target.url + target.transport];
}

}  // namespace

base::Decimal Dec(std::string_view text) { return base::Decimal::Parse(text).value(); }
base::Date Day(std::string_view text) { return base::Date::Parse(text).value(); }

base::Date SomeDay() {
  const std::string today = base::Date::Of(base::SystemClock().Now()).ToString();
  const base::Date first = Day(today.substr(0, 8) + "01");
  return Day(first.PlusDays(-1).ToString().substr(0, 8) + "10");
}

model::Currency Eur() { return model::Currency::Parse("EUR").value(); }

Rig::Rig(const std::string& target_name) : target_(TargetOf(target_name)) {
  erp_ = Connect(Settings());
  Known& known = KnownOf(target_);
  if (known.catalogue == nullptr) {
    const auto report = erp_->Check(0, Soon());
    REQUIRE_OK(report);
    BOOST_REQUIRE(!report->companies.empty());
    known.company_id = report->companies.front().id;
    auto catalogue = erp_->ReadCatalogue(known.company_id, Soon());
    REQUIRE_OK(catalogue);
    known.catalogue = std::make_shared<const model::Catalogue>(*std::move(catalogue));
  }
  company_id_ = known.company_id;
  catalogue_ = known.catalogue;
}

ports::Deadline Rig::Soon() const { return clock_.Now() + absl::Seconds(90); }

OdooSettings Rig::Settings() const {
  OdooSettings settings;
  settings.url = target_.url;
  settings.database = target_.database;
  settings.login = target_.login;
  settings.api_key = target_.api_key;
  settings.transport = target_.transport;
  settings.allow_private_address = true;
  return settings;
}

std::shared_ptr<ports::Erp> Rig::Connect(OdooSettings settings) const {
  return MakeOdooErp(std::move(settings), Http(), clock_);
}

std::string Rig::FreshId() {
  static const std::string prefix = [] {
    std::random_device random;
    return base::StrCat("t", random(), "_", random(), "_");
  }();
  static std::atomic<int> next{0};
  return base::StrCat(prefix, next++);
}

int64_t Rig::partner_id() {
  Known& known = KnownOf(target_);
  if (known.partner_id == 0) known.partner_id = CreateOne(Partner("Contract & Söhne")).id;
  return known.partner_id;
}

Draft Rig::Invoice(model::InvoiceKind kind) {
  const bool purchase = model::IsPurchase(kind);
  model::Invoice invoice;
  invoice.kind = kind;
  invoice.partner.odoo_id = partner_id();
  invoice.invoice_date = SomeDay();
  invoice.currency = Eur();
  invoice.lines = {{.description = "Consulting\nin October",
                    .quantity = Dec("2"),
                    .unit_price = Dec("10.50"),
                    .discount_percent = {},
                    .account_code = purchase ? "600000" : "400000",
                    .tax_names = {"19%"},
                    .product_code = "",
                    .analytic = {}},
                   {.description = "Postage <express>",
                    .quantity = Dec("1"),
                    .unit_price = Dec("3"),
                    .discount_percent = {},
                    .account_code = purchase ? "600000" : "400000",
                    .tax_names = {"19%"},
                    .product_code = "",
                    .analytic = {}}};
  Draft draft;
  draft.external_id = FreshId();
  invoice.reference = draft.external_id;
  draft.document.content = std::move(invoice);
  draft.references.partner_id = partner_id();
  return draft;
}

Draft Rig::Payment(std::string_view amount, model::PaymentDirection direction) {
  model::Payment payment;
  payment.direction = direction;
  payment.partner_role = direction == model::PaymentDirection::kInbound
                             ? model::PartnerRole::kCustomer
                             : model::PartnerRole::kSupplier;
  payment.partner.odoo_id = partner_id();
  payment.amount = model::Money::Parse("EUR", amount).value();
  payment.date = SomeDay().PlusDays(2);
  payment.journal_code = "BNK1";
  Draft draft;
  draft.external_id = FreshId();
  payment.memo = draft.external_id;
  draft.document.content = std::move(payment);
  draft.references.partner_id = partner_id();
  return draft;
}

Draft Rig::Entry(std::string_view debit, std::string_view credit) {
  model::JournalEntry entry;
  entry.date = SomeDay();
  entry.journal_code = "MISC";
  model::JournalEntryLine first;
  first.account_code = "600000";
  first.description = "Debit";
  first.debit = Dec(debit);
  model::JournalEntryLine second;
  second.account_code = "101401";
  second.description = "Credit";
  second.credit = Dec(credit);
  entry.lines = {first, second};
  Draft draft;
  draft.external_id = FreshId();
  entry.reference = draft.external_id;
  draft.document.content = std::move(entry);
  return draft;
}

Draft Rig::Partner(std::string_view name) {
  model::Partner partner;
  Draft draft;
  draft.external_id = FreshId();
  partner.reference = draft.external_id.substr(0, 40);
  partner.name = std::string(name);
  partner.city = "Hamburg";
  partner.country_code = "DE";
  draft.document.content = std::move(partner);
  return draft;
}

absl::StatusOr<std::vector<model::ErpRecord>> Rig::Create(const std::vector<Draft>& drafts) {
  std::vector<ports::DraftRequest> requests;
  for (const Draft& draft : drafts) {
    requests.push_back({draft.external_id, &draft.document, &draft.references});
  }
  return erp_->CreateDrafts(company_id_, *catalogue_, requests, Soon());
}

model::ErpRecord Rig::CreateOne(const Draft& draft) {
  const auto records = Create({draft});
  REQUIRE_OK(records);
  BOOST_REQUIRE_EQUAL(records->size(), 1U);
  BOOST_REQUIRE_GT(records->front().id, 0);
  return records->front();
}

model::ErpRecord Rig::Posted(const Draft& draft) {
  const model::ErpRecord record = CreateOne(draft);
  REQUIRE_OK(erp_->Post(company_id_, std::vector{record}, Soon()));
  return record;
}

ports::ErpSnapshot Rig::ReadOne(const model::ErpRecord& record) {
  const auto snapshots = erp_->Read(company_id_, std::vector{record}, Soon());
  REQUIRE_OK(snapshots);
  return snapshots->front();
}

absl::Status Rig::Reconcile(const model::ErpRecord& payment, const model::ErpRecord& invoice) {
  return erp_->Reconcile(company_id_,
                         {.payment_move_id = ReadOne(payment).move_id,
                          .invoice_move_id = invoice.id},
                         Soon());
}

int64_t Rig::CountInOdoo(const std::string& external_id) {
  using nlohmann::json;
  const json of_kontor = json::array({"module", "=", "kontor"});
  const json of_name = json::array({"name", "=", external_id});
  const json found =
      AsAdmin(target_, "ir.model.data", "search_read",
              json::array({json::array({of_kontor, of_name})}), {{"fields", {"model", "res_id"}}});
  int64_t count = 0;
  for (const json& row : found) {
    const json by_id = json::array({json::array({json::array({"id", "=", row["res_id"]})})});
    count += AsAdmin(target_, row["model"], "search_count", by_id).get<int64_t>();
  }
  return count;
}

}  // namespace kontor::odoo::contract
