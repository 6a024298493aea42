// SPDX-License-Identifier: Apache-2.0
// One operation at work in a lane, with what belongs to it. Plain values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/engine/compare.h"
#include "server/engine/engine.h"

namespace kontor::engine {

struct Item {
  model::Operation operation;
  ports::DocumentRow row;
  model::Document document;
  model::References references;
  std::vector<AllocationTarget> targets;  ///< Of payments; filled by the check or the step.
  std::vector<model::Finding> warnings;
  /// What the addon answered in this run: a reading of the transaction that applied it.
  std::optional<ports::ErpSnapshot> applied;
  bool checked = false;  ///< Against the master data, in this run.
};

/// What is to happen to an operation next; carried out by ApplyVerdict in one unit.
struct Verdict {
  enum class Kind {
    kProceed,     ///< Goes on to its steps.
    kStay,        ///< Nothing: looked at again by itself.
    kPark,        ///< PARKED for `park`, after taking over `depends_on`.
    kShadow,      ///< PARKED as shadow, with the event that says what would be sent.
    kLane,        ///< Belongs into another lane.
    kStepDone,    ///< The current step is done.
    kRetry,       ///< Known not applied: RETRYING, or a technical exception after too many.
    kUnknown,     ///< The answer was lost.
    kException,   ///< A person decides.
    kCorrectTax,  ///< The tax is written first, then compared again.
    kResend,      ///< The current step was found not to have happened: READY.
  };
  Kind kind = Kind::kProceed;
  model::ParkReason park = model::ParkReason::kNone;
  std::vector<std::string> depends_on;
  std::string lane;
  std::vector<model::Finding> findings;
  bool technical = false;
  absl::Duration retry_after = absl::ZeroDuration();
  absl::Status status;
  std::optional<ports::ErpSnapshot> verified;  ///< The reading that a verify step ended with.
};

}  // namespace kontor::engine
