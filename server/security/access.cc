// SPDX-License-Identifier: Apache-2.0
#include "server/security/access.h"

#include <algorithm>
#include <unordered_map>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::security {
namespace {

using enum ports::Role;
using ports::Role;

using Roles = std::vector<Role>;

/// Everyone who works with documents may read them, within their entities.
const Roles& Readers() {
  static const auto* const kReaders =
      new Roles{kSubmitter, kViewer,        kReleaser,        kAccountant,      kOperator,
                kAdministrator, kAuditor, kPaymentPreparer, kPaymentApprover, kPaymentReleaser};
  return *kReaders;
}

class Table {
 public:
  void Service(std::string_view name) { service_ = name; }
  void Open(std::string_view method) { Put(method, Access::kOpen, {}, false); }
  void Anyone(std::string_view method) { Put(method, Access::kAnyone, {}, false); }
  void Needs(Roles roles, std::initializer_list<std::string_view> methods) {
    for (const std::string_view method : methods) Put(method, Access::kRoles, roles, false);
  }
  void NeedsPerson(Roles roles, std::initializer_list<std::string_view> methods) {
    for (const std::string_view method : methods) Put(method, Access::kRoles, roles, true);
  }
  std::vector<MethodRule> Take() { return std::move(rules_); }

 private:
  void Put(std::string_view method, Access access, Roles roles, bool person) {
    // The table lives as long as the program, and so do the names in it.
    const auto* const name =
        new std::string(base::StrCat("kontor.v1.", service_, "/", method));
    rules_.push_back({*name, access, std::move(roles), person});
  }
  std::string_view service_;
  std::vector<MethodRule> rules_;
};

void AddDocuments(Table& table) {
  table.Service("InvoiceService");
  table.Needs({kSubmitter}, {"CreateInvoice", "BatchCreateInvoices", "StreamInvoices",
                             "CancelInvoice", "ReverseInvoice"});
  table.Needs(Readers(), {"GetInvoice", "ListInvoices"});
  table.Service("PaymentService");
  table.Needs({kSubmitter}, {"CreatePayment", "BatchCreatePayments", "CancelPayment"});
  table.Needs(Readers(), {"GetPayment", "ListPayments"});
  table.Service("JournalEntryService");
  table.Needs({kSubmitter},
              {"CreateJournalEntry", "BatchCreateJournalEntries", "ReverseJournalEntry"});
  table.Needs(Readers(), {"GetJournalEntry", "ListJournalEntries"});
  table.Service("PartnerService");
  table.Needs({kSubmitter}, {"UpsertPartner", "BatchUpsertPartners"});
  table.Needs(Readers(), {"GetPartner", "ListPartners"});
}

void AddExpenses(Table& table) {
  table.Service("ExpenseService");
  table.Needs({kSubmitter}, {"SubmitExpenseReport", "RecallExpenseReport"});
  table.Needs(Readers(), {"GetExpenseReport", "ListExpenseReports", "WatchExpenseReports"});
  table.Needs({kSubmitter, kOperator, kAdministrator}, {"CheckExpenseMapping"});
  table.Service("SourceService");
  table.Needs({kAdministrator}, {"CreateSource", "UpdateSource", "RotateSourceSecret"});
  table.Needs({kOperator, kAdministrator}, {"GetSource", "ListSources", "PauseSource",
                                            "ResumeSource", "CheckSource", "ListInboundMessages"});
  table.NeedsPerson({kOperator, kAdministrator},
                    {"GetInboundMessage", "ReleaseInboundMessage", "DiscardInboundMessage"});
}

void AddBanks(Table& table) {
  table.Service("BankService");
  table.Needs({kAdministrator}, {"CreateBankChannel", "UpdateBankChannel", "CreateBankAccount",
                                 "UpdateBankAccount"});
  table.Needs({kOperator, kAdministrator}, {"GetBankChannel", "ListBankChannels",
                                            "PauseBankChannel", "ResumeBankChannel",
                                            "CheckBankChannel", "GetBankOnboarding"});
  table.NeedsPerson({kOperator, kAdministrator}, {"SignBankChannel", "StartBankOnboarding"});
  table.Needs(Readers(), {"GetBankAccount", "ListBankAccounts"});
  table.Service("StatementService");
  table.Needs({kOperator, kAccountant}, {"ImportStatement"});
  table.Needs(Readers(), {"GetStatement", "ListStatements", "ListStatementLines",
                          "GetCashPosition"});
  table.Needs({kOperator, kAccountant, kAdministrator, kAuditor}, {"ListBankFiles"});
  // Judges the caller's own bytes and shows nothing of kontor's.
  table.Anyone("LintFile");
}

void AddPaymentOrders(Table& table) {
  table.Service("PaymentOrderService");
  table.Needs({kPaymentPreparer}, {"CreatePaymentOrder", "RefreshPaymentOrder"});
  table.Needs(Readers(), {"GetPaymentOrder", "ListPaymentOrders", "TracePayment", "ExplainRoute"});
  // The engine asks for PAYMENT_APPROVER and PAYMENT_RELEASER: one's own, or lent by a delegation.
  table.NeedsPerson(Readers(), {"ApprovePaymentOrder", "RevokePaymentOrderApproval",
                                "ReleasePaymentOrder"});
  table.Needs({kPaymentPreparer, kPaymentApprover, kPaymentReleaser},
              {"CancelPaymentOrder", "HoldPaymentOrder"});
  table.NeedsPerson({kPaymentApprover, kPaymentReleaser}, {"UnholdPaymentOrder"});
  table.NeedsPerson({kOperator, kPaymentApprover, kPaymentReleaser},
                    {"ResolvePaymentOrderSubmission"});
  table.Service("DelegationService");
  table.NeedsPerson({kPaymentApprover, kPaymentReleaser}, {"CreateDelegation"});
  // Who lent it, who got it, or an administrator, says the engine.
  table.NeedsPerson(Readers(), {"RevokeDelegation"});
  table.Needs(Readers(), {"GetDelegation", "ListDelegations"});
  table.Service("BeneficiaryService");
  table.Needs(Readers(), {"GetBeneficiary", "ListBeneficiaries"});
  table.NeedsPerson({kPaymentApprover}, {"ConfirmBeneficiary", "BlockBeneficiary"});
  table.Service("PolicyService");
  table.Needs(Readers(), {"GetPolicy", "ListPolicies", "DiffPolicies"});
  table.NeedsPerson({kAdministrator}, {"ProposePolicy", "ActivatePolicy", "DeclinePolicy"});
  table.Service("EvidenceService");
  table.Needs({kAuditor}, {"ExportEvidence"});
  table.Service("ScreeningService");
  table.NeedsPerson({kAdministrator}, {"ImportScreeningList"});
  table.Needs(Readers(), {"GetScreeningStatus", "CheckScreeningName", "GetScreeningHit",
                          "ListScreeningHits"});
  table.NeedsPerson({kPaymentApprover},
                    {"ClearScreeningHit", "ConfirmScreeningHit", "ReopenScreeningHit"});
}

void AddFlow(Table& table) {
  table.Service("OperationService");
  table.Needs(Readers(), {"GetOperation", "ListOperations", "WatchOperations"});
  table.NeedsPerson({kReleaser}, {"ReleaseOperation"});
  table.Needs({kSubmitter, kAccountant, kOperator}, {"RetryOperation", "CancelOperation"});
  table.Service("ExceptionService");
  table.Needs(Readers(), {"ListExceptions", "GetException"});
  table.NeedsPerson({kAccountant, kOperator, kAdministrator},
                    {"ResolveException", "ApproveResolution", "DeclineResolution"});
  table.Service("EventService");
  table.Needs(Readers(), {"ListEvents", "WatchEvents"});
  table.Needs({kOperator, kAdministrator}, {"ReplayEvents"});
  table.Service("WebhookService");
  table.Needs({kAdministrator}, {"CreateEndpoint", "UpdateEndpoint", "DeleteEndpoint",
                                 "VerifyEndpoint", "RotateSecret"});
  table.Needs({kOperator, kAdministrator}, {"GetEndpoint", "ListEndpoints", "PingEndpoint",
                                            "PauseEndpoint", "ResumeEndpoint", "ListDeliveries",
                                            "ReplayDeliveries"});
}

void AddAdministration(Table& table) {
  table.Service("ConnectionService");
  table.Needs({kAdministrator},
              {"CreateConnection", "UpdateConnection", "CreateEntity", "UpdateEntity"});
  table.Needs({kOperator, kAdministrator}, {"GetConnection", "ListConnections", "CheckConnection"});
  table.Needs(Readers(), {"GetEntity", "ListEntities", "GetCatalogue"});
  table.NeedsPerson({kAdministrator}, {"RebindConnection"});
  table.NeedsPerson({kOperator, kAdministrator}, {"ReleaseRestore"});
  table.Needs({kOperator, kAccountant}, {"ReconcileEntity"});
  table.Service("AuditService");
  table.Needs({kAuditor}, {"ListAuditRecords", "ExportAuditHead", "VerifyAudit"});
  table.Service("AdminService");
  table.Open("RedeemBootstrapToken");
  table.Anyone("GetServerInfo");
  table.Anyone("WhoAmI");
  // Principals issue and revoke tokens of their own; the directory decides about others'.
  table.Anyone("IssueToken");
  table.Anyone("RevokeToken");
  table.Needs({kAdministrator},
              {"CreatePrincipal", "GetPrincipal", "ListPrincipals", "DisablePrincipal",
               "EnablePrincipal", "ListTokens", "RevokeRole", "ListRoleGrants",
               "GetPostingPolicy"});
  // Not by a service either: its tokens are in the hands of the administrator who issued them, who
  // would then propose as the service and approve as a person.
  table.NeedsPerson({kAdministrator},
                    {"ProposeRoleGrant", "ApproveRoleGrant", "UpdatePostingPolicy"});
}

}  // namespace

