// SPDX-License-Identifier: Apache-2.0
// Joins a Reader to the port: ports::Unit inherits ports::ReadView, so the same forwarding serves
// both. Nothing else belongs here.
#pragma once

#include "server/store/internal/flow_reader.h"
#include "server/store/internal/reader.h"

namespace kontor::store::internal {

template <typename Port>
class Reads : public Port {
 public:
  Reads(Session& session, const ports::Crypto& crypto)
      : reader_(session, crypto), flows_(session, crypto) {}

  absl::StatusOr<std::optional<ports::RequestRow>> FindRequest(
      const std::string& source, const std::string& request_id) override {
    return reader_.FindRequest(source, request_id);
  }
  absl::StatusOr<std::optional<ports::DocumentRow>> FindDocument(const std::string& id) override {
    return reader_.FindDocument(id);
  }
  absl::StatusOr<std::optional<ports::DocumentRow>> FindDocumentByLookup(
      model::DocumentType type, const std::string& connection, const std::string& source,
      const std::string& lookup) override {
    return reader_.FindDocumentByLookup(type, connection, source, lookup);
  }
  absl::StatusOr<std::optional<ports::DocumentRow>> FindDocumentByRecord(
      const std::string& connection, const model::ErpRecord& record) override {
    return reader_.FindDocumentByRecord(connection, record);
  }
  absl::StatusOr<std::optional<ports::DocumentRow>> FindDocumentByExternalId(
      const std::string& external_id) override {
    return reader_.FindDocumentByExternalId(external_id);
  }
  absl::StatusOr<std::optional<model::Operation>> FindOperation(const std::string& id) override {
    return reader_.FindOperation(id);
  }
  absl::StatusOr<std::optional<model::ExceptionCase>> FindException(
      const std::string& id) override {
    return reader_.FindException(id);
  }
  absl::StatusOr<std::optional<model::Event>> FindEvent(const std::string& id) override {
    return reader_.FindEvent(id);
  }
  absl::StatusOr<std::optional<ports::ObjectRow>> FindObject(
      const std::string& kind, const std::string& id_or_name) override {
    return reader_.FindObject(kind, id_or_name);
  }
  absl::StatusOr<std::optional<ports::ObjectRow>> FindObjectByLookup(
      const std::string& kind, const std::string& lookup) override {
    return reader_.FindObjectByLookup(kind, lookup);
  }
  absl::StatusOr<std::vector<ports::ObjectRow>> AllObjects(const std::string& kind) override {
    return reader_.AllObjects(kind);
  }
  absl::StatusOr<std::optional<ports::ObservedRow>> FindObserved(
      const std::string& subject) override {
    return reader_.FindObserved(subject);
  }
  absl::StatusOr<std::optional<std::string>> FindCursor(const std::string& name) override {
    return reader_.FindCursor(name);
  }
  absl::StatusOr<int64_t> LastEventSequence() override { return reader_.LastEventSequence(); }

  absl::StatusOr<ports::Listed<model::Operation>> ListOperations(
      const ports::OperationFilter& filter, const ports::Page& page) override {
    return reader_.ListOperations(filter, page);
  }
  absl::StatusOr<ports::Listed<ports::DocumentRow>> ListDocuments(
      const ports::DocumentFilter& filter, const ports::Page& page) override {
    return reader_.ListDocuments(filter, page);
  }
  absl::StatusOr<ports::Listed<model::ExceptionCase>> ListExceptions(
      const ports::ExceptionFilter& filter, const ports::Page& page) override {
    return reader_.ListExceptions(filter, page);
  }
  absl::StatusOr<std::vector<model::Event>> ListEvents(const ports::EventFilter& filter,
                                                       int limit) override {
    return reader_.ListEvents(filter, limit);
  }
  absl::StatusOr<std::vector<ports::AuditEntry>> ListAudit(int64_t after, int limit) override {
    return reader_.ListAudit(after, limit);
  }
  absl::StatusOr<ports::Listed<ports::DeliveryRow>> ListDeliveries(
      const std::string& endpoint_id, const std::vector<ports::DeliveryState>& states,
      const ports::Page& page) override {
    return reader_.ListDeliveries(endpoint_id, states, page);
  }

  absl::StatusOr<std::vector<std::string>> DueLanes(absl::Time now, int limit) override {
    return reader_.DueLanes(now, limit);
  }
  absl::StatusOr<std::vector<model::Operation>> DueOperations(const std::string& lane,
                                                              absl::Time now,
                                                              int limit) override {
    return reader_.DueOperations(lane, now, limit);
  }
  absl::StatusOr<std::vector<model::Operation>> OperationsInState(model::OperationState state,
                                                                  absl::Time now,
                                                                  int limit) override {
    return reader_.OperationsInState(state, now, limit);
  }
  absl::StatusOr<std::vector<model::Operation>> DependentsOf(const std::string& operation_id,
                                                             int limit) override {
    return reader_.DependentsOf(operation_id, limit);
  }
  absl::StatusOr<std::vector<ports::DeliveryRow>> DueDeliveries(const std::string& endpoint_id,
                                                                absl::Time now,
                                                                int limit) override {
    return reader_.DueDeliveries(endpoint_id, now, limit);
  }
  absl::StatusOr<std::map<std::string, int64_t>> CountOpenOperations() override {
    return reader_.CountOpenOperations();
  }
  absl::StatusOr<std::optional<ports::FlowRow>> FindFlow(const std::string& id) override {
    return flows_.FindFlow(id);
  }
  absl::StatusOr<ports::Listed<ports::FlowRow>> ListFlows(const ports::FlowFilter& filter,
                                                          const ports::Page& page) override {
    return flows_.ListFlows(filter, page);
  }
  absl::StatusOr<std::vector<ports::FlowRow>> DueFlows(const std::string& kind, absl::Time now,
                                                       int limit) override {
    return flows_.DueFlows(kind, now, limit);
  }
  absl::StatusOr<std::vector<std::string>> FlowsByKey(const std::string& space,
                                                      const std::string& key,
                                                      int limit) override {
    return flows_.FlowsByKey(space, key, limit);
  }
  absl::StatusOr<std::vector<ports::FlowLineRow>> FlowLines(const std::string& flow_id,
                                                            int64_t after, int limit) override {
    return flows_.FlowLines(flow_id, after, limit);
  }
  absl::StatusOr<std::optional<ports::BlobRow>> FindBlob(const std::string& id) override {
    return flows_.FindBlob(id);
  }
  absl::StatusOr<std::vector<ports::BlobRow>> BlobsOfFlow(const std::string& flow_id) override {
    return flows_.BlobsOfFlow(flow_id);
  }
  absl::StatusOr<std::string> BlobPart(const std::string& blob_id, int64_t number) override {
    return flows_.BlobPart(blob_id, number);
  }
  absl::StatusOr<std::vector<ports::DayTotal>> ControlTotals(const std::string& entity,
                                                             const model::Date& from,
                                                             const model::Date& to) override {
    return reader_.ControlTotals(entity, from, to);
  }

 protected:
  Session& session() { return reader_.session(); }
  const ports::Crypto& crypto() const { return reader_.crypto(); }
  Reader reader_;
  FlowReader flows_;
};

using ReadViewOnSession = Reads<ports::ReadView>;

}  // namespace kontor::store::internal
