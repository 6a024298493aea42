// SPDX-License-Identifier: Apache-2.0
// Every read of ports::ReadView over one session, inside whatever transaction the caller has open.
// Changes nothing. Docstrings stand in server/ports/store.h.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/ports/crypto.h"
#include "server/ports/store.h"
#include "server/store/internal/sql.h"

namespace kontor::store::internal {

/// Look-up columns: the digest names its column, so that equal values in two cannot be linked.
std::string LookupMark(const ports::Crypto& crypto, std::string_view column,
                       std::string_view plain);

/// Where a request id stands in its index: 128 bits of a digest of both texts.
struct RequestMark {
  int64_t high = 0;
  int64_t low = 0;
};
RequestMark RequestMarkOf(const ports::Crypto& crypto, std::string_view source,
                          std::string_view request_id);

/// The columns of a table in the order that the From… functions read them.
struct Columns {
  std::string_view names;
  std::string_view types;
};
extern const Columns kDocumentColumns, kOperationColumns, kExceptionColumns, kEventColumns,
    kAuditColumns, kObjectColumns, kDeliveryColumns;

class Reader {
 public:
  template <typename T>
  using Maybe = absl::StatusOr<std::optional<T>>;
  template <typename T>
  using Many = absl::StatusOr<std::vector<T>>;
  template <typename T>
  using Paged = absl::StatusOr<ports::Listed<T>>;

  Reader(Session& session, const ports::Crypto& crypto) : session_(session), crypto_(crypto) {}

  Maybe<ports::RequestRow> FindRequest(const std::string& source, const std::string& request_id);
  Maybe<ports::DocumentRow> FindDocument(const std::string& id);
  Maybe<ports::DocumentRow> FindDocumentByLookup(model::DocumentType type,
                                                 const std::string& connection,
                                                 const std::string& source,
                                                 const std::string& lookup);
  Maybe<ports::DocumentRow> FindDocumentByRecord(const std::string& connection,
                                                 const model::ErpRecord& record);
  Maybe<ports::DocumentRow> FindDocumentByExternalId(const std::string& external_id);
  Maybe<model::Operation> FindOperation(const std::string& id);
  Maybe<model::ExceptionCase> FindException(const std::string& id);
  Maybe<model::Event> FindEvent(const std::string& id);
  Maybe<ports::ObjectRow> FindObject(const std::string& kind, const std::string& id_or_name);
  Maybe<ports::ObjectRow> FindObjectByLookup(const std::string& kind, const std::string& lookup);
  Many<ports::ObjectRow> AllObjects(const std::string& kind);
  Maybe<ports::ObservedRow> FindObserved(const std::string& subject);
  Maybe<std::string> FindCursor(const std::string& name);
  absl::StatusOr<int64_t> LastEventSequence();

  Paged<model::Operation> ListOperations(const ports::OperationFilter& filter,
                                         const ports::Page& page);
  Paged<ports::DocumentRow> ListDocuments(const ports::DocumentFilter& filter,
                                          const ports::Page& page);
  Paged<model::ExceptionCase> ListExceptions(const ports::ExceptionFilter& filter,
                                             const ports::Page& page);
  Many<model::Event> ListEvents(const ports::EventFilter& filter, int limit);
  Many<ports::AuditEntry> ListAudit(int64_t after, int limit);
  Paged<ports::DeliveryRow> ListDeliveries(const std::string& endpoint_id,
                                           const std::vector<ports::DeliveryState>& states,
                                           const ports::Page& page);

  Many<std::string> DueLanes(absl::Time now, int limit);
  Many<model::Operation> DueOperations(const std::string& lane, absl::Time now, int limit);
  Many<model::Operation> OperationsInState(model::OperationState state, absl::Time now, int limit);
  Many<model::Operation> DependentsOf(const std::string& operation_id, int limit);
  Many<ports::DeliveryRow> DueDeliveries(const std::string& endpoint_id, absl::Time now,
                                         int limit);
  absl::StatusOr<std::map<std::string, int64_t>> CountOpenOperations();
  Many<ports::DayTotal> ControlTotals(const std::string& entity, const model::Date& from,
                                      const model::Date& to);

  Session& session() { return session_; }
  const ports::Crypto& crypto() const { return crypto_; }

 private:
  Maybe<ports::DocumentRow> OneDocument(std::string_view where,
                                        std::initializer_list<Value> values);
  absl::StatusOr<ports::DocumentRow> DocumentOf(Row& row);
  absl::StatusOr<model::Operation> OperationOf(Row& row);
  absl::StatusOr<model::ExceptionCase> ExceptionOf(Row& row);
  absl::StatusOr<model::Event> EventOf(Row& row);
  absl::StatusOr<ports::ObjectRow> ObjectOf(Row& row);
  absl::StatusOr<ports::DeliveryRow> DeliveryOf(Row& row);
  Many<model::Operation> OperationsOf(absl::StatusOr<Rows> rows);

  Session& session_;
  const ports::Crypto& crypto_;
};

/// A row of the audit table as VerifyAudit and ListAudit read it.
ports::AuditEntry AuditOf(Row& row);

}  // namespace kontor::store::internal
