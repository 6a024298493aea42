// SPDX-License-Identifier: Apache-2.0
#include "server/store/internal/unit.h"

#include <utility>

#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/store/internal/codec.h"

namespace kontor::store::internal {
namespace {

using base::Reason;
using base::StrCat;
using model::OperationState;

int IsDue(OperationState state) {
  return state == OperationState::kAccepted || state == OperationState::kReady ||
                 state == OperationState::kRetrying
             ? 1
             : 0;
}
int IsOpen(OperationState state) { return model::IsTerminal(state) ? 0 : 1; }
int64_t NextOf(const model::Operation& operation) {
  return operation.next_attempt ? ToMicros(*operation.next_attempt) : 0;
}

}  // namespace

absl::Status UnitOnSession::OneRow(absl::StatusOr<int64_t> affected, Reason reason,
                                   std::string_view what) {
  KONTOR_RETURN_IF_ERROR(affected.status());
  if (*affected == 1) return absl::OkStatus();
  const bool exists = reason == Reason::kAlreadyExists;
  return base::Error(reason).Says(
      StrCat(what, exists ? " exists" : " was changed meanwhile, or is not there"));
}

absl::Status UnitOnSession::InsertRequest(const ports::RequestRow& row) {
  const RequestMark mark = RequestMarkOf(crypto(), row.source, row.request_id);
  return OneRow(session().Execute(
                    R"(insert into requests (source, request_id, mark_high, mark_low, digest,
                       canon_version, operation_id, document_id)
                       values (:source, :request, :high, :low, :digest, :canon, :operation,
                       :document) on conflict (mark_high, mark_low) do nothing)",
                    {row.source, row.request_id, mark.high, mark.low, row.digest,
                     row.canon_version, row.operation_id, row.document_id}),
                Reason::kAlreadyExists, "this request_id");
}

absl::Status UnitOnSession::InsertDocument(const ports::DocumentRow& row, const std::string& mark,
                                           const std::string& booked, const std::string& sealed) {
  const std::string lookup =
      row.lookup.empty() ? "" : LookupMark(crypto(), "documents.lookup", row.lookup);
  const std::string date = row.date ? row.date->ToString() : "";
  KONTOR_RETURN_IF_ERROR(OneRow(
      session().Execute(
          R"(insert into documents (id, version, type, subtype, entity, connection, source, lookup,
             lookup_mark, operation_id, state, erp_model, erp_id, erp_name, booked, date,
             journal_code, currency_code, total_minor, content_mark, created_us)
             values (:id, 1, :type, :subtype, :entity, :connection, :source, :lookup,
             :lookup_mark, :operation, :state, :model, :record, :name, :booked,
             nullif(:date, ''), :journal, :currency, :total, :mark, :created)
             on conflict (id) do nothing)",
          {row.id, model::NameOf(row.type), row.subtype, row.entity, row.connection, row.source,
           Value::Own(lookup), MarkOf(lookup), row.operation_id, row.state, row.record.model,
           row.record.id, row.record.name, Value::Own(booked), Value::Own(date), row.journal_code,
           row.currency_code, row.total_minor, Value::Own(mark), ToMicros(row.created)}),
      Reason::kAlreadyExists, "this document"));
  return session()
      .Execute("insert into document_contents (id, content) values (:id, :content)",
               {row.id, Value::Own(sealed)})
      .status();
}

absl::Status UnitOnSession::UpdateDocument(const ports::DocumentRow& row, const std::string& mark,
                                           const std::string& booked) {
  const std::string date = row.date ? row.date->ToString() : "";
  // The look-up text is not read back (it is hashed): an empty one leaves the stored one.
  if (!row.lookup.empty()) {
    const std::string lookup = LookupMark(crypto(), "documents.lookup", row.lookup);
    KONTOR_RETURN_IF_ERROR(
        session()
            .Execute("update documents set lookup = :lookup, lookup_mark = :mark "
                     "where id = :id and lookup <> :same",
                     {Value::Own(lookup), MarkOf(lookup), row.id, Value::Own(lookup)})
            .status());
  }
  return OneRow(session().Execute(
                    R"(update documents set version = version + 1, subtype = :subtype,
                       entity = :entity, operation_id = :operation, state = :state,
                       erp_model = :model, erp_id = :record, erp_name = :name, booked = :booked,
                       date = nullif(:date, ''), journal_code = :journal,
                       currency_code = :currency, total_minor = :total, content_mark = :mark
                       where id = :id and version = :version)",
                    {row.subtype, row.entity, row.operation_id, row.state, row.record.model,
                     row.record.id, row.record.name, Value::Own(booked), Value::Own(date),
                     row.journal_code, row.currency_code, row.total_minor, Value::Own(mark),
                     row.id, row.version}),
                Reason::kVersionConflict, "this document");
}

