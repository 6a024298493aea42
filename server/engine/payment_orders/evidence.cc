// SPDX-License-Identifier: Apache-2.0
// Everything that proves one payment, as files: what was approved and by whom, by which policies
// and lists, what went to the bank and what came back, what Odoo has, and the audit of all of it.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "server/engine/payment_orders/delegations.h"
#include "server/engine/payment_orders/internal/screen.h"
#include "server/model/payment_canon.h"

namespace kontor::payment_orders {
namespace {

using nlohmann::json;

constexpr int kPage = 1000;
constexpr int64_t kAuditRowsMax = 2'000'000;  ///< Looked at; an order's are a few dozen.
constexpr int kStatementsMax = 200;
constexpr size_t kBytesMax = size_t{128} << 20U;
constexpr absl::Duration kSlack = absl::Hours(1);  ///< Between clocks of two nodes.

std::string Dump(const json& value) {
  return value.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}
std::string Row(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

/// A name that is one on every file system.
std::string SafeName(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || (c == '.' && !out.empty());
    out += fine ? c : '-';
  }
  return out.empty() ? "file" : out;
}

/// Gathers within one read, so that all of it is of one instant.
class Gathering {
 public:
  Gathering(Loop& loop, ports::ReadView& view) : loop_(loop), view_(view) {}

  absl::Status AddOrder(const Flow& flow);
  absl::Status Finish();
  Evidence Take() {
    std::ranges::sort(files_, {}, &EvidenceFile::path);
    return {std::move(files_), std::move(audit_head_)};
  }

 private:
  absl::Status Put(std::string path, std::string content) {
    bytes_ += content.size();
    if (bytes_ > kBytesMax) {
      return Error(Reason::kTooLarge)
          .Says(StrCat("the evidence has more than ", static_cast<int64_t>(kBytesMax), " bytes"));
    }
    files_.push_back({std::move(path), std::move(content)});
    return absl::OkStatus();
  }
  void Since(absl::Time time) { since_ = std::min(since_, time); }

  absl::Status AddDelegation(const std::string& id);
  absl::Status AddContent(const Flow& flow, const std::string& folder);
  absl::Status AddBlob(const std::string& blob_id, const std::string& folder);
  absl::Status AddSealed(const Flow& flow, const std::string& folder);
  absl::Status AddScreening(const Flow& flow, const std::string& folder);
  absl::Status AddOdoo(const Flow& flow, const std::string& folder);
  absl::Status AddStatements(const Flow& flow, const std::string& folder);
  absl::Status AddEvents(const std::string& subject);
  absl::Status AddBeneficiaries(const Flow& flow);
  absl::Status AddPolicies();
  absl::Status AddAudit();
  absl::StatusOr<int64_t> AuditBefore(absl::Time time);

