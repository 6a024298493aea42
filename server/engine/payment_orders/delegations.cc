// SPDX-License-Identifier: Apache-2.0
#include "server/engine/payment_orders/delegations.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/engine/accept.h"

namespace kontor::payment_orders {
namespace {

using base::Date;
using base::Error;
using base::Reason;
using base::StrCat;
using nlohmann::json;
using ports::Role;

constexpr std::array<std::string_view, 4> kStates = {"PLANNED", "IN_FORCE", "ENDED", "REVOKED"};

std::string BodyOf(const Delegation& in) {
  const json body = {{"role", std::string(ports::NameOf(in.role))},
                     {"delegator_id", in.delegator_id},
                     {"delegator", in.delegator},
                     {"delegate_id", in.delegate_id},
                     {"delegate", in.delegate},
                     {"first", in.first.ToString()},
                     {"last", in.last.ToString()},
                     {"reason", in.reason},
                     {"revoker", in.revoker},
                     {"revoked", in.revoked ? base::FormatInstant(*in.revoked) : ""},
                     {"revoke_reason", in.revoke_reason}};
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

absl::Status Unreadable(const std::string& id) {
  return Error(Reason::kInternal).Says(StrCat("the delegation ", id, " is unreadable"));
}

absl::StatusOr<Delegation> FromRow(const ports::ObjectRow& row) {
  Delegation out;
  std::string first;
  std::string last;
  std::string revoked;
  try {
    const json body = json::parse(row.body);
    const std::string role = body.at("role");
    if (role == ports::NameOf(Role::kPaymentReleaser)) {
      out.role = Role::kPaymentReleaser;
    } else if (role != ports::NameOf(Role::kPaymentApprover)) {
      return Unreadable(row.id);
    }
    body.at("delegator_id").get_to(out.delegator_id);
    body.at("delegator").get_to(out.delegator);
    body.at("delegate_id").get_to(out.delegate_id);
    body.at("delegate").get_to(out.delegate);
    body.at("first").get_to(first);
    body.at("last").get_to(last);
    body.at("reason").get_to(out.reason);
    body.at("revoker").get_to(out.revoker);
    body.at("revoked").get_to(revoked);
    body.at("revoke_reason").get_to(out.revoke_reason);
  } catch (const std::exception&) {
    return Unreadable(row.id);
  }
  KONTOR_ASSIGN_OR_RETURN(out.first, Date::Parse(first));
  KONTOR_ASSIGN_OR_RETURN(out.last, Date::Parse(last));
  if (!revoked.empty()) {
    KONTOR_ASSIGN_OR_RETURN(out.revoked, base::ParseInstant(revoked));
  }
  out.id = row.id;
  out.created = row.created;
  out.version = row.version;
  return out;
}

absl::Status Put(ports::Unit& unit, Delegation& delegation, absl::Time now) {
  ports::ObjectRow row;
  row.kind = kDelegationKind;
  row.id = delegation.id;
  row.name = delegation.id;
  row.body = BodyOf(delegation);
  row.created = delegation.created;
  row.updated = now;
  row.version = delegation.version;
  KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
  delegation.version = row.version;
  return absl::OkStatus();
}

absl::StatusOr<Delegation> Find(ports::ReadView& view, const std::string& id) {
  if (!id.empty()) {
    KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindObject(kDelegationKind, id));
    if (row) return FromRow(*row);
  }
  return Error(Reason::kNotFound).Field("id").Says("there is no such delegation");
}

absl::Status Audit(ports::Unit& unit, const ports::Actor& actor, absl::Time now,
                   std::string_view action, const Delegation& delegation, Role by,
                   const std::string& reason) {
  ports::AuditEntry audit;
  audit.time = now;
  audit.actor = actor.principal_id;
  audit.role = std::string(ports::NameOf(by));
  audit.action = StrCat("payment_delegation.", action);
  audit.subject = delegation.id;
  audit.after = json{{"role", std::string(ports::NameOf(delegation.role))},
                     {"delegator", delegation.delegator},
                     {"delegate", delegation.delegate},
                     {"first_day", delegation.first.ToString()},
                     {"last_day", delegation.last.ToString()},
                     {"state", std::string(NameOf(StateOf(delegation, now)))}}
                    .dump();
  audit.reason = reason;
  return unit.AppendAudit(std::move(audit));
}

absl::Status CheckDays(const DelegationRequest& request, absl::Time now) {
  if (!request.first || !request.last) {
    return Error(Reason::kFieldMissing)
        .Field(request.first ? "last_day" : "first_day")
        .Says("a delegation is from a day to a day");
  }
  const Date today = Date::Of(now);
  if (*request.first < today || today.PlusDays(kDelegationAheadDaysMax) < *request.first) {
    return Error(Reason::kFieldInvalid)
        .Field("first_day")
        .Says(StrCat("from today on, at most ", kDelegationAheadDaysMax, " days ahead"));
  }
  if (*request.last < *request.first ||
      request.first->PlusDays(kDelegationDaysMax) < *request.last) {
    return Error(Reason::kFieldInvalid)
        .Field("last_day")
        .Says(StrCat("from the first day on, at most ", kDelegationDaysMax, " days after it"));
  }
  return absl::OkStatus();
}

/// Of what needs no store and no clock.
absl::Status CheckRequest(const ports::Actor& actor, const DelegationRequest& request) {
  if (!actor.is_person) {
    return Error(Reason::kPersonRequired).Says(StrCat(actor.name, " is a service"));
  }
  KONTOR_RETURN_IF_ERROR(engine::CheckRequestId(request.request_id));
  KONTOR_RETURN_IF_ERROR(base::CheckReason(request.reason, engine::kReasonMax));
  if (request.role != Role::kPaymentApprover && request.role != Role::kPaymentReleaser) {
    return Error(Reason::kFieldInvalid).Field("role").Says("approving or releasing is lent");
  }
  // What was lent to the caller is not among these: nothing is lent on.
  if (!actor.Has(request.role)) {
    return Error(Reason::kPermissionDenied)
        .With("roles", ports::NameOf(request.role))
        .Says(StrCat(actor.name, " has no role ", ports::NameOf(request.role), " of their own"));
  }
  // What is lent counts wherever its delegator may act, and outlives the token.
  if (actor.narrowed) {
    return Error(Reason::kPermissionDenied)
        .With("roles", ports::NameOf(request.role))
        .Says("this token gives less than all that is yours; lend with one that does not");
  }
  if (request.delegate.empty()) {
    return Error(Reason::kFieldMissing).Field("delegate").Says("to whom is it lent?");
  }
  return absl::OkStatus();
}

/// Whether the caller may know of it: it is theirs, or they see all that its delegator sees.
absl::StatusOr<bool> IsVisible(ports::People& people, ports::ReadView& view,
                               const ports::Actor& actor, const Delegation& delegation) {
  if (actor.principal_id == delegation.delegator_id ||
      actor.principal_id == delegation.delegate_id || actor.entities.empty()) {
    return true;
  }
  KONTOR_ASSIGN_OR_RETURN(const auto delegator, people.Find(view, delegation.delegator_id));
  if (!delegator || delegator->entities.empty()) return false;
  return std::ranges::all_of(delegator->entities,
                             [&](const std::string& entity) { return actor.MaySee(entity); });
}

absl::StatusOr<Delegation> FindFor(ports::People& people, ports::ReadView& view,
                                   const ports::Actor& actor, const std::string& id) {
  KONTOR_ASSIGN_OR_RETURN(Delegation found, Find(view, id));
  KONTOR_ASSIGN_OR_RETURN(const bool visible, IsVisible(people, view, actor, found));
  if (visible) return found;
  return Find(view, "");
}

absl::StatusOr<ports::Actor> DelegateFor(ports::People& people, ports::ReadView& view,
                                         const ports::Actor& actor, const std::string& name) {
  KONTOR_ASSIGN_OR_RETURN(const auto found, people.Find(view, name));
  if (!found) {
    return Error(Reason::kNotFound).Field("delegate").Says("there is no such person");
  }
  if (found->principal_id == actor.principal_id) {
    return Error(Reason::kDutiesNotSeparate)
        .Field("delegate")
        .Says("nobody lends a role to themselves");
  }
  if (!found->is_person) {
    return Error(Reason::kPersonRequired)
        .Field("delegate")
        .Says(StrCat(found->name, " is a service"));
  }
  return *found;
}

}  // namespace

std::string_view NameOf(DelegationState state) { return kStates[static_cast<size_t>(state)]; }

DelegationState StateOf(const Delegation& delegation, absl::Time now) {
  if (delegation.revoked) return DelegationState::kRevoked;
  const Date today = Date::Of(now);
  if (today < delegation.first) return DelegationState::kPlanned;
  return delegation.last < today ? DelegationState::kEnded : DelegationState::kInForce;
}

absl::StatusOr<std::vector<Delegation>> AllDelegations(ports::ReadView& view) {
  KONTOR_ASSIGN_OR_RETURN(const auto rows, view.AllObjects(kDelegationKind));
  std::vector<Delegation> all;
  for (const ports::ObjectRow& row : rows) {
    KONTOR_ASSIGN_OR_RETURN(Delegation delegation, FromRow(row));
    all.push_back(std::move(delegation));
  }
  std::ranges::sort(all, {}, &Delegation::id);
  return all;
}

absl::StatusOr<Delegation> Delegations::Create(const ports::Actor& actor,
                                               const DelegationRequest& request) {
  const absl::Time now = deps_.clock.Now();
  KONTOR_RETURN_IF_ERROR(CheckRequest(actor, request));
  Delegation made;
  KONTOR_RETURN_IF_ERROR(deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto known, unit.FindRequest(actor.source, request.request_id));
    if (known && known->digest != request.digest) {
      return Error(Reason::kRequestIdReused)
          .Field("request_id")
          .Says("this request_id was used with other content");
    }
    if (known) {
      KONTOR_ASSIGN_OR_RETURN(made, Find(unit, known->document_id));
      return absl::OkStatus();
    }
    // Only of a new one: a repeat may come after midnight.
    KONTOR_RETURN_IF_ERROR(CheckDays(request, now));
    KONTOR_ASSIGN_OR_RETURN(const ports::Actor delegate,
                            DelegateFor(deps_.people, unit, actor, request.delegate));
    made = {};
    made.id = deps_.ids.Next(kDelegationPrefix);
    made.role = request.role;
    made.delegator_id = actor.principal_id;
    made.delegator = actor.name;
    made.delegate_id = delegate.principal_id;
    made.delegate = delegate.name;
    made.first = *request.first;
    made.last = *request.last;
    made.reason = request.reason;
    made.created = now;
    KONTOR_RETURN_IF_ERROR(Put(unit, made, now));
    KONTOR_RETURN_IF_ERROR(
        unit.InsertRequest({actor.source, request.request_id, request.digest, 1, "", made.id}));
    return Audit(unit, actor, now, "create", made, made.role, made.reason);
  }));
  return made;
}

