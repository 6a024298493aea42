// SPDX-License-Identifier: Apache-2.0
// Payment policies at rest: versions that one person proposes and another activates. No network,
// no SQL, no proto.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/base/ids.h"
#include "server/model/payment_policy.h"
#include "server/ports/actor.h"
#include "server/ports/crypto.h"
#include "server/ports/store.h"

namespace kontor::payment_orders {

struct PolicyDependencies {
  ports::Store& store;
  const base::Clock& clock;
  base::IdSource& ids;
  const ports::Crypto& crypto;
};

/// Places in which two versions differ.
struct PolicyDifference {
  std::string before;  ///< Name of the older one; empty: there was none.
  std::string after;
  std::vector<model::PolicyChange> changes;
};

/// Thread-safe; blocks on the store.
class Policies {
 public:
  explicit Policies(PolicyDependencies dependencies) : deps_(dependencies) {}

  /// `digest`: of all that the request says beside its id. POLICY_INVALID with findings,
  /// PERSON_REQUIRED, REQUEST_ID_REUSED. Repeatable by its request id.
  absl::StatusOr<model::PaymentPolicy> Propose(const ports::Actor& actor,
                                               const std::string& request_id,
                                               const std::string& digest, const std::string& kind,
                                               const std::string& content,
                                               const std::string& reason);
  /// PROPOSED → ACTIVE; the active one of the kind retires. NOT_FOUND, DUTIES_NOT_SEPARATE,
  /// PERSON_REQUIRED, STATE_CONFLICT, APPROVAL_VOID when the digest is of another content. Active
  /// already: answered as it is.
  absl::StatusOr<model::PaymentPolicy> Activate(const ports::Actor& actor, const std::string& name,
                                                const std::string& digest);
  /// PROPOSED → DECLINED. NOT_FOUND, PERSON_REQUIRED, STATE_CONFLICT.
  absl::StatusOr<model::PaymentPolicy> Decline(const ports::Actor& actor, const std::string& name,
                                               const std::string& reason);
  /// By name, id, or kind alone: its active version. NOT_FOUND.
  absl::StatusOr<model::PaymentPolicy> Get(const std::string& name);
  /// Newest first; of every kind when `kind` is empty.
  absl::StatusOr<std::vector<model::PaymentPolicy>> List(const std::string& kind);
  /// `before` empty: the active one of the same kind. NOT_FOUND.
  absl::StatusOr<PolicyDifference> Diff(const std::string& before, const std::string& after);

 private:
  const PolicyDependencies deps_;
};

}  // namespace kontor::payment_orders
