// SPDX-License-Identifier: Apache-2.0
#include "server/engine/lookup.h"

#include "server/base/status.h"

namespace kontor::engine {
namespace {

using base::Reason;
using ports::FoundResult;
using ports::ProbeResult;

Looked LookedOf(const FoundResult& found) {
  Looked looked;
  switch (found.kind) {
    case FoundResult::Kind::kAbsent: break;
    case FoundResult::Kind::kNotVisible:
      looked.probe.kind = ProbeResult::Kind::kNotVisible;
      break;
    case FoundResult::Kind::kApplied:
      looked.gone = !found.snapshot.exists;
      if (looked.gone) break;
      looked.probe.kind = ProbeResult::Kind::kPresent;
      looked.probe.record = found.snapshot.record;
      looked.snapshot = found.snapshot;
      break;
  }
  return looked;
}

absl::Status OtherNumber() {
  return base::Error(Reason::kOdooAnswerUnreadable)
      .Says("another number of external ids was answered");
}

absl::Status AskAddon(Core& core, ports::Erp& erp, const Entity& entity,
                      const std::vector<std::string>& ids, std::vector<Looked>& out) {
  KONTOR_ASSIGN_OR_RETURN(const auto found,
                          erp.Find(entity.company_id, ids, core.CallDeadline()));
  if (found.size() != ids.size()) return OtherNumber();
  for (const FoundResult& one : found) out.push_back(LookedOf(one));
  return absl::OkStatus();
}

absl::Status AskOdoo(Core& core, ports::Erp& erp, const std::vector<std::string>& ids,
                     std::vector<Looked>& out) {
  KONTOR_ASSIGN_OR_RETURN(const auto probed, erp.Probe(ids, core.CallDeadline()));
  if (probed.size() != ids.size()) return OtherNumber();
  for (const ProbeResult& one : probed) out.push_back({one, std::nullopt, false});
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Looked>> LookUp(Core& core, ports::Erp& erp, const Entity& entity,
                                           std::span<Item* const> items) {
  std::vector<Looked> all(items.size());
  for (const bool by_addon : {true, false}) {
    std::vector<size_t> places;
    std::vector<std::string> ids;
    for (size_t i = 0; i < items.size(); ++i) {
      if ((items[i]->operation.path == model::Path::kAddon) != by_addon) continue;
      places.push_back(i);
      ids.push_back(items[i]->operation.external_id);
    }
    if (ids.empty()) continue;
    std::vector<Looked> looked;
    absl::Status status = by_addon ? AskAddon(core, erp, entity, ids, looked)
                                   : AskOdoo(core, erp, ids, looked);
    if (by_addon && base::Is(status, Reason::kAddonMissing)) {
      core.connections.Recheck(entity.connection);
      status = AskOdoo(core, erp, ids, looked);
    }
    KONTOR_RETURN_IF_ERROR(status);
    for (size_t k = 0; k < places.size(); ++k) all[places[k]] = std::move(looked[k]);
  }
  return all;
}

}  // namespace kontor::engine
