// SPDX-License-Identifier: Apache-2.0
// A sync carries an idempotency key, so that it may be told again. Ramp pays by itself and is told
// nothing about payments.
#include "adapters/expense/ramp/ramp.h"

#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "adapters/expense/exact_json.h"
#include "adapters/expense/mapping.h"
#include "adapters/expense/platform_http.h"
#include "adapters/expense/ramp/reference.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/crypto/bytes.h"
#include "server/model/money.h"

namespace kontor::expense {
namespace {

using base::StrCat;
using nlohmann::json;

constexpr char kTokenPath[] = "/developer/v1/token";
constexpr char kReimbursements[] = "/developer/v1/reimbursements";
constexpr char kSyncs[] = "/developer/v1/accounting/syncs";
constexpr char kScopes[] = "accounting:read accounting:write reimbursements:read";
constexpr int kPageSize = 50;

/// Of a reimbursement as WithCoding leaves it. Ramp says not who approved, and of a tax its code
/// alone: a report with a tax is asked about until a mapping of its own says how much it is.
constexpr char kDefaultMapping[] = R"json({
  "version": 1,
  "report": {
    "external_id": "/id", "title": "/memo", "report_date": {"from": "/accounting_date", "cut": 10},
    "currency_code": "/currency", "total": "/amount",
    "employee": {"external_id": "/user_id", "email": "/user_email", "name": "/user_full_name"},
    "approver": {"external_id": {"is": "ramp"}, "name": {"is": "approved in Ramp"}}
  },
  "lines": "/lines",
  "line": {
    "external_id": "/id", "date": {"from": "/transaction_date", "cut": 10},
    "description": "/memo", "merchant": "/merchant",
    "category": "/coding/gl_account", "amount": "/amount",
    "cost_centre": "/coding/cost_centre", "payment_type": {"is": "PERSONAL"},
    "tax": {"treatment": {"from": "/coding/tax_code", "values": {"": "NONE"},
                          "else": "RECOVERABLE"},
            "code": "/coding/tax_code", "tax_amount": "/tax_amount"}
  }
})json";

/// A list of the object's; empty when it has none.
const json& ListOf(const json& object, std::string_view key) {
  static const auto* const kNone = new json(json::array());
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : *kNone;
}

/// What an expense is coded with, by name: of the whole, overlaid by what a line says itself.
json CodingOf(json coding, const json& object) {
  for (const json& selection : ListOf(object, "accounting_field_selections")) {
    if (!selection.is_object()) continue;
    const std::string type = TextMember(selection, "type");
    const std::string id = TextMember(selection, "external_id");
    const auto field = selection.find("category_info");
    const bool ours = field != selection.end() &&
                      TextMember(*field, "external_id") == kCostCentreField;
    if (type == "GL_ACCOUNT") coding["gl_account"] = id;
    if (type == "TAX_CODE") coding["tax_code"] = id;
    if (type == "COST_CENTER" || ours) coding["cost_centre"] = id;
  }
  return coding;
}

json LineOf(const json& item, json coding) {
  json line = item;
  line["coding"] = std::move(coding);
  return line;
}

/// The amount of a line that is in the reimbursement's currency.
std::optional<model::Money> AmountOf(const json& part, const model::Currency& currency) {
  const auto amount = part.find("amount");
  if (amount == part.end() || TextMember(*amount, "currency_code") != currency.code()) {
    return std::nullopt;
  }
  const auto minor = amount->find("amount");
  if (minor == amount->end() || !minor->is_number_integer()) return std::nullopt;
  return model::Money(currency, minor->get<int64_t>());
}

/// Lines of their own, where all say an amount in the reimbursement's currency; else none.
json OwnLines(const json& item, const json& coding) {
  json lines = json::array();
  const auto currency = model::Currency::Parse(TextMember(item, "currency"));
  if (!currency.ok()) return lines;
  for (const json& part : ListOf(item, "line_items")) {
    const auto amount = part.is_object() ? AmountOf(part, *currency) : std::nullopt;
    if (!amount) return json::array();
    json line = LineOf(item, CodingOf(coding, part));
    line["id"] = StrCat(TextMember(item, "id"), "-", lines.size() + 1);
    if (!TextMember(part, "memo").empty()) line["memo"] = part["memo"];
    line["amount"] = amount->ValueText();
    lines.push_back(std::move(line));
  }
  return lines;
}

/// A reimbursement with `lines`, each with its `coding`: Ramp lists what was chosen by kinds, which
/// a pointer cannot look for.
json WithCoding(json item) {
  if (!item.is_object()) return item;
  const json coding = CodingOf(json::object(), item);
  json lines = OwnLines(item, coding);
  if (lines.empty()) lines.push_back(LineOf(item, coding));
  item["lines"] = std::move(lines);
  return item;
}

