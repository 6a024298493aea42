// SPDX-License-Identifier: Apache-2.0
// The engine's face: what the API may ask of it. Accepting, releasing, resolving, cancelling,
// reconciling; the work itself runs on the engine's own threads. No network, no SQL, no proto here.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/base/ids.h"
#include "server/engine/comparison.h"
#include "server/model/event.h"
#include "server/model/operation.h"
#include "server/ports/actor.h"
#include "server/ports/crypto.h"
#include "server/ports/erp.h"
#include "server/ports/store.h"

namespace kontor::engine {

/// Limits and times; server/app fills them from the configuration ([engine]).
struct Settings {
  std::string node;                                   ///< Name of this node for leases.
  int lane_threads = 8;                               ///< Lanes at work at once; 1 to 64.
  int batch_size_max = 60;                            ///< Documents a call to Odoo; 1 to 200.
  /// Batches that a lane takes up together: while one is posted, the drafts of the next are made.
  /// 1: one after the other; 1 to 16.
  int batches_ahead = 4;
  absl::Duration batch_target = absl::Seconds(2);     ///< Time a call should take (adaptive size).
  absl::Duration call_timeout =
      absl::Seconds(90);  ///< > 30 s: Odoo retries by itself for that long.
  absl::Duration lease_ttl = absl::Seconds(150);      ///< Must outlive call_timeout.
  absl::Duration catalogue_ttl = absl::Minutes(5);
  absl::Duration probe_first = absl::Seconds(2);  ///< Wait before the first probe of an UNKNOWN.
  absl::Duration probe_max = absl::Minutes(5);
  absl::Duration retry_first = absl::Seconds(1);
  absl::Duration retry_max = absl::Minutes(5);
  int attempts_max = 12;                              ///< Then a technical exception.
  absl::Duration poll_interval = absl::Seconds(30);   ///< Change polling per entity; 0: off.
  absl::Duration poll_overlap = absl::Minutes(15);
  absl::Duration sweep_interval = absl::Hours(24);    ///< Looks for deletions.
  absl::Duration park_check = absl::Seconds(30);  ///< How often parked operations are looked at.
  int rate_age_days_max = 35;
  absl::Duration exception_deadline = absl::Hours(48);
};

/// A legal entity, bound to one company of one connection. Stored as object kind "entity".
enum class Mode { kShadow, kLive, kPaused };
struct PostingRule {               ///< First match wins; empty fields match all.
  std::string source;
  std::string entity;
  std::optional<model::DocumentType> type;
  std::string subtype;
  std::string currency_code;
  std::optional<model::Decimal> amount_from;  ///< At least; in currency_code.
  std::optional<model::Decimal> amount_to;    ///< At most.
  model::Posting posting = model::Posting::kPost;
};
struct Entity {
  std::string name;
  std::string connection;
  int64_t company_id = 0;
  std::string currency_code;
  Mode mode = Mode::kLive;
  std::optional<model::Date> live_from;
  std::vector<PostingRule>
      posting_rules;  ///< Without a match: journal entries hold, all else posts.
  bool accept_total_mismatch = false;
  std::vector<std::string> journals;       ///< Journals whose changes become events; empty: all.
};
/// Whether the addon is used where it is there.
enum class AddonUse { kAuto, kNever, kRequired };
struct Connection {                ///< Object kind "connection"; the api_key is in the sealed body.
  std::string name;
  std::string url;
  std::string database;
  std::string login;
  std::string api_key;
  std::string transport;           ///< "", json2, jsonrpc, xmlrpc.
  std::string ca_file;
  int calls_in_flight_max = 0;     ///< 0: by host (1 for *.odoo.com, else 4).
  int calls_per_second_max = 0;    ///< 0: by host (1 for *.odoo.com, else none).
  Mode mode = Mode::kLive;
  AddonUse addon_use = AddonUse::kAuto;  ///< kRequired: without it operations are parked.
  std::string database_mark;       ///< The marker it is bound to; empty: not yet bound.
  std::string database_uuid;       ///< The addon's word for the same; empty: the addon never came.
  std::string suspended_reason;    ///< DATABASE_REPLACED, RESTORE_HOLD or empty.
};

struct AcceptRequest {
  std::string request_id;          ///< 1 to 128 printable ASCII characters.
  model::Document document;        ///< For kCancel/kReverse: only id and entity are read.
  model::Verb verb = model::Verb::kCreate;
  std::optional<model::Posting> posting;  ///< May only be stricter than the policy.
  std::vector<std::string> depends_on;
  std::string correlation_id;      ///< Empty: made.
  std::string traceparent;
  std::optional<model::Date> reverse_date;
  std::string journal_code;        ///< Of a reversal; empty: the original's.
  std::string reason;
  bool validate_only = false;
};
struct AcceptResult {
  model::Operation operation;
  ports::DocumentRow document;
  std::vector<model::Finding> findings;  ///< Of validate_only; else warnings.
  bool repeated = false;                 ///< The answer to an earlier request with this id.
};

/// What tells a change that is asked for again from another one. Without an id, a repeat is told by
/// nothing. The digest is of all that the request says beside its id.
struct RequestKey {
  std::string request_id;
  std::string digest;
};

/// Why a person decided, in characters.
inline constexpr int kReasonMax = 1000;

struct ResolveRequest {
  std::string exception_id;
  model::Resolution resolution = model::Resolution::kRetry;
  std::string reason;                    ///< 1 to kReasonMax; required.
  std::optional<model::Document> corrected;
};

/// An entity's ERP for a short while.
struct OpenEntity {
  std::shared_ptr<ports::Erp> erp;
  std::shared_ptr<const model::Catalogue> catalogue;
  int64_t company_id = 0;
  std::string connection;
  bool shadow = false;  ///< Nothing may be sent.
};

/// How far two people have agreed to end a suspension.
struct Agreement {
  bool done = false;                   ///< Else a second person must make the same call.
  std::vector<std::string> approvers;  ///< Names of those who agreed, the first one first.
};

/// Makes the Erp of a connection; server/app gives one over adapters/odoo.
using ErpFactory =
    std::function<absl::StatusOr<std::shared_ptr<ports::Erp>>(const Connection& connection)>;

template <typename T>
using Done = std::function<void(absl::StatusOr<T>)>;

/// Thread-safe. Done callbacks run on an engine or store thread and must not block. A change with a
/// `key` is kept under it; carried out meanwhile, it fails as once.h says.
class Engine {
 public:
  virtual ~Engine() = default;

