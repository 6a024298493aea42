// SPDX-License-Identifier: Apache-2.0
// The methods of AuditService by their wire paths.
#include "kontor/sdk/audit_client.h"

namespace kontor::sdk {

Range<v1::AuditRecord> AuditClient::ListAuditRecords(v1::ListAuditRecordsRequest request,
                                                     const CallOptions& options) const {
  return Paged<v1::AuditRecord, v1::ListAuditRecordsResponse>(
      "/kontor.v1.AuditService/ListAuditRecords", std::move(request), options,
      [](v1::ListAuditRecordsResponse& response) { return response.mutable_records(); });
}

absl::StatusOr<v1::ExportAuditHeadResponse> AuditClient::ExportAuditHead(
    const v1::ExportAuditHeadRequest& request, const CallOptions& options) const {
  return Invoke<v1::ExportAuditHeadResponse>(
      "/kontor.v1.AuditService/ExportAuditHead", request, options);
}

absl::StatusOr<v1::VerifyAuditResponse> AuditClient::VerifyAudit(
    const v1::VerifyAuditRequest& request, const CallOptions& options) const {
  return Invoke<v1::VerifyAuditResponse>("/kontor.v1.AuditService/VerifyAudit", request, options);
}

}  // namespace kontor::sdk
