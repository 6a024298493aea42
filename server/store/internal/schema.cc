// SPDX-License-Identifier: Apache-2.0
#include "server/store/internal/schema.h"

#include <string>
#include <string_view>
#include <vector>

#include "server/base/strings.h"
#include "server/store/internal/codec.h"

namespace kontor::store::internal {
namespace {

using base::Reason;

/// Any number that no other program takes: keeps two nodes from migrating at once.
constexpr std::string_view kMigrationLock = "select pg_advisory_xact_lock(7600760176027603)";
constexpr std::string_view kCanaryPlain = "kontor";
constexpr std::string_view kCanaryPlace = "store_instance/1";

struct Migration {
  int number;
  std::vector<std::string_view> statements;
};

// Marks: {text} sorts by bytes on both engines, {big} holds 64 bits, {key64} is a primary key that
// is SQLite's own row number, {by key} keeps a table in its primary key's order.
// Times are microseconds since 1970 UTC; 0 means none where a column may not be null. Booleans are
// 0 and 1. Marks are the first bits of a digest: in a large store each insert into an index on
// random texts touches a page of its own, and numbers make such an index a fifth as large.
// `open` and `due` repeat what `state` says, so that partial indices stay small however many
// operations are finished.
const std::vector<Migration>& Migrations() {
  static const std::vector<Migration> kMigrations = {{1, {
  R"(create table store_instance (id {key64}, generation {text} not null,
     created_us {big} not null, seal_check {text} not null, lookup_check {text} not null))",
  R"(create table heads (id {key64}, event_sequence {big} not null,
     audit_sequence {big} not null, audit_hash {text} not null))",
  "insert into heads (id, event_sequence, audit_sequence, audit_hash) values (1, 0, 0, '')",

