// SPDX-License-Identifier: Apache-2.0
// The methods of PartnerService by their wire paths.
#include "kontor/sdk/partner_client.h"

namespace kontor::sdk {

absl::StatusOr<v1::UpsertPartnerResponse> PartnerClient::UpsertPartner(
    const v1::UpsertPartnerRequest& request, const CallOptions& options) const {
  return Invoke<v1::UpsertPartnerResponse>(
      "/kontor.v1.PartnerService/UpsertPartner", request, options);
}

absl::StatusOr<v1::BatchUpsertPartnersResponse> PartnerClient::BatchUpsertPartners(
    const v1::BatchUpsertPartnersRequest& request, const CallOptions& options) const {
  return Invoke<v1::BatchUpsertPartnersResponse>(
      "/kontor.v1.PartnerService/BatchUpsertPartners", request, options);
}

absl::StatusOr<v1::GetPartnerResponse> PartnerClient::GetPartner(
    const v1::GetPartnerRequest& request, const CallOptions& options) const {
  return Invoke<v1::GetPartnerResponse>("/kontor.v1.PartnerService/GetPartner", request, options);
}

Range<v1::Partner> PartnerClient::ListPartners(v1::ListPartnersRequest request,
                                               const CallOptions& options) const {
  return Paged<v1::Partner, v1::ListPartnersResponse>(
      "/kontor.v1.PartnerService/ListPartners", std::move(request), options,
      [](v1::ListPartnersResponse& response) { return response.mutable_partners(); });
}

}  // namespace kontor::sdk
