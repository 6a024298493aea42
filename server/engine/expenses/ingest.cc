// SPDX-License-Identifier: Apache-2.0
// From messages and platforms to reports on disk: each report once, whatever brings it how often.
#include <algorithm>

#include "server/base/ids.h"
#include "server/engine/expenses/internal/loop.h"
#include "server/model/inbound.h"

namespace kontor::expenses {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

constexpr int kRevisionsMax = 100;
constexpr int kPagesMax = 1000;
constexpr char kTryBody[] = "{}";  // what the curl line of a new source sends

std::string RevisionsKey(const std::string& source, const std::string& external_id) {
  return StrCat(source, "\x1f", external_id);
}

absl::Status WriteReportBytes(Loop& loop, ports::Unit& unit, const std::string& flow_id,
                              const std::string& bytes) {
  ports::BlobRow blob;
  blob.id = loop.deps.ids.Next(base::kBlobPrefix);
  blob.flow_id = flow_id;
  blob.kind = kReportBlobKind;
  blob.media_type = "application/json";
  blob.sha256 = loop.deps.crypto.Sha256Hex(bytes);
  blob.bytes = static_cast<int64_t>(bytes.size());
  const int64_t most = ports::kBlobPartBytesMax;
  blob.parts = (blob.bytes + most - 1) / most;
  blob.facts = "{}";
  blob.created = loop.Now();
  KONTOR_RETURN_IF_ERROR(unit.InsertBlob(blob));
  for (int64_t i = 0; i < blob.parts; ++i) {
    KONTOR_RETURN_IF_ERROR(unit.InsertBlobPart(
        blob.id, i + 1,
        bytes.substr(static_cast<size_t>(i * most), static_cast<size_t>(most))));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> BytesOf(ports::ReadView& view, const std::string& flow_id,
                                    std::string_view kind) {
  KONTOR_ASSIGN_OR_RETURN(const auto blobs, view.BlobsOfFlow(flow_id));
  for (const ports::BlobRow& blob : blobs) {
    if (blob.kind != kind) continue;
    std::string bytes;
    for (int64_t i = 1; i <= blob.parts; ++i) {
      KONTOR_ASSIGN_OR_RETURN(const std::string part, view.BlobPart(blob.id, i));
      bytes += part;
    }
    return bytes;
  }
  return Error(Reason::kNotFound).Says(StrCat(flow_id, " has no bytes"));
}

/// The revisions before: marked as recalled, so that the new one waits until none of them stands.
absl::Status ReplaceOlder(Loop& loop, ports::Unit& unit, const Flow& fresh) {
  KONTOR_ASSIGN_OR_RETURN(
      const auto ids,
      unit.FlowsByKey(kRevisionsSpace, RevisionsKey(fresh.body.source, fresh.body.external_id),
                      kRevisionsMax));
  for (const std::string& id : ids) {
    if (id == fresh.row.id) continue;
    KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindFlow(id));
    if (!row.has_value()) continue;
    KONTOR_ASSIGN_OR_RETURN(Flow older, FlowOf(*std::move(row)));
    if (older.body.revision > fresh.body.revision) {
      return Error(Reason::kStateConflict)
          .Field("report.revision")
          .With("report", older.row.id)
          .With("digest", fresh.body.digest)
          .Says(StrCat("revision ", older.body.revision, " of this report is here already"));
    }
    if (older.state() == State::kRecalled || older.state() == State::kTested) continue;
    KONTOR_RETURN_IF_ERROR(RecallFlow(
        loop, unit, older, StrCat("replaced by revision ", fresh.body.revision), false));
  }
  return absl::OkStatus();
}

std::string DigestOf(Loop& loop, const model::ExpenseReport& content) {
  return loop.deps.crypto.Sha256Hex(model::WriteExpenseReport(content, false));
}

/// The newest revision that is here, of a source in test or not; none: the first comes now.
absl::StatusOr<std::optional<Flow>> NewestOf(ports::Unit& unit, const Body& fresh) {
  KONTOR_ASSIGN_OR_RETURN(
      const auto ids,
      unit.FlowsByKey(kRevisionsSpace, RevisionsKey(fresh.source, fresh.external_id),
                      kRevisionsMax));
  std::optional<Flow> newest;
  for (const std::string& id : ids) {
    KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindFlow(id));
    if (!row.has_value()) continue;
    KONTOR_ASSIGN_OR_RETURN(Flow known, FlowOf(*std::move(row)));
    if (known.body.test != fresh.test) continue;
    if (!newest || known.body.revision > newest->body.revision) newest = std::move(known);
  }
  if (newest && ids.size() >= kRevisionsMax) {
    return Error(Reason::kStateConflict)
        .Field("report.external_id")
        .With("report", newest->row.id)
        .With("digest", fresh.digest)
        .Says(StrCat(fresh.external_id, " has changed ", kRevisionsMax,
                     " times, which is the most that is taken"));
  }
  return newest;
}

/// Whether it is approved again after its end. What was said before that tells nothing new: a list
/// may be under way while a report of it ends.
bool IsAnew(const Flow& ended, absl::Time asked) {
  return EndedWithoutBooks(ended) && ended.row.updated < asked;
}

/// The revision of a report whose platform counts none: the newest one's for what is known, the
/// next for what was corrected, and for what is approved again after it had ended without books.
absl::StatusOr<int> CountedRevision(Loop& loop, ports::Unit& unit, const Body& fresh,
                                    model::ExpenseReport content, absl::Time asked) {
  KONTOR_ASSIGN_OR_RETURN(const auto newest, NewestOf(unit, fresh));
  if (!newest) return 1;
  content.revision = newest->body.revision;
  const bool known = DigestOf(loop, content) == newest->body.digest;
  return known && !IsAnew(*newest, asked) ? newest->body.revision : newest->body.revision + 1;
}

/// Approved again under the revision that the platform counts: the same report, from its beginning.
/// What it makes and says goes under other ids than before, which name what was given up.
absl::Status BeginAnew(Loop& loop, ports::Unit& unit, Flow& flow) {
  Body& body = flow.body;
  ++body.round;
  body.parts.clear();
  body.acknowledged = body.receipt = body.payment = CallState::kNone;
  body.attempts = 0;
  body.findings.clear();
  body.accepted_reasons.clear();
  body.recall_reason.clear();
  body.recall_told = true;
  flow.row.due = loop.Now();
  return WriteFlow(loop, unit, flow, State::kFetched, "received");
}

absl::Status Contradicted(const Flow& before, const Body& fresh) {
  return Error(Reason::kRequestIdReused)
      .Field("report.external_id")
      .With("report", before.row.id)
      .With("digest", fresh.digest)
      .Says(StrCat("revision ", fresh.revision, " of ", fresh.external_id,
                   " is here with other content"));
}

/// A message that cannot be read waits for a person; its bytes and keys stay.
absl::Status QuarantineMessage(Loop& loop, ports::FlowRow row, model::InboundBody body,
                               model::Finding finding) {
  loop.Log("inbound.unreadable", {{"source", row.group},
                                  {"message", row.id},
                                  {"reason", finding.reason}});
  body.finding = std::move(finding);
  return loop.Commit([&](ports::Unit& unit) -> absl::Status {
    ports::FlowRow changed = row;
    changed.state = model::kInboundQuarantined;
    changed.due = absl::InfiniteFuture();
    changed.updated = loop.Now();
    changed.body = model::ToJson(body);
    return unit.PutFlow(changed);
  });
}

model::Finding ProblemsOf(const ports::PlatformReport& report) {
  model::Finding finding = model::MakeFinding(
      Reason::kMessageUnreadable, report.problems.front().field, report.problems.front().message);
  if (report.problems.size() > 1) {
    base::StrAppend(&finding.message, "; and ", report.problems.size() - 1, " more");
  }
  return finding;
}

/// What says other than a report that is here, and names that one.
bool IsContradiction(const absl::Status& written) {
  return base::Is(written, Reason::kRequestIdReused) ||
         base::Is(written, Reason::kStateConflict);
}

absl::StatusOr<ports::HookReading> ReadMessage(Loop& loop, const model::Source& source,
                                               const std::string& bytes) {
  KONTOR_ASSIGN_OR_RETURN(const auto adapter, loop.AdapterOf(source));
  if (!adapter->capabilities().reads_hooks) {
    return Error(Reason::kMessageUnreadable)
        .Says(StrCat("the adapter ", source.adapter, " reads no webhooks"));
  }
  return adapter->ReadHook(bytes);
}

}  // namespace

