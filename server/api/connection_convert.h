// SPDX-License-Identifier: Apache-2.0
// Connections, entities, reports and catalogues: proto ⇄ engine.
#pragma once

#include "absl/status/statusor.h"
#include "kontor/v1/connection.pb.h"
#include "server/engine/engine.h"

namespace kontor::api {

/// What the proto says over what `base` has; an empty api_key keeps the old one.
absl::StatusOr<engine::Connection> ReadConnection(const ::kontor::v1::Connection& in,
                                                  engine::Connection base);
/// Without the api_key, only whether there is one.
void WriteConnection(const engine::Connection& in, ::kontor::v1::Connection* out);
absl::StatusOr<engine::Entity> ReadEntity(const ::kontor::v1::Entity& in, engine::Entity base);
void WriteEntity(const engine::Entity& in, ::kontor::v1::Entity* out);
void WriteReport(const ports::ErpReport& in, const engine::Connection& connection,
                 ::kontor::v1::ConnectionReport* out);
/// A company of the connection with its lock dates.
void WriteCompany(const ports::ErpCompany& in, ::kontor::v1::ConnectionReport* out);
void WriteCatalogue(const model::Catalogue& in, ::kontor::v1::Catalogue* out);
void WriteReconcile(const engine::ReconcileReport& in,
                    ::kontor::v1::ReconcileEntityResponse* out);

}  // namespace kontor::api
