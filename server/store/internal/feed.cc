// SPDX-License-Identifier: Apache-2.0
#include "server/store/internal/feed.h"

#include <unordered_map>
#include <utility>

#include "server/base/strings.h"
#include "server/store/internal/codec.h"

namespace kontor::store::internal {
namespace {

using base::Reason;
using base::StrCat;

constexpr int kVerifyPage = 1000;
constexpr size_t kHashDigits = 64;

/// The last number of each subject, asked once a transaction.
class SubjectNumbers {
 public:
  explicit SubjectNumbers(Session& session) : session_(session) {}
  /// Subjects that came to be in this transaction have no events yet.
  void Begin(const std::vector<std::string>& subjects) {
    for (const std::string& subject : subjects) last_.try_emplace(subject, 0);
  }
  absl::StatusOr<int64_t> Next(const std::string& subject) {
    auto [entry, is_new] = last_.try_emplace(subject, 0);
    if (is_new) {
      KONTOR_ASSIGN_OR_RETURN(
          auto row, session_.QueryOne("select coalesce(max(subject_sequence), 0) from events "
                                      "where subject = :subject",
                                      "i", {subject}));
      if (row) entry->second = row->Int(0);
    }
    return ++entry->second;
  }

 private:
  Session& session_;
  std::unordered_map<std::string, int64_t> last_;
};

absl::Status WriteEvent(Session& session, const ports::Crypto& crypto, const model::Event& event) {
  const std::string sealed = crypto.Seal(event.data, StrCat("events/", event.id));
  return session
      .Execute(R"(insert into events (sequence, id, type, time_us, entity, subject,
                  subject_sequence, correlation_id, data)
                  values (:sequence, :id, :type, :time, :entity, :subject, :number, :correlation,
                  :data))",
               {event.sequence, event.id, event.type, ToMicros(event.time), event.entity,
                event.subject, event.subject_sequence, event.correlation_id, Value::Own(sealed)})
      .status();
}

absl::Status WriteAudit(Session& session, const ports::AuditEntry& entry) {
  return session
      .Execute(R"(insert into audit (sequence, time_us, actor, role, action, subject, entity,
                  state_before, state_after, reason, policy_version, correlation_id,
                  previous_hash, hash)
                  values (:sequence, :time, :actor, :role, :action, :subject, :entity, :before,
                  :after, :reason, :policy, :correlation, :previous, :hash))",
               {entry.sequence, ToMicros(entry.time), entry.actor, entry.role, entry.action,
                entry.subject, entry.entity, entry.before, entry.after, entry.reason,
                entry.policy_version, entry.correlation_id, Value::Own(entry.previous_hash),
                Value::Own(entry.hash)})
      .status();
}

absl::StatusOr<Heads> HeadsOf(absl::StatusOr<std::optional<Row>> row) {
  KONTOR_RETURN_IF_ERROR(row.status());
  if (!*row) return base::Error(Reason::kStoreUnavailable).Says("the store has no head row");
  return Heads{(*row)->Int(0), (*row)->Int(1), (*row)->Take(2)};
}

absl::Status Broken(int64_t sequence, std::string_view what) {
  return base::Error(Reason::kAuditBroken)
      .With("sequence", StrCat(sequence))
      .Says(StrCat("audit row ", sequence, ": ", what));
}

}  // namespace

absl::StatusOr<Heads> ReadHeads(Session& session) {
  return HeadsOf(session.QueryOne(
      "select event_sequence, audit_sequence, audit_hash from heads where id = 1", "iit"));
}