absl::StatusOr<Delegation> Delegations::Revoke(const ports::Actor& actor, const std::string& id,
                                               const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, engine::kReasonMax));
  Delegation found;
  KONTOR_RETURN_IF_ERROR(deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(found, FindFor(deps_.people, unit, actor, id));
    const bool own =
        actor.principal_id == found.delegator_id || actor.principal_id == found.delegate_id;
    if (!actor.is_person || (!own && !actor.Has(Role::kAdministrator))) {
      return Error(Reason::kPermissionDenied)
          .Says("who lent it, who got it, or an administrator ends a delegation");
    }
    const absl::Time now = deps_.clock.Now();
    const DelegationState state = StateOf(found, now);
    if (state == DelegationState::kRevoked || state == DelegationState::kEnded) {
      return absl::OkStatus();
    }
    found.revoker = actor.name;
    found.revoked = now;
    found.revoke_reason = reason;
    KONTOR_RETURN_IF_ERROR(Put(unit, found, now));
    return Audit(unit, actor, now, "revoke", found, own ? found.role : Role::kAdministrator,
                 reason);
  }));
  return found;
}

absl::StatusOr<Delegation> Delegations::Get(const ports::Actor& actor, const std::string& id) {
  absl::StatusOr<Delegation> found = absl::UnknownError("not read");
  KONTOR_RETURN_IF_ERROR(deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    found = FindFor(deps_.people, view, actor, id);
    return found.status();
  }));
  return found;
}

absl::StatusOr<std::vector<Delegation>> Delegations::List(const ports::Actor& actor,
                                                          const std::string& person,
                                                          bool open_only) {
  std::vector<Delegation> all;
  KONTOR_RETURN_IF_ERROR(deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    all.clear();
    KONTOR_ASSIGN_OR_RETURN(const auto known, AllDelegations(view));
    for (const Delegation& delegation : known) {
      KONTOR_ASSIGN_OR_RETURN(const bool visible, IsVisible(deps_.people, view, actor, delegation));
      if (visible) all.push_back(delegation);
    }
    return absl::OkStatus();
  }));
  std::erase_if(all, [&](const Delegation& delegation) {
    const DelegationState state = StateOf(delegation, deps_.clock.Now());
    const bool open = state == DelegationState::kPlanned || state == DelegationState::kInForce;
    const bool his =
        person.empty() || delegation.delegator == person || delegation.delegate == person;
    return !his || (open_only && !open);
  });
  std::ranges::reverse(all);
  return all;
}

}  // namespace kontor::payment_orders
