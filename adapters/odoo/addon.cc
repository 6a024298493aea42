// SPDX-License-Identifier: Apache-2.0
// See addon.h. Changes out of Odoo are in addon_events.cc, snapshots in addon_snapshot.cc.
#include "adapters/odoo/addon.h"

#include <array>
#include <set>
#include <utility>

#include "adapters/odoo/addon_values.h"
#include "adapters/odoo/classify.h"
#include "adapters/odoo/mapping.h"
#include "adapters/odoo/resolve.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;
using base::StrCat;
using model::DocumentType;
using ports::ApplyRequest;
using ports::ApplyResult;
using ports::FoundResult;

RpcCall OperationCall(std::string_view method, Json params) {
  RpcCall call;
  call.model = "kontor.operation";
  call.method = std::string(method);
  call.params = std::move(params);
  return call;
}

std::string_view KindOf(DocumentType type) {
  switch (type) {
    case DocumentType::kPartner: return "partner";
    case DocumentType::kPayment: return "payment";
    case DocumentType::kExpenseClaim:  // never goes through the addon
    case DocumentType::kInvoice:
    case DocumentType::kJournalEntry: break;
  }
  return "move";
}

/// The class of a Python failure without the module that it may be shown with.
std::string ExceptionOf(const absl::Status& status) {
  const base::ErrorInfo info = base::InfoOf(status);
  const auto it = info.metadata.find("exception");
  if (it == info.metadata.end()) return {};
  const size_t dot = it->second.rfind('.');
  return dot == std::string::npos ? it->second : it->second.substr(dot + 1);
}

/// Empty when the failure says nothing about the addon.
std::string WhyMissing(const absl::Status& failure) {
  if (base::Is(failure, Reason::kOdooRightMissing)) {
    return "kontor's user is not in the group Kontor Bot of the addon kontor_connector";
  }
  if (base::OutcomeOf(failure) == Outcome::kRefused) {
    return "the addon kontor_connector is not installed";
  }
  const std::string exception = ExceptionOf(failure);
  if (exception == "AttributeError" || exception == "TypeError" || exception == "KeyError") {
    return "the addon kontor_connector is of a version that kontor does not know";
  }
  return {};
}

/// A whole call that was refused: the addon's own words, unless it is gone by now.
absl::Status RefusalOf(Work& work, const absl::Status& refusal) {
  if (WhyMissing(refusal).empty()) return refusal;
  KONTOR_ASSIGN_OR_RETURN(const AddonIdentity addon, AskAddon(work));
  if (addon.usable) return refusal;
  return Error(Reason::kAddonMissing).Says(addon.missing).Happened(Outcome::kNotApplied);
}

void PutMoney(Json& out, const char* key, const std::optional<model::Money>& money) {
  if (money) out[key] = money->ValueText();
}

void PutDate(Json& out, const char* key, const std::optional<model::Date>& date) {
  if (date) out[key] = date->ToString();
}

Json ItemOf(const ApplyRequest& request, Json values) {
  Json expect = Json::object();
  PutMoney(expect, "total", request.total);
  PutMoney(expect, "tax", request.tax);
  if (!request.currency_code.empty()) expect["currency"] = request.currency_code;
  PutDate(expect, "date", request.date);
  PutDate(expect, "due_date", request.due_date);
  Json item{{"key", request.draft.external_id},
            {"digest", request.digest},
            {"revision", request.revision},
            {"correlation_id", request.correlation_id},
            {"values", std::move(values)},
            {"expect", std::move(expect)}};
  if (request.tax && request.tax_correction_max) {
    item["tax_correction"] = {{"tax", request.tax->ValueText()},
                              {"difference_max", request.tax_correction_max->ValueText()}};
  }
  return item;
}

struct Batch {
  Json items = Json::array();
  std::vector<size_t> places;  ///< Index of each item among the requests.
};

/// What cannot be mapped is refused by itself and sent nowhere; the others go.
absl::StatusOr<Batch> BatchOf(Work& work, const model::Catalogue& catalogue,
                              std::span<const ApplyRequest> requests,
                              std::vector<ApplyResult>& results) {
  std::vector<ports::DraftRequest> drafts;
  std::set<std::string> keys;
  for (const ApplyRequest& request : requests) {
    drafts.push_back(request.draft);
    if (request.draft.document->type() != drafts.front().document->type() ||
        !keys.insert(request.draft.external_id).second) {
      return Error(Reason::kInternal)
          .Says("a batch has documents of one type, each once")
          .Happened(Outcome::kRefused);
    }
  }
  KONTOR_ASSIGN_OR_RETURN(const Lookups lookups, ReadLookups(work, catalogue, drafts));
  Batch batch;
  for (size_t i = 0; i < requests.size(); ++i) {
    const auto record = MapDocument(drafts[i], i, catalogue, work.dialect(), lookups);
    absl::StatusOr<Json> values = record.ok() ? ValuesOf(*record) : record.status();
    if (!values.ok()) {
      results[i].findings = {model::FindingOf(values.status())};
      continue;
    }
    batch.items.push_back(ItemOf(requests[i], *std::move(values)));
    batch.places.push_back(i);
  }
  return batch;
}