  /// Opens leases, turns interrupted sends into UNKNOWN, starts the threads.
  virtual absl::Status Start() = 0;
  /// Stops taking work, lets calls under way end until `deadline`, releases leases.
  virtual void Stop(absl::Time deadline) = 0;

  /// Validates, writes request, document, operation, event and audit row in one transaction, then
  /// calls `done`. Same request_id and content: the first answer again. Other content:
  /// REQUEST_ID_REUSED with metadata "fields". With validate_only: everything up to the send.
  virtual void Accept(const ports::Actor& actor, AcceptRequest request,
                      Done<AcceptResult> done) = 0;
  /// Calls `done` when the operation is terminal, in EXCEPTION, HELD or PARKED, or at `deadline`.
  virtual void Wait(const std::string& operation_id, absl::Time deadline,
                    Done<model::Operation> done) = 0;

  /// HELD → READY; a person with RELEASER who is not the submitter.
  virtual absl::StatusOr<model::Operation> Release(const ports::Actor& actor,
                                                   const std::string& operation_id,
                                                   const std::string& reason,
                                                   const RequestKey& key = {}) = 0;
  /// RETRYING, UNKNOWN or PARKED: looked at now.
  virtual absl::StatusOr<model::Operation> Retry(const ports::Actor& actor,
                                                 const std::string& operation_id,
                                                 const std::string& reason,
                                                 const RequestKey& key = {}) = 0;
  /// ACCEPTED, READY, HELD, PARKED, RETRYING, EXCEPTION → CANCELLED; a draft is removed first.
  /// Never while SENDING or UNKNOWN (STATE_CONFLICT).
  virtual absl::StatusOr<model::Operation> CancelOperation(const ports::Actor& actor,
                                                           const std::string& operation_id,
                                                           const std::string& reason,
                                                           const RequestKey& key = {}) = 0;
  /// Resolves, or proposes when a second person is needed and `actor` is the first; the second
  /// person confirms by the same call.
  virtual absl::StatusOr<model::ExceptionCase> ResolveException(const ports::Actor& actor,
                                                                const ResolveRequest& request,
                                                                const RequestKey& key = {}) = 0;

  /// AWAITING_SECOND_PERSON → OPEN; the proposal is dropped. A person with ACCOUNTANT or OPERATOR.
  virtual absl::StatusOr<model::ExceptionCase> DeclineResolution(
      const ports::Actor& actor, const std::string& exception_id, const std::string& reason,
      const RequestKey& key = {}) = 0;

