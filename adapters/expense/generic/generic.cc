// SPDX-License-Identifier: Apache-2.0
// Receipts are posted as one JSON object with an idempotency key; the receiver takes a repetition
// under the same key for the same receipt (README.md says so to whoever writes one).
#include "adapters/expense/generic/generic.h"

#include <algorithm>

#include "adapters/expense/platform_http.h"
#include "server/base/clock.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::expense {
namespace {

using nlohmann::json;

json DocumentsOf(const std::vector<ports::ReceiptDocument>& documents) {
  json out = json::array();
  for (const ports::ReceiptDocument& document : documents) {
    out.push_back({{"number", document.number},
                   {"date", document.date.ToString()},
                   {"id", document.document}});
  }
  return out;
}

class Generic final : public ports::ExpenseSource {
 public:
  Generic(const model::Source& source, Mapping mapping, ports::HttpClient& http,
          const base::Clock& clock)
      : settings_(source.platform), mapping_(std::move(mapping)), http_(http), clock_(clock) {
    capabilities_.reads_hooks = true;
    capabilities_.confirms_posting = !settings_.receipt_url.empty();
    capabilities_.confirms_payment = capabilities_.confirms_posting;
  }

  const ports::ExpenseCapabilities& capabilities() const override { return capabilities_; }
  absl::StatusOr<ports::HookReading> ReadHook(const std::string& body) const override {
    return ReadMessage(mapping_, body);
  }
  absl::Status Check(absl::Time /*deadline*/) override { return absl::OkStatus(); }
  absl::StatusOr<ports::FetchedPage> Fetch(const std::string& /*after*/,
                                           absl::Time /*deadline*/) override {
    return ports::FetchedPage{};
  }
  absl::StatusOr<ports::ItemOutcome> Acknowledge(const std::string& /*ref*/,
                                                 absl::Time /*deadline*/) override {
    return ports::ItemOutcome::kDone;
  }
  absl::StatusOr<ports::ItemOutcome> ConfirmPosting(const ports::PostingReceipt& receipt,
                                                    absl::Time deadline) override {
    return Tell({{"event", receipt.posted ? "posted" : "failed"},
                 {"ref", receipt.ref},
                 {"external_id", receipt.external_id},
                 {"key", receipt.key},
                 {"documents", DocumentsOf(receipt.documents)},
                 {"messages", receipt.messages}},
                receipt.key, deadline);
  }
  absl::StatusOr<ports::ItemOutcome> ConfirmPayment(const ports::PaymentReceipt& receipt,
                                                    absl::Time deadline) override {
    return Tell({{"event", "reimbursed"},
                 {"ref", receipt.ref},
                 {"external_id", receipt.external_id},
                 {"key", receipt.key},
                 {"date", receipt.date.ToString()},
                 {"documents", DocumentsOf(receipt.documents)}},
                receipt.key, deadline);
  }
  absl::Status PushReferenceData(const std::vector<ports::ReferenceItem>& /*items*/,
                                 absl::Time /*deadline*/) override {
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<ports::ItemOutcome> Tell(const json& body, const std::string& key,
                                          absl::Time deadline) {
    ports::HttpRequest request;
    request.url = settings_.receipt_url;
    request.headers = {{"Content-Type", "application/json"}, {"Idempotency-Key", key}};
    if (!settings_.client_secret.empty()) {
      request.headers.emplace_back("Authorization",
                                   base::StrCat("Bearer ", settings_.client_secret));
    }
    request.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
    request.total_timeout = std::max(absl::Duration(absl::Seconds(1)), deadline - clock_.Now());
    const ports::HttpResponse response = http_.SendAndWait(std::move(request));
    KONTOR_RETURN_IF_ERROR(response.status);
    // The body of a receipt's answer says nothing that counts.
    if (response.http_status >= 200 && response.http_status < 300) {
      return ports::ItemOutcome::kDone;
    }
    if (response.http_status == 410) return ports::ItemOutcome::kGone;
    return ReadAnswer(response).status();
  }

  const model::PlatformSettings settings_;
  const Mapping mapping_;
  ports::HttpClient& http_;
  const base::Clock& clock_;
  ports::ExpenseCapabilities capabilities_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<ports::ExpenseSource>> MakeGeneric(const model::Source& source,
                                                                  ports::HttpClient& http,
                                                                  const base::Clock& clock) {
  Mapping mapping;
  const bool canonical = source.adapter == "canonical";
  if (!canonical || !source.mapping.empty()) {
    KONTOR_ASSIGN_OR_RETURN(mapping, ReadMapping(source.mapping));
  }
  return std::shared_ptr<ports::ExpenseSource>(
      std::make_shared<Generic>(source, std::move(mapping), http, clock));
}

}  // namespace kontor::expense
