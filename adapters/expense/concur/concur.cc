// SPDX-License-Identifier: Apache-2.0
// The service answers 200 even when single items failed, so each item's own code is read. A report
// may be recalled between the fetch and the acknowledgement.
#include "adapters/expense/concur/concur.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "adapters/expense/exact_json.h"
#include "adapters/expense/mapping.h"
#include "adapters/expense/platform_http.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::expense {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;
using base::StrCat;
using nlohmann::json;

constexpr char kTransactions[] =
    "/financialintegration/fi/v4/companies/transactiontypes/expense/transactions";
constexpr char kTokenPath[] = "/oauth2/v0/token";
constexpr int kPageSize = 25;
/// The service has no second page, only a larger one: what is acknowledged leaves the list, and
/// what is another company's never does.
constexpr int kPageSizeMax = 800;
constexpr int kAlreadyAcknowledged = 101;
constexpr int kUnknownDocument = 116;

/// Where the fields stand in a document of the service; a source may bring its own mapping.
constexpr char kDefaultMapping[] = R"json({
  "version": 1,
  "report": {
    "external_id": "/reportId", "revision": "/revision", "title": "/reportName",
    "report_date": {"from": "/approvedDate", "cut": 10}, "currency_code": "/currencyCode",
    "total": "/totalAmount",
    "employee": {"external_id": "/employee/employeeId", "email": "/employee/email",
                 "name": "/employee/name"},
    "approver": {"external_id": "/approver/employeeId", "email": "/approver/email",
                 "name": "/approver/name"}
  },
  "lines": "/entries",
  "line": {
    "external_id": "/entryId", "date": {"from": "/transactionDate", "cut": 10},
    "description": "/businessPurpose", "merchant": "/vendorName",
    "category": "/expenseTypeCode", "amount": "/approvedAmount",
    "original_amount": "/foreignAmount", "original_currency_code": "/foreignCurrencyCode",
    "exchange_rate": "/exchangeRate", "cost_centre": "/costCenter",
    "tax": {"treatment": {"from": "/tax/reclaimable",
                          "values": {"true": "RECOVERABLE"}, "else": "NONE"},
            "code": "/tax/code", "tax_amount": "/tax/amount"},
    "payment_type": {"from": "/paymentTypeCode",
                     "values": {"CBCP": "COMPANY_CARD", "CPAID": "COMPANY_CARD"},
                     "else": "PERSONAL"},
    "card": "/card/lastFour"
  }
})json";

std::string Text(const json& object, const char* key) {
  const json value = object.is_object() ? object.value(key, json()) : json();
  if (value.is_string()) return value.get<std::string>();
  return value.is_number_integer() ? value.dump() : "";
}

const json* EntryIn(const json& list, const std::string& ref) {
  if (!list.is_array()) return nullptr;
  for (const json& entry : list) {
    if (Text(entry, "id") == ref) return &entry;
  }
  return nullptr;
}

/// The entry about one document: in the answer itself, or in any list of it, since a list of errors
/// may stand beside.
const json* EntryFor(const json& answer, const std::string& ref) {
  if (!answer.is_object()) return EntryIn(answer, ref);
  for (const auto& [key, value] : answer.items()) {
    const json* const entry = EntryIn(value, ref);
    if (entry != nullptr) return entry;
  }
  return nullptr;
}

absl::StatusOr<ports::ItemOutcome> OutcomeFor(const json& answer, const std::string& ref) {
  const json* const entry = EntryFor(answer, ref);
  if (entry == nullptr) {
    return Error(Reason::kPeerAnswerLost).Says("the answer does not speak of the report");
  }
  const auto code = base::ParseInt64(Text(*entry, "code"));
  if (code.ok() && (*code == 0 || *code == kAlreadyAcknowledged)) return ports::ItemOutcome::kDone;
  if (code.ok() && *code == kUnknownDocument) return ports::ItemOutcome::kGone;
  return Error(Reason::kPlatformRefused)
      .With("code", Text(*entry, "code"))
      .Happened(Outcome::kRefused)
      .Says(StrCat("Concur answered ", Text(*entry, "code"), ": ", Text(*entry, "message")));
}

TokenRules RulesOf(const model::PlatformSettings& settings) {
  TokenRules rules;
  rules.url = settings.token_url.empty() ? StrCat(settings.base_url, kTokenPath)
                                         : settings.token_url;
  rules.form = {{"client_id", settings.client_id}, {"client_secret", settings.client_secret}};
  if (settings.refresh_token.empty()) {
    rules.form.emplace_back("grant_type", "client_credentials");
  } else {
    rules.form.emplace_back("grant_type", "refresh_token");
    rules.form.emplace_back("refresh_token", settings.refresh_token);
  }
  return rules;
}

class Concur final : public ports::ExpenseSource {
 public:
  Concur(const model::Source& source, Mapping mapping, ports::HttpClient& http,
         const base::Clock& clock)
      : settings_(source.platform),
        mapping_(std::move(mapping)),
        http_(http, clock, RulesOf(source.platform)) {
    capabilities_.reads_hooks = true;
    capabilities_.fetches = true;
    capabilities_.has_login = true;
    capabilities_.acknowledges = true;
    capabilities_.confirms_posting = true;
    capabilities_.confirms_payment = true;
    // A confirmed document is known as such: telling it again changes nothing.
    capabilities_.acknowledge_repeat = ports::Repeat::kSafe;
    capabilities_.posting_repeat = ports::Repeat::kSafe;
    capabilities_.payment_repeat = ports::Repeat::kSafe;
  }

