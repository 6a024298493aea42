// SPDX-License-Identifier: Apache-2.0
// Delegations at rest: who lent a role over payment orders to whom, from a day to a day. No
// network, no SQL, no proto.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/base/date.h"
#include "server/base/ids.h"
#include "server/ports/people.h"

namespace kontor::payment_orders {

/// ObjectRow::kind of delegations.
inline constexpr char kDelegationKind[] = "payment_delegation";
inline constexpr std::string_view kDelegationPrefix = "pdl_";
inline constexpr int kDelegationDaysMax = 92;        ///< From the first day to the last.
inline constexpr int kDelegationAheadDaysMax = 366;  ///< Until the first day.

enum class DelegationState { kPlanned, kInForce, kEnded, kRevoked };
std::string_view NameOf(DelegationState state);

struct Delegation {
  std::string id;
  ports::Role role = ports::Role::kPaymentApprover;  ///< Or kPaymentReleaser.
  std::string delegator_id;
  std::string delegator;
  std::string delegate_id;
  std::string delegate;
  base::Date first;
  base::Date last;
  std::string reason;
  absl::Time created;
  std::string revoker;
  std::optional<absl::Time> revoked;
  std::string revoke_reason;
  int64_t version = 0;
};
/// Days are UTC's. Pure.
DelegationState StateOf(const Delegation& delegation, absl::Time now);

struct DelegationRequest {
  std::string request_id;
  std::string digest;  ///< Of all that the request says beside its id.
  ports::Role role = ports::Role::kPaymentApprover;
  std::string delegate;
  std::optional<base::Date> first;
  std::optional<base::Date> last;
  std::string reason;
};

struct DelegationDependencies {
  ports::Store& store;
  const base::Clock& clock;
  base::IdSource& ids;
  ports::People& people;
};

/// Thread-safe; blocks on the store.
class Delegations {
 public:
  explicit Delegations(DelegationDependencies dependencies) : deps_(dependencies) {}

  /// By the delegator alone. Errors as in proto/kontor/v1/delegation.proto. Repeatable by its
  /// request id.
  absl::StatusOr<Delegation> Create(const ports::Actor& actor, const DelegationRequest& request);
  /// NOT_FOUND, PERMISSION_DENIED. Over already: answered as it is.
  absl::StatusOr<Delegation> Revoke(const ports::Actor& actor, const std::string& id,
                                    const std::string& reason);
  /// NOT_FOUND, also for those of persons whose entities the actor may not all see.
  absl::StatusOr<Delegation> Get(const ports::Actor& actor, const std::string& id);
  /// Newest first, those that Get answers; `person` by name, empty: anybody's.
  absl::StatusOr<std::vector<Delegation>> List(const ports::Actor& actor, const std::string& person,
                                               bool open_only);
  absl::Time Now() const { return deps_.clock.Now(); }

 private:
  const DelegationDependencies deps_;
};

/// In the order in which they were made. Runs in a unit or a read.
absl::StatusOr<std::vector<Delegation>> AllDelegations(ports::ReadView& view);

}  // namespace kontor::payment_orders
