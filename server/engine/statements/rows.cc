// SPDX-License-Identifier: Apache-2.0
// Rows and bodies of files and statements, written and read together.
#include "server/engine/statements/internal/loop.h"

namespace kontor::statements {
namespace {

template <typename AnyFlow>
absl::Status Put(Loop& loop, ports::Unit& unit, AnyFlow& flow, std::string_view state, bool open) {
  flow.row.state = std::string(state);
  flow.row.open = open;
  if (!open) flow.row.due = absl::InfiniteFuture();
  flow.row.updated = loop.Now();
  flow.row.body = ToJson(flow.body);
  return unit.PutFlow(flow.row);
}

template <typename AnyFlow, typename AnyState>
absl::Status Save(Loop& loop, AnyFlow& flow, AnyState state) {
  AnyFlow written;
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    written = flow;
    return WriteFlow(loop, unit, written, state);
  }));
  flow = std::move(written);
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteFlow(Loop& loop, ports::Unit& unit, Flow& flow, State state) {
  return Put(loop, unit, flow, NameOf(state), !IsTerminal(state));
}

absl::Status WriteFlow(Loop& loop, ports::Unit& unit, FileFlow& flow, FileState state) {
  const bool open = state == FileState::kReceived || state == FileState::kFailed;
  return Put(loop, unit, flow, NameOf(state), open);
}

absl::Status SaveFlow(Loop& loop, Flow& flow, State state) { return Save(loop, flow, state); }
absl::Status SaveFlow(Loop& loop, FileFlow& flow, FileState state) {
  return Save(loop, flow, state);
}

absl::StatusOr<Flow> LoadFlow(Loop& loop, const std::string& id) {
  std::optional<ports::FlowRow> row;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(row, view.FindFlow(id));
    return absl::OkStatus();
  }));
  if (!row || row->kind != kStatementKind) {
    return base::Error(base::Reason::kNotFound).Says("there is no such statement");
  }
  return FlowOf(*std::move(row));
}

}  // namespace kontor::statements