TokenRules RulesOf(const model::PlatformSettings& settings) {
  TokenRules rules;
  rules.url = settings.token_url.empty() ? StrCat(settings.base_url, kTokenPath)
                                         : settings.token_url;
  rules.form = {{"grant_type", "client_credentials"}, {"scope", kScopes}};
  rules.basic = StrCat("Basic ", crypto::Base64Encode(StrCat(settings.client_id, ":",
                                                            settings.client_secret)));
  return rules;
}

class Ramp final : public ports::ExpenseSource {
 public:
  Ramp(const model::Source& source, Mapping mapping, ports::HttpClient& http,
       const base::Clock& clock)
      : settings_(source.platform),
        mapping_(std::move(mapping)),
        http_(http, clock, RulesOf(source.platform)) {
    capabilities_.reads_hooks = true;
    capabilities_.fetches = true;
    capabilities_.confirms_posting = true;
    capabilities_.reference_kinds = {"account", "cost_centre", "vendor"};
    capabilities_.has_login = true;
    capabilities_.posting_repeat = ports::Repeat::kSafe;
  }

  const ports::ExpenseCapabilities& capabilities() const override { return capabilities_; }

  absl::StatusOr<ports::HookReading> ReadHook(const std::string& body) const override {
    KONTOR_RETURN_IF_ERROR(ParseExact(body).status());
    ports::HookReading reading;
    reading.ready = true;
    return reading;
  }

  absl::Status Check(absl::Time deadline) override { return http_.Login(deadline); }

  absl::StatusOr<ports::FetchedPage> Fetch(const std::string& after, absl::Time deadline) override {
    std::string url = StrCat(settings_.base_url, kReimbursements,
                             "?sync_status=SYNC_READY&page_size=", kPageSize);
    if (!settings_.company.empty()) {
      base::StrAppend(&url, "&entity_id=", UrlEncoded(settings_.company));
    }
    if (!after.empty()) base::StrAppend(&url, "&start=", UrlEncoded(after));
    KONTOR_ASSIGN_OR_RETURN(const json answer, http_.Call("GET", url, nullptr, {}, deadline));
    ports::FetchedPage page;
    for (const json& item : answer.value("data", json::array())) {
      page.reports.push_back(ReadReport(mapping_, WithCoding(item)));
    }
    // The next page begins after the last item of this one.
    const json next = answer.contains("page") ? answer["page"].value("next", json()) : json();
    if (next.is_string() && !page.reports.empty()) page.next = page.reports.back().ref;
    return page;
  }

  absl::StatusOr<ports::ItemOutcome> Acknowledge(const std::string& /*ref*/,
                                                 absl::Time /*deadline*/) override {
    return ports::ItemOutcome::kDone;
  }

  absl::StatusOr<ports::ItemOutcome> ConfirmPosting(const ports::PostingReceipt& receipt,
                                                    absl::Time deadline) override {
    json good = json::array();
    json bad = json::array();
    if (receipt.posted) {
      good.push_back({{"id", receipt.ref},
                      {"reference_id",
                       receipt.documents.empty() ? "" : receipt.documents.front().number}});
    } else {
      bad.push_back({{"id", receipt.ref},
                     {"error", {{"message", base::StrJoin(receipt.messages, "; ")}}}});
    }
    json body = {{"idempotency_key", receipt.key}, {"sync_type", "REIMBURSEMENT_SYNC"}};
    // Neither list may be empty.
    if (!good.empty()) body["successful_syncs"] = std::move(good);
    if (!bad.empty()) body["failed_syncs"] = std::move(bad);
    KONTOR_RETURN_IF_ERROR(
        http_.Call("POST", StrCat(settings_.base_url, kSyncs), &body, {}, deadline).status());
    return ports::ItemOutcome::kDone;
  }

  absl::StatusOr<ports::ItemOutcome> ConfirmPayment(const ports::PaymentReceipt& /*receipt*/,
                                                    absl::Time /*deadline*/) override {
    return ports::ItemOutcome::kDone;
  }

  absl::Status PushReferenceData(const std::vector<ports::ReferenceItem>& items,
                                 absl::Time deadline) override {
    return BringInStep(http_, settings_.base_url, items, deadline);
  }

 private:
  const model::PlatformSettings settings_;
  const Mapping mapping_;
  PlatformHttp http_;
  ports::ExpenseCapabilities capabilities_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<ports::ExpenseSource>> MakeRamp(const model::Source& source,
                                                               ports::HttpClient& http,
                                                               const base::Clock& clock) {
  KONTOR_ASSIGN_OR_RETURN(
      Mapping mapping,
      ReadMapping(source.mapping.empty() ? std::string_view(kDefaultMapping) : source.mapping));
  return std::shared_ptr<ports::ExpenseSource>(
      std::make_shared<Ramp>(source, std::move(mapping), http, clock));
}

}  // namespace kontor::expense
