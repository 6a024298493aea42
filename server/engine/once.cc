// SPDX-License-Identifier: Apache-2.0
// The answer lies where a document's id lies in the requests of documents.
#include "server/engine/once.h"

#include <nlohmann/json.hpp>

#include "server/base/status.h"
#include "server/engine/flow_json.h"

namespace kontor::engine {
namespace {

using base::Error;
using base::Reason;

constexpr char kField[] = "request_id";

}  // namespace

absl::StatusOr<std::optional<std::string>> AnswerToRepeat(ports::ReadView& view,
                                                          const ports::Actor& actor,
                                                          const RequestKey& key) {
  if (key.request_id.empty()) return std::nullopt;
  KONTOR_ASSIGN_OR_RETURN(const auto known, view.FindRequest(actor.source, key.request_id));
  if (!known.has_value()) return std::nullopt;
  if (known->digest == key.digest) return known->document_id;
  return Error(Reason::kRequestIdReused)
      .Field(kField)
      .With("fields", "request")
      .Says("this request_id was used for another request");
}

absl::Status KeepRequest(ports::Unit& unit, const ports::Actor& actor, const RequestKey& key,
                         const std::string& answer) {
  if (key.request_id.empty()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(const auto known, AnswerToRepeat(unit, actor, key));
  if (known.has_value()) {
    return Error(Reason::kVersionConflict).Field(kField).Says("the request is carried out already");
  }
  ports::RequestRow row;
  row.source = actor.source;
  row.request_id = key.request_id;
  row.digest = key.digest;
  row.document_id = answer;
  return unit.InsertRequest(row);
}

std::string ToText(const Agreement& progress) {
  return DumpLine({{"done", progress.done}, {"approvers", progress.approvers}});
}

Agreement AgreementFrom(const std::string& text) {
  const auto body = nlohmann::json::parse(text, nullptr, false);
  Agreement progress;
  if (!body.is_object()) return progress;
  progress.done = body.value("done", false);
  progress.approvers = body.value("approvers", std::vector<std::string>());
  return progress;
}

bool WasCarriedOutMeanwhile(const absl::Status& status) {
  return base::Is(status, Reason::kVersionConflict) && base::InfoOf(status).field == kField;
}

}  // namespace kontor::engine