  R"(create table requests (source {text} not null, request_id {text} not null,
     mark_high {big} not null, mark_low {big} not null, digest {text} not null,
     canon_version integer not null, operation_id {text} not null, document_id {text} not null))",
  "create unique index requests_mark on requests (mark_high, mark_low)",

  R"(create table documents (id {text} primary key, version {big} not null, type {text} not null,
     subtype {text} not null, entity {text} not null, connection {text} not null,
     source {text} not null, lookup {text} not null, lookup_mark {big} not null,
     operation_id {text} not null, state {text} not null, erp_model {text} not null,
     erp_id {big} not null, erp_name {text} not null, booked {text} not null, date {text},
     journal_code {text} not null, currency_code {text} not null, total_minor {big} not null,
     content_mark {text} not null,
     created_us {big} not null))",
  "create index documents_entity on documents (entity, id)",
  "create index documents_lookup on documents (lookup_mark) where lookup <> ''",
  "create index documents_record on documents (erp_id, erp_model, connection) where erp_id > 0",
  R"(create index documents_posted on documents (entity, date, journal_code, currency_code,
     total_minor) where state = 'POSTED')",
  "create table document_contents (id {text} primary key, content {text} not null)",

  R"(create table operations (id {text} primary key, version {big} not null, verb {text} not null,
     state {text} not null, open integer not null, due integer not null, lane {text} not null,
     entity {text} not null, connection {text} not null, source {text} not null,
     request_id {text} not null, document_type {text} not null, document_id {text} not null,
     correlation_id {text} not null, external_id {text} not null, external_mark {big} not null,
     next_attempt_us {big} not null, created_us {big} not null, updated_us {big} not null,
     fence {big} not null, body {text} not null))",
  "create index operations_entity on operations (entity, id)",
  "create index operations_document on operations (document_id)",
  "create index operations_correlation on operations (correlation_id)",
  "create index operations_external on operations (external_mark)",
  "create index operations_open on operations (state, id) where open = 1",
  "create index operations_due on operations (lane, next_attempt_us) where due = 1",
  "create index operations_due_order on operations (lane, id) where due = 1",
  R"(create table operation_dependencies (depends_on {text} not null, operation_id {text} not null,
     primary key (depends_on, operation_id)) {by key})",

  R"(create table exceptions (id {text} primary key, version {big} not null, state {text} not null,
     technical integer not null, operation_id {text} not null, entity {text} not null,
     subject {text} not null, opened_us {big} not null, deadline_us {big} not null,
     body {text} not null))",
  "create index exceptions_operation on exceptions (operation_id, id)",
  "create index exceptions_entity on exceptions (entity, id)",
  "create index exceptions_open on exceptions (state, id) where state <> 'RESOLVED'",

  R"(create table events (sequence {key64}, id {text} not null unique, type {text} not null,
     time_us {big} not null, entity {text} not null, subject {text} not null,
     subject_sequence {big} not null, correlation_id {text} not null, data {text} not null))",
  "create unique index events_subject on events (subject, subject_sequence)",
  "create index events_time on events (time_us)",

  R"(create table audit (sequence {key64}, time_us {big} not null, actor {text} not null,
     role {text} not null, action {text} not null, subject {text} not null,
     entity {text} not null, state_before {text} not null, state_after {text} not null,
     reason {text} not null, policy_version {text} not null, correlation_id {text} not null,
     previous_hash {text} not null, hash {text} not null))",

  R"(create table objects (kind {text} not null, id {text} not null, name {text} not null,
     lookup {text} not null, version {big} not null, body {text} not null,
     created_us {big} not null, updated_us {big} not null, primary key (kind, id)))",
  "create unique index objects_name on objects (kind, name)",
  "create unique index objects_lookup on objects (kind, lookup) where lookup <> ''",

  R"(create table observed (subject {text} primary key, version {big} not null,
     snapshot {text} not null, digest {text} not null, write_date {text} not null))",
  "create table cursors (name {text} primary key, value {text} not null) {by key}",
  R"(create table duplicate_keys (entity {text} not null, mark {text} not null,
     operation_id {text} not null, primary key (entity, mark)) {by key})",
  "create index duplicate_keys_operation on duplicate_keys (operation_id)",
  R"(create table leases (name {text} primary key, node {text} not null, fence {big} not null,
     expires_us {big} not null) {by key})",

  R"(create table deliveries (id {text} primary key, endpoint_id {text} not null,
     event_sequence {big} not null, event_id {text} not null, subject {text} not null,
     state {text} not null, open integer not null, first integer not null,
     attempts integer not null, next_attempt_us {big} not null,
     last_http_status integer not null, last_error {text} not null, created_us {big} not null,
     ended_us {big}, replay integer not null))",
  "create index deliveries_endpoint on deliveries (endpoint_id, id)",
  R"(create index deliveries_order on deliveries (endpoint_id, subject, event_sequence, id)
     where open = 1)",
  R"(create index deliveries_due on deliveries (endpoint_id, next_attempt_us, event_sequence)
     where first = 1 and state = 'PENDING')",
  "create index deliveries_first on deliveries (endpoint_id, subject) where first = 1",
  }}, {2, {
  R"(create table flows (id {text} primary key, kind {text} not null, version {big} not null,
     entity {text} not null, group_name {text} not null, state {text} not null,
     open integer not null, due_us {big} not null, created_us {big} not null,
     updated_us {big} not null, body {text} not null))",
  "create index flows_kind on flows (kind, id)",
  "create index flows_entity on flows (kind, entity, id) where entity <> ''",
  "create index flows_group on flows (kind, group_name, id) where group_name <> ''",
  "create index flows_open on flows (kind, state, id) where open = 1",
  "create index flows_due on flows (kind, due_us) where open = 1",
  R"(create table flow_keys (space {text} not null, mark_high {big} not null,
     mark_low {big} not null, flow_id {text} not null,
     primary key (space, mark_high, mark_low)) {by key})",
  "create index flow_keys_flow on flow_keys (flow_id, space)",
  R"(create table flow_links (space {text} not null, mark_high {big} not null,
     mark_low {big} not null, flow_id {text} not null,
     primary key (space, mark_high, mark_low, flow_id)) {by key})",
  "create index flow_links_flow on flow_links (flow_id, space)",
  R"(create table flow_lines (flow_id {text} not null, number {big} not null,
     mark_high {big} not null, mark_low {big} not null, state {text} not null,
     body {text} not null, primary key (flow_id, number)) {by key})",
  R"(create unique index flow_lines_mark on flow_lines (mark_high, mark_low)
     where mark_high <> 0 or mark_low <> 0)",
  R"(create table blobs (id {text} primary key, flow_id {text} not null, kind {text} not null,
     name {text} not null, media_type {text} not null, sha256 {text} not null,
     bytes {big} not null, parts {big} not null, facts {text} not null,
     created_us {big} not null))",
  "create index blobs_flow on blobs (flow_id, id)",
  R"(create table blob_parts (blob_id {text} not null, number {big} not null,
     content {text} not null, primary key (blob_id, number)) {by key})",
  }}, {3, {
  "create table intake (id {key64}, content {text} not null)",
  }}};
  return kMigrations;
}