absl::StatusOr<std::optional<Heads>> AppendFeed(Session& session, const ports::Crypto& crypto,
                                                std::vector<UnitOnSession::Effects*>& effects) {
  bool is_empty = true;
  for (const auto* one : effects) is_empty &= one->events.empty() && one->audit.empty();
  if (is_empty) return std::optional<Heads>();
  KONTOR_ASSIGN_OR_RETURN(
      Heads heads, HeadsOf(session.QueryOne("select event_sequence, audit_sequence, audit_hash "
                                            "from heads where id = 1 {for update}",
                                            "iit")));
  SubjectNumbers numbers(session);
  for (auto* one : effects) {
    numbers.Begin(one->new_documents);
    for (model::Event& event : one->events) {
      event.sequence = ++heads.event_sequence;
      KONTOR_ASSIGN_OR_RETURN(event.subject_sequence, numbers.Next(event.subject));
      KONTOR_RETURN_IF_ERROR(WriteEvent(session, crypto, event));
    }
    for (ports::AuditEntry& entry : one->audit) {
      entry.sequence = ++heads.audit_sequence;
      // At rest a time has microseconds; the hash must be of what can be read back.
      entry.time = FromMicros(ToMicros(entry.time));
      entry.previous_hash = heads.audit_hash;
      entry.hash = crypto.Sha256Hex(AuditBytes(entry));
      heads.audit_hash = entry.hash;
      KONTOR_RETURN_IF_ERROR(WriteAudit(session, entry));
    }
  }
  KONTOR_RETURN_IF_ERROR(
      session
          .Execute("update heads set event_sequence = :event, audit_sequence = :audit, "
                   "audit_hash = :hash where id = 1",
                   {heads.event_sequence, heads.audit_sequence, Value::Own(heads.audit_hash)})
          .status());
  return std::optional<Heads>(std::move(heads));
}

std::string AuditHeadText(const Heads& heads) {
  return StrCat(heads.audit_sequence, ":", heads.audit_hash);
}

absl::StatusOr<Heads> ParseAuditHead(const std::string& text) {
  Heads heads;
  const std::string_view trimmed = base::Trim(text);
  if (trimmed.empty()) return heads;
  const auto invalid = [] {
    return base::Error(Reason::kFieldInvalid).Field("head").Says("not sequence:hash");
  };
  const size_t colon = trimmed.find(':');
  if (colon == std::string_view::npos) return invalid();
  const auto sequence = base::ParseInt64(trimmed.substr(0, colon));
  heads.audit_hash = std::string(trimmed.substr(colon + 1));
  if (!sequence.ok() || *sequence < 0) return invalid();
  heads.audit_sequence = *sequence;
  const bool is_hex = heads.audit_hash.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!is_hex || heads.audit_hash.size() != (*sequence == 0 ? 0 : kHashDigits)) return invalid();
  return heads;
}

absl::StatusOr<int64_t> VerifyChain(Session& session, const ports::Crypto& crypto,
                                    const Heads& exported) {
  KONTOR_ASSIGN_OR_RETURN(const Heads stored, ReadHeads(session));
  const std::string sql = StrCat("select ", kAuditColumns.names,
                                 " from audit where sequence > :after order by sequence limit ",
                                 kVerifyPage);
  int64_t last = 0;
  std::string hash;
  while (true) {
    KONTOR_ASSIGN_OR_RETURN(Rows rows, session.Query(sql, kAuditColumns.types, {last}));
    for (Row& row : rows) {
      const ports::AuditEntry entry = AuditOf(row);
      if (entry.sequence != last + 1) return Broken(last + 1, "it is missing");
      if (entry.previous_hash != hash) return Broken(entry.sequence, "it is not chained");
      if (crypto.Sha256Hex(AuditBytes(entry)) != entry.hash) {
        return Broken(entry.sequence, "it was changed");
      }
      last = entry.sequence;
      hash = entry.hash;
      if (last == exported.audit_sequence && hash != exported.audit_hash) {
        return Broken(last, "it differs from the exported head");
      }
    }
    if (rows.size() < static_cast<size_t>(kVerifyPage)) break;
  }
  if (last < exported.audit_sequence) {
    return Broken(last + 1, StrCat("it is missing: the exported head says ",
                                   exported.audit_sequence, " rows"));
  }
  if (last != stored.audit_sequence || hash != stored.audit_hash) {
    return Broken(last + 1, StrCat("it is missing: the store's head says ",
                                   stored.audit_sequence, " rows"));
  }
  return last;
}

}  // namespace kontor::store::internal
