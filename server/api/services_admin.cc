// SPDX-License-Identifier: Apache-2.0
// Connections, webhooks, audit and administration.
#include "kontor/v1/admin.grpc.pb.h"
#include "kontor/v1/audit.grpc.pb.h"
#include "kontor/v1/connection.grpc.pb.h"
#include "kontor/v1/webhook.grpc.pb.h"
#include "server/api/internal/grpc_call.h"
#include "server/api/internal/services.h"

namespace kontor::api::internal {
namespace {

class Connections final : public ::kontor::v1::ConnectionService::CallbackService {
 public:
  explicit Connections(Pipeline& pipeline) : pipeline_(pipeline) {}
  KONTOR_UNARY(ConnectionService, CreateConnection)
  KONTOR_UNARY(ConnectionService, GetConnection)
  KONTOR_UNARY(ConnectionService, ListConnections)
  KONTOR_UNARY(ConnectionService, UpdateConnection)
  KONTOR_UNARY(ConnectionService, CheckConnection)
  KONTOR_UNARY(ConnectionService, RebindConnection)
  KONTOR_UNARY(ConnectionService, ReleaseRestore)
  KONTOR_UNARY(ConnectionService, CreateEntity)
  KONTOR_UNARY(ConnectionService, GetEntity)
  KONTOR_UNARY(ConnectionService, ListEntities)
  KONTOR_UNARY(ConnectionService, UpdateEntity)
  KONTOR_UNARY(ConnectionService, GetCatalogue)
  KONTOR_UNARY(ConnectionService, ReconcileEntity)

 private:
  Pipeline& pipeline_;
};

class Webhooks final : public ::kontor::v1::WebhookService::CallbackService {
 public:
  explicit Webhooks(Pipeline& pipeline) : pipeline_(pipeline) {}
  KONTOR_UNARY(WebhookService, CreateEndpoint)
  KONTOR_UNARY(WebhookService, GetEndpoint)
  KONTOR_UNARY(WebhookService, ListEndpoints)
  KONTOR_UNARY(WebhookService, UpdateEndpoint)
  KONTOR_UNARY(WebhookService, DeleteEndpoint)
  KONTOR_UNARY(WebhookService, VerifyEndpoint)
  KONTOR_UNARY(WebhookService, PingEndpoint)
  KONTOR_UNARY(WebhookService, RotateSecret)
  KONTOR_UNARY(WebhookService, PauseEndpoint)
  KONTOR_UNARY(WebhookService, ResumeEndpoint)
  KONTOR_UNARY(WebhookService, ListDeliveries)
  KONTOR_UNARY(WebhookService, ReplayDeliveries)

 private:
  Pipeline& pipeline_;
};

class Audit final : public ::kontor::v1::AuditService::CallbackService {
 public:
  explicit Audit(Pipeline& pipeline) : pipeline_(pipeline) {}
  KONTOR_UNARY(AuditService, ListAuditRecords)
  KONTOR_UNARY(AuditService, ExportAuditHead)
  KONTOR_UNARY(AuditService, VerifyAudit)

 private:
  Pipeline& pipeline_;
};

class Admin final : public ::kontor::v1::AdminService::CallbackService {
 public:
  explicit Admin(Pipeline& pipeline) : pipeline_(pipeline) {}
  KONTOR_UNARY(AdminService, RedeemBootstrapToken)
  KONTOR_UNARY(AdminService, GetServerInfo)
  KONTOR_UNARY(AdminService, WhoAmI)
  KONTOR_UNARY(AdminService, CreatePrincipal)
  KONTOR_UNARY(AdminService, GetPrincipal)
  KONTOR_UNARY(AdminService, ListPrincipals)
  KONTOR_UNARY(AdminService, DisablePrincipal)
  KONTOR_UNARY(AdminService, EnablePrincipal)
  KONTOR_UNARY(AdminService, IssueToken)
  KONTOR_UNARY(AdminService, ListTokens)
  KONTOR_UNARY(AdminService, RevokeToken)
  KONTOR_UNARY(AdminService, ProposeRoleGrant)
  KONTOR_UNARY(AdminService, ApproveRoleGrant)
  KONTOR_UNARY(AdminService, RevokeRole)
  KONTOR_UNARY(AdminService, ListRoleGrants)
  KONTOR_UNARY(AdminService, GetPostingPolicy)
  KONTOR_UNARY(AdminService, UpdatePostingPolicy)

 private:
  Pipeline& pipeline_;
};

}  // namespace

void AddAdminServices(Pipeline& pipeline, Services* out) {
  out->push_back(std::make_unique<Connections>(pipeline));
  out->push_back(std::make_unique<Webhooks>(pipeline));
  out->push_back(std::make_unique<Audit>(pipeline));
  out->push_back(std::make_unique<Admin>(pipeline));
}

}  // namespace kontor::api::internal
