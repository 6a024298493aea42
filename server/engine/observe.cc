// SPDX-License-Identifier: Apache-2.0
#include "server/engine/observe.h"

#include <algorithm>

#include "server/base/ids.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/apply.h"
#include "server/engine/codec.h"
#include "server/engine/compare.h"
#include "server/engine/transitions.h"
#include "server/model/canon.h"

namespace kontor::engine {
namespace {

using base::StrCat;
using model::DocumentType;
using ports::ErpSnapshot;

constexpr std::string_view kPaid = "paid";
constexpr std::string_view kPaymentStateChanged = "payment_state_changed";
constexpr std::string_view kChangedInOdoo = "changed_in_odoo";
constexpr std::string_view kDeletedInOdoo = "deleted_in_odoo";

bool HasPaymentState(std::string_view noun) {
  return noun == "invoice" || noun == "bill" || noun == "credit_note";
}

/// What kind of document a record of people's own is; empty when its changes are not published.
std::string_view NounOfForeign(const ErpSnapshot& snapshot) {
  if (snapshot.move_type == "out_invoice") return "invoice";
  if (snapshot.move_type == "in_invoice") return "bill";
  if (snapshot.move_type == "out_refund" || snapshot.move_type == "in_refund") return "credit_note";
  if (snapshot.record.model == "account.payment") return "payment";
  return "";
}

bool IsWanted(const Entity& entity, const ErpSnapshot& snapshot) {
  if (entity.live_from && snapshot.date && *snapshot.date < *entity.live_from) return false;
  return entity.journals.empty() ||
         std::find(entity.journals.begin(), entity.journals.end(), snapshot.journal_code) !=
             entity.journals.end();
}

/// Another reading was taken in while this one was under way: which is newer cannot be told.
bool IsOvertaken(const ports::ObservedRow& seen, const Observation& observation) {
  return seen.version != observation.version_before;
}

/// The newer reading wins: by the version before it, and by Odoo's own clock.
bool IsStale(const ports::ObservedRow& seen, const Observation& observation) {
  if (IsOvertaken(seen, observation)) return true;
  const std::string& fresh = observation.snapshot.write_date;
  return !fresh.empty() && !seen.write_date.empty() && fresh < seen.write_date;
}

absl::Status Append(Core& core, ports::Unit& unit, const Entity& entity, std::string type,
                    const std::string& subject, std::string correlation_id, std::string data) {
  model::Event event;
  event.id = core.NewId(base::kEventPrefix);
  event.type = std::move(type);
  event.time = core.Now();
  event.entity = entity.name;
  event.subject = subject;
  event.correlation_id = std::move(correlation_id);
  event.data = std::move(data);
  return unit.AppendEvent(std::move(event));
}

absl::Status Keep(Core& core, ports::Unit& unit, ports::ObservedRow seen,
                  const ErpSnapshot& snapshot) {
  seen.snapshot = ToJson(snapshot, core.Now());
  seen.digest = DigestOf(core, snapshot);
  if (!snapshot.write_date.empty()) seen.write_date = snapshot.write_date;
  return unit.PutObserved(seen);
}

/// A record that kontor saw and that is gone: a case for a person, made once.
absl::Status OpenDeleted(Core& core, ports::Unit& unit, const ports::DocumentRow& row) {
  const model::Finding finding =
      model::MakeFinding(base::Reason::kDeletedInOdoo, "",
                         StrCat("The record ", row.record.model, " ", row.record.id, " ",
                                row.record.name, " stood in Odoo and is gone"),
                         row.record.name, "");
  return OpenCase(core, unit, row.entity, row.id, finding).status();
}

/// Whether an operation on the document has begun and not ended: what is seen meanwhile is its
/// doing, half done, and its own reading back says what there is to say.
absl::StatusOr<bool> IsAtWork(ports::Unit& unit, const ports::DocumentRow& row) {
  constexpr int kOperationsMax = 20;
  ports::OperationFilter filter;
  filter.document_id = row.id;
  filter.states = {model::OperationState::kReady, model::OperationState::kSending,
                   model::OperationState::kRetrying, model::OperationState::kUnknown};
  KONTOR_ASSIGN_OR_RETURN(const auto listed,
                          unit.ListOperations(filter, {.limit = kOperationsMax, .after = ""}));
  return std::any_of(listed.rows.begin(), listed.rows.end(), [](const model::Operation& operation) {
    return std::any_of(operation.steps.begin(), operation.steps.end(),
                       [](const model::Step& step) { return step.attempts > 0; });
  });
}

absl::Status ObserveOwn(Core& core, ports::Unit& unit, const Entity& entity,
                        ports::DocumentRow row, const Observation& observation,
                        LeftRecords& left) {
  KONTOR_ASSIGN_OR_RETURN(const auto operation, unit.FindOperation(row.operation_id));
  KONTOR_ASSIGN_OR_RETURN(const bool at_work, IsAtWork(unit, row));
  if (!operation.has_value() || !model::IsTerminal(operation->state) || at_work) {
    left.push_back(observation.snapshot.record);
    return absl::OkStatus();
  }
  KONTOR_ASSIGN_OR_RETURN(auto seen, unit.FindObserved(row.id));
  if (!seen.has_value()) {
    seen.emplace();
    seen->subject = row.id;
    return Keep(core, unit, *std::move(seen), observation.snapshot);
  }
  if (IsOvertaken(*seen, observation)) left.push_back(observation.snapshot.record);
  if (IsStale(*seen, observation)) return absl::OkStatus();
  const bool is_new = seen->digest != DigestOf(core, observation.snapshot);
  if (!is_new) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(ErpSnapshot before, SnapshotFromJson(seen->snapshot));
  ErpSnapshot after = observation.snapshot;
  if (!after.exists) {
    after = before;
    after.exists = false;
  }
  KONTOR_RETURN_IF_ERROR(Keep(core, unit, *std::move(seen), after));
  row.booked = ToJson(after, core.Now());
  if (after.exists && after.date) row.date = after.date;
  if (!after.record.name.empty()) row.record.name = after.record.name;
  KONTOR_RETURN_IF_ERROR(unit.PutDocument(row));
  KONTOR_ASSIGN_OR_RETURN(const model::Document document, model::FromCanonicalJson(row.content));
  const std::string_view noun = model::EventNounOf(document.content);
  for (const std::string& change : ChangesBetween(before, after)) {
    if ((change == kPaid || change == kPaymentStateChanged) && !HasPaymentState(noun)) continue;
    if (noun == "partner" && change != kDeletedInOdoo) continue;
    KONTOR_RETURN_IF_ERROR(Append(core, unit, entity, StrCat(noun, ".", change), row.id,
                                  operation->correlation_id,
                                  EventData(row, document, &*operation, row.booked, nullptr)));
  }
  return after.exists ? absl::OkStatus() : OpenDeleted(core, unit, row);
}

absl::Status ObserveForeign(Core& core, ports::Unit& unit, const Entity& entity,
                            const Observation& observation, LeftRecords& left) {
  const ErpSnapshot& snapshot = observation.snapshot;
  const std::string_view noun = NounOfForeign(snapshot);
  if (noun.empty() || !IsWanted(entity, snapshot)) return absl::OkStatus();
  const std::string subject = ForeignSubject(entity.connection, snapshot.record);
  KONTOR_ASSIGN_OR_RETURN(auto seen, unit.FindObserved(subject));
  const bool first = !seen.has_value();
  // A person's draft is work in progress; it is told once it is posted.
  if (first && snapshot.state == "draft") return absl::OkStatus();
  if (!first && IsOvertaken(*seen, observation)) left.push_back(snapshot.record);
  if (!first && (IsStale(*seen, observation) || seen->digest == DigestOf(core, snapshot))) {
    return absl::OkStatus();
  }
  std::vector<std::string> changes;
  if (first) {
    seen.emplace();
    seen->subject = subject;
    if (IsPostedState(snapshot)) {
      changes.emplace_back("posted");
      if (snapshot.payment_state == kPaid) changes.emplace_back(kPaid);
    }
  } else {
    KONTOR_ASSIGN_OR_RETURN(const ErpSnapshot before, SnapshotFromJson(seen->snapshot));
    changes = ChangesBetween(before, snapshot);
  }
  KONTOR_RETURN_IF_ERROR(Keep(core, unit, *std::move(seen), snapshot));
  for (const std::string& change : changes) {
    if ((change == kPaid || change == kPaymentStateChanged) && !HasPaymentState(noun)) continue;
    KONTOR_RETURN_IF_ERROR(Append(core, unit, entity, StrCat(noun, ".", change), subject, {},
                                  ForeignEventData(entity, snapshot, core.Now())));
  }
  return absl::OkStatus();
}

}  // namespace

std::string ForeignSubject(const std::string& connection, const model::ErpRecord& record) {
  return StrCat("odoo:", connection, "/", record.model, "/", record.id);
}

std::vector<std::string> ChangesBetween(const ErpSnapshot& before, const ErpSnapshot& after) {
  std::vector<std::string> changes;
  if (before.exists && !after.exists) return {std::string(kDeletedInOdoo)};
  if (before.payment_state != after.payment_state) {
    changes.emplace_back(kPaymentStateChanged);
    if (after.payment_state == kPaid) changes.emplace_back(kPaid);
  } else if (before.residual != after.residual) {
    changes.emplace_back(kPaymentStateChanged);  // another part was paid
  }
  ErpSnapshot same = after;
  same.payment_state = before.payment_state;
  same.residual = before.residual;
  if (ComparableOf(before) != ComparableOf(same)) changes.emplace_back(kChangedInOdoo);
  return changes;
}

absl::Status Observe(Core& core, const Entity& entity, std::span<const Observation> observations,
                     LeftRecords* left) {
  LeftRecords ignored;
  LeftRecords& out = left != nullptr ? *left : ignored;
  out.clear();
  if (observations.empty()) return absl::OkStatus();
  core.Failpoint(failpoints::kObserveBeforeCommit);
  return core.store().Commit([&](ports::Unit& unit) -> absl::Status {
    out.clear();
    for (const Observation& observation : observations) {
      KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindDocumentByRecord(entity.connection,
                                                                  observation.snapshot.record));
      if (row.has_value()) {
        KONTOR_RETURN_IF_ERROR(ObserveOwn(core, unit, entity, *std::move(row), observation, out));
      } else if (observation.snapshot.exists &&
                 !observation.snapshot.external_id.starts_with("k1_")) {
        KONTOR_RETURN_IF_ERROR(ObserveForeign(core, unit, entity, observation, out));
      }
    }
    return absl::OkStatus();
  });
}

