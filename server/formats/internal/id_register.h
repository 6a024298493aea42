// SPDX-License-Identifier: Apache-2.0
// Whether an id was seen before in one file. Keeps 128-bit fingerprints, not texts: 16 bytes an id,
// and two different ids of a file taken for one is not going to happen.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "server/base/strings.h"

namespace kontor::formats::internal {

/// Not thread-safe.
class IdRegister {
 public:
  /// False when the id is there already; the empty id is none and always new.
  bool Add(std::string_view id) {
    if (id.empty()) return true;
    constexpr uint64_t kSaltA = 0x6B6F6E746F72;
    constexpr uint64_t kSaltB = 0x9E3779B97F4A7C15;
    const uint64_t a = absl::HashOf(base::Absl(id), kSaltA);
    const uint64_t b = absl::HashOf(kSaltB, base::Absl(id));
    return seen_.emplace(a, b).second;
  }

 private:
  absl::flat_hash_set<std::pair<uint64_t, uint64_t>> seen_;
};

}  // namespace kontor::formats::internal
