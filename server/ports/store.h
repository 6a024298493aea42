// SPDX-License-Identifier: Apache-2.0
// What everything above needs of durable memory. One commit thread a node runs units of work, many
// in one transaction, each in its own savepoint; last in the transaction events are numbered and
// the audit is chained (DESIGN 6). Payload texts are sealed by the implementation.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/model/event.h"
#include "server/model/operation.h"
#include "server/ports/flows.h"

namespace kontor::ports {

/// The first answer to a request id, for ever (DESIGN 4).
struct RequestRow {
  std::string source;
  std::string request_id;
  std::string digest;         ///< Hex SHA-256 of the normal form.
  int canon_version = 1;
  std::string operation_id;
  std::string document_id;
};

/// A document at rest. `content` is its canonical JSON with attachment bytes (sealed at rest).
struct DocumentRow {
  std::string id;
  model::DocumentType type = model::DocumentType::kInvoice;
  std::string subtype;        ///< Name of the InvoiceKind, or empty.
  std::string entity;
  std::string connection;
  std::string source;
  std::string lookup;  ///< Partner reference, or the document's own reference; hashed at rest.
  std::string content;
  std::string operation_id;   ///< The creating operation.
  std::string state;          ///< Name of the last OperationState reached, for lists.
  model::ErpRecord record;
  std::string booked;         ///< Last observed snapshot as JSON (sealed); empty.
  std::optional<model::Date> date;  ///< Accounting date, for lists and control totals.
  std::string journal_code;
  std::string currency_code;
  int64_t total_minor = 0;    ///< Asked total (expected, or summed lines), at the currency's scale.
  absl::Time created;
  int64_t version = 0;
};

struct AuditEntry {
  int64_t sequence = 0;       ///< Given by the store.
  absl::Time time;
  std::string actor;          ///< Principal id, or "kontord".
  std::string role;
  std::string action;         ///< Such as operation.release.
  std::string subject;
  std::string entity;
  std::string before;         ///< JSON or empty; masked.
  std::string after;
  std::string reason;
  std::string policy_version;
  std::string correlation_id;
  std::string previous_hash;  ///< Given by the store.
  std::string hash;           ///< SHA-256 over previous_hash and the fields above, hex.
};

/// A configured thing: connection, entity, endpoint, principal, token, policy, proposal …
/// Small in number; `body` is JSON, sealed at rest.
struct ObjectRow {
  std::string kind;
  std::string id;
  std::string name;           ///< Unique within the kind.
  std::string lookup;  ///< Unique within the kind when not empty (token hash); stored as given.
  std::string body;
  absl::Time created;
  absl::Time updated;
  int64_t version = 0;        ///< 0 in Put: must not exist yet.
};

enum class DeliveryState { kPending, kDelivered, kParked, kDropped };
struct DeliveryRow {
  std::string id;
  std::string endpoint_id;
  int64_t event_sequence = 0;
  std::string event_id;
  std::string subject;
  DeliveryState state = DeliveryState::kPending;
  int attempts = 0;
  absl::Time next_attempt;
  int last_http_status = 0;
  std::string last_error;
  absl::Time created;
  std::optional<absl::Time> ended;
  bool replay = false;
  bool first = false;  ///< Given by Put: it is open, and nothing open of its subject is before it.
};

/// What kontor last saw of a subject in Odoo.
struct ObservedRow {
  std::string subject;
  std::string snapshot;       ///< JSON; sealed.
  std::string digest;         ///< Of the snapshot.
  std::string write_date;     ///< Odoo's, for "older never overwrites newer".
  int64_t version = 0;
};

struct Page {
  int limit = 50;             ///< 1 to 1000.
  std::string after;          ///< Opaque; empty: from the start.
};
template <typename T>
struct Listed {
  std::vector<T> rows;
  std::string next;           ///< Empty: no more.
};

struct OperationFilter {
  std::string entity;
  std::vector<model::OperationState> states;
  std::string document_id;
  std::string correlation_id;
};
struct DocumentFilter {
  std::optional<model::DocumentType> type;
  std::string entity;
  std::string state;
  std::string subtype;
  std::string source;
  std::optional<model::Date> from;
  std::optional<model::Date> to;
  std::string lookup;
};
struct ExceptionFilter {
  std::string entity;
  std::optional<model::ExceptionState> state;
  std::optional<bool> technical;
  std::string operation_id;
};
struct EventFilter {
  int64_t after = 0;
  std::vector<std::string> types;  ///< Exact, or a prefix with `.*`; empty: all.
  std::vector<std::string> entities;
  std::string subject;
  std::optional<absl::Time> from;
  std::optional<absl::Time> to;
};
struct DayTotal {
  std::string entity;
  std::string journal_code;
  std::string currency_code;
  model::Date date;
  int64_t count = 0;
  int64_t total_minor = 0;
};

/// Reads. Not thread-safe: lives within one call of Read or Commit.
class ReadView {
 public:
  virtual ~ReadView() = default;
  virtual absl::StatusOr<std::optional<RequestRow>> FindRequest(const std::string& source,
                                                                const std::string& request_id) = 0;
  virtual absl::StatusOr<std::optional<DocumentRow>> FindDocument(const std::string& id) = 0;
  /// The newest of this entity and source with that look-up text.
  virtual absl::StatusOr<std::optional<DocumentRow>> FindDocumentByLookup(
      model::DocumentType type, const std::string& connection, const std::string& source,
      const std::string& lookup) = 0;
  virtual absl::StatusOr<std::optional<DocumentRow>> FindDocumentByRecord(
      const std::string& connection, const model::ErpRecord& record) = 0;
  virtual absl::StatusOr<std::optional<DocumentRow>> FindDocumentByExternalId(
      const std::string& external_id) = 0;
  virtual absl::StatusOr<std::optional<model::Operation>> FindOperation(const std::string& id) = 0;
  virtual absl::StatusOr<std::optional<model::ExceptionCase>> FindException(
      const std::string& id) = 0;
  virtual absl::StatusOr<std::optional<model::Event>> FindEvent(const std::string& id) = 0;
  virtual absl::StatusOr<std::optional<ObjectRow>> FindObject(const std::string& kind,
                                                              const std::string& id_or_name) = 0;
  virtual absl::StatusOr<std::optional<ObjectRow>> FindObjectByLookup(
      const std::string& kind, const std::string& lookup) = 0;
  virtual absl::StatusOr<std::vector<ObjectRow>> AllObjects(const std::string& kind) = 0;
  virtual absl::StatusOr<std::optional<ObservedRow>> FindObserved(const std::string& subject) = 0;
  virtual absl::StatusOr<std::optional<std::string>> FindCursor(const std::string& name) = 0;
  virtual absl::StatusOr<int64_t> LastEventSequence() = 0;

