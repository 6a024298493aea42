// SPDX-License-Identifier: Apache-2.0
#include "server/engine/payables.h"

#include <utility>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::engine {

absl::StatusOr<std::vector<ports::Payable>> ReadPayables(Core& core, const std::string& entity,
                                                         ports::PayableQuery query, size_t most) {
  KONTOR_ASSIGN_OR_RETURN(const auto found, core.config.FindEntity(entity));
  KONTOR_ASSIGN_OR_RETURN(const OpenConnection open,
                          core.connections.Admit(found.value.connection));
  std::vector<ports::Payable> all;
  while (true) {
    auto page = open.erp->ReadPayables(found.value.company_id, query, core.CallDeadline());
    if (!page.ok()) {
      if (page.status().code() == absl::StatusCode::kUnavailable) {
        core.connections.NoteFailure(found.value.connection, page.status());
      }
      return page.status();
    }
    for (ports::Payable& row : page->rows) all.push_back(std::move(row));
    if (all.size() > most) {
      return base::Error(base::Reason::kTooLarge)
          .Says(base::StrCat("more than ", most, " bills fit; narrow the filter"));
    }
    if (!page->more) return all;
    query.after_id = page->next_id;
  }
}

}  // namespace kontor::engine
