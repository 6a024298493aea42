// SPDX-License-Identifier: Apache-2.0
#include "server/security/principals.h"

#include <array>

namespace kontor::security {
namespace {

constexpr std::array<std::string_view, 2> kKinds = {"PERSON", "SERVICE"};
constexpr std::array<std::string_view, 3> kGrantStates = {"PROPOSED", "GRANTED", "REVOKED"};

template <typename Enum, size_t kCount>
std::optional<Enum> ParseName(const std::array<std::string_view, kCount>& names,
                              std::string_view name) {
  for (size_t i = 0; i < kCount; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view NameOf(PrincipalKind kind) { return kKinds.at(static_cast<size_t>(kind)); }
std::optional<PrincipalKind> ParsePrincipalKind(std::string_view name) {
  return ParseName<PrincipalKind>(kKinds, name);
}

std::string_view NameOf(GrantState state) { return kGrantStates.at(static_cast<size_t>(state)); }
std::optional<GrantState> ParseGrantState(std::string_view name) {
  return ParseName<GrantState>(kGrantStates, name);
}

std::optional<ports::Role> ParseRole(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(ports::kLastRole); ++i) {
    const auto role = static_cast<ports::Role>(i);
    if (ports::NameOf(role) == name) return role;
  }
  return std::nullopt;
}

ports::Actor ActorOf(const Principal& principal) {
  ports::Actor actor;
  actor.principal_id = principal.id;
  actor.name = principal.name;
  actor.is_person = principal.kind == PrincipalKind::kPerson;
  actor.source = principal.source;
  actor.roles = principal.roles;
  actor.entities = principal.entities;
  return actor;
}

}  // namespace kontor::security
