// SPDX-License-Identifier: Apache-2.0
// By whose right a person decides: by a role of their own, or by one that another person lent them.
// A lent role is as good as it is today: its delegator must still have it.
#include <algorithm>

#include "server/engine/payment_orders/delegations.h"
#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {
namespace {

using ports::Role;

bool IsInForce(const Loop& loop, const Delegation& delegation, Role role) {
  return delegation.role == role && StateOf(delegation, loop.Now()) == DelegationState::kInForce;
}

/// The delegator, who has today what was lent; none: they have it no more.
absl::StatusOr<std::optional<ports::Actor>> DelegatorOf(Loop& loop, ports::ReadView& view,
                                                        const Delegation& delegation,
                                                        const std::string& entity) {
  KONTOR_ASSIGN_OR_RETURN(auto delegator, loop.deps.people.Find(view, delegation.delegator_id));
  const bool has = delegator && delegator->is_person && delegator->Has(delegation.role) &&
                   delegator->MaySee(entity);
  return has ? delegator : std::optional<ports::Actor>();
}

absl::StatusOr<std::vector<Right>> RightsOf(Loop& loop, ports::ReadView& view,
                                            const ports::Actor& actor, Role role,
                                            const std::string& entity) {
  std::vector<Right> rights;
  if (actor.Has(role)) rights.emplace_back();
  // A token that gives less than its principal's roles does not give those of others either.
  if (actor.scoped) return rights;
  KONTOR_ASSIGN_OR_RETURN(const auto all, AllDelegations(view));
  for (const Delegation& delegation : all) {
    if (delegation.delegate_id != actor.principal_id || !IsInForce(loop, delegation, role)) {
      continue;
    }
    KONTOR_ASSIGN_OR_RETURN(const auto delegator, DelegatorOf(loop, view, delegation, entity));
    if (!delegator) continue;
    // By the name of today: policies name approvers so.
    rights.push_back({delegator->principal_id, delegator->name, delegation.id});
  }
  return rights;
}

bool HasDecided(const Flow& flow, const std::string& principal_id) {
  return std::ranges::any_of(flow.body.approvals, [&](const Approval& approval) {
    const bool his = approval.principal_id == principal_id ||
                     (!approval.delegator_id.empty() && approval.delegator_id == principal_id);
    return his && (flow.state() == State::kApproved ||
                   (approval.void_reason.empty() && approval.digest == flow.body.digest));
  });
}

bool MayAct(const Flow& flow, const ports::Actor& person) {
  if (!person.MaySee(flow.row.entity) || person.principal_id == flow.body.preparer_id ||
      HasDecided(flow, person.principal_id)) {
    return false;
  }
  const auto& named = flow.body.approvers;
  return flow.state() == State::kApproved || named.empty() ||
         std::ranges::find(named, person.name) != named.end();
}

}  // namespace

absl::StatusOr<Right> RightTo(Loop& loop, ports::ReadView& view, const ports::Actor& actor,
                              Role role, const Flow& flow, const RightCheck& check) {
  if (!actor.is_person) {
    return Error(Reason::kPersonRequired).Says(StrCat(actor.name, " is a service"));
  }
  KONTOR_ASSIGN_OR_RETURN(const auto rights, RightsOf(loop, view, actor, role, flow.row.entity));
  absl::Status refusal =
      Error(Reason::kPermissionDenied)
          .With("roles", ports::NameOf(role))
          .Says(StrCat(actor.name, " needs the role ", ports::NameOf(role),
                       actor.scoped ? ", and this token lends none" : ", or a delegation of it"));
  bool first = true;
  for (const Right& right : rights) {
    const absl::Status checked = check(right);
    if (checked.ok()) return right;
    if (first) refusal = checked;
    first = false;
  }
  return refusal;
}

absl::StatusOr<bool> AreLinked(Loop& loop, ports::ReadView& view, Role role, const std::string& one,
                               const std::string& other) {
  KONTOR_ASSIGN_OR_RETURN(const auto all, AllDelegations(view));
  return std::ranges::any_of(all, [&](const Delegation& delegation) {
    if (!IsInForce(loop, delegation, role)) return false;
    return (delegation.delegator_id == one && delegation.delegate_id == other) ||
           (delegation.delegator_id == other && delegation.delegate_id == one);
  });
}

absl::StatusOr<std::string> WhoCanAct(Loop& loop, ports::ReadView& view, const Flow& flow) {
  constexpr size_t kNamedMax = 10;
  const Role role =
      flow.state() == State::kApproved ? Role::kPaymentReleaser : Role::kPaymentApprover;
  KONTOR_ASSIGN_OR_RETURN(const auto people, loop.deps.people.WithRole(view, role));
  KONTOR_ASSIGN_OR_RETURN(const auto all, AllDelegations(view));
  std::vector<std::string> names;
  for (const ports::Actor& person : people) {
    if (!MayAct(flow, person)) continue;
    names.push_back(person.name);
    for (const Delegation& delegation : all) {
      if (delegation.delegator_id != person.principal_id || !IsInForce(loop, delegation, role) ||
          delegation.delegate_id == flow.body.preparer_id ||
          HasDecided(flow, delegation.delegate_id)) {
        continue;
      }
      KONTOR_ASSIGN_OR_RETURN(const auto delegate,
                              loop.deps.people.Find(view, delegation.delegate_id));
      if (!delegate || !delegate->is_person || !delegate->MaySee(flow.row.entity)) continue;
      names.push_back(StrCat(delegate->name, " for ", person.name));
    }
  }
  if (names.empty())
    return std::string("nobody else; an administrator grants the role to another person");
  const size_t more = names.size() > kNamedMax ? names.size() - kNamedMax : 0;
  names.resize(names.size() - more);
  return StrCat(base::StrJoin(names, ", "), more > 0 ? StrCat(" and ", more, " more") : "");
}

}  // namespace kontor::payment_orders