absl::Status ReadAndObserve(Core& core, ports::Erp& erp, const Entity& entity,
                            std::span<const model::ErpRecord> records, LeftRecords* left) {
  std::vector<Observation> observations(records.size());
  KONTOR_RETURN_IF_ERROR(core.store().Read([&](ports::ReadView& view) -> absl::Status {
    for (size_t i = 0; i < records.size(); ++i) {
      KONTOR_ASSIGN_OR_RETURN(const auto row,
                              view.FindDocumentByRecord(entity.connection, records[i]));
      const std::string subject =
          row.has_value() ? row->id : ForeignSubject(entity.connection, records[i]);
      KONTOR_ASSIGN_OR_RETURN(const auto seen, view.FindObserved(subject));
      observations[i].version_before = seen.has_value() ? seen->version : 0;
    }
    return absl::OkStatus();
  }));
  KONTOR_ASSIGN_OR_RETURN(auto read, erp.Read(entity.company_id, records, core.CallDeadline()));
  if (read.size() != records.size()) {
    return base::Error(base::Reason::kOdooAnswerUnreadable)
        .Says("another number of readings was answered");
  }
  for (size_t i = 0; i < read.size(); ++i) {
    observations[i].snapshot = std::move(read[i]);
    // A missing record answers without its identity; it is still the one that was asked for.
    if (!observations[i].snapshot.exists) observations[i].snapshot.record = records[i];
  }
  return Observe(core, entity, observations, left);
}