absl::Status Unreadable(std::string_view what, Outcome outcome) {
  return Error(Reason::kOdooAnswerUnreadable).Says(what).Happened(outcome);
}

/// Amounts are shown to people with their currency; the addon compares bare ones.
void NameCurrency(const std::string& currency_code, std::string& text) {
  if (base::Decimal::Parse(text).ok()) base::StrAppend(&text, " ", currency_code);
}

absl::StatusOr<ApplyResult> ResultOf(const Json& row, const ApplyRequest& request) {
  if (TextOf(row, "key") != request.draft.external_id) {
    return Unreadable("the addon answered for another document", Outcome::kUnknown);
  }
  const DocumentType type = request.draft.document->type();
  ApplyResult result;
  result.revision = static_cast<int>(IntOf(row, "revision"));
  result.repeated = BoolOf(row, "repeat");
  const std::string status = TextOf(row, "status");
  if (status == "applied") {
    result.status = ApplyResult::Status::kApplied;
    auto snapshot = SnapshotOfAddon(row.contains("record") ? row["record"] : Json());
    if (!snapshot.ok()) return WithOutcome(snapshot.status(), Outcome::kUnknown);
    result.snapshot = *std::move(snapshot);
    if (result.snapshot.record.id <= 0) {
      return Unreadable("the addon named no record", Outcome::kUnknown);
    }
    return result;
  }
  if (status == "refused") {
    result.status = ApplyResult::Status::kRefused;
    model::Finding finding = FindingOfAddon(row.contains("error") ? row["error"] : Json(), type);
    if (request.total || request.tax) {
      const model::Money& money = request.total ? *request.total : *request.tax;
      NameCurrency(money.currency().code(), finding.asked);
      NameCurrency(money.currency().code(), finding.got);
    }
    result.findings = {std::move(finding)};
    return result;
  }
  if (status == "conflict" || status == "stale" || status == "deferred") {
    result.status = status == "stale"      ? ApplyResult::Status::kStale
                    : status == "conflict" ? ApplyResult::Status::kConflict
                                           : ApplyResult::Status::kDeferred;
    return result;
  }
  return Unreadable("the addon answered a status that kontor does not know", Outcome::kUnknown);
}

/// A record that exists and that kontor's user may not see.
bool IsHidden(const Json& record) {
  if (!record.is_object() || record.empty()) return true;
  return record.contains("visible") && !BoolOf(record, "visible") && BoolOf(record, "exists");
}

struct ReasonPair {
  std::string_view addon;
  Reason ours;
};
constexpr std::array kReasons{
    ReasonPair{"ACCESS_DENIED", Reason::kOdooRightMissing},
    ReasonPair{"AMOUNT_DIFFERS", Reason::kTotalMismatch},
    ReasonPair{"TAX_DIFFERS", Reason::kTotalMismatch},
    ReasonPair{"DATE_MOVED", Reason::kBookedDifferently},
    ReasonPair{"CURRENCY_DIFFERS", Reason::kBookedDifferently},
    ReasonPair{"DUE_DATE_DIFFERS", Reason::kBookedDifferently},
    ReasonPair{"DIGITS_LOST", Reason::kPrecisionExceeded},
    ReasonPair{"VALUE_INVALID", Reason::kFieldInvalid},
    ReasonPair{"DELETED_IN_ODOO", Reason::kDeletedInOdoo},
    ReasonPair{"NOT_VISIBLE", Reason::kNotVisibleInOdoo},
    ReasonPair{"HASHED_DOCUMENT", Reason::kHashedDocument},
    ReasonPair{"INVOICE_NOT_POSTED", Reason::kInvoiceNotPosted},
    ReasonPair{"NOTHING_TO_PAY", Reason::kNothingToPay},
    ReasonPair{"PAYMENT_WITHOUT_ENTRY", Reason::kPaymentWithoutEntry},
};
/// By the last part of the document's field: whose record was not found.
constexpr std::array kMissing{
    ReasonPair{"partner", Reason::kPartnerUnknown},
    ReasonPair{"account_code", Reason::kAccountUnknown},
    ReasonPair{"journal_code", Reason::kJournalUnknown},
    ReasonPair{"tax_names", Reason::kTaxUnknown},
    ReasonPair{"product_code", Reason::kProductUnknown},
    ReasonPair{"payment_term", Reason::kPaymentTermUnknown},
    ReasonPair{"analytic", Reason::kAnalyticUnknown},
    ReasonPair{"partner_bank_account", Reason::kBankAccountUnknown},
};

