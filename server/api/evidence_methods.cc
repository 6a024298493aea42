// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "kontor/v1/evidence.pb.h"
#include "server/api/internal/evidence_pages.h"
#include "server/api/payment_order_api.h"
#include "server/base/status.h"

namespace kontor::api {
namespace {

absl::StatusOr<v1::ExportEvidenceResponse> Export(internal::EvidencePages& pages, const Call& call,
                                                  const v1::ExportEvidenceRequest& request) {
  // The file to the bank cannot be masked and still be the file.
  if (!call.unmasked) {
    return base::Error(base::Reason::kPermissionDenied)
        .Says("evidence holds whole names and account numbers, which you were not granted");
  }
  return pages.Page(call.actor, request.id(), request.page_token());
}

}  // namespace

void AddEvidenceMethods(payment_orders::PaymentOrders& orders, const crypto::Ed25519PrivateKey& key,
                        const base::Clock& clock, Registry* registry) {
  const auto pages = std::make_shared<internal::EvidencePages>(
      [&orders](const ports::Actor& actor, const std::string& any_id) {
        return orders.GetEvidence(actor, any_id);
      },
      key, clock, internal::EvidenceLimits{});
  registry->Add<v1::ExportEvidenceRequest, v1::ExportEvidenceResponse>(
      "kontor.v1.EvidenceService/ExportEvidence",
      [pages](const Call& call, const auto& request) { return Export(*pages, call, request); });
}

}  // namespace kontor::api
