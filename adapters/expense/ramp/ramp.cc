// SPDX-License-Identifier: Apache-2.0
// A sync carries an idempotency key, so that it may be told again. Ramp pays by itself and is told
// nothing about payments.
#include "adapters/expense/ramp/ramp.h"

#include <nlohmann/json.hpp>

#include "adapters/expense/exact_json.h"
#include "adapters/expense/mapping.h"
#include "adapters/expense/platform_http.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/crypto/bytes.h"

namespace kontor::expense {
namespace {

using base::StrCat;
using nlohmann::json;

constexpr char kTokenPath[] = "/developer/v1/token";
constexpr char kReimbursements[] = "/developer/v1/reimbursements";
constexpr char kSyncs[] = "/developer/v1/accounting/syncs";
constexpr char kAccounts[] = "/developer/v1/accounting/accounts";
constexpr char kScopes[] = "accounting:read accounting:write reimbursements:read";
constexpr int kPageSize = 50;
constexpr size_t kAccountsAtOnce = 500;

/// One reimbursement is a report of one line.
constexpr char kDefaultMapping[] = R"json({
  "version": 1,
  "report": {
    "external_id": "/id", "title": "/memo", "report_date": {"from": "/approved_at", "cut": 10},
    "currency_code": "/currency", "total": "/amount",
    "employee": {"external_id": "/user_id", "email": "/user_email", "name": "/user_full_name"},
    "approver": {"external_id": "/approver_id", "name": "/approver_full_name"}
  },
  "lines": "",
  "line": {
    "external_id": "/id", "date": {"from": "/transaction_date", "cut": 10},
    "description": "/memo", "merchant": "/merchant",
    "category": "/accounting_category_id", "amount": "/amount",
    "cost_centre": "/department_id", "payment_type": {"is": "PERSONAL"},
    "tax": {"treatment": {"from": "/tax_code", "values": {"": "NONE"}, "else": "RECOVERABLE"},
            "code": "/tax_code", "tax_amount": "/tax_amount"}
  }
})json";

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
    capabilities_.reference_kinds = {"account"};
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
      page.reports.push_back(ReadReport(mapping_, item));
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
    const json body = {{"idempotency_key", receipt.key},
                       {"sync_type", "REIMBURSEMENT_SYNC"},
                       {"successful_syncs", std::move(good)},
                       {"failed_syncs", std::move(bad)}};
    KONTOR_RETURN_IF_ERROR(
        http_.Call("POST", StrCat(settings_.base_url, kSyncs), &body, {}, deadline).status());
    return ports::ItemOutcome::kDone;
  }

  absl::StatusOr<ports::ItemOutcome> ConfirmPayment(const ports::PaymentReceipt& /*receipt*/,
                                                    absl::Time /*deadline*/) override {
    return ports::ItemOutcome::kDone;
  }

  /// Accounts alone: what else can be chosen is Ramp's own list.
  absl::Status PushReferenceData(const std::vector<ports::ReferenceItem>& items,
                                 absl::Time deadline) override {
    json accounts = json::array();
    const auto send = [&]() -> absl::Status {
      if (accounts.empty()) return absl::OkStatus();
      const json body = {{"gl_accounts", std::exchange(accounts, json::array())}};
      return http_.Call("POST", StrCat(settings_.base_url, kAccounts), &body, {}, deadline)
          .status();
    };
    for (const ports::ReferenceItem& item : items) {
      if (item.kind != "account") continue;
      accounts.push_back({{"id", item.code},
                          {"code", item.code},
                          {"name", item.name},
                          {"classification", "EXPENSE"},
                          {"is_active", item.active}});
      if (accounts.size() == kAccountsAtOnce) KONTOR_RETURN_IF_ERROR(send());
    }
    return send();
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
