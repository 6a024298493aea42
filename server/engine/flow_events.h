// SPDX-License-Identifier: Apache-2.0
// Events of loops over flows.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "server/engine/flow_cases.h"
#include "server/ports/store.h"

namespace kontor::engine {

/// What an event says beside its data.
struct FlowEvent {
  std::string type;
  std::string entity;   ///< Empty: of no entity yet.
  std::string subject;  ///< Id of what it is about.
  std::string correlation_id;
};

/// Appends the event as of now. Runs in a unit.
absl::Status AppendFlowEvent(const CaseDesk& desk, ports::Unit& unit, FlowEvent head,
                             const nlohmann::json& data);

}  // namespace kontor::engine
