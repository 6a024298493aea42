// SPDX-License-Identifier: Apache-2.0
#include "server/engine/payment_orders/policies.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/engine/accept.h"
#include "server/engine/payment_orders/lists.h"

namespace kontor::payment_orders {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using model::PaymentPolicy;
using model::PolicyKind;
using model::PolicyState;

absl::Status CheckPerson(const ports::Actor& actor) {
  if (actor.is_person) return absl::OkStatus();
  return Error(Reason::kPersonRequired).Says("a person answers for a policy");
}

absl::StatusOr<PolicyKind> KindOf(const std::string& name) {
  const auto kind = model::ParsePolicyKind(name);
  if (kind) return *kind;
  return Error(Reason::kFieldInvalid)
      .Field("kind")
      .Says("a policy is of the kind approval, routing, checks or lists");
}

absl::StatusOr<PaymentPolicy> FromRow(const ports::ObjectRow& row) {
  KONTOR_ASSIGN_OR_RETURN(PaymentPolicy policy, model::PaymentPolicyFromBody(row.body));
  policy.id = row.id;
  policy.created = row.created;
  policy.version = row.version;
  return policy;
}

absl::Status Put(ports::Unit& unit, PaymentPolicy& policy, absl::Time now) {
  ports::ObjectRow row;
  row.kind = model::kPaymentPolicyKind;
  row.id = policy.id;
  row.name = policy.Name();
  row.body = model::PaymentPolicyBody(policy);
  row.created = policy.created;
  row.updated = now;
  row.version = policy.version;
  KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
  policy.version = row.version;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<PaymentPolicy>> All(ports::ReadView& view) {
  KONTOR_ASSIGN_OR_RETURN(const auto rows, view.AllObjects(model::kPaymentPolicyKind));
  std::vector<PaymentPolicy> all;
  for (const ports::ObjectRow& row : rows) {
    KONTOR_ASSIGN_OR_RETURN(PaymentPolicy policy, FromRow(row));
    all.push_back(std::move(policy));
  }
  return all;
}

absl::StatusOr<PaymentPolicy> Find(ports::ReadView& view, const std::string& name,
                                   const std::string& field) {
  if (!name.empty()) {
    KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindObject(model::kPaymentPolicyKind, name));
    if (row) return FromRow(*row);
  }
  KONTOR_ASSIGN_OR_RETURN(const auto all, All(view));
  for (const PaymentPolicy& policy : all) {
    if (model::NameOf(policy.kind) == name && policy.state == PolicyState::kActive) return policy;
  }
  return Error(Reason::kNotFound).Field(field).Says(StrCat("there is no policy '", name, "'"));
}

absl::Status Audit(ports::Unit& unit, const ports::Actor& actor, absl::Time now,
                   std::string_view action, const PaymentPolicy& policy,
                   const std::string& reason) {
  ports::AuditEntry audit;
  audit.time = now;
  audit.actor = actor.principal_id;
  audit.role = std::string(ports::NameOf(ports::Role::kAdministrator));
  audit.action = StrCat("payment_policy.", action);
  audit.subject = policy.id;
  audit.after = nlohmann::json{{"name", policy.Name()},
                               {"state", std::string(model::NameOf(policy.state))},
                               {"digest", policy.digest}}
                    .dump();
  audit.reason = reason;
  audit.policy_version = policy.Name();
  return unit.AppendAudit(std::move(audit));
}

/// The active one of the kind, if any, steps back.
absl::Status Retire(ports::Unit& unit, PolicyKind kind, const ports::Actor& actor, absl::Time now) {
  KONTOR_ASSIGN_OR_RETURN(auto all, All(unit));
  for (PaymentPolicy& policy : all) {
    if (policy.kind != kind || policy.state != PolicyState::kActive) continue;
    policy.state = PolicyState::kRetired;
    KONTOR_RETURN_IF_ERROR(Put(unit, policy, now));
    KONTOR_RETURN_IF_ERROR(Audit(unit, actor, now, "retire", policy, ""));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PaymentPolicy> Policies::Propose(
    const ports::Actor& actor, const std::string& request_id, const std::string& digest,
    const std::string& kind_name, const std::string& content, const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(CheckPerson(actor));
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, engine::kReasonMax));
  KONTOR_RETURN_IF_ERROR(engine::CheckRequestId(request_id));
  KONTOR_ASSIGN_OR_RETURN(const PolicyKind kind, KindOf(kind_name));
  const auto findings = model::ValidatePolicy(kind, content);
  if (model::HasErrors(findings)) return model::StatusOf(findings);
  PaymentPolicy made;
  KONTOR_RETURN_IF_ERROR(deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto known, unit.FindRequest(actor.source, request_id));
    if (known && known->digest != digest) {
      return Error(Reason::kRequestIdReused)
          .Field("request_id")
          .Says("this request_id was used with other content");
    }
    if (known) {
      KONTOR_ASSIGN_OR_RETURN(made, Find(unit, known->document_id, "request_id"));
      return absl::OkStatus();
    }
    if (kind == PolicyKind::kLists) KONTOR_RETURN_IF_ERROR(CheckListsAreLoaded(unit, content));
    made = {};
    made.id = deps_.ids.Next(model::kPaymentPolicyPrefix);
    made.kind = kind;
    KONTOR_ASSIGN_OR_RETURN(const auto all, All(unit));
    for (const PaymentPolicy& other : all) {
      if (other.kind == kind) made.number = std::max(made.number, other.number);
    }
    ++made.number;
    made.content = content;
    made.digest = deps_.crypto.Sha256Hex(content);
    made.proposer_id = actor.principal_id;
    made.proposer = actor.name;
    made.reason = reason;
    made.created = deps_.clock.Now();
    KONTOR_RETURN_IF_ERROR(Put(unit, made, deps_.clock.Now()));
    KONTOR_RETURN_IF_ERROR(unit.InsertRequest({actor.source, request_id, digest, 1, "", made.id}));
    return Audit(unit, actor, deps_.clock.Now(), "propose", made, reason);
  }));
  return made;
}