const std::vector<MethodRule>& MethodRules() {
  static const auto* const kRules = [] {
    Table table;
    AddDocuments(table);
    AddExpenses(table);
    AddBanks(table);
    AddPaymentOrders(table);
    AddFlow(table);
    AddAdministration(table);
    return new std::vector<MethodRule>(table.Take());
  }();
  return *kRules;
}

const MethodRule* FindRule(std::string_view method) {
  static const auto* const kByMethod = [] {
    auto* map = new std::unordered_map<std::string_view, const MethodRule*>;
    for (const MethodRule& rule : MethodRules()) (*map)[rule.method] = &rule;
    return map;
  }();
  const auto it = kByMethod->find(method);
  return it == kByMethod->end() ? nullptr : it->second;
}

absl::Status AuthorizeEntity(const ports::Actor& actor, std::string_view entity) {
  if (entity.empty() || actor.MaySee(std::string(entity))) return absl::OkStatus();
  return base::Error(base::Reason::kEntityDenied)
      .With("entity", entity)
      .Says(base::StrCat(actor.name, " has no access to the entity ", entity));
}

absl::Status Authorize(const ports::Actor& actor, std::string_view method,
                       std::string_view entity) {
  const MethodRule* const rule = FindRule(method);
  if (rule == nullptr) {
    return base::Error(base::Reason::kPermissionDenied).Says("nobody may call this method");
  }
  if (rule->access == Access::kOpen) return absl::OkStatus();
  if (actor.principal_id.empty()) {
    return base::Error(base::Reason::kUnauthenticated).Says("the call names no principal");
  }
  if (rule->access == Access::kRoles) {
    const bool has_one = std::any_of(rule->roles.begin(), rule->roles.end(),
                                     [&actor](Role role) { return actor.Has(role); });
    if (!has_one) {
      std::vector<std::string_view> names;
      for (const Role role : rule->roles) names.push_back(ports::NameOf(role));
      const std::string wanted = base::StrJoin(names, " or ");
      return base::Error(base::Reason::kPermissionDenied)
          .With("roles", base::StrJoin(names, ","))
          .Says(base::StrCat(actor.name, " needs the role ", wanted));
    }
    if (rule->needs_person && !actor.is_person) {
      return base::Error(base::Reason::kPersonRequired)
          .Says(base::StrCat(actor.name, " is a service"));
    }
  }
  return AuthorizeEntity(actor, entity);
}

}  // namespace kontor::security
