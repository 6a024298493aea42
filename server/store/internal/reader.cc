// SPDX-License-Identifier: Apache-2.0
// Finding one row, and turning rows into values. Lists stand in reader_lists.cc.
#include "server/store/internal/reader.h"

#include <algorithm>
#include <utility>

#include "server/base/strings.h"
#include "server/store/internal/codec.h"

namespace kontor::store::internal {

using base::Reason;
using base::StrCat;

const Columns kDocumentColumns = {
    "d.id, d.version, d.type, d.subtype, d.entity, d.connection, d.source, d.operation_id, "
    "d.state, d.erp_model, d.erp_id, d.erp_name, d.booked, d.date, d.journal_code, "
    "d.currency_code, d.total_minor, d.created_us, c.content",
    "tittttttttitttttiit"};
const Columns kOperationColumns = {
    "id, version, verb, state, lane, entity, connection, source, request_id, document_type, "
    "document_id, correlation_id, external_id, next_attempt_us, created_us, updated_us, fence, "
    "body",
    "titttttttttttiiiit"};
const Columns kExceptionColumns = {
    "id, version, state, technical, operation_id, entity, subject, opened_us, deadline_us, body",
    "titittt" "iit"};
const Columns kEventColumns = {
    "sequence, id, type, time_us, entity, subject, subject_sequence, correlation_id, data",
    "ittittitt"};
const Columns kAuditColumns = {
    "sequence, time_us, actor, role, action, subject, entity, state_before, state_after, reason, "
    "policy_version, correlation_id, previous_hash, hash",
    "iitttttttttttt"};
const Columns kObjectColumns = {
    "kind, id, name, lookup, version, body, created_us, updated_us", "ttttitii"};
const Columns kDeliveryColumns = {
    "d.id, d.endpoint_id, d.event_sequence, d.event_id, d.subject, d.state, d.attempts, "
    "d.next_attempt_us, d.last_http_status, d.last_error, d.created_us, d.ended_us, d.replay",
    "ttitttiiitiii"};

namespace {

absl::Status Unreadable(std::string_view table, std::string_view id) {
  return base::Error(Reason::kStoreUnavailable)
      .Says(StrCat("a stored row is unreadable: ", table, " ", id));
}

}  // namespace

std::string LookupMark(const ports::Crypto& crypto, std::string_view column,
                       std::string_view plain) {
  return crypto.LookupHash(StrCat(column, ":", plain));
}

RequestMark RequestMarkOf(const ports::Crypto& crypto, std::string_view source,
                          std::string_view request_id) {
  const std::string digest = crypto.Sha256Hex(StrCat(source.size(), ":", source, request_id));
  return {MarkOf(digest), MarkOf(digest, 16)};
}

absl::StatusOr<ports::DocumentRow> Reader::DocumentOf(Row& row) {
  ports::DocumentRow out;
  out.id = row.Take(0);
  out.version = row.Int(1);
  KONTOR_ASSIGN_OR_RETURN(out.type, DocumentTypeOf(row.Text(2)));
  out.subtype = row.Take(3);
  out.entity = row.Take(4);
  out.connection = row.Take(5);
  out.source = row.Take(6);
  out.operation_id = row.Take(7);
  out.state = row.Take(8);
  out.record = {row.Take(9), row.Int(10), row.Take(11)};
  if (!row.Text(12).empty()) {
    KONTOR_ASSIGN_OR_RETURN(out.booked, crypto_.Open(row.Text(12), StrCat("documents/", out.id)));
  }
  if (!row.IsNull(13)) {
    KONTOR_ASSIGN_OR_RETURN(out.date, model::Date::Parse(row.Text(13)));
  }
  out.journal_code = row.Take(14);
  out.currency_code = row.Take(15);
  out.total_minor = row.Int(16);
  out.created = FromMicros(row.Int(17));
  KONTOR_ASSIGN_OR_RETURN(out.content,
                          crypto_.Open(row.Text(18), StrCat("document_contents/", out.id)));
  return out;
}

absl::StatusOr<model::Operation> Reader::OperationOf(Row& row) {
  model::Operation out;
  out.id = row.Take(0);
  out.version = row.Int(1);
  const auto verb = model::ParseVerb(row.Text(2));
  const auto state = model::ParseOperationState(row.Text(3));
  if (!verb || !state) return Unreadable("operations", out.id);
  out.verb = *verb;
  out.state = *state;
  out.lane = row.Take(4);
  out.entity = row.Take(5);
  out.connection = row.Take(6);
  out.source = row.Take(7);
  out.request_id = row.Take(8);
  KONTOR_ASSIGN_OR_RETURN(out.document_type, DocumentTypeOf(row.Text(9)));
  out.document_id = row.Take(10);
  out.correlation_id = row.Take(11);
  out.external_id = row.Take(12);
  if (row.Int(13) != 0) out.next_attempt = FromMicros(row.Int(13));
  out.created = FromMicros(row.Int(14));
  out.updated = FromMicros(row.Int(15));
  out.fence = row.Int(16);
  KONTOR_RETURN_IF_ERROR(ReadOperationBody(row.Text(17), &out));
  return out;
}

absl::StatusOr<model::ExceptionCase> Reader::ExceptionOf(Row& row) {
  model::ExceptionCase out;
  out.id = row.Take(0);
  out.version = row.Int(1);
  KONTOR_ASSIGN_OR_RETURN(out.state, ExceptionStateOf(row.Text(2)));
  out.technical = row.Int(3) != 0;
  out.operation_id = row.Take(4);
  out.entity = row.Take(5);
  out.subject = row.Take(6);
  out.opened = FromMicros(row.Int(7));
  out.deadline = FromMicros(row.Int(8));
  KONTOR_ASSIGN_OR_RETURN(const std::string body,
                          crypto_.Open(row.Text(9), StrCat("exceptions/", out.id)));
  KONTOR_RETURN_IF_ERROR(ReadExceptionBody(body, &out));
  return out;
}

absl::StatusOr<model::Event> Reader::EventOf(Row& row) {
  model::Event out;
  out.sequence = row.Int(0);
  out.id = row.Take(1);
  out.type = row.Take(2);
  out.time = FromMicros(row.Int(3));
  out.entity = row.Take(4);
  out.subject = row.Take(5);
  out.subject_sequence = row.Int(6);
  out.correlation_id = row.Take(7);
  KONTOR_ASSIGN_OR_RETURN(out.data, crypto_.Open(row.Text(8), StrCat("events/", out.id)));
  return out;
}

absl::StatusOr<ports::ObjectRow> Reader::ObjectOf(Row& row) {
  ports::ObjectRow out;
  out.kind = row.Take(0);
  out.id = row.Take(1);
  out.name = row.Take(2);
  out.lookup = row.Take(3);
  out.version = row.Int(4);
  KONTOR_ASSIGN_OR_RETURN(out.body,
                          crypto_.Open(row.Text(5), StrCat("objects/", out.kind, "/", out.id)));
  out.created = FromMicros(row.Int(6));
  out.updated = FromMicros(row.Int(7));
  return out;
}

absl::StatusOr<ports::DeliveryRow> Reader::DeliveryOf(Row& row) {
  ports::DeliveryRow out;
  out.id = row.Take(0);
  out.endpoint_id = row.Take(1);
  out.event_sequence = row.Int(2);
  out.event_id = row.Take(3);
  out.subject = row.Take(4);
  KONTOR_ASSIGN_OR_RETURN(out.state, DeliveryStateOf(row.Text(5)));
  out.attempts = static_cast<int>(row.Int(6));
  out.next_attempt = FromMicros(row.Int(7));
  out.last_http_status = static_cast<int>(row.Int(8));
  out.last_error = row.Take(9);
  out.created = FromMicros(row.Int(10));
  if (!row.IsNull(11)) out.ended = FromMicros(row.Int(11));
  out.replay = row.Int(12) != 0;
  return out;
}

ports::AuditEntry AuditOf(Row& row) {
  ports::AuditEntry out;
  out.sequence = row.Int(0);
  out.time = FromMicros(row.Int(1));
  std::string* const texts[] = {&out.actor,          &out.role,           &out.action,
                                &out.subject,        &out.entity,         &out.before,
                                &out.after,          &out.reason,         &out.policy_version,
                                &out.correlation_id, &out.previous_hash,  &out.hash};
  for (size_t i = 0; i < std::size(texts); ++i) *texts[i] = row.Take(i + 2);
  return out;
}

Reader::Maybe<ports::RequestRow> Reader::FindRequest(const std::string& source,
                                                     const std::string& request_id) {
  const RequestMark mark = RequestMarkOf(crypto_, source, request_id);
  KONTOR_ASSIGN_OR_RETURN(
      auto row, session_.QueryOne("select digest, canon_version, operation_id, document_id "
                                  "from requests where mark_high = :high and mark_low = :low "
                                  "and source = :source and request_id = :id",
                                  "titt", {mark.high, mark.low, source, request_id}));
  if (!row) return std::optional<ports::RequestRow>();
  return ports::RequestRow{source,       request_id,   row->Take(0), static_cast<int>(row->Int(1)),
                           row->Take(2), row->Take(3)};
}

Reader::Maybe<ports::DocumentRow> Reader::OneDocument(std::string_view where,
                                                      std::initializer_list<Value> values) {
  KONTOR_ASSIGN_OR_RETURN(
      auto row, session_.QueryOne(StrCat("select ", kDocumentColumns.names,
                                         " from documents d join document_contents c "
                                         "on c.id = d.id where ",
                                         where),
                                  kDocumentColumns.types, values));
  if (!row) return std::optional<ports::DocumentRow>();
  KONTOR_ASSIGN_OR_RETURN(ports::DocumentRow document, DocumentOf(*row));
  return std::optional<ports::DocumentRow>(std::move(document));
}

Reader::Maybe<ports::DocumentRow> Reader::FindDocument(const std::string& id) {
  return OneDocument("d.id = :id", {id});
}

Reader::Maybe<ports::DocumentRow> Reader::FindDocumentByLookup(model::DocumentType type,
                                                               const std::string& connection,
                                                               const std::string& source,
                                                               const std::string& lookup) {
  if (lookup.empty()) return std::optional<ports::DocumentRow>();
  const std::string mark = LookupMark(crypto_, "documents.lookup", lookup);
  return OneDocument(
      "d.lookup_mark = :mark and d.lookup <> '' and d.lookup = :lookup and d.type = :type "
      "and d.connection = :connection and d.source = :source order by d.id desc limit 1",
      {MarkOf(mark), mark, model::NameOf(type), connection, source});
}

Reader::Maybe<ports::DocumentRow> Reader::FindDocumentByRecord(const std::string& connection,
                                                               const model::ErpRecord& record) {
  if (record.id <= 0) return std::optional<ports::DocumentRow>();
  return OneDocument(
      "d.erp_id = :id and d.erp_id > 0 and d.erp_model = :model and d.connection = :connection "
      "order by d.id limit 1",
      {record.id, record.model, connection});
}

Reader::Maybe<ports::DocumentRow> Reader::FindDocumentByExternalId(
    const std::string& external_id) {
  // The first operation under that name is the one that made the document.
  return OneDocument(
      "d.id = (select o.document_id from operations o where o.external_mark = :mark "
      "and o.external_id = :external order by o.id limit 1)",
      {MarkOf(crypto_.Sha256Hex(external_id)), external_id});
}

Reader::Maybe<model::Operation> Reader::FindOperation(const std::string& id) {
  KONTOR_ASSIGN_OR_RETURN(auto operations,
                          OperationsOf(session_.Query(StrCat("select ", kOperationColumns.names,
                                                             " from operations where id = :id"),
                                                      kOperationColumns.types, {id})));
  if (operations.empty()) return std::optional<model::Operation>();
  return std::optional<model::Operation>(std::move(operations.front()));
}

Reader::Maybe<model::ExceptionCase> Reader::FindException(const std::string& id) {
  KONTOR_ASSIGN_OR_RETURN(
      auto row, session_.QueryOne(
                    StrCat("select ", kExceptionColumns.names, " from exceptions where id = :id"),
                    kExceptionColumns.types, {id}));
  if (!row) return std::optional<model::ExceptionCase>();
  KONTOR_ASSIGN_OR_RETURN(model::ExceptionCase exception, ExceptionOf(*row));
  return std::optional<model::ExceptionCase>(std::move(exception));
}

Reader::Maybe<model::Event> Reader::FindEvent(const std::string& id) {
  KONTOR_ASSIGN_OR_RETURN(
      auto row,
      session_.QueryOne(StrCat("select ", kEventColumns.names, " from events where id = :id"),
                        kEventColumns.types, {id}));
  if (!row) return std::optional<model::Event>();
  KONTOR_ASSIGN_OR_RETURN(model::Event event, EventOf(*row));
  return std::optional<model::Event>(std::move(event));
}

Reader::Maybe<ports::ObjectRow> Reader::FindObject(const std::string& kind,
                                                   const std::string& id_or_name) {
  for (const std::string_view column : {"id", "name"}) {
    KONTOR_ASSIGN_OR_RETURN(
        auto row, session_.QueryOne(StrCat("select ", kObjectColumns.names,
                                           " from objects where kind = :kind and ", column,
                                           " = :key"),
                                    kObjectColumns.types, {kind, id_or_name}));
    if (!row) continue;
    KONTOR_ASSIGN_OR_RETURN(ports::ObjectRow object, ObjectOf(*row));
    return std::optional<ports::ObjectRow>(std::move(object));
  }
  return std::optional<ports::ObjectRow>();
}

Reader::Maybe<ports::ObjectRow> Reader::FindObjectByLookup(const std::string& kind,
                                                           const std::string& lookup) {
  if (lookup.empty()) return std::optional<ports::ObjectRow>();
  KONTOR_ASSIGN_OR_RETURN(
      auto row, session_.QueryOne(StrCat("select ", kObjectColumns.names,
                                         " from objects where kind = :kind and lookup = :lookup "
                                         "and lookup <> ''"),
                                  kObjectColumns.types, {kind, lookup}));
  if (!row) return std::optional<ports::ObjectRow>();
  KONTOR_ASSIGN_OR_RETURN(ports::ObjectRow object, ObjectOf(*row));
  return std::optional<ports::ObjectRow>(std::move(object));
}

Reader::Many<ports::ObjectRow> Reader::AllObjects(const std::string& kind) {
  KONTOR_ASSIGN_OR_RETURN(
      Rows rows, session_.Query(StrCat("select ", kObjectColumns.names,
                                       " from objects where kind = :kind order by name"),
                                kObjectColumns.types, {kind}));
  std::vector<ports::ObjectRow> out;
  for (Row& row : rows) {
    KONTOR_ASSIGN_OR_RETURN(ports::ObjectRow object, ObjectOf(row));
    out.push_back(std::move(object));
  }
  return out;
}

Reader::Maybe<ports::ObservedRow> Reader::FindObserved(const std::string& subject) {
  KONTOR_ASSIGN_OR_RETURN(
      auto row, session_.QueryOne("select version, snapshot, digest, write_date from observed "
                                  "where subject = :subject",
                                  "ittt", {subject}));
  if (!row) return std::optional<ports::ObservedRow>();
  ports::ObservedRow out;
  out.subject = subject;
  out.version = row->Int(0);
  KONTOR_ASSIGN_OR_RETURN(out.snapshot,
                          crypto_.Open(row->Text(1), StrCat("observed/", subject)));
  out.digest = row->Take(2);
  out.write_date = row->Take(3);
  return std::optional<ports::ObservedRow>(std::move(out));
}

Reader::Maybe<std::string> Reader::FindCursor(const std::string& name) {
  KONTOR_ASSIGN_OR_RETURN(
      auto row, session_.QueryOne("select value from cursors where name = :name", "t", {name}));
  if (!row) return std::optional<std::string>();
  return std::optional<std::string>(row->Take(0));
}

absl::StatusOr<int64_t> Reader::LastEventSequence() {
  KONTOR_ASSIGN_OR_RETURN(auto row,
                          session_.QueryOne("select event_sequence from heads where id = 1", "i"));
  if (!row) return Unreadable("heads", "1");
  return row->Int(0);
}

Reader::Many<model::Operation> Reader::OperationsOf(absl::StatusOr<Rows> rows) {
  KONTOR_RETURN_IF_ERROR(rows.status());
  std::vector<model::Operation> out;
  for (Row& row : *rows) {
    KONTOR_ASSIGN_OR_RETURN(model::Operation operation, OperationOf(row));
    out.push_back(std::move(operation));
  }
  return out;
}

}  // namespace kontor::store::internal