absl::Status UnitOnSession::PutDocument(ports::DocumentRow& row) {
  const std::string mark = LookupMark(crypto(), "documents.content", row.content);
  const std::string booked =
      row.booked.empty() ? "" : crypto().Seal(row.booked, StrCat("documents/", row.id));
  const std::string place = StrCat("document_contents/", row.id);
  if (row.version == 0) {
    KONTOR_RETURN_IF_ERROR(InsertDocument(row, mark, booked, crypto().Seal(row.content, place)));
    effects_.new_documents.push_back(row.id);
    row.version = 1;
    return absl::OkStatus();
  }
  // Contents may hold megabytes of attachments and rarely change: written only when they do.
  KONTOR_ASSIGN_OR_RETURN(
      auto stored,
      session().QueryOne("select content_mark from documents where id = :id", "t", {row.id}));
  KONTOR_RETURN_IF_ERROR(UpdateDocument(row, mark, booked));
  if (stored && stored->Text(0) != mark) {
    const std::string sealed = crypto().Seal(row.content, place);
    KONTOR_RETURN_IF_ERROR(
        session()
            .Execute("update document_contents set content = :content where id = :id",
                     {Value::Own(sealed), row.id})
            .status());
  }
  ++row.version;
  return absl::OkStatus();
}

absl::Status UnitOnSession::InsertOperation(const model::Operation& operation,
                                            const std::string& body) {
  return OneRow(
      session().Execute(
          R"(insert into operations (id, version, verb, state, open, due, lane, entity, connection,
             source, request_id, document_type, document_id, correlation_id, external_id,
             external_mark, next_attempt_us, created_us, updated_us, fence, body)
             values (:id, 1, :verb, :state, :open, :due, :lane, :entity, :connection, :source,
             :request, :type, :document, :correlation, :external, :external_mark, :next,
             :created, :updated, :fence, :body) on conflict (id) do nothing)",
          {operation.id, model::NameOf(operation.verb), model::NameOf(operation.state),
           IsOpen(operation.state), IsDue(operation.state), operation.lane, operation.entity,
           operation.connection, operation.source, operation.request_id,
           model::NameOf(operation.document_type), operation.document_id,
           operation.correlation_id, operation.external_id,
           MarkOf(crypto().Sha256Hex(operation.external_id)), NextOf(operation),
           ToMicros(operation.created), ToMicros(operation.updated), operation.fence, body}),
      Reason::kAlreadyExists, "this operation");
}

absl::Status UnitOnSession::UpdateOperation(const model::Operation& operation,
                                            const std::string& body) {
  return OneRow(session().Execute(
                    R"(update operations set version = version + 1, state = :state, open = :open,
                       due = :due, lane = :lane, next_attempt_us = :next, updated_us = :updated,
                       fence = :fence, body = :body where id = :id and version = :version)",
                    {model::NameOf(operation.state), IsOpen(operation.state),
                     IsDue(operation.state), operation.lane, NextOf(operation),
                     ToMicros(operation.updated), operation.fence, body, operation.id,
                     operation.version}),
                Reason::kVersionConflict, "this operation");
}

absl::Status UnitOnSession::PutOperation(model::Operation& operation) {
  KONTOR_ASSIGN_OR_RETURN(const std::string body, OperationBody(operation));
  KONTOR_RETURN_IF_ERROR(operation.version == 0 ? InsertOperation(operation, body)
                                                : UpdateOperation(operation, body));
  for (const std::string& other : operation.depends_on) {
    KONTOR_RETURN_IF_ERROR(
        session()
            .Execute(R"(insert into operation_dependencies (depends_on, operation_id)
                        values (:other, :id) on conflict (depends_on, operation_id) do nothing)",
                     {other, operation.id})
            .status());
  }
  ++operation.version;
  effects_.operation_ids.push_back(operation.id);
  effects_.lanes.push_back(operation.lane);
  return absl::OkStatus();
}