model::ExpenseReport WithDigests(Loop& loop, model::ExpenseReport report) {
  for (model::ExpenseLine& line : report.lines) {
    for (model::Attachment& receipt : line.receipts) {
      if (!receipt.content.empty()) {
        receipt.sha256 = loop.deps.crypto.Sha256Hex(receipt.content);
      }
    }
  }
  return report;
}

absl::StatusOr<Ingested> Ingest(Loop& loop, ports::Unit& unit, const model::Source& source,
                                const ports::PlatformReport& report,
                                const std::optional<Arrival>& arrival) {
  const bool by_platform = arrival.has_value();
  Flow flow;
  Body& body = flow.body;
  body.source = source.name;
  body.source_id = source.id;
  body.ref = report.ref.empty() ? report.report.external_id : report.ref;
  body.external_id = report.report.external_id;
  body.test = source.state == model::SourceState::kTest;
  body.told = by_platform;
  body.problems = report.problems;
  model::ExpenseReport content = WithDigests(loop, report.report);
  body.digest = DigestOf(loop, content);
  if (by_platform && !report.revised) {
    KONTOR_ASSIGN_OR_RETURN(content.revision,
                            CountedRevision(loop, unit, body, content, arrival->asked));
  }
  body.revision = content.revision;
  body.report = model::WriteExpenseReport(content, false);
  body.digest = DigestOf(loop, content);
  flow.row.id = loop.deps.ids.Next(base::kExpensePrefix);
  const std::string key = KeyOf(source.name, body.external_id, body.revision);
  KONTOR_ASSIGN_OR_RETURN(const std::string holder,
                          unit.ReserveFlowKey({body.test ? kTestSpace : kReportSpace, key,
                                               flow.row.id}));
  if (holder != flow.row.id) {
    KONTOR_ASSIGN_OR_RETURN(auto known, unit.FindFlow(holder));
    if (!known.has_value()) return Error(Reason::kInternal).Says("a report's key has no report");
    KONTOR_ASSIGN_OR_RETURN(Flow before, FlowOf(*std::move(known)));
    if (before.body.digest != body.digest) return Contradicted(before, body);
    const bool anew = by_platform && arrival->listed && IsAnew(before, arrival->asked);
    if (anew) KONTOR_RETURN_IF_ERROR(BeginAnew(loop, unit, before));
    return Ingested{holder, !anew};
  }
  body.correlation_id = loop.deps.ids.Next(base::kCorrelationPrefix);
  flow.row.kind = kReportKind;
  flow.row.entity = source.entity;
  flow.row.group = source.name;
  flow.row.created = loop.Now();
  flow.row.due = loop.Now();
  KONTOR_RETURN_IF_ERROR(unit.ShareFlowKey(
      {kRevisionsSpace, RevisionsKey(source.name, body.external_id), flow.row.id}));
  if (!body.test) KONTOR_RETURN_IF_ERROR(ReplaceOlder(loop, unit, flow));
  KONTOR_RETURN_IF_ERROR(WriteFlow(loop, unit, flow, State::kFetched,
                                   body.test ? "" : "received"));
  KONTOR_RETURN_IF_ERROR(
      WriteReportBytes(loop, unit, flow.row.id, model::WriteExpenseReport(content, true)));
  return Ingested{flow.row.id, false};
}