  virtual absl::StatusOr<Listed<model::Operation>> ListOperations(const OperationFilter& filter,
                                                                  const Page& page) = 0;
  virtual absl::StatusOr<Listed<DocumentRow>> ListDocuments(const DocumentFilter& filter,
                                                            const Page& page) = 0;
  virtual absl::StatusOr<Listed<model::ExceptionCase>> ListExceptions(
      const ExceptionFilter& filter, const Page& page) = 0;
  virtual absl::StatusOr<std::vector<model::Event>> ListEvents(const EventFilter& filter,
                                                               int limit) = 0;
  virtual absl::StatusOr<std::vector<AuditEntry>> ListAudit(int64_t after, int limit) = 0;
  /// In one of `states`; in any when there are none.
  virtual absl::StatusOr<Listed<DeliveryRow>> ListDeliveries(
      const std::string& endpoint_id, const std::vector<DeliveryState>& states,
      const Page& page) = 0;

  /// Lanes with an operation due: ACCEPTED, READY, or RETRYING with next_attempt <= now. Cost does
  /// not grow with finished operations.
  virtual absl::StatusOr<std::vector<std::string>> DueLanes(absl::Time now, int limit) = 0;
  /// Due operations of a lane in order of acceptance.
  virtual absl::StatusOr<std::vector<model::Operation>> DueOperations(const std::string& lane,
                                                                      absl::Time now,
                                                                      int limit) = 0;
  /// In a state that is not terminal, oldest first, next_attempt <= now or none.
  virtual absl::StatusOr<std::vector<model::Operation>> OperationsInState(
      model::OperationState state, absl::Time now, int limit) = 0;
  virtual absl::StatusOr<std::vector<model::Operation>> DependentsOf(
      const std::string& operation_id, int limit) = 0;
  /// Endpoint's deliveries that are due: PENDING, next_attempt <= now, and first of their subject.
  virtual absl::StatusOr<std::vector<DeliveryRow>> DueDeliveries(const std::string& endpoint_id,
                                                                 absl::Time now, int limit) = 0;
  /// Live counts by state name of operations that are not terminal.
  virtual absl::StatusOr<std::map<std::string, int64_t>> CountOpenOperations() = 0;
  virtual absl::StatusOr<std::optional<FlowRow>> FindFlow(const std::string& id) = 0;
  /// Newest first.
  virtual absl::StatusOr<Listed<FlowRow>> ListFlows(const FlowFilter& filter,
                                                    const Page& page) = 0;
  /// Open ones of a kind with due <= now, by due. Cost does not grow with finished ones.
  virtual absl::StatusOr<std::vector<FlowRow>> DueFlows(const std::string& kind, absl::Time now,
                                                        int limit) = 0;
  /// Ids of the flows that have this key, reserved or shared, oldest first.
  virtual absl::StatusOr<std::vector<std::string>> FlowsByKey(const std::string& space,
                                                              const std::string& key,
                                                              int limit) = 0;
  /// Lines with number > after, by number.
  virtual absl::StatusOr<std::vector<FlowLineRow>> FlowLines(const std::string& flow_id,
                                                             int64_t after, int limit) = 0;
  virtual absl::StatusOr<std::optional<BlobRow>> FindBlob(const std::string& id) = 0;
  virtual absl::StatusOr<std::vector<BlobRow>> BlobsOfFlow(const std::string& flow_id) = 0;
  /// Part `number` from 1; NOT_FOUND.
  virtual absl::StatusOr<std::string> BlobPart(const std::string& blob_id, int64_t number) = 0;
  /// POSTED documents by journal, currency and day.
  virtual absl::StatusOr<std::vector<DayTotal>> ControlTotals(const std::string& entity,
                                                              const model::Date& from,
                                                              const model::Date& to) = 0;
};

/// Writes of one savepoint. A failed status undoes this unit alone.
class Unit : public ReadView {
 public:
  /// ALREADY_EXISTS (reason ALREADY_EXISTS) when the pair is taken.
  virtual absl::Status InsertRequest(const RequestRow& row) = 0;
  /// version 0 inserts; otherwise VERSION_CONFLICT unless it is the stored one. Grows it.
  virtual absl::Status PutDocument(DocumentRow& row) = 0;
  virtual absl::Status PutOperation(model::Operation& operation) = 0;
  virtual absl::Status PutException(model::ExceptionCase& exception) = 0;
  virtual absl::Status PutObject(ObjectRow& row) = 0;
  virtual absl::Status DeleteObject(const std::string& kind, const std::string& id) = 0;
  virtual absl::Status PutObserved(ObservedRow& row) = 0;
  virtual absl::Status PutCursor(const std::string& name, const std::string& value) = 0;
  virtual absl::Status PutDelivery(DeliveryRow& row) = 0;
  /// Takes the duplicate key for the operation; answers the operation that holds it (itself when it
  /// took or holds it).
  virtual absl::StatusOr<std::string> ReserveDuplicateKey(const std::string& entity,
                                                          const std::string& key,
                                                          const std::string& operation_id) = 0;
  virtual absl::Status ReleaseDuplicateKey(const std::string& operation_id) = 0;
  /// version 0 inserts; otherwise VERSION_CONFLICT unless it is the stored one. Grows it. Kind,
  /// id and created never change.
  virtual absl::Status PutFlow(FlowRow& row) = 0;
  /// Takes the key for the flow alone; answers the flow that holds it (itself when it took or holds
  /// it).
  virtual absl::StatusOr<std::string> ReserveFlowKey(const FlowKey& key) = 0;
  /// Adds a key that others may have too. Repeatable.
  virtual absl::Status ShareFlowKey(const FlowKey& key) = 0;
  /// Gives back the flow's keys of that space, reserved and shared.
  virtual absl::Status ReleaseFlowKeys(const std::string& space, const std::string& flow_id) = 0;
  /// Adds lines; answers for each whether it was new. One whose key is taken is not added.
  virtual absl::StatusOr<std::vector<bool>> AddFlowLines(
      const std::vector<FlowLineRow>& lines) = 0;
  /// Changes state and body of an existing line; NOT_FOUND.
  virtual absl::Status UpdateFlowLine(const FlowLineRow& line) = 0;
  /// ALREADY_EXISTS when the id is taken.
  virtual absl::Status InsertBlob(const BlobRow& row) = 0;
  /// Part `number` from 1 of a blob, at most kBlobPartBytesMax bytes.
  virtual absl::Status InsertBlobPart(const std::string& blob_id, int64_t number,
                                      const std::string& bytes) = 0;
  /// sequence and subject_sequence are given when the transaction commits.
  virtual absl::Status AppendEvent(model::Event event) = 0;
  virtual absl::Status AppendAudit(AuditEntry entry) = 0;
  /// Takes or renews the lease; the fence, or LEASE_LOST when another node holds it.
  virtual absl::StatusOr<int64_t> AcquireLease(const std::string& name, const std::string& node,
                                               absl::Time now, absl::Duration ttl) = 0;
  virtual absl::Status ReleaseLease(const std::string& name, int64_t fence) = 0;
  /// LEASE_LOST unless `fence` is the lease's current one.
  virtual absl::Status CheckLease(const std::string& name, int64_t fence) = 0;
};

using Work = std::function<absl::Status(Unit&)>;

/// What became durable; given to listeners after each transaction, on the commit thread.
struct CommitNotice {
  std::vector<std::string> operation_ids;
  std::vector<std::string> lanes;       ///< Of those operations.
  int64_t last_event_sequence = 0;      ///< 0: no event in it.
  std::vector<std::string> object_kinds;
  std::vector<std::string> flow_kinds;
};

/// Thread-safe.
class Store {
 public:
  virtual ~Store() = default;
  /// Runs `work` on the commit thread; once it is on disk (or undone), `done` gets its status, in
  /// order, on one thread for all: it must not block. QUEUE_FULL at once when the queue is full;
  /// STORE_FULL, STORE_UNAVAILABLE. `work` may run again when a transaction is repeated.
  virtual void Submit(Work work, std::function<void(absl::Status)> done) = 0;
  /// The same, blocking. Never from a network thread.
  virtual absl::Status Commit(const Work& work) = 0;
  /// A consistent read on a pooled session, on the calling thread; bounded wait for a session.
  virtual absl::Status Read(const std::function<absl::Status(ReadView&)>& work) = 0;
  /// The same on the store's own reader threads; for callers that must not block.
  virtual void ReadAsync(std::function<absl::Status(ReadView&)> work,
                         std::function<void(absl::Status)> done) = 0;
  /// Listeners live as long as the store.
  virtual void OnCommit(std::function<void(const CommitNotice&)> listener) = 0;
  /// Checks every row of the audit chain against `head` ("sequence:hash", may be empty).
  virtual absl::Status VerifyAudit(const std::string& head, int64_t* rows) = 0;
  virtual absl::Status Ping() = 0;
};

}  // namespace kontor::ports
