// SPDX-License-Identifier: Apache-2.0
// The addon in the Odoo in memory: exactly-once by external id, digest and revision, and changes
// that wait until they are acknowledged.
#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "tests/unit/engine/fake_erp.h"

namespace kontor::engine::testing {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;
using base::StrCat;
using ports::ApplyResult;
using ports::ErpSnapshot;
using ports::FoundResult;

ApplyResult Refusal(Reason reason, std::string field, std::string asked = "",
                    std::string got = "") {
  ApplyResult result;
  result.status = ApplyResult::Status::kRefused;
  model::Finding finding;
  finding.reason = std::string(base::EntryOf(reason).name);
  finding.suggestion = std::string(base::EntryOf(reason).todo);
  finding.field = std::move(field);
  finding.message = "the addon refused it";
  finding.asked = std::move(asked);
  finding.got = std::move(got);
  result.findings = {std::move(finding)};
  return result;
}

void CorrectCent(const ports::ApplyRequest& request, ErpSnapshot& s) {
  if (!request.tax || !request.tax_correction_max || s.tax.IsZero()) return;
  const model::Decimal miss = request.tax->ToDecimal().Subtract(s.tax).value();
  if (miss.IsZero() || miss.Abs() > request.tax_correction_max->ToDecimal()) return;
  s.total = s.total.Add(miss).value();
  s.tax = request.tax->ToDecimal();
  s.residual = s.total;
}

std::optional<ApplyResult> Difference(const ports::ApplyRequest& request, const ErpSnapshot& s) {
  if (request.total && request.total->ToDecimal() != s.total) {
    return Refusal(Reason::kTotalMismatch, "invoice.expected_total", request.total->ToString(),
                   StrCat(s.total.ToString(), " ", s.currency_code));
  }
  if (request.tax && request.tax->ToDecimal() != s.tax) {
    return Refusal(Reason::kTotalMismatch, "invoice.expected_tax", request.tax->ToString(),
                   StrCat(s.tax.ToString(), " ", s.currency_code));
  }
  return std::nullopt;
}

}  // namespace

void FakeErp::InstallAddon() {
  const std::lock_guard lock(mutex_);
  identity.has_addon = true;
  identity.addon_version = "18.0.1.0.0";
  identity.database_uuid = "uuid-a";
  identity.event_sequence = next_change_ - 1;
}

void FakeErp::RemoveAddon() {
  const std::lock_guard lock(mutex_);
  identity.has_addon = false;
  identity.addon_missing = "the addon is not installed";
  identity.database_uuid.clear();
  identity.event_sequence = 0;
  applied_.clear();
  changes_.clear();
  next_change_ = 1;
}

std::vector<int64_t> FakeErp::WaitingChanges() const {
  const std::lock_guard lock(mutex_);
  std::vector<int64_t> ids;
  for (const auto& [id, change] : changes_) ids.push_back(id);
  return ids;
}

void FakeErp::NoteChange(const std::string& kind, const model::ErpRecord& record,
                         const std::string& details, int64_t company_id) {
  const std::lock_guard lock(mutex_);
  if (!identity.has_addon) return;
  ports::ErpChange change;
  change.id = next_change_++;
  change.kinds = {kind};
  change.company_id = company_id;
  change.record = record;
  change.time = "2026-11-21T10:00:00Z";
  change.user = "frieda";
  change.details = details;
  identity.event_sequence = change.id;
  changes_[change.id] = std::move(change);
}

absl::Status FakeErp::CheckAddon() const {
  if (identity.has_addon) return absl::OkStatus();
  return Error(Reason::kAddonMissing).Happened(Outcome::kNotApplied).Says("it was taken out");
}

ApplyResult FakeErp::ApplyOne(const KeptApply& kept, bool post) {
  const ports::ApplyRequest& request = kept.request;
  Applied& row = applied_[kept.external_id];
  ApplyResult result;
  if (row.revision > request.revision) {
    result.status = ApplyResult::Status::kStale;
    result.revision = row.revision;
    return result;
  }
  const auto existing = by_external_id_.find(kept.external_id);
  const bool there = existing != by_external_id_.end();
  if (row.applied && there && row.digest != request.digest) {
    result.status = ApplyResult::Status::kConflict;
    result.revision = row.revision;
    return result;
  }
  if (row.applied && !there && row.revision >= request.revision) {
    return Refusal(Reason::kDeletedInOdoo, "");
  }
  if (!there && refused.contains(kept.external_id)) {
    row = {request.digest, request.revision, false};
    return Refusal(Reason::kOdooRefused, "");
  }
  int64_t id = there ? existing->second : 0;
  if (!there) {
    id = Create(kept.external_id, kept.document, kept.references).id;
    FakeRecord& fresh = records_.at(id);
    CorrectCent(request, fresh.snapshot);
    if (auto difference = Difference(request, fresh.snapshot); difference) {
      by_external_id_.erase(kept.external_id);
      records_.erase(id);
      row = {request.digest, request.revision, false};
      return *std::move(difference);
    }
  }
  FakeRecord& record = records_.at(id);
  if (post) static_cast<void>(PostOne(record));
  result.repeated = row.applied;
  row = {request.digest, request.revision, true};
  result.status = ApplyResult::Status::kApplied;
  result.revision = request.revision;
  result.snapshot = record.snapshot;
  result.snapshot.external_id = kept.external_id;
  return result;
}