std::string Translated(std::string_view sql, Engine engine) {
  const bool sqlite = engine == Engine::kSqlite;
  const std::pair<std::string_view, std::string_view> marks[] = {
      {"{text}", sqlite ? "text" : "text collate \"C\""},
      {"{big}", "bigint"},
      {"{key64}", sqlite ? "integer primary key" : "bigint primary key"},
      {"{by key}", sqlite ? "without rowid" : ""}};
  std::string out(sql);
  for (const auto& [mark, text] : marks) {
    for (size_t at = out.find(mark); at != std::string::npos; at = out.find(mark, at)) {
      out.replace(at, mark.size(), text);
    }
  }
  return out;
}

absl::StatusOr<bool> HasTable(Session& session, std::string_view name) {
  const std::string_view sql =
      session.is_sqlite()
          ? "select count(*) from sqlite_master where type = 'table' and name = :name"
          : "select count(*) from pg_tables where schemaname = current_schema() and tablename = :n";
  KONTOR_ASSIGN_OR_RETURN(Rows rows, session.Query(sql, "i", {name}));
  return !rows.empty() && rows.front().Int(0) > 0;
}

/// The first opening writes what the key makes of a known text; later ones compare.
absl::Status CheckKey(Session& session, const ports::Crypto& crypto, const base::Clock& clock,
                      StoreOpenInfo* info) {
  KONTOR_ASSIGN_OR_RETURN(
      auto row, session.QueryOne(
                    "select generation, seal_check, lookup_check from store_instance where id = 1",
                    "ttt"));
  if (row) {
    info->generation = row->Text(0);
    const auto opened = crypto.Open(row->Text(1), kCanaryPlace);
    if (!opened.ok() || *opened != kCanaryPlain ||
        crypto.LookupHash(kCanaryPlain) != row->Text(2)) {
      return base::Error(Reason::kSealBroken).Says("the store was made with another key");
    }
    return absl::OkStatus();
  }
  info->generation = RandomHex(crypto);
  info->created = true;
  return session
      .Execute(R"(insert into store_instance (id, generation, created_us, seal_check, lookup_check)
                  values (1, :generation, :created, :seal, :lookup))",
               {info->generation, absl::ToUnixMicros(clock.Now()),
                Value::Own(crypto.Seal(kCanaryPlain, kCanaryPlace)),
                Value::Own(crypto.LookupHash(kCanaryPlain))})
      .status();
}

absl::Status MigrateInTransaction(Session& session, const ports::Crypto& crypto,
                                  const base::Clock& clock, StoreOpenInfo* info) {
  if (!session.is_sqlite()) KONTOR_RETURN_IF_ERROR(session.Control(kMigrationLock));
  KONTOR_ASSIGN_OR_RETURN(const int found, ReadSchemaVersion(session));
  if (found == 0) {
    KONTOR_RETURN_IF_ERROR(session.Control(Translated(
        "create table schema_version (number {key64}, applied_us {big} not null)",
        session.engine())));
  }
  for (const Migration& migration : Migrations()) {
    if (migration.number <= found) continue;
    for (const std::string_view statement : migration.statements) {
      KONTOR_RETURN_IF_ERROR(session.Control(Translated(statement, session.engine())));
    }
    KONTOR_RETURN_IF_ERROR(
        session
            .Execute("insert into schema_version (number, applied_us) values (:n, :at)",
                     {migration.number, absl::ToUnixMicros(clock.Now())})
            .status());
    ++info->migrations_run;
  }
  info->schema_version = SchemaVersion();
  return CheckKey(session, crypto, clock, info);
}

}  // namespace

int SchemaVersion() { return Migrations().back().number; }

absl::StatusOr<int> ReadSchemaVersion(Session& session) {
  KONTOR_ASSIGN_OR_RETURN(const bool exists, HasTable(session, "schema_version"));
  if (!exists) return 0;
  KONTOR_ASSIGN_OR_RETURN(
      Rows rows, session.Query("select coalesce(max(number), 0) from schema_version", "i"));
  const int64_t found = rows.empty() ? 0 : rows.front().Int(0);
  if (found > SchemaVersion()) {
    return base::Error(Reason::kStoreNewer)
        .With("store_version", base::StrCat(found))
        .With("program_version", base::StrCat(SchemaVersion()))
        .Says(base::StrCat("the store has version ", found, ", this program knows ",
                           SchemaVersion()));
  }
  return static_cast<int>(found);
}

absl::Status Migrate(Session& session, const ports::Crypto& crypto, const base::Clock& clock,
                     StoreOpenInfo* info) {
  KONTOR_RETURN_IF_ERROR(session.BeginWrite());
  absl::Status status = MigrateInTransaction(session, crypto, clock, info);
  if (status.ok()) status = session.Commit();
  if (!status.ok()) session.Rollback();
  return status;
}

}  // namespace kontor::store::internal