  virtual absl::StatusOr<ports::ErpReport> CheckConnection(const ports::Actor& actor,
                                                           const std::string& connection,
                                                           const std::string& entity) = 0;
  virtual absl::StatusOr<model::Catalogue> GetCatalogue(const std::string& entity,
                                                        bool fresh) = 0;
  /// The entity's ERP, admitted and ready, for loops beside the operations. CONNECTION_PAUSED, and
  /// what admitting answers; while the connection rests after a failure ODOO_UNREACHABLE. Blocks.
  virtual absl::StatusOr<OpenEntity> Open(const std::string& entity) = 0;
  /// The same for a comparison that a person asked for: neither a pause nor a rest stops it.
  virtual absl::StatusOr<OpenEntity> OpenToRead(const std::string& entity) = 0;
  /// Vendor bills of the entity as Odoo has them now; every page of the query, at most `most` rows
  /// (TOO_LARGE beyond). Blocks on Odoo.
  virtual absl::StatusOr<std::vector<ports::Payable>> ReadPayables(const std::string& entity,
                                                                   ports::PayableQuery query,
                                                                   size_t most) = 0;
  /// From whom the entity has bought, by id; at most `most` (TOO_LARGE beyond). Blocks on Odoo.
  virtual absl::StatusOr<std::vector<model::NamedId>> ReadVendors(const std::string& entity,
                                                                  size_t most) = 0;
  /// Payments of the entity that others made in Odoo, by their ids; missing ones are left out.
  /// Blocks on Odoo.
  virtual absl::StatusOr<std::vector<ports::BookedPayment>> ReadPayments(
      const std::string& entity, const std::vector<int64_t>& ids) = 0;
  /// Cancels a payment that another made in Odoo; cancelled already is done. Blocks on Odoo.
  virtual absl::Status UndoPayment(const std::string& entity, int64_t id) = 0;
  /// Re-reads the document's record in Odoo now and observes it.
  virtual absl::StatusOr<ports::DocumentRow> Refresh(const std::string& document_id) = 0;
  /// `bank`: what others found about the entity's bank journals; kept and raised with the rest.
  virtual absl::StatusOr<ReconcileReport> Reconcile(const ports::Actor& actor,
                                                    const std::string& entity,
                                                    const model::Date& from,
                                                    const model::Date& to,
                                                    bool raise_exceptions = true,
                                                    BankComparison bank = {}) = 0;
  /// Ends RESTORE_HOLD / DATABASE_REPLACED of a connection; the second person's call does it. An
  /// empty name means every connection in RESTORE_HOLD, all of them or none.
  virtual absl::StatusOr<Agreement> ReleaseConnection(const ports::Actor& actor,
                                                            const std::string& connection,
                                                            const std::string& reason,
                                                            const RequestKey& key = {}) = 0;

  /// Suspends every connection as RESTORE_HOLD; server/app calls it before Start when the store was
  /// restored from a backup. Repeatable.
  virtual absl::Status HoldForRestore() = 0;

  /// Configured things (administrators); entity and connection bodies as JSON in the store.
  virtual absl::StatusOr<Connection> PutConnection(const ports::Actor& actor, Connection connection,
                                                   bool create, const RequestKey& key = {}) = 0;
  virtual absl::StatusOr<Entity> PutEntity(const ports::Actor& actor, Entity entity, bool create,
                                           const RequestKey& key = {}) = 0;
  virtual absl::StatusOr<Connection> GetConnection(const std::string& name) = 0;
  virtual absl::StatusOr<Entity> GetEntity(const std::string& name) = 0;
  virtual absl::StatusOr<std::vector<Connection>> ListConnections() = 0;
  virtual absl::StatusOr<std::vector<Entity>> ListEntities() = 0;
};

struct Dependencies {
  ports::Store& store;
  const base::Clock& clock;
  base::IdSource& ids;
  const ports::Crypto& crypto;
  ErpFactory erp_factory;
  /// Structured log line: event name and key/values without payloads or secrets. May be empty.
  std::function<void(const std::string& event,
                     const std::vector<std::pair<std::string, std::string>>& fields)> log;
  /// Named failpoint at a step boundary; the tests make it throw or exit. May be empty.
  std::function<void(const char* name)> failpoint;
};

std::unique_ptr<Engine> MakeEngine(Dependencies dependencies, Settings settings);

}  // namespace kontor::engine