absl::StatusOr<bool> OlderStands(Loop& loop, const Flow& flow) {
  bool stands = false;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    stands = false;
    KONTOR_ASSIGN_OR_RETURN(
        const auto ids,
        view.FlowsByKey(kRevisionsSpace, RevisionsKey(flow.body.source, flow.body.external_id),
                        kRevisionsMax));
    for (const std::string& id : ids) {
      if (id == flow.row.id) continue;
      KONTOR_ASSIGN_OR_RETURN(auto row, view.FindFlow(id));
      if (!row.has_value()) continue;
      KONTOR_ASSIGN_OR_RETURN(const Flow other, FlowOf(*std::move(row)));
      stands = stands || (other.body.revision < flow.body.revision &&
                          !other.body.recall_reason.empty() && other.row.open);
    }
    return absl::OkStatus();
  }));
  return stands;
}

absl::Status RecallFlow(Loop& loop, ports::Unit& unit, Flow& flow, const std::string& reason,
                        bool by_person) {
  if (!flow.body.recall_reason.empty() || flow.state() == State::kRecalled) {
    return absl::OkStatus();
  }
  if (IsTerminal(flow.state()) && !HasBooks(flow)) return absl::OkStatus();
  flow.body.recall_reason = reason;
  flow.body.recall_told = !by_person;
  flow.row.open = true;
  flow.row.due = loop.Now();
  flow.row.updated = loop.Now();
  flow.row.body = ToJson(flow.body);
  return unit.PutFlow(flow.row);
}

absl::StatusOr<int> MarkRecalled(Loop& loop, ports::Unit& unit, const std::string& source,
                                 const std::string& external_id, const std::string& reason) {
  KONTOR_ASSIGN_OR_RETURN(
      const auto ids,
      unit.FlowsByKey(kRevisionsSpace, RevisionsKey(source, external_id), kRevisionsMax));
  int count = 0;
  for (const std::string& id : ids) {
    KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindFlow(id));
    if (!row.has_value()) continue;
    KONTOR_ASSIGN_OR_RETURN(Flow flow, FlowOf(*std::move(row)));
    KONTOR_RETURN_IF_ERROR(RecallFlow(loop, unit, flow, reason, false));
    ++count;
  }
  return count;
}

