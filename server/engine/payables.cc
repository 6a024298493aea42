// SPDX-License-Identifier: Apache-2.0
#include "server/engine/payables.h"

#include <algorithm>
#include <span>
#include <type_traits>
#include <utility>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::engine {
namespace {

/// Runs `call` on the entity's ERP; a connection that does not answer rests for a while.
template <typename Call>
auto OnErp(Core& core, const std::string& entity, const Call& call)
    -> decltype(call(std::declval<ports::Erp&>(), int64_t{})) {
  KONTOR_ASSIGN_OR_RETURN(const auto found, core.config.FindEntity(entity));
  KONTOR_ASSIGN_OR_RETURN(const OpenConnection open,
                          core.connections.Admit(found.value.connection));
  auto answer = call(*open.erp, found.value.company_id);
  absl::Status status;
  if constexpr (std::is_same_v<decltype(answer), absl::Status>) {
    status = answer;
  } else {
    status = answer.status();
  }
  if (status.code() == absl::StatusCode::kUnavailable) {
    core.connections.NoteFailure(found.value.connection, status);
  }
  return answer;
}

}  // namespace

absl::StatusOr<std::vector<ports::Payable>> ReadPayables(Core& core, const std::string& entity,
                                                         ports::PayableQuery query, size_t most) {
  std::vector<ports::Payable> all;
  while (true) {
    auto page = OnErp(core, entity, [&](ports::Erp& erp, int64_t company_id) {
      return erp.ReadPayables(company_id, query, core.CallDeadline());
    });
    KONTOR_RETURN_IF_ERROR(page.status());
    for (ports::Payable& row : page->rows) all.push_back(std::move(row));
    if (all.size() > most) {
      return base::Error(base::Reason::kTooLarge)
          .Says(base::StrCat("more than ", most, " bills fit; narrow the filter"));
    }
    if (!page->more) return all;
    query.after_id = page->next_id;
  }
}

absl::StatusOr<std::vector<model::NamedId>> ReadVendors(Core& core, const std::string& entity,
                                                        size_t most) {
  std::vector<model::NamedId> all;
  while (true) {
    auto page = OnErp(core, entity, [&](ports::Erp& erp, int64_t company_id) {
      return erp.ReadVendors(company_id, all.empty() ? 0 : all.back().id, core.CallDeadline());
    });
    KONTOR_RETURN_IF_ERROR(page.status());
    if (page->empty()) return all;
    for (model::NamedId& vendor : *page) all.push_back(std::move(vendor));
    if (all.size() > most) {
      return base::Error(base::Reason::kTooLarge)
          .Says(base::StrCat("there are more than ", most, " vendors"));
    }
  }
}

absl::StatusOr<std::vector<ports::BookedPayment>> ReadPayments(Core& core,
                                                               const std::string& entity,
                                                               const std::vector<int64_t>& ids) {
  constexpr size_t kAtOnce = 500;
  std::vector<ports::BookedPayment> all;
  for (size_t at = 0; at < ids.size(); at += kAtOnce) {
    const std::span<const int64_t> some(ids.data() + at, std::min(kAtOnce, ids.size() - at));
    auto page = OnErp(core, entity, [&](ports::Erp& erp, int64_t company_id) {
      return erp.ReadPayments(company_id, some, core.CallDeadline());
    });
    KONTOR_RETURN_IF_ERROR(page.status());
    for (ports::BookedPayment& row : *page) all.push_back(std::move(row));
  }
  return all;
}

absl::Status UndoPayment(Core& core, const std::string& entity, int64_t id) {
  return OnErp(core, entity, [&](ports::Erp& erp, int64_t company_id) {
    return erp.Undo(company_id, {"account.payment", id, ""}, core.CallDeadline());
  });
}

}  // namespace kontor::engine
