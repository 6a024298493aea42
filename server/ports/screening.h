// SPDX-License-Identifier: Apache-2.0
// Whether somebody stands on a sanctions list. Behind a port, so that a service can take the place
// of list files.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/model/payment_policy.h"

namespace kontor::ports {

struct ScreenedParty {
  std::string name;
  std::string country_code;  ///< May be empty.
};

struct ScreeningHit {
  size_t party = 0;        ///< Index of the party.
  std::string list;        ///< Such as ofac-sdn.
  std::string entry_id;    ///< As the list names it.
  std::string name;        ///< The list's own spelling, main name or alias.
  int likeness_percent = 0;
};

/// Thread-safe. Screen may block on a service.
class Screening {
 public:
  virtual ~Screening() = default;
  /// Every hit of every party; empty: nobody is listed.
  virtual absl::StatusOr<std::vector<ScreeningHit>> Screen(
      std::span<const ScreenedParty> parties) = 0;
  /// Since when the oldest list is as it is; infinite past: not known.
  virtual absl::Time ListsFrom() const = 0;
};

/// Makes the screening of rules. FAILED_PRECONDITION (LIST_STALE) when a file is missing or not
/// the one that was activated.
using ScreeningFactory = std::function<absl::StatusOr<std::shared_ptr<Screening>>(
    const model::ScreeningRules& rules)>;

}  // namespace kontor::ports
