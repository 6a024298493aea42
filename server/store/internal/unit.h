// SPDX-License-Identifier: Apache-2.0
// The writes of one savepoint. Events and audit rows are only collected here: they get their
// numbers when the whole transaction is known (feed.h). Docstrings stand in server/ports/store.h.
#pragma once

#include <string>
#include <vector>

#include "server/base/clock.h"
#include "server/store/internal/views.h"

namespace kontor::store::internal {

class UnitOnSession final : public Reads<ports::Unit> {
 public:
  UnitOnSession(Session& session, const ports::Crypto& crypto, const base::Clock& clock)
      : Reads(session, crypto), clock_(clock) {}

  absl::Status InsertRequest(const ports::RequestRow& row) override;
  absl::Status PutDocument(ports::DocumentRow& row) override;
  absl::Status PutOperation(model::Operation& operation) override;
  absl::Status PutException(model::ExceptionCase& exception) override;
  absl::Status PutObject(ports::ObjectRow& row) override;
  absl::Status DeleteObject(const std::string& kind, const std::string& id) override;
  absl::Status PutObserved(ports::ObservedRow& row) override;
  absl::Status PutCursor(const std::string& name, const std::string& value) override;
  absl::Status PutDelivery(ports::DeliveryRow& row) override;
  absl::StatusOr<std::string> ReserveDuplicateKey(const std::string& entity,
                                                  const std::string& key,
                                                  const std::string& operation_id) override;
  absl::Status ReleaseDuplicateKey(const std::string& operation_id) override;
  absl::Status PutFlow(ports::FlowRow& row) override;
  absl::StatusOr<std::string> ReserveFlowKey(const ports::FlowKey& key) override;
  absl::Status ShareFlowKey(const ports::FlowKey& key) override;
  absl::Status ReleaseFlowKeys(const std::string& space, const std::string& flow_id) override;
  absl::StatusOr<std::vector<bool>> AddFlowLines(
      const std::vector<ports::FlowLineRow>& lines) override;
  absl::Status UpdateFlowLine(const ports::FlowLineRow& line) override;
  absl::Status InsertBlob(const ports::BlobRow& row) override;
  absl::Status InsertBlobPart(const std::string& blob_id, int64_t number,
                              const std::string& bytes) override;
  absl::Status AppendEvent(model::Event event) override;
  absl::Status AppendAudit(ports::AuditEntry entry) override;
  absl::StatusOr<int64_t> AcquireLease(const std::string& name, const std::string& node,
                                       absl::Time now, absl::Duration ttl) override;
  absl::Status ReleaseLease(const std::string& name, int64_t fence) override;
  absl::Status CheckLease(const std::string& name, int64_t fence) override;

  /// For the store's own tables.
  using Reads::session;
  /// What this unit adds to the feed, the audit and the notice once it has succeeded.
  struct Effects {
    std::vector<model::Event> events;
    std::vector<ports::AuditEntry> audit;
    std::vector<std::string> operation_ids;
    std::vector<std::string> lanes;
    std::vector<std::string> object_kinds;
    std::vector<std::string> flow_kinds;
    std::vector<std::string> new_documents;  ///< As subjects of events they have none yet.
  };
  Effects& effects() { return effects_; }

 private:
  /// OK when one row was changed; otherwise `reason` about `what`.
  absl::Status OneRow(absl::StatusOr<int64_t> affected, base::Reason reason,
                      std::string_view what);
  absl::Status InsertDocument(const ports::DocumentRow& row, const std::string& mark,
                              const std::string& booked, const std::string& sealed);
  absl::Status UpdateDocument(const ports::DocumentRow& row, const std::string& mark,
                              const std::string& booked);
  absl::Status InsertOperation(const model::Operation& operation, const std::string& body);
  absl::Status UpdateOperation(const model::Operation& operation, const std::string& body);
  /// After `row` was written: no other open delivery of its subject has its mark any more.
  absl::Status SettleFirst(const ports::DeliveryRow& row, bool is_open);

  const base::Clock& clock_;
  Effects effects_;
};

}  // namespace kontor::store::internal