absl::Status HandleMessage(Loop& loop, ports::FlowRow row, bool* fetch_now) {
  KONTOR_ASSIGN_OR_RETURN(model::InboundBody body, model::InboundBodyFrom(row.body));
  KONTOR_ASSIGN_OR_RETURN(const model::Source source, loop.SourceByName(row.group));
  if (source.state == model::SourceState::kPaused) {
    return loop.Commit([&](ports::Unit& unit) -> absl::Status {
      ports::FlowRow changed = row;
      changed.due = loop.Now() + loop.settings.look_interval;
      return unit.PutFlow(changed);
    });
  }
  std::string bytes;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(bytes, BytesOf(view, row.id, model::kInboundBlobKind));
    return absl::OkStatus();
  }));
  ports::HookReading reading;
  if (bytes != kTryBody) {
    auto read = ReadMessage(loop, source, bytes);
    if (!read.ok()) {
      return QuarantineMessage(loop, std::move(row), std::move(body),
                               model::FindingOf(read.status()));
    }
    reading = *std::move(read);
  }
  for (const ports::PlatformReport& report : reading.reports) {
    if (report.problems.empty()) continue;
    return QuarantineMessage(loop, std::move(row), std::move(body), ProblemsOf(report));
  }
  loop.Failpoint("expense.before_ingest");
  const absl::Status written = loop.Commit([&](ports::Unit& unit) -> absl::Status {
    model::InboundBody changed_body = body;
    changed_body.finding.reset();
    changed_body.report_ids.clear();
    for (const ports::PlatformReport& report : reading.reports) {
      const Arrival arrival{row.created, false};
      KONTOR_ASSIGN_OR_RETURN(const Ingested in, Ingest(loop, unit, source, report, arrival));
      changed_body.report_ids.push_back(in.id);
    }
    for (const std::string& external_id : reading.recalled) {
      KONTOR_RETURN_IF_ERROR(MarkRecalled(loop, unit, source.name, external_id,
                                          "taken back by the platform")
                                 .status());
    }
    ports::FlowRow changed = row;
    changed.state = model::kInboundHandled;
    changed.open = false;
    changed.due = absl::InfiniteFuture();
    changed.updated = loop.Now();
    changed.body = model::ToJson(changed_body);
    return unit.PutFlow(changed);
  });
  if (IsContradiction(written)) {
    return QuarantineMessage(loop, std::move(row), std::move(body), model::FindingOf(written));
  }
  KONTOR_RETURN_IF_ERROR(written);
  loop.Failpoint("expense.after_ingest");
  *fetch_now = reading.ready;
  return absl::OkStatus();
}

absl::Status FetchReady(Loop& loop, const model::Source& source) {
  KONTOR_ASSIGN_OR_RETURN(const auto adapter, loop.AdapterOf(source));
  if (!adapter->capabilities().fetches) return absl::OkStatus();
  std::string after;
  for (int page = 0; page < kPagesMax; ++page) {
    const absl::Time asked = loop.Now();
    KONTOR_ASSIGN_OR_RETURN(const ports::FetchedPage fetched,
                            adapter->Fetch(after, asked + loop.settings.call_timeout));
    for (const ports::PlatformReport& report : fetched.reports) {
      const absl::Status written = loop.Commit([&](ports::Unit& unit) {
        return Ingest(loop, unit, source, report, Arrival{asked, true}).status();
      });
      // One report that contradicts an earlier one must not keep the others out.
      if (IsContradiction(written)) {
        loop.Log("expense.contradicted", {{"source", source.name},
                                          {"reason", base::InfoOf(written).reason}});
        KONTOR_RETURN_IF_ERROR(AskAboutContradiction(loop, written));
        continue;
      }
      KONTOR_RETURN_IF_ERROR(written);
    }
    if (fetched.next.empty()) break;
    after = fetched.next;
  }
  return absl::OkStatus();
}

absl::StatusOr<model::ExpenseReport> LoadReport(Loop& loop, const Flow& flow) {
  std::string bytes;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(bytes, BytesOf(view, flow.row.id, kReportBlobKind));
    return absl::OkStatus();
  }));
  std::vector<model::Finding> findings;
  model::ExpenseReport report = model::ReadExpenseReport(bytes, &findings);
  if (!findings.empty()) return model::StatusOf(findings);
  return report;
}

}  // namespace kontor::expenses
