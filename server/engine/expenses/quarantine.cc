// SPDX-License-Identifier: Apache-2.0
// Messages that wait for a person are one open case a source: nobody looks into a list by
// themselves, and a full quarantine turns the next message away.
#include "server/engine/expenses/internal/loop.h"
#include "server/model/inbound.h"

namespace kontor::expenses {
namespace {

using base::StrCat;

/// What stands in the cursor: the case, and the newest message that it tells of.
struct Told {
  std::string exception_id;
  std::string message_id;
};

Told ReadTold(const std::optional<std::string>& cursor) {
  const std::string text = cursor.value_or("");
  const size_t space = text.find(' ');
  if (space == std::string::npos) return {};
  return {text.substr(0, space), text.substr(space + 1)};
}

std::string Write(const Told& told) { return StrCat(told.exception_id, " ", told.message_id); }

/// Without the message's id: the case is about the source, and stays as it is while more come.
model::Finding FindingOf(const model::Source& source, const ports::FlowRow& newest) {
  const auto body = model::InboundBodyFrom(newest.body);
  model::Finding finding = model::MakeFinding(base::Reason::kMessageUnreadable, "source", "");
  if (body.ok() && body->finding) finding = *body->finding;
  finding.field = "source";
  finding.message = StrCat("Messages of the source ", source.name,
                           " wait in quarantine, the last one because: ", finding.message);
  return finding;
}

engine::FlowCase CaseOf(const model::Source& source, const ports::FlowRow& newest) {
  engine::FlowCase flow_case;
  flow_case.subject = source.id;
  flow_case.entity = source.entity;
  flow_case.owner_role = "operator";
  flow_case.technical = true;
  flow_case.findings = {FindingOf(source, newest)};
  flow_case.actions = {{model::Resolution::kRetry,
                        "Closes the case; it ends by itself when every message is released or "
                        "discarded, and the next one that is quarantined opens another.",
                        false}};
  return flow_case;
}

}  // namespace

absl::Status LookAtQuarantine(Loop& loop, const model::Source& source) {
  const std::string cursor = StrCat("inbound_quarantine/", source.id);
  Told told;
  std::optional<ports::FlowRow> newest;
  ports::FlowFilter filter;
  filter.kind = model::kInboundKind;
  filter.group = source.name;
  filter.states = {model::kInboundQuarantined};
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    newest.reset();
    KONTOR_ASSIGN_OR_RETURN(const auto noted, view.FindCursor(cursor));
    told = ReadTold(noted);
    KONTOR_ASSIGN_OR_RETURN(auto listed, view.ListFlows(filter, {1, ""}));
    if (!listed.rows.empty()) newest = std::move(listed.rows.front());
    return absl::OkStatus();
  }));
  const bool known = newest ? newest->id == told.message_id : told.message_id.empty();
  if (known) return absl::OkStatus();
  return loop.Commit([&](ports::Unit& unit) -> absl::Status {
    Told now = told;
    now.message_id = newest ? newest->id : "";
    if (newest) {
      KONTOR_RETURN_IF_ERROR(engine::PutFlowCase(loop.Desk(), unit, CaseOf(source, *newest),
                                                 &now.exception_id));
    } else {
      KONTOR_RETURN_IF_ERROR(engine::CloseFlowCase(
          loop.Desk(), unit, "", "no message waits any more", &now.exception_id));
    }
    return unit.PutCursor(cursor, Write(now));
  });
}

}  // namespace kontor::expenses