  const ports::ExpenseCapabilities& capabilities() const override { return capabilities_; }

  /// An event subscription only says that something is ready.
  absl::StatusOr<ports::HookReading> ReadHook(const std::string& body) const override {
    KONTOR_RETURN_IF_ERROR(ParseExact(body).status());
    ports::HookReading reading;
    reading.ready = true;
    return reading;
  }

  absl::Status Check(absl::Time deadline) override { return http_.Login(deadline); }

  /// `after` is how many documents are asked for.
  absl::StatusOr<ports::FetchedPage> Fetch(const std::string& after, absl::Time deadline) override {
    const int limit = static_cast<int>(base::ParseInt64(after).value_or(kPageSize));
    const std::string url = StrCat(settings_.base_url, kTransactions, "?limit=", limit);
    KONTOR_ASSIGN_OR_RETURN(const json answer, http_.Call("GET", url, nullptr, {}, deadline));
    ports::FetchedPage page;
    const json documents = answer.value("documents", json::array());
    for (const json& document : documents) {
      if (Text(document, "docStatus") != "READY") continue;
      if (!settings_.company.empty() && Text(document, "companyId") != settings_.company) continue;
      page.reports.push_back(ReportOf(document));
    }
    const bool full = documents.size() >= static_cast<size_t>(limit);
    if (full && limit < kPageSizeMax) page.next = StrCat(std::min(limit * 2, kPageSizeMax));
    return page;
  }

  absl::StatusOr<ports::ItemOutcome> Acknowledge(const std::string& ref,
                                                 absl::Time deadline) override {
    json ids = json::array();
    ids.push_back(ref);
    const json body = {{"ids", std::move(ids)}};
    return Tell("/acknowledgements", body, ref, deadline);
  }

  absl::StatusOr<ports::ItemOutcome> ConfirmPosting(const ports::PostingReceipt& receipt,
                                                    absl::Time deadline) override {
    json documents = json::array();
    for (const ports::ReceiptDocument& document : receipt.documents) {
      documents.push_back({{"companyId", receipt.company},
                           {"documentNumber", document.number},
                           {"fiscalYear", document.date.ToString().substr(0, 4)},
                           {"postingDate", document.date.ToString()}});
    }
    json messages = json::array();
    for (const std::string& message : receipt.messages) {
      messages.push_back({{"messageType", "ERROR"}, {"messageText", message}});
    }
    json body = json::array();
    body.push_back({{"id", receipt.ref},
                    {"companyId", receipt.company},
                    {"overallPostingStatusCode", receipt.posted ? "success" : "error"},
                    {"postingDocs", std::move(documents)},
                    {"systemMessages", std::move(messages)}});
    return Tell("/postingconfirmations", body, receipt.ref, deadline);
  }

  absl::StatusOr<ports::ItemOutcome> ConfirmPayment(const ports::PaymentReceipt& receipt,
                                                    absl::Time deadline) override {
    json documents = json::array();
    for (const ports::ReceiptDocument& document : receipt.documents) {
      documents.push_back({{"documentNumber", document.number},
                           {"paymentDate", receipt.date.ToString()}});
    }
    json body = json::array();
    body.push_back({{"id", receipt.ref},
                    {"companyId", receipt.company},
                    {"overallPaymentStatusCode", "success"},
                    {"paymentDocs", std::move(documents)}});
    return Tell("/paymentconfirmations", body, receipt.ref, deadline);
  }

  absl::Status PushReferenceData(const std::vector<ports::ReferenceItem>& /*items*/,
                                 absl::Time /*deadline*/) override {
    return absl::OkStatus();
  }

 private:
  /// The content stands as text in the document.
  ports::PlatformReport ReportOf(const json& document) const {
    ports::PlatformReport report;
    const auto content = ParseExact(Text(document, "document"));
    if (content.ok()) {
      report = ReadReport(mapping_, *content);
    } else {
      report.problems.push_back(model::FindingOf(content.status()));
    }
    report.ref = Text(document, "id");
    if (report.report.external_id.empty()) report.report.external_id = report.ref;
    return report;
  }

  absl::StatusOr<ports::ItemOutcome> Tell(const char* path, const json& body,
                                          const std::string& ref, absl::Time deadline) {
    KONTOR_ASSIGN_OR_RETURN(
        const json answer,
        http_.Call("POST", StrCat(settings_.base_url, kTransactions, path), &body, {}, deadline));
    return OutcomeFor(answer, ref);
  }

  const model::PlatformSettings settings_;
  const Mapping mapping_;
  PlatformHttp http_;
  ports::ExpenseCapabilities capabilities_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<ports::ExpenseSource>> MakeConcur(const model::Source& source,
                                                                 ports::HttpClient& http,
                                                                 const base::Clock& clock) {
  KONTOR_ASSIGN_OR_RETURN(
      Mapping mapping,
      ReadMapping(source.mapping.empty() ? std::string_view(kDefaultMapping) : source.mapping));
  return std::shared_ptr<ports::ExpenseSource>(
      std::make_shared<Concur>(source, std::move(mapping), http, clock));
}

}  // namespace kontor::expense
