// SPDX-License-Identifier: Apache-2.0
// The table `intake`: a row holds the sealed records that came in together.
#pragma once

#include <vector>

#include "server/ports/crypto.h"
#include "server/ports/intake.h"
#include "server/store/internal/sql.h"

namespace kontor::store::internal {

struct IntakeRow {
  int64_t id = 0;
  std::vector<ports::KeptRecord> records;
};

/// In order of their ids. SEAL_BROKEN, INTERNAL for rows that are not ours.
absl::StatusOr<std::vector<IntakeRow>> ReadIntake(Session& session, const ports::Crypto& crypto);
absl::Status InsertIntake(Session& session, const ports::Crypto& crypto, int64_t id,
                          const std::vector<const ports::KeptRecord*>& records);
/// Rows that are gone are no error.
/// Who holds the keys of a space; those that nobody holds are left out. One statement for many.
absl::StatusOr<std::unordered_map<std::string, std::string>> ReadHolders(
    Session& session, const ports::Crypto& crypto, const std::string& space,
    const std::vector<std::string>& keys);
absl::Status DeleteIntake(Session& session, const std::vector<int64_t>& ids);

}  // namespace kontor::store::internal