absl::Status UnitOnSession::PutException(model::ExceptionCase& exception) {
  KONTOR_ASSIGN_OR_RETURN(const std::string body, ExceptionBody(exception));
  const std::string sealed = crypto().Seal(body, StrCat("exceptions/", exception.id));
  const int technical = exception.technical ? 1 : 0;
  if (exception.version == 0) {
    KONTOR_RETURN_IF_ERROR(OneRow(
        session().Execute(
            R"(insert into exceptions (id, version, state, technical, operation_id, entity,
               subject, opened_us, deadline_us, body)
               values (:id, 1, :state, :technical, :operation, :entity, :subject, :opened,
               :deadline, :body) on conflict (id) do nothing)",
            {exception.id, model::NameOf(exception.state), technical, exception.operation_id,
             exception.entity, exception.subject, ToMicros(exception.opened),
             ToMicros(exception.deadline), Value::Own(sealed)}),
        Reason::kAlreadyExists, "this exception"));
  } else {
    KONTOR_RETURN_IF_ERROR(OneRow(
        session().Execute(
            R"(update exceptions set version = version + 1, state = :state,
               technical = :technical, operation_id = :operation, entity = :entity,
               subject = :subject, deadline_us = :deadline, body = :body
               where id = :id and version = :version)",
            {model::NameOf(exception.state), technical, exception.operation_id, exception.entity,
             exception.subject, ToMicros(exception.deadline), Value::Own(sealed), exception.id,
             exception.version}),
        Reason::kVersionConflict, "this exception"));
  }
  ++exception.version;
  return absl::OkStatus();
}

absl::Status UnitOnSession::PutObject(ports::ObjectRow& row) {
  // Asked first, so that the refusal says which of the two is taken; the indices decide races.
  KONTOR_ASSIGN_OR_RETURN(
      auto taken,
      session().QueryOne(R"(select name from objects where kind = :kind and id <> :id and
                            (name = :name or (lookup = :lookup and lookup <> '')) limit 1)",
                         "t", {row.kind, row.id, row.name, row.lookup}));
  if (taken) {
    return base::Error(Reason::kAlreadyExists)
        .Field(taken->Text(0) == row.name ? "name" : "lookup")
        .Says(StrCat("another ", row.kind, " has it"));
  }
  const std::string sealed =
      crypto().Seal(row.body, StrCat("objects/", row.kind, "/", row.id));
  if (row.version == 0) {
    KONTOR_RETURN_IF_ERROR(
        OneRow(session().Execute(
                   R"(insert into objects (kind, id, name, lookup, version, body, created_us,
                      updated_us) values (:kind, :id, :name, :lookup, 1, :body, :created, :updated)
                      on conflict do nothing)",
                   {row.kind, row.id, row.name, row.lookup, Value::Own(sealed),
                    ToMicros(row.created), ToMicros(row.updated)}),
               Reason::kAlreadyExists, StrCat("this ", row.kind)));
  } else {
    KONTOR_RETURN_IF_ERROR(
        OneRow(session().Execute(
                   R"(update objects set name = :name, lookup = :lookup, version = version + 1,
                      body = :body, updated_us = :updated
                      where kind = :kind and id = :id and version = :version)",
                   {row.name, row.lookup, Value::Own(sealed), ToMicros(row.updated), row.kind,
                    row.id, row.version}),
               Reason::kVersionConflict, StrCat("this ", row.kind)));
  }
  ++row.version;
  effects_.object_kinds.push_back(row.kind);
  return absl::OkStatus();
}

absl::Status UnitOnSession::DeleteObject(const std::string& kind, const std::string& id) {
  effects_.object_kinds.push_back(kind);
  KONTOR_ASSIGN_OR_RETURN(
      const int64_t gone,
      session().Execute("delete from objects where kind = :kind and id = :id", {kind, id}));
  if (gone == 1) return absl::OkStatus();
  return base::Error(Reason::kNotFound).Says(StrCat("no ", kind, " ", id));
}

