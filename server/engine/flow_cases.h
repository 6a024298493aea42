// SPDX-License-Identifier: Apache-2.0
// Cases about flows are like those of operations, but that no operation waits for them: a loop
// looks what was decided.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/base/ids.h"
#include "server/model/event.h"
#include "server/ports/store.h"

namespace kontor::engine {

/// What opening and closing cases takes beside a unit.
struct CaseDesk {
  const base::Clock& clock;
  base::IdSource& ids;
  absl::Duration deadline;  ///< From the opening of a case, above zero.
};

/// A case as it should stand.
struct FlowCase {
  std::string subject;  ///< Id of the flow.
  std::string entity;   ///< Empty: of no entity yet.
  std::string correlation_id;
  std::string owner_role;  ///< Empty: the one that the catalogue names for the first error.
  std::string barred;      ///< Principal id of who may not accept it; empty: nobody.
  bool technical = false;  ///< For operators to decide.
  std::vector<model::Finding> findings;
  std::vector<model::SuggestedAction> actions;
};

/// Opens the case, or brings the one of `exception_id` up to date as long as it is not resolved,
/// and sets `exception_id`. A decision that waits for its second person falls when the findings
/// change: it was about others. Runs in a unit; repeatable.
absl::Status PutFlowCase(const CaseDesk& desk, ports::Unit& unit, FlowCase flow_case,
                         std::string* exception_id);

/// Ends the case by kontord itself, if it is still open, and clears `exception_id`. Runs in a unit;
/// repeatable.
absl::Status CloseFlowCase(const CaseDesk& desk, ports::Unit& unit,
                           const std::string& correlation_id, std::string_view why,
                           std::string* exception_id);

/// What was decided; none while the case is open, or when `exception_id` is empty. RETRY for a case
/// that is gone or that kontord ended.
absl::StatusOr<std::optional<model::Resolution>> DecisionOf(ports::Store& store,
                                                            const std::string& exception_id);

}  // namespace kontor::engine
