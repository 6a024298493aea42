// SPDX-License-Identifier: Apache-2.0
// Who persons are and what they may do, as the store has it within a read. What security keeps, the
// engine asks for here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/ports/actor.h"
#include "server/ports/store.h"

namespace kontor::ports {

/// Thread-safe. Each principal with all of its own roles and entities; disabled ones are left out.
class People {
 public:
  virtual ~People() = default;
  /// By name or id; none: there is none, or it is disabled. Services too.
  virtual absl::StatusOr<std::optional<Actor>> Find(ReadView& view,
                                                    const std::string& name_or_id) = 0;
  /// Persons who have the role, by name.
  virtual absl::StatusOr<std::vector<Actor>> WithRole(ReadView& view, Role role) = 0;
};

}  // namespace kontor::ports