absl::Status UnitOnSession::PutObserved(ports::ObservedRow& row) {
  const std::string sealed = crypto().Seal(row.snapshot, StrCat("observed/", row.subject));
  if (row.version == 0) {
    KONTOR_RETURN_IF_ERROR(OneRow(
        session().Execute(R"(insert into observed (subject, version, snapshot, digest, write_date)
                             values (:subject, 1, :snapshot, :digest, :write_date)
                             on conflict (subject) do nothing)",
                          {row.subject, Value::Own(sealed), row.digest, row.write_date}),
        Reason::kAlreadyExists, "this subject"));
  } else {
    KONTOR_RETURN_IF_ERROR(OneRow(
        session().Execute(R"(update observed set version = version + 1, snapshot = :snapshot,
                             digest = :digest, write_date = :write_date
                             where subject = :subject and version = :version)",
                          {Value::Own(sealed), row.digest, row.write_date, row.subject,
                           row.version}),
        Reason::kVersionConflict, "this subject"));
  }
  ++row.version;
  return absl::OkStatus();
}

absl::Status UnitOnSession::PutCursor(const std::string& name, const std::string& value) {
  return session()
      .Execute(R"(insert into cursors (name, value) values (:name, :value)
                  on conflict (name) do update set value = excluded.value)",
               {name, value})
      .status();
}

absl::Status UnitOnSession::PutDelivery(ports::DeliveryRow& row) {
  if (!session().is_sqlite()) {
    // Two nodes that change one subject's deliveries must see each other's.
    KONTOR_RETURN_IF_ERROR(
        session()
            .Query("select 1 from pg_advisory_xact_lock(hashtextextended(:subject, 7601))", "i",
                   {StrCat(row.endpoint_id, "/", row.subject)})
            .status());
  }
  const bool is_open = row.state == ports::DeliveryState::kPending ||
                       row.state == ports::DeliveryState::kParked;
  const Value ended = row.ended ? Value(ToMicros(*row.ended)) : Value::Null();
  const int open = is_open ? 1 : 0;
  // The first of its subject is the open one with nothing open before it. Parameters have names of
  // their own: SQLite takes two of one name for one.
  KONTOR_ASSIGN_OR_RETURN(
      auto written,
      session().QueryOne(
              R"(insert into deliveries (id, endpoint_id, event_sequence, event_id, subject, state,
                 open, first, attempts, next_attempt_us, last_http_status, last_error, created_us,
                 ended_us, replay)
                 values (:id, :endpoint, :sequence, :event, :subject, :state, :open,
                 case when :is_open = 1 and not exists (select 1 from deliveries d
                   where d.open = 1 and d.endpoint_id = :endpoint2 and d.subject = :subject2
                   and (d.event_sequence < :before or (d.event_sequence = :same and d.id < :id2)))
                 then 1 else 0 end,
                 :attempts, :next, :status, :error, :created, :ended, :replay)
                 on conflict (id) do update set state = excluded.state, open = excluded.open,
                 first = excluded.first, attempts = excluded.attempts,
                 next_attempt_us = excluded.next_attempt_us,
                 last_http_status = excluded.last_http_status, last_error = excluded.last_error,
                 ended_us = excluded.ended_us returning first)",
              "i",
              {row.id, row.endpoint_id, row.event_sequence, row.event_id, row.subject,
               NameOf(row.state), open, open, row.endpoint_id, row.subject, row.event_sequence,
               row.event_sequence, row.id, row.attempts, ToMicros(row.next_attempt),
               row.last_http_status, row.last_error, ToMicros(row.created), ended,
               row.replay ? 1 : 0}));
  row.first = written && written->Int(0) == 1;
  return SettleFirst(row, is_open);
}

absl::Status UnitOnSession::SettleFirst(const ports::DeliveryRow& row, bool is_open) {
  if (is_open) {
    // One that came before those that wait takes the mark from the one that had it.
    return session()
        .Execute(R"(update deliveries set first = 0 where first = 1 and
                    endpoint_id = :endpoint and subject = :subject and
                    (event_sequence > :after or (event_sequence = :same and id > :id)))",
                 {row.endpoint_id, row.subject, row.event_sequence, row.event_sequence, row.id})
        .status();
  }
  return session()
      .Execute(R"(update deliveries set first = 1 where first = 0 and id =
                  (select d.id from deliveries d where d.open = 1 and d.endpoint_id = :endpoint
                   and d.subject = :subject order by d.event_sequence, d.id limit 1))",
               {row.endpoint_id, row.subject})
      .status();
}

