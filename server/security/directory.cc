// SPDX-License-Identifier: Apache-2.0
// Principals: made, listed, disabled.
#include "server/security/directory.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/text.h"
#include "server/security/internal/change.h"

namespace kontor::security {
namespace {

using base::Error;
using base::Reason;
using internal::AuditWords;
using ports::Role;

constexpr std::string_view kAdministratorRole = "ADMINISTRATOR";
constexpr int kDisplayNameMax = 200;
constexpr int kSubjectMax = 1000;
constexpr int kRateMax = 100'000;

absl::Status CheckDraft(const Principal& draft) {
  KONTOR_RETURN_IF_ERROR(internal::CheckName(draft.name, "principal.name"));
  KONTOR_RETURN_IF_ERROR(internal::CheckName(draft.source, "principal.source"));
  KONTOR_RETURN_IF_ERROR(
      base::CheckText(draft.display_name, kDisplayNameMax, "principal.display_name"));
  KONTOR_RETURN_IF_ERROR(base::CheckText(draft.certificate_subject, kSubjectMax,
                                         "principal.certificate_subject"));
  KONTOR_RETURN_IF_ERROR(internal::CheckEntities(draft.entities, "principal.entities"));
  if (draft.calls_per_second < 0 || draft.calls_per_second > kRateMax) {
    return Error(Reason::kFieldInvalid)
        .Field("principal.rate_limit_per_second")
        .Says("a rate is 0 for the default, or 1 to 100000");
  }
  return absl::OkStatus();
}

/// An id (prn_…) must not be mistaken for another principal's name, nor the other way round.
absl::Status CheckNotTaken(ports::ReadView& view, const Principal& draft) {
  KONTOR_ASSIGN_OR_RETURN(const auto taken,
                          view.FindObject(internal::kPrincipalKind, draft.name));
  if (taken.has_value()) {
    return Error(Reason::kAlreadyExists)
        .Field("principal.name")
        .Says(base::StrCat("there is a principal ", draft.name));
  }
  if (draft.certificate_subject.empty()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(const auto all, internal::AllPrincipals(view));
  const bool shared = std::any_of(all.begin(), all.end(), [&draft](const Principal& other) {
    return other.certificate_subject == draft.certificate_subject;
  });
  if (!shared) return absl::OkStatus();
  return Error(Reason::kAlreadyExists)
      .Field("principal.certificate_subject")
      .Says("another principal has this certificate");
}

}  // namespace

absl::StatusOr<Principal> Directory::CreatePrincipal(const ports::Actor& actor,
                                                     const std::string& request_id,
                                                     Principal draft) {
  draft.id.clear();
  draft.roles.clear();
  draft.disabled = false;
  draft.first = false;
  draft.version = 0;
  if (draft.source.empty()) draft.source = draft.name;
  KONTOR_RETURN_IF_ERROR(CheckDraft(draft));
  const internal::Request request{actor, "principal.create", request_id,
                                  internal::ShowPrincipal(draft)};
  return internal::Once<Principal>(
      store_, crypto_, request,
      [&](ports::Unit& unit) { return internal::AdministratorOf(unit, actor).status(); },
      [&](ports::Unit& unit) -> absl::StatusOr<Principal> {
        KONTOR_RETURN_IF_ERROR(internal::CheckReach(actor, draft.entities));
        KONTOR_RETURN_IF_ERROR(CheckNotTaken(unit, draft));
        Principal made = draft;
        made.id = ids_.Next(base::kPrincipalPrefix);
        made.created = clock_.Now();
        KONTOR_RETURN_IF_ERROR(internal::Put(unit, made, crypto_, made.created));
        KONTOR_RETURN_IF_ERROR(internal::Audit(
            unit, actor, kAdministratorRole,
            {"principal.create", made.id, "", internal::ShowPrincipal(made), ""}, made.created));
        return made;
      },
      internal::LoadPrincipal);
}

absl::StatusOr<Principal> Directory::GetPrincipal(const std::string& name_or_id) {
  absl::StatusOr<Principal> found = absl::UnknownError("not read");
  const absl::Status ran = store_.Read([&](ports::ReadView& view) {
    found = internal::LoadPrincipal(view, name_or_id);
    return absl::OkStatus();
  });
  KONTOR_RETURN_IF_ERROR(ran);
  return found;
}

absl::StatusOr<std::vector<Principal>> Directory::ListPrincipals(
    std::optional<PrincipalKind> kind) {
  std::vector<Principal> listed;
  const absl::Status ran = store_.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(listed, internal::AllPrincipals(view));
    return absl::OkStatus();
  });
  KONTOR_RETURN_IF_ERROR(ran);
  std::erase_if(listed, [kind](const Principal& p) { return kind.has_value() && p.kind != *kind; });
  std::sort(listed.begin(), listed.end(),
            [](const Principal& a, const Principal& b) { return a.name < b.name; });
  return listed;
}

absl::StatusOr<Principal> Directory::SetDisabled(const ports::Actor& actor,
                                                 const std::string& request_id,
                                                 const std::string& name, bool disabled,
                                                 const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(internal::CheckReason(reason));
  const std::string action = disabled ? "principal.disable" : "principal.enable";
  const internal::Request request{actor, action, request_id, base::StrCat(name, "\n", reason)};
  return internal::Once<Principal>(
      store_, crypto_, request,
      [&](ports::Unit& unit) { return internal::AdministratorOf(unit, actor).status(); },
      [&](ports::Unit& unit) -> absl::StatusOr<Principal> {
        KONTOR_ASSIGN_OR_RETURN(Principal principal, internal::LoadPrincipal(unit, name));
        KONTOR_RETURN_IF_ERROR(internal::CheckReach(actor, principal.entities));
        if (principal.disabled == disabled) return principal;
        const std::string before = internal::ShowPrincipal(principal);
        principal.disabled = disabled;
        const absl::Time now = clock_.Now();
        KONTOR_RETURN_IF_ERROR(internal::Put(unit, principal, crypto_, now));
        if (principal.roles.contains(Role::kAdministrator)) {
          KONTOR_RETURN_IF_ERROR(internal::TouchGuard(unit, now));
          KONTOR_ASSIGN_OR_RETURN(const int left, internal::CountAdministrators(unit));
          if (left == 0) {
            return Error(Reason::kStateConflict)
                .Says(base::StrCat(name, " is the last administrator"));
          }
        }
        KONTOR_RETURN_IF_ERROR(internal::Audit(
            unit, actor, kAdministratorRole,
            {action, principal.id, before, internal::ShowPrincipal(principal), reason}, now));
        return principal;
      },
      internal::LoadPrincipal);
}

}  // namespace kontor::security
