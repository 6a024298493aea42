// SPDX-License-Identifier: Apache-2.0
// validate_only: everything up to the send, against Odoo's master data too, and nothing written.
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/accept.h"
#include "server/engine/check.h"
#include "server/engine/documents.h"
#include "server/model/validate.h"

namespace kontor::engine {
namespace {

using base::Error;
using base::Reason;

/// Looks whether another operation holds the key, in a unit that is undone.
absl::Status LookForDuplicate(Core& core, const Item& item, const std::string& key,
                              std::vector<model::Finding>& findings) {
  std::optional<model::Finding> found;
  constexpr std::string_view kUndo = "nothing is written";
  const absl::Status undone = core.store().Commit([&](ports::Unit& unit) -> absl::Status {
    found.reset();
    KONTOR_ASSIGN_OR_RETURN(const std::string holder,
                            unit.ReserveDuplicateKey(item.operation.entity, key,
                                                     item.operation.id));
    if (holder != item.operation.id) {
      KONTOR_ASSIGN_OR_RETURN(found, DuplicateFinding(unit, item, holder));
    }
    return absl::CancelledError(base::Absl(kUndo));
  });
  if (undone.code() != absl::StatusCode::kCancelled) return undone;
  if (found.has_value()) findings.push_back(*std::move(found));
  return absl::OkStatus();
}

/// The item that an accepted document would be, without ids of its own.
Item ProspectiveItem(const Entity& entity, const ports::Actor& actor, model::Document document) {
  Item item;
  item.operation.id = "opn_prospective";
  item.operation.entity = entity.name;
  item.operation.connection = entity.connection;
  item.operation.source = actor.source;
  item.operation.document_type = document.type();
  item.operation.steps =
      model::PlanSteps(document, model::Verb::kCreate, model::Posting::kPost);
  DescribeRow(document, entity, item.row);
  item.row.source = actor.source;
  item.document = std::move(document);
  return item;
}

}  // namespace

absl::StatusOr<AcceptResult> Validate(Core& core, const ports::Actor& actor,
                                      AcceptRequest request) {
  KONTOR_ASSIGN_OR_RETURN(const auto config, core.config.Get());
  if (!actor.MaySee(request.document.entity)) {
    return Error(Reason::kEntityDenied)
        .Field("entity")
        .With("entity", request.document.entity)
        .Says("no access to the entity");
  }
  KONTOR_ASSIGN_OR_RETURN(const auto entity, EntityIn(*config, request.document.entity));
  if (request.verb == model::Verb::kCancel || request.verb == model::Verb::kReverse) {
    return Error(Reason::kFieldInvalid)
        .Field("validate_only")
        .Says("only new documents can be validated");
  }
  DigestAttachments(request.document, core.deps.crypto);
  AcceptResult result;
  result.findings = model::ValidateDocument(request.document);
  Item item = ProspectiveItem(entity.value, actor, std::move(request.document));
  result.operation = item.operation;
  result.operation.id.clear();
  result.operation.posting =
      request.posting.value_or(PolicyFor(*config, entity.value, actor.source, item.document));
  result.document = item.row;
  // Shapes that are wrong cannot be looked up in Odoo: their findings come first, alone.
  if (model::HasErrors(result.findings)) return result;
  KONTOR_ASSIGN_OR_RETURN(const OpenConnection open,
                          core.connections.Admit(entity.value.connection));
  const auto catalogue = core.connections.CatalogueOf(entity.value, false);
  if (catalogue.ok()) item.operation.lane = LaneOf(item.document, entity.value, catalogue->get());
  result.operation.lane = item.operation.lane;
  std::vector<Verdict> verdicts;
  KONTOR_RETURN_IF_ERROR(CheckItems(core, open, entity.value, std::span(&item, 1), verdicts));
  result.findings.insert(result.findings.end(), item.warnings.begin(), item.warnings.end());
  result.findings.insert(result.findings.end(), verdicts.front().findings.begin(),
                         verdicts.front().findings.end());
  if (const std::string key = DuplicateKeyFor(item); !key.empty()) {
    KONTOR_RETURN_IF_ERROR(LookForDuplicate(core, item, key, result.findings));
  }
  return result;
}

}  // namespace kontor::engine