absl::StatusOr<std::string> UnitOnSession::ReserveDuplicateKey(const std::string& entity,
                                                               const std::string& key,
                                                               const std::string& operation_id) {
  const std::string mark = LookupMark(crypto(), "duplicate_keys", key);
  KONTOR_RETURN_IF_ERROR(
      session()
          .Execute(R"(insert into duplicate_keys (entity, mark, operation_id)
                      values (:entity, :mark, :operation) on conflict (entity, mark) do nothing)",
                   {entity, Value::Own(mark), operation_id})
          .status());
  KONTOR_ASSIGN_OR_RETURN(
      auto holder,
      session().QueryOne(
          "select operation_id from duplicate_keys where entity = :entity and mark = :mark", "t",
          {entity, Value::Own(mark)}));
  if (!holder) {
    return base::Error(Reason::kVersionConflict).Says("the duplicate key was released meanwhile");
  }
  return holder->Take(0);
}

absl::Status UnitOnSession::ReleaseDuplicateKey(const std::string& operation_id) {
  return session()
      .Execute("delete from duplicate_keys where operation_id = :operation", {operation_id})
      .status();
}

absl::Status UnitOnSession::AppendEvent(model::Event event) {
  if (event.id.empty() || event.type.empty() || event.subject.empty()) {
    return base::Error(Reason::kFieldMissing).Field("event").Says("no id, type or subject");
  }
  // Checked here, since a refusal when the transaction closes would hit everybody in it.
  for (const std::string* text :
       {&event.id, &event.type, &event.subject, &event.entity, &event.correlation_id}) {
    KONTOR_RETURN_IF_ERROR(base::CheckText(*text, 1000, "event"));
  }
  effects_.events.push_back(std::move(event));
  return absl::OkStatus();
}

absl::Status UnitOnSession::AppendAudit(ports::AuditEntry entry) {
  if (entry.actor.empty() || entry.action.empty()) {
    return base::Error(Reason::kFieldMissing).Field("audit").Says("no actor or action");
  }
  for (const std::string* text :
       {&entry.actor, &entry.role, &entry.action, &entry.subject, &entry.entity, &entry.before,
        &entry.after, &entry.reason, &entry.policy_version, &entry.correlation_id}) {
    if (text->find('\0') != std::string::npos || base::CountCodePoints(*text) < 0) {
      return base::Error(Reason::kTextInvalid).Field("audit").Says("a NUL, or not UTF-8");
    }
  }
  if (entry.time == absl::UnixEpoch()) entry.time = clock_.Now();
  effects_.audit.push_back(std::move(entry));
  return absl::OkStatus();
}

absl::StatusOr<int64_t> UnitOnSession::AcquireLease(const std::string& name,
                                                    const std::string& node, absl::Time now,
                                                    absl::Duration ttl) {
  // One statement decides, so that two nodes cannot both win. Renewing keeps the fence; taking over
  // (expired, released, or another node's) makes a new one.
  KONTOR_ASSIGN_OR_RETURN(
      auto row,
      session().QueryOne(
          R"(insert into leases (name, node, fence, expires_us) values (:name, :node, 1, :expires)
             on conflict (name) do update set
               fence = case when leases.node = excluded.node and leases.expires_us > :now1
                       then leases.fence else leases.fence + 1 end,
               node = excluded.node, expires_us = excluded.expires_us
             where leases.expires_us <= :now2 or leases.node = excluded.node
             returning fence)",
          "i", {name, node, ToMicros(now + ttl), ToMicros(now), ToMicros(now)}));
  if (row) return row->Int(0);
  return base::Error(Reason::kLeaseLost).With("lease", name).Says("another node holds the lease");
}

absl::Status UnitOnSession::ReleaseLease(const std::string& name, int64_t fence) {
  return OneRow(session().Execute("update leases set node = '', expires_us = 0 "
                                  "where name = :name and fence = :fence",
                                  {name, fence}),
                Reason::kLeaseLost, "the lease");
}

absl::Status UnitOnSession::CheckLease(const std::string& name, int64_t fence) {
  // The shared lock keeps another node from taking the lease before this unit is on disk.
  KONTOR_ASSIGN_OR_RETURN(
      auto row, session().QueryOne("select fence from leases where name = :name and node <> '' "
                                   "{for share}",
                                   "i", {name}));
  if (row && row->Int(0) == fence) return absl::OkStatus();
  return base::Error(Reason::kLeaseLost)
      .With("lease", name)
      .Says("another node has taken the lease");
}

}  // namespace kontor::store::internal