  Loop& loop_;
  ports::ReadView& view_;
  std::vector<EvidenceFile> files_;
  size_t bytes_ = 0;
  std::set<std::string> subjects_;  ///< Whose audit rows belong to it.
  std::set<std::string> versions_;  ///< Policies by name.
  std::set<std::string> delegations_;
  std::set<std::string> accounts_;  ///< Beneficiaries that were taken already.
  std::string events_;
  std::string beneficiaries_;
  absl::Time since_ = absl::InfiniteFuture();
  std::string audit_head_;
};

absl::Status Gathering::AddOrder(const Flow& flow) {
  const std::string folder = StrCat("orders/", flow.row.id, "/");
  subjects_.insert(flow.row.id);
  Since(flow.row.created);
  const auto& body = flow.body;
  for (const std::string* version :
       {&body.approval_version, &body.routing_version, &body.checks_version, &body.lists_version}) {
    if (!version->empty()) versions_.insert(*version);
  }
  for (const Approval& approval : body.approvals) {
    versions_.insert(approval.policy_version);
    KONTOR_RETURN_IF_ERROR(AddDelegation(approval.delegation));
  }
  KONTOR_RETURN_IF_ERROR(AddDelegation(body.release_delegation));
  if (!body.exception_id.empty()) subjects_.insert(body.exception_id);
  if (!body.late_case.empty()) subjects_.insert(body.late_case);
  KONTOR_RETURN_IF_ERROR(Put(folder + "order.json", Dump(json::parse(ViewOf(flow, true)))));
  KONTOR_RETURN_IF_ERROR(AddContent(flow, folder));
  if (!body.file_blob.empty()) KONTOR_RETURN_IF_ERROR(AddBlob(body.file_blob, folder + "file/"));
  KONTOR_RETURN_IF_ERROR(AddSealed(flow, folder));
  for (const std::string& blob : body.status_files) {
    KONTOR_RETURN_IF_ERROR(AddBlob(blob, folder + "statuses/"));
  }
  KONTOR_RETURN_IF_ERROR(AddScreening(flow, folder));
  KONTOR_RETURN_IF_ERROR(AddOdoo(flow, folder));
  KONTOR_RETURN_IF_ERROR(AddStatements(flow, folder));
  KONTOR_RETURN_IF_ERROR(AddBeneficiaries(flow));
  return AddEvents(flow.row.id);
}

/// By whose role somebody decided who had none of their own.
absl::Status Gathering::AddDelegation(const std::string& id) {
  if (id.empty() || !delegations_.insert(id).second) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(const auto row, view_.FindObject(kDelegationKind, id));
  if (!row) return absl::OkStatus();
  subjects_.insert(row->id);
  Since(row->created);
  return Put(StrCat("delegations/", SafeName(id), ".json"),
             Dump({{"id", id},
                   {"delegation", json::parse(row->body, nullptr, false)},
                   {"created", base::FormatInstant(row->created)}}));
}

/// The text whose SHA-256 was approved, as long as it can be made again: our own account's data
/// are part of it, and may have changed since.
absl::Status Gathering::AddContent(const Flow& flow, const std::string& folder) {
  if (flow.body.digest.empty()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(const auto row,
                          view_.FindObject(model::kOwnAccountKind, flow.body.account));
  if (!row) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(model::OwnAccount account, model::OwnAccountFromBody(row->body));
  account.id = row->id;
  account.name = row->name;
  const auto order = WireOrderOf(flow, account);
  if (!order.ok()) return absl::OkStatus();
  std::string text = ContentOf(loop_, flow, model::CanonicalText(*order));
  if (loop_.deps.crypto.Sha256Hex(text) != flow.body.digest) {
    return Put(folder + "content-note.txt",
               "What was approved cannot be made again from today's data: our own account's data, "
               "or the payments, changed since. The file to the bank is what was approved.\n");
  }
  return Put(folder + "content.txt", std::move(text));
}

absl::Status Gathering::AddBlob(const std::string& blob_id, const std::string& folder) {
  KONTOR_ASSIGN_OR_RETURN(const auto blob, view_.FindBlob(blob_id));
  if (!blob) {
    return Put(StrCat(folder, SafeName(blob_id), "-missing.txt"),
               "The store does not have these bytes any more.\n");
  }
  std::string bytes;
  for (int64_t part = 1; part <= blob->parts; ++part) {
    KONTOR_ASSIGN_OR_RETURN(const std::string piece, view_.BlobPart(blob_id, part));
    bytes += piece;
  }
  KONTOR_RETURN_IF_ERROR(Put(StrCat(folder, blob_id, "-", SafeName(blob->name)), std::move(bytes)));
  // What a bank sealed stands beside what was in it: its signature is of those bytes.
  const json facts = json::parse(blob->facts, nullptr, false);
  const std::string sealed = facts.is_object() ? facts.value("sealed_blob", "") : "";
  return sealed.empty() ? absl::OkStatus() : AddBlob(sealed, folder);
}

/// The file as banks got it, where they want it signed and encrypted.
absl::Status Gathering::AddSealed(const Flow& flow, const std::string& folder) {
  const ports::OutgoingFile handed = HandedOver(flow);
  if (flow.body.sealed.empty() && handed.name == flow.body.file_name) return absl::OkStatus();
  json out = {{"handed_over", {{"name", handed.name}, {"sha256", handed.sha256}}},
              {"files", json::array()}};
  for (const SealedFile& sealed : flow.body.sealed) {
    out["files"].push_back(
        {{"channel", sealed.channel}, {"name", sealed.name}, {"sha256", sealed.sha256}});
    KONTOR_RETURN_IF_ERROR(AddBlob(sealed.blob, folder + "sealed/"));
  }
  return Put(folder + "sealed.json", Dump(out));
}

absl::Status Gathering::AddScreening(const Flow& flow, const std::string& folder) {
  json out = {{"lists", json::parse(flow.body.screened, nullptr, false)},
              {"let_pass_by_two_persons", flow.body.accepted},
              {"hits", json::array()}};
  if (out["lists"].is_discarded()) out["lists"] = nullptr;
  for (const Finding& finding : flow.body.findings) {
    if (!finding.got.starts_with(kHitPrefix)) continue;
    KONTOR_ASSIGN_OR_RETURN(const auto hit, view_.FindFlow(finding.got));
    if (!hit || hit->kind != kHitKind) continue;
    subjects_.insert(hit->id);
    Since(hit->created);
    out["hits"].push_back(json::parse(ViewOfHit(*hit)));
  }
  return Put(folder + "screening.json", Dump(out));
}

absl::Status Gathering::AddOdoo(const Flow& flow, const std::string& folder) {
  json out = json::array();
  for (const Line& line : flow.lines) {
    json payment = {{"number", line.number}, {"end_to_end_id", line.transfer.end_to_end_id}};
    if (line.odoo_payment_id > 0) {
      payment["odoo"] = {
          {"model", "account.payment"}, {"id", line.odoo_payment_id}, {"name", line.payment_name}};
    }
    for (const std::string* id : {&line.operation_id, &line.undo_operation_id}) {
      if (!id->empty()) subjects_.insert(*id);
    }
    if (!line.operation_id.empty()) payment["operation_id"] = line.operation_id;
    if (!line.undo_operation_id.empty()) payment["undo_operation_id"] = line.undo_operation_id;
    for (const Bill& bill : line.bills) {
      payment["bills"].push_back({{"model", "account.move"},
                                  {"id", bill.move_id},
                                  {"name", bill.name},
                                  {"reference", bill.reference},
                                  {"amount", bill.amount.ToString()}});
    }
    if (!line.document_id.empty()) {
      subjects_.insert(line.document_id);
      KONTOR_ASSIGN_OR_RETURN(const auto document, view_.FindDocument(line.document_id));
      payment["document_id"] = line.document_id;
      if (document) {
        payment["odoo"] = {{"model", document->record.model},
                           {"id", document->record.id},
                           {"name", document->record.name}};
        payment["state"] = document->state;
      }
    }
    out.push_back(std::move(payment));
  }
  return Put(folder + "odoo.json", Dump(out));
}

/// The lines of statements that say what became of the payments.
absl::Status Gathering::AddStatements(const Flow& flow, const std::string& folder) {
  KONTOR_ASSIGN_OR_RETURN(const auto ids,
                          view_.FlowsByKey(kStatementSpace, flow.row.id, kStatementsMax));
  std::string out;
  for (const std::string& id : ids) {
    subjects_.insert(id);
    KONTOR_ASSIGN_OR_RETURN(const auto statement, view_.FindFlow(id));
    if (!statement) continue;
    for (int64_t after = 0;;) {
      KONTOR_ASSIGN_OR_RETURN(const auto lines, view_.FlowLines(id, after, kPage));
      if (lines.empty()) break;
      for (const ports::FlowLineRow& line : lines) {
        after = line.number;
        if (line.body.find(flow.row.id) == std::string::npos) continue;
        out += Row({{"statement_id", id},
                    {"number", line.number},
                    {"state", line.state},
                    {"line", json::parse(line.body, nullptr, false)}});
      }
    }
  }
  return out.empty() ? absl::OkStatus() : Put(folder + "statement-lines.jsonl", std::move(out));
}

absl::Status Gathering::AddEvents(const std::string& subject) {
  ports::EventFilter filter;
  filter.subject = subject;
  while (true) {
    KONTOR_ASSIGN_OR_RETURN(const auto events, view_.ListEvents(filter, kPage));
    if (events.empty()) return absl::OkStatus();
    for (const model::Event& event : events) {
      filter.after = event.sequence;
      events_ += Row({{"id", event.id},
                      {"sequence", event.sequence},
                      {"type", event.type},
                      {"time", base::FormatInstant(event.time)},
                      {"entity", event.entity},
                      {"subject", event.subject},
                      {"subject_sequence", event.subject_sequence},
                      {"correlation_id", event.correlation_id},
                      {"data", json::parse(event.data, nullptr, false)}});
    }
  }
}

absl::Status Gathering::AddBeneficiaries(const Flow& flow) {
  for (const Line& line : flow.lines) {
    if (line.beneficiary_id.empty() || !accounts_.insert(line.beneficiary_id).second) continue;
    KONTOR_ASSIGN_OR_RETURN(auto row, view_.FindFlow(line.beneficiary_id));
    if (!row) continue;
    subjects_.insert(row->id);
    Since(row->created);
    KONTOR_ASSIGN_OR_RETURN(const Beneficiary found, BeneficiaryOf(*std::move(row)));
    beneficiaries_ += Row(json::parse(ViewOf(found)));
    KONTOR_RETURN_IF_ERROR(AddEvents(found.row.id));
  }
  return absl::OkStatus();
}

absl::Status Gathering::AddPolicies() {
  for (const std::string& version : versions_) {
    KONTOR_ASSIGN_OR_RETURN(const auto row, view_.FindObject(model::kPaymentPolicyKind, version));
    if (!row) continue;
    KONTOR_ASSIGN_OR_RETURN(const auto policy, model::PaymentPolicyFromBody(row->body));
    subjects_.insert(row->id);
    Since(row->created);
    KONTOR_RETURN_IF_ERROR(
        Put(StrCat("policies/", SafeName(version), ".json"),
            Dump({{"id", row->id},
                  {"name", version},
                  {"state", std::string(model::NameOf(policy.state))},
                  {"content", policy.content},
                  {"digest", policy.digest},
                  {"proposer", policy.proposer},
                  {"reason", policy.reason},
                  {"decider", policy.decider},
                  {"created", base::FormatInstant(row->created)},
                  {"decided", policy.decided ? base::FormatInstant(*policy.decided) : ""}})));
  }
  return absl::OkStatus();
}

/// The number of an audit row before which nothing of that time or later stands.
absl::StatusOr<int64_t> Gathering::AuditBefore(absl::Time time) {
  const auto is_before = [&](int64_t sequence) -> absl::StatusOr<bool> {
    KONTOR_ASSIGN_OR_RETURN(const auto rows, view_.ListAudit(sequence, 1));
    return !rows.empty() && rows.front().time < time;
  };
  int64_t low = 0;
  int64_t step = 1;
  while (true) {
    KONTOR_ASSIGN_OR_RETURN(const bool before, is_before(low + step));
    if (!before) break;
    low += step;
    step *= 2;
  }
  while (step > 1) {
    step /= 2;
    KONTOR_ASSIGN_OR_RETURN(const bool before, is_before(low + step));
    if (before) low += step;
  }
  return low;
}

/// Rows with all that their hashes are made of, so that each is checked by itself.
absl::Status Gathering::AddAudit() {
  // One row before where it begins, so that there is a last row even when none is of the orders.
  KONTOR_ASSIGN_OR_RETURN(const int64_t before, AuditBefore(since_ - kSlack));
  int64_t after = std::max<int64_t>(before - 1, 0);
  std::string out;
  const int64_t end = after + kAuditRowsMax;
  while (true) {
    KONTOR_ASSIGN_OR_RETURN(const auto rows, view_.ListAudit(after, kPage));
    if (rows.empty()) break;
    for (const ports::AuditEntry& row : rows) {
      after = row.sequence;
      audit_head_ = StrCat(row.sequence, ":", row.hash);
      if (!subjects_.contains(row.subject)) continue;
      out += Row({{"sequence", row.sequence},
                  {"time_us", absl::ToUnixMicros(row.time)},
                  {"time", base::FormatInstant(row.time)},
                  {"actor", row.actor},
                  {"role", row.role},
                  {"action", row.action},
                  {"subject", row.subject},
                  {"entity", row.entity},
                  {"before", row.before},
                  {"after", row.after},
                  {"reason", row.reason},
                  {"policy_version", row.policy_version},
                  {"correlation_id", row.correlation_id},
                  {"previous_hash", row.previous_hash},
                  {"hash", row.hash}});
    }
    if (after > end) return Error(Reason::kTooLarge).Says("there are too many audit rows since");
  }
  return Put("audit.jsonl", std::move(out));
}

absl::Status Gathering::Finish() {
  KONTOR_RETURN_IF_ERROR(AddPolicies());
  KONTOR_RETURN_IF_ERROR(Put("events.jsonl", std::move(events_)));
  KONTOR_RETURN_IF_ERROR(Put("beneficiaries.jsonl", std::move(beneficiaries_)));
  return AddAudit();
}

}  // namespace

absl::StatusOr<Evidence> GatherEvidence(Loop& loop, const ports::Actor& actor,
                                        const std::string& any_id) {
  Evidence evidence;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    Gathering gathering(loop, view);
    KONTOR_ASSIGN_OR_RETURN(const auto ids, OrdersBy(view, any_id));
    bool any = false;
    for (const std::string& id : ids) {
      const auto flow = FindFor(view, actor, id);
      if (base::Is(flow.status(), Reason::kNotFound)) continue;
      KONTOR_RETURN_IF_ERROR(flow.status());
      KONTOR_RETURN_IF_ERROR(gathering.AddOrder(*flow));
      any = true;
    }
    if (!any) return Error(Reason::kNotFound).Field("id").Says("the id leads to no payment order");
    KONTOR_RETURN_IF_ERROR(gathering.Finish());
    evidence = gathering.Take();
    return absl::OkStatus();
  }));
  return evidence;
}

}  // namespace kontor::payment_orders