Reason ReasonOf(std::string_view addon, std::string_view field) {
  if (addon == "RECORD_NOT_FOUND") {
    const size_t dot = field.rfind('.');
    const std::string_view last = dot == std::string_view::npos ? field : field.substr(dot + 1);
    for (const ReasonPair& pair : kMissing) {
      if (pair.addon == last) return pair.ours;
    }
    return Reason::kOdooRefused;
  }
  for (const ReasonPair& pair : kReasons) {
    if (pair.addon == addon) return pair.ours;
  }
  return Reason::kOdooRefused;
}

}  // namespace

absl::StatusOr<AddonIdentity> AskAddon(Work& work) {
  RpcCall call;
  call.model = "kontor.connector";
  call.method = "identify";
  const absl::StatusOr<Json> answer = work.Read(std::move(call));
  AddonIdentity addon;
  if (!answer.ok()) {
    addon.missing = WhyMissing(answer.status());
    if (addon.missing.empty()) return answer.status();
    return addon;
  }
  addon.version = TextOf(*answer, "addon_version");
  addon.database_uuid = TextOf(*answer, "database_uuid");
  addon.neutralised = BoolOf(*answer, "neutralised");
  addon.event_sequence = IntOf(*answer, "event_sequence");
  const int64_t protocol = IntOf(*answer, "protocol");
  addon.usable = protocol == kAddonProtocol && !addon.database_uuid.empty();
  if (protocol != kAddonProtocol) {
    addon.missing = StrCat("the addon kontor_connector speaks protocol ", protocol,
                           ", kontord speaks ", kAddonProtocol);
  } else if (!addon.usable) {
    addon.missing = "the addon kontor_connector does not say which database this is";
  }
  return addon;
}

absl::StatusOr<std::vector<ApplyResult>> ApplyDocuments(Work& work,
                                                        const model::Catalogue& catalogue,
                                                        std::span<const ApplyRequest> requests,
                                                        bool post) {
  std::vector<ApplyResult> results(requests.size());
  if (requests.empty()) return results;
  KONTOR_ASSIGN_OR_RETURN(Batch batch, BatchOf(work, catalogue, requests, results));
  if (batch.places.empty()) return results;
  const absl::StatusOr<Json> answer = work.Change(OperationCall(
      "apply", {{"company_id", work.company_id()},
                {"kind", KindOf(requests.front().draft.document->type())},
                {"items", std::move(batch.items)},
                {"post", post}}));
  if (!answer.ok()) return RefusalOf(work, answer.status());
  if (!answer->is_array() || answer->size() != batch.places.size()) {
    return Unreadable("the addon answered another number of results than were asked",
                      Outcome::kUnknown);
  }
  for (size_t k = 0; k < batch.places.size(); ++k) {
    const size_t place = batch.places[k];
    KONTOR_ASSIGN_OR_RETURN(results[place], ResultOf((*answer)[k], requests[place]));
  }
  return results;
}

absl::StatusOr<std::vector<FoundResult>> FindApplied(Work& work,
                                                     std::span<const std::string> external_ids) {
  std::vector<FoundResult> results;
  if (external_ids.empty()) return results;
  const absl::StatusOr<Json> answer = work.Read(OperationCall(
      "find", {{"keys", std::vector<std::string>(external_ids.begin(), external_ids.end())}}));
  if (!answer.ok()) return RefusalOf(work, answer.status());
  if (!answer->is_array() || answer->size() != external_ids.size()) {
    return Unreadable("the addon found another number of keys than were asked",
                      Outcome::kNotApplied);
  }
  for (size_t i = 0; i < external_ids.size(); ++i) {
    const Json& row = (*answer)[i];
    if (TextOf(row, "key") != external_ids[i]) {
      return Unreadable("the addon answered for another key", Outcome::kNotApplied);
    }
    FoundResult result;
    if (TextOf(row, "state") == "applied") {
      const Json record = row.contains("record") ? row["record"] : Json();
      result.kind = IsHidden(record) ? FoundResult::Kind::kNotVisible
                                     : FoundResult::Kind::kApplied;
      if (result.kind == FoundResult::Kind::kApplied) {
        auto snapshot = SnapshotOfAddon(record);
        if (!snapshot.ok()) return WithOutcome(snapshot.status(), Outcome::kNotApplied);
        result.snapshot = *std::move(snapshot);
      }
    }
    results.push_back(std::move(result));
  }
  return results;
}

model::Finding FindingOfAddon(const Json& error, DocumentType type) {
  const std::string addon_reason = TextOf(error, "reason");
  const std::string path = TextOf(error, "field");
  const std::string field = FieldOfPath(type, path);
  model::Finding finding = model::MakeFinding(
      ReasonOf(addon_reason, field), field, Presentable(TextOf(error, "message")),
      Presentable(TextOf(error, "asked")), Presentable(TextOf(error, "got")));
  if (finding.message.empty()) finding.message = "Odoo refused the document and gave no words";
  if (finding.field.empty() && !path.empty()) {
    base::StrAppend(&finding.message, " (field ", Presentable(path), " in Odoo)");
  }
  return finding;
}

}  // namespace kontor::odoo