absl::StatusOr<PaymentPolicy> Policies::Activate(const ports::Actor& actor, const std::string& name,
                                                 const std::string& digest) {
  KONTOR_RETURN_IF_ERROR(CheckPerson(actor));
  PaymentPolicy found;
  KONTOR_RETURN_IF_ERROR(deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(found, Find(unit, name, "name"));
    if (found.state == PolicyState::kActive && found.digest == digest) return absl::OkStatus();
    if (found.state != PolicyState::kProposed) {
      return Error(Reason::kStateConflict)
          .With("state", model::NameOf(found.state))
          .Says(StrCat(found.Name(), " is ", model::NameOf(found.state)));
    }
    if (found.digest != digest) {
      return Error(Reason::kApprovalVoid)
          .Field("digest")
          .Says("the version is not the one that you read");
    }
    if (found.proposer_id == actor.principal_id) {
      return Error(Reason::kDutiesNotSeparate)
          .Says(StrCat(actor.name, " proposed this version and cannot activate it"));
    }
    const absl::Time now = deps_.clock.Now();
    KONTOR_RETURN_IF_ERROR(Retire(unit, found.kind, actor, now));
    found.state = PolicyState::kActive;
    found.decider_id = actor.principal_id;
    found.decider = actor.name;
    found.decided = now;
    KONTOR_RETURN_IF_ERROR(Put(unit, found, now));
    return Audit(unit, actor, now, "activate", found, found.reason);
  }));
  return found;
}

absl::StatusOr<PaymentPolicy> Policies::Decline(const ports::Actor& actor, const std::string& name,
                                                const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(CheckPerson(actor));
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, engine::kReasonMax));
  PaymentPolicy found;
  KONTOR_RETURN_IF_ERROR(deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(found, Find(unit, name, "name"));
    if (found.state == PolicyState::kDeclined) return absl::OkStatus();
    if (found.state != PolicyState::kProposed) {
      return Error(Reason::kStateConflict)
          .With("state", model::NameOf(found.state))
          .Says(StrCat(found.Name(), " is ", model::NameOf(found.state)));
    }
    found.state = PolicyState::kDeclined;
    found.decider_id = actor.principal_id;
    found.decider = actor.name;
    found.decided = deps_.clock.Now();
    KONTOR_RETURN_IF_ERROR(Put(unit, found, deps_.clock.Now()));
    return Audit(unit, actor, deps_.clock.Now(), "decline", found, reason);
  }));
  return found;
}

absl::StatusOr<PaymentPolicy> Policies::Get(const std::string& name) {
  absl::StatusOr<PaymentPolicy> found = absl::UnknownError("not read");
  KONTOR_RETURN_IF_ERROR(deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    found = Find(view, name, "name");
    return found.status();
  }));
  return found;
}

absl::StatusOr<std::vector<PaymentPolicy>> Policies::List(const std::string& kind) {
  if (!kind.empty()) KONTOR_RETURN_IF_ERROR(KindOf(kind).status());
  std::vector<PaymentPolicy> all;
  KONTOR_RETURN_IF_ERROR(deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(all, All(view));
    return absl::OkStatus();
  }));
  std::erase_if(all, [&](const PaymentPolicy& policy) {
    return !kind.empty() && model::NameOf(policy.kind) != kind;
  });
  std::ranges::sort(all, [](const PaymentPolicy& a, const PaymentPolicy& b) {
    return a.created != b.created ? a.created > b.created : a.number > b.number;
  });
  return all;
}

absl::StatusOr<PolicyDifference> Policies::Diff(const std::string& before,
                                                const std::string& after) {
  KONTOR_ASSIGN_OR_RETURN(const PaymentPolicy fresh, Get(after));
  const bool named = !before.empty();
  const auto old = Get(named ? before : std::string(model::NameOf(fresh.kind)));
  if (!old.ok() && (named || !base::Is(old.status(), Reason::kNotFound))) return old.status();
  PolicyDifference out;
  out.after = fresh.Name();
  if (old.ok()) out.before = old->Name();
  out.changes = model::DiffPolicies(old.ok() ? old->content : "{}", fresh.content);
  return out;
}

}  // namespace kontor::payment_orders
