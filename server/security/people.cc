// SPDX-License-Identifier: Apache-2.0
#include "server/security/people.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/security/internal/change.h"

namespace kontor::security {
namespace {

class StoredPeople final : public ports::People {
 public:
  absl::StatusOr<std::optional<ports::Actor>> Find(ports::ReadView& view,
                                                   const std::string& name_or_id) override {
    const auto principal = internal::LoadPrincipal(view, name_or_id);
    if (base::Is(principal.status(), base::Reason::kNotFound)) return std::optional<ports::Actor>();
    KONTOR_RETURN_IF_ERROR(principal.status());
    if (principal->disabled) return std::optional<ports::Actor>();
    return std::optional(ActorOf(*principal));
  }

  absl::StatusOr<std::vector<ports::Actor>> WithRole(ports::ReadView& view,
                                                     ports::Role role) override {
    KONTOR_ASSIGN_OR_RETURN(const auto all, internal::AllPrincipals(view));
    std::vector<ports::Actor> out;
    for (const Principal& principal : all) {
      const bool person = principal.kind == PrincipalKind::kPerson && !principal.disabled;
      if (person && principal.roles.contains(role)) out.push_back(ActorOf(principal));
    }
    std::ranges::sort(out, {}, &ports::Actor::name);
    return out;
  }
};

}  // namespace

std::unique_ptr<ports::People> MakePeople() { return std::make_unique<StoredPeople>(); }

}  // namespace kontor::security
