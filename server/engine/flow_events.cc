// SPDX-License-Identifier: Apache-2.0
#include "server/engine/flow_events.h"

#include <utility>

#include "server/engine/flow_json.h"

namespace kontor::engine {

absl::Status AppendFlowEvent(const CaseDesk& desk, ports::Unit& unit, FlowEvent head,
                             const nlohmann::json& data) {
  model::Event event;
  event.id = desk.ids.Next(base::kEventPrefix);
  event.type = std::move(head.type);
  event.time = desk.clock.Now();
  event.entity = std::move(head.entity);
  event.subject = std::move(head.subject);
  event.correlation_id = std::move(head.correlation_id);
  event.data = DumpLine(data);
  return unit.AppendEvent(std::move(event));
}

}  // namespace kontor::engine
