// SPDX-License-Identifier: Apache-2.0
// The audit trail, read only.
// A typed face of the connection: no logic of its own.
#pragma once

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "kontor/sdk/connection.h"
#include "kontor/sdk/internal/client_base.h"
#include "kontor/sdk/range.h"
#include "kontor/v1/audit.pb.h"

namespace kontor::sdk {

/// Shows and proves the audit trail. Needs the role AUDITOR.
///
/// Equality: two clients are equal when they share a connection. Performance: cheap to copy; make
/// one connection a program and share it. Thread Safety: all methods may be called from any thread.
/// Failures carry a reason: see kontor/sdk/errors.h.
class AuditClient : public internal::ClientBase {
 public:
  explicit AuditClient(std::shared_ptr<Connection> connection)
      : ClientBase(std::move(connection)) {}

  /// Lists audit records, oldest first. Fetches pages as it goes; page_token says where to begin.
  Range<v1::AuditRecord> ListAuditRecords(v1::ListAuditRecordsRequest request,
                                          const CallOptions& options = {}) const;
  /// Answers the head of the chain, to be kept outside the store: with it a later truncation is
  /// found. Idempotent.
  absl::StatusOr<v1::ExportAuditHeadResponse> ExportAuditHead(
      const v1::ExportAuditHeadRequest& request, const CallOptions& options = {}) const;
  /// Walks the chain and answers the first record that does not fit, if any. Can take a minute for
  /// a million records; set a deadline. Idempotent.
  absl::StatusOr<v1::VerifyAuditResponse> VerifyAudit(const v1::VerifyAuditRequest& request,
                                                      const CallOptions& options = {}) const;
};

}  // namespace kontor::sdk
