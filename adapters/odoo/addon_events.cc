// SPDX-License-Identifier: Apache-2.0
// Changes that the addon wrote down in the transactions that made them.
#include <algorithm>
#include <utility>

#include "adapters/odoo/addon.h"
#include "adapters/odoo/classify.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;
using ports::ErpChange;

constexpr int kFetchMax = 500;

RpcCall EventCall(std::string_view method, Json params) {
  RpcCall call;
  call.model = "kontor.event";
  call.method = std::string(method);
  call.params = std::move(params);
  return call;
}

std::vector<std::string> KindsOf(const Json& row) {
  std::vector<std::string> kinds;
  const std::string first = TextOf(row, "kind");
  if (!first.empty()) kinds.push_back(first);
  if (const auto it = row.find("kinds"); it != row.end() && it->is_array()) {
    for (const Json& kind : *it) {
      if (kind.is_string() && kind != first) kinds.push_back(kind.get<std::string>());
    }
  }
  return kinds;
}

absl::StatusOr<ErpChange> ChangeOf(const Json& row) {
  ErpChange change;
  change.id = IntOf(row, "id");
  if (change.id <= 0) {
    return Error(Reason::kOdooAnswerUnreadable).Says("a change of the addon's has no number");
  }
  change.kinds = KindsOf(row);
  change.company_id = IntOf(row, "company_id");
  change.time = TextOf(row, "time");
  change.user = TextOf(row, "user");
  change.by_bot = BoolOf(row, "by_bot");
  const Json snapshot = row.contains("snapshot") ? row["snapshot"] : Json::object();
  KONTOR_ASSIGN_OR_RETURN(change.snapshot, SnapshotOfAddon(snapshot));
  change.record = {TextOf(row, "model"), IntOf(row, "res_id"), change.snapshot.record.name};
  change.snapshot.record.model = change.record.model;
  change.snapshot.record.id = change.record.id;
  change.details = DumpJson(snapshot.is_object() ? snapshot : Json::object());
  return change;
}

/// A user who lost the addon's rights, or an addon that was taken out meanwhile.
absl::Status Gone(const absl::Status& status) {
  if (base::OutcomeOf(status) != Outcome::kRefused) return status;
  return Error(Reason::kAddonMissing)
      .Says("the addon's changes cannot be fetched any more")
      .Happened(Outcome::kNotApplied);
}

}  // namespace

absl::StatusOr<std::vector<ErpChange>> FetchAddonChanges(Work& work, int64_t after_id, int limit) {
  const absl::StatusOr<Json> answer =
      work.Read(EventCall("pull", {{"company_id", work.company_id()},
                                   {"limit", std::clamp(limit, 1, kFetchMax)},
                                   {"after_id", after_id}}));
  if (!answer.ok()) return Gone(answer.status());
  if (!answer->is_array()) {
    return Error(Reason::kOdooAnswerUnreadable)
        .Says("the addon answered no list of changes")
        .Happened(Outcome::kNotApplied);
  }
  std::vector<ErpChange> changes;
  for (const Json& row : *answer) {
    absl::StatusOr<ErpChange> change = ChangeOf(row);
    if (!change.ok()) return WithOutcome(change.status(), Outcome::kNotApplied);
    changes.push_back(*std::move(change));
  }
  return changes;
}

absl::Status AcknowledgeAddonChanges(Work& work, std::span<const int64_t> ids) {
  for (size_t begin = 0; begin < ids.size(); begin += kFetchMax) {
    const size_t count = std::min<size_t>(kFetchMax, ids.size() - begin);
    const auto slice = ids.subspan(begin, count);
    const absl::Status status =
        work.Change(EventCall("acknowledge",
                              {{"event_ids", std::vector<int64_t>(slice.begin(), slice.end())}}))
            .status();
    if (!status.ok()) return Gone(status);
  }
  return absl::OkStatus();
}

}  // namespace kontor::odoo