absl::Status ObserveChanges(Core& core, ports::Erp& erp, const Entity& entity,
                            std::span<const ErpSnapshot> changes, LeftRecords* left) {
  std::vector<model::ErpRecord> news;
  KONTOR_RETURN_IF_ERROR(core.store().Read([&](ports::ReadView& view) -> absl::Status {
    news.clear();
    for (const ErpSnapshot& change : changes) {
      KONTOR_ASSIGN_OR_RETURN(const auto row,
                              view.FindDocumentByRecord(entity.connection, change.record));
      const std::string subject =
          row.has_value() ? row->id : ForeignSubject(entity.connection, change.record);
      // A document of kontor's own that another entity has, or another connection.
      const bool is_ours = change.external_id.starts_with("k1_");
      const bool published =
          !is_ours && !NounOfForeign(change).empty() && IsWanted(entity, change);
      if (!row.has_value() && !published) continue;
      KONTOR_ASSIGN_OR_RETURN(const auto seen, view.FindObserved(subject));
      if (seen.has_value() ? seen->digest != DigestOf(core, change) : change.state != "draft") {
        news.push_back(change.record);
      }
    }
    return absl::OkStatus();
  }));
  if (left != nullptr) left->clear();
  if (news.empty()) return absl::OkStatus();
  return ReadAndObserve(core, erp, entity, news, left);
}

absl::StatusOr<ports::DocumentRow> Refresh(Core& core, const std::string& document_id) {
  const auto find = [&]() -> absl::StatusOr<ports::DocumentRow> {
    std::optional<ports::DocumentRow> row;
    KONTOR_RETURN_IF_ERROR(core.store().Read([&](ports::ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(row, view.FindDocument(document_id));
      return absl::OkStatus();
    }));
    if (row.has_value()) return *std::move(row);
    return base::Error(base::Reason::kNotFound)
        .Field("id")
        .With("document", document_id)
        .Says("there is no such document");
  };
  KONTOR_ASSIGN_OR_RETURN(const ports::DocumentRow row, find());
  if (row.record.id == 0) return row;
  KONTOR_ASSIGN_OR_RETURN(const auto entity, core.config.FindEntity(row.entity));
  KONTOR_ASSIGN_OR_RETURN(const OpenConnection open, core.connections.Admit(row.connection));
  const model::ErpRecord records[] = {row.record};
  KONTOR_RETURN_IF_ERROR(ReadAndObserve(core, *open.erp, entity.value, records));
  return find();
}

}  // namespace kontor::engine