absl::StatusOr<std::vector<ApplyResult>> FakeErp::Apply(
    int64_t /*company_id*/, const model::Catalogue& /*given*/,
    std::span<const ports::ApplyRequest> requests, bool post, ports::Deadline /*deadline*/) {
  std::vector<KeptApply> kept;
  for (const auto& r : requests) {
    kept.push_back({r.draft.external_id, *r.draft.document, *r.draft.references, r});
  }
  auto answers = std::make_shared<std::vector<ApplyResult>>();
  batch_sizes_.push_back(requests.size());
  KONTOR_RETURN_IF_ERROR(Call("Apply", [this, kept, post, answers]() -> absl::Status {
    KONTOR_RETURN_IF_ERROR(CheckAddon());
    for (const KeptApply& one : kept) {
      if (answers->size() < taken_together) {
        answers->push_back(ApplyOne(one, post));
        continue;
      }
      ApplyResult later;
      later.status = ApplyResult::Status::kDeferred;
      answers->push_back(std::move(later));
    }
    return absl::OkStatus();
  }));
  return *answers;
}

absl::StatusOr<std::vector<FoundResult>> FakeErp::Find(int64_t /*company_id*/,
                                                       std::span<const std::string> external_ids,
                                                       ports::Deadline /*deadline*/) {
  auto answers = std::make_shared<std::vector<FoundResult>>();
  const std::vector<std::string> kept(external_ids.begin(), external_ids.end());
  KONTOR_RETURN_IF_ERROR(Call("Find", [this, kept, answers]() -> absl::Status {
    KONTOR_RETURN_IF_ERROR(CheckAddon());
    for (const std::string& id : kept) {
      FoundResult found;
      const auto it = by_external_id_.find(id);
      const auto row = applied_.find(id);
      if (it != by_external_id_.end()) {
        const FakeRecord& record = records_.at(it->second);
        found.kind = record.visible ? FoundResult::Kind::kApplied
                                    : FoundResult::Kind::kNotVisible;
        if (record.visible) found.snapshot = record.snapshot;
      } else if (row != applied_.end() && row->second.applied) {
        found.kind = FoundResult::Kind::kApplied;  // and gone: its snapshot does not exist
      }
      answers->push_back(std::move(found));
    }
    return absl::OkStatus();
  }));
  return *answers;
}

absl::StatusOr<std::vector<ports::ErpChange>> FakeErp::FetchChanges(int64_t /*company_id*/,
                                                                    int64_t after_id, int limit,
                                                                    ports::Deadline /*deadline*/) {
  std::vector<ports::ErpChange> page;
  KONTOR_RETURN_IF_ERROR(Call("FetchChanges", [&]() -> absl::Status {
    KONTOR_RETURN_IF_ERROR(CheckAddon());
    for (const auto& [id, change] : changes_) {
      if (id <= after_id || page.size() == static_cast<size_t>(limit)) continue;
      page.push_back(change);
      const FakeRecord* const record = Find(change.record);
      if (record == nullptr) continue;
      page.back().snapshot = record->snapshot;
      page.back().snapshot.external_id = record->external_id;
    }
    return absl::OkStatus();
  }));
  for (ports::ErpChange& change : page) change.snapshot.record = change.record;
  return page;
}

absl::Status FakeErp::AcknowledgeChanges(std::span<const int64_t> ids,
                                         ports::Deadline /*deadline*/) {
  const std::vector<int64_t> kept(ids.begin(), ids.end());
  return Call("AcknowledgeChanges", [this, kept]() -> absl::Status {
    KONTOR_RETURN_IF_ERROR(CheckAddon());
    for (const int64_t id : kept) changes_.erase(id);
    return absl::OkStatus();
  });
}

}  // namespace kontor::engine::testing
