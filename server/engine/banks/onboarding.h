// SPDX-License-Identifier: Apache-2.0
// What must have been seen of a channel before it goes live, kept in the store point by point: the
// points count for the channel as it is, and another kind, setting or secret begins them anew.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/base/ids.h"
#include "server/model/bank.h"
#include "server/ports/store.h"

namespace kontor::banks {

/// ObjectRow::kind; its name is the channel's id.
inline constexpr char kOnboardingKind[] = "bank_onboarding";
inline constexpr std::string_view kOnboardingPrefix = "bon_";

enum class Point { kKeys, kTestPayment, kStatus, kStatement };
inline constexpr std::array<Point, 4> kPoints = {Point::kKeys, Point::kTestPayment, Point::kStatus,
                                                 Point::kStatement};
/// KEYS, TEST_PAYMENT, STATUS, STATEMENT.
std::string_view NameOf(Point point);

/// What proved a point.
struct Proof {
  std::string reference;  ///< Id of an order, a file or a statement; may be empty.
  std::string who;        ///< Principal id, or "kontord".
  absl::Time time;
};

/// What is needed of a channel, in the order of kPoints; none: not proven.
using Proofs = std::array<std::optional<Proof>, kPoints.size()>;

absl::StatusOr<Proofs> ProofsOf(ports::ReadView& view, const model::Channel& channel);
/// Names of what is not proven, parted by commas; empty: nothing is missing.
std::string MissingOf(const Proofs& proofs);

/// Notes the first proof of a point, with an audit row; nothing for a channel that is live or
/// paused, or where the point was proven before. Runs in a unit; repeatable.
absl::Status Prove(ports::Unit& unit, base::IdSource& ids, const model::Channel& channel,
                   Point point, const Proof& proof);
/// The same by the channel's name; a channel that is gone proves nothing.
absl::Status ProveFor(ports::Unit& unit, base::IdSource& ids, const std::string& channel,
                      Point point, const Proof& proof);

}  // namespace kontor::banks
