// SPDX-License-Identifier: Apache-2.0
// The methods of ConnectionService by their wire paths.
#include "kontor/sdk/connection_client.h"

namespace kontor::sdk {

absl::StatusOr<v1::CreateConnectionResponse> ConnectionClient::CreateConnection(
    const v1::CreateConnectionRequest& request, const CallOptions& options) const {
  return Invoke<v1::CreateConnectionResponse>(
      "/kontor.v1.ConnectionService/CreateConnection", request, options);
}

absl::StatusOr<v1::GetConnectionResponse> ConnectionClient::GetConnection(
    const v1::GetConnectionRequest& request, const CallOptions& options) const {
  return Invoke<v1::GetConnectionResponse>(
      "/kontor.v1.ConnectionService/GetConnection", request, options);
}

Range<v1::Connection> ConnectionClient::ListConnections(v1::ListConnectionsRequest request,
                                                        const CallOptions& options) const {
  return Paged<v1::Connection, v1::ListConnectionsResponse>(
      "/kontor.v1.ConnectionService/ListConnections", std::move(request), options,
      [](v1::ListConnectionsResponse& response) { return response.mutable_connections(); });
}

absl::StatusOr<v1::UpdateConnectionResponse> ConnectionClient::UpdateConnection(
    const v1::UpdateConnectionRequest& request, const CallOptions& options) const {
  return Invoke<v1::UpdateConnectionResponse>(
      "/kontor.v1.ConnectionService/UpdateConnection", request, options);
}

absl::StatusOr<v1::CheckConnectionResponse> ConnectionClient::CheckConnection(
    const v1::CheckConnectionRequest& request, const CallOptions& options) const {
  return Invoke<v1::CheckConnectionResponse>(
      "/kontor.v1.ConnectionService/CheckConnection", request, options);
}

absl::StatusOr<v1::RebindConnectionResponse> ConnectionClient::RebindConnection(
    const v1::RebindConnectionRequest& request, const CallOptions& options) const {
  return Invoke<v1::RebindConnectionResponse>(
      "/kontor.v1.ConnectionService/RebindConnection", request, options);
}

absl::StatusOr<v1::ReleaseRestoreResponse> ConnectionClient::ReleaseRestore(
    const v1::ReleaseRestoreRequest& request, const CallOptions& options) const {
  return Invoke<v1::ReleaseRestoreResponse>(
      "/kontor.v1.ConnectionService/ReleaseRestore", request, options);
}

absl::StatusOr<v1::CreateEntityResponse> ConnectionClient::CreateEntity(
    const v1::CreateEntityRequest& request, const CallOptions& options) const {
  return Invoke<v1::CreateEntityResponse>(
      "/kontor.v1.ConnectionService/CreateEntity", request, options);
}

absl::StatusOr<v1::GetEntityResponse> ConnectionClient::GetEntity(
    const v1::GetEntityRequest& request, const CallOptions& options) const {
  return Invoke<v1::GetEntityResponse>("/kontor.v1.ConnectionService/GetEntity", request, options);
}

Range<v1::Entity> ConnectionClient::ListEntities(v1::ListEntitiesRequest request,
                                                 const CallOptions& options) const {
  return Paged<v1::Entity, v1::ListEntitiesResponse>(
      "/kontor.v1.ConnectionService/ListEntities", std::move(request), options,
      [](v1::ListEntitiesResponse& response) { return response.mutable_entities(); });
}

absl::StatusOr<v1::UpdateEntityResponse> ConnectionClient::UpdateEntity(
    const v1::UpdateEntityRequest& request, const CallOptions& options) const {
  return Invoke<v1::UpdateEntityResponse>(
      "/kontor.v1.ConnectionService/UpdateEntity", request, options);
}

absl::StatusOr<v1::GetCatalogueResponse> ConnectionClient::GetCatalogue(
    const v1::GetCatalogueRequest& request, const CallOptions& options) const {
  return Invoke<v1::GetCatalogueResponse>(
      "/kontor.v1.ConnectionService/GetCatalogue", request, options);
}

absl::StatusOr<v1::ReconcileEntityResponse> ConnectionClient::ReconcileEntity(
    const v1::ReconcileEntityRequest& request, const CallOptions& options) const {
  return Invoke<v1::ReconcileEntityResponse>(
      "/kontor.v1.ConnectionService/ReconcileEntity", request, options);
}

}  // namespace kontor::sdk
