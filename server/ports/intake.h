// SPDX-License-Identifier: Apache-2.0
// What is taken in faster than it can be put in its place: one row holds what came in together, so
// that it is on disk before it is answered; a thread of the store files it afterwards, in order.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/ports/store.h"

namespace kontor::ports {

struct KeptRecord {
  std::string kind;               ///< One of the kinds that were added.
  std::string id;
  std::vector<std::string> keys;  ///< No two records that are not filed have one in common.
  std::string content;            ///< Any bytes; sealed at rest.
};

/// How a kind of record gets in its place.
struct IntakeKind {
  std::string name;
  /// Where filed records hold their keys (ReserveFlowKey): looked through for all that is kept
  /// together at once.
  std::string key_space;
  /// Puts it in its place; OK, too, when it is there. It may be called again after a crash.
  std::function<absl::Status(Unit& unit, const KeptRecord& record)> file;
};

/// Thread-safe.
class Intake {
 public:
  /// `holder`: id of what has one of the record's keys, filed or not; then nothing was kept.
  using Kept = std::function<void(const absl::Status& status, const std::string& holder)>;

  virtual ~Intake() = default;
  /// All kinds before Start(): an earlier run may have left records of each.
  virtual void Add(IntakeKind kind) = 0;
  /// Begins to file.
  virtual void Start() = 0;
  /// Ends filing; what is not filed stays for the next start. Repeatable.
  virtual void Stop() = 0;
  /// `done` once it is on disk, on a thread that must not be blocked. QUEUE_FULL at once when too
  /// much waits to be filed; STORE_FULL, STORE_UNAVAILABLE, SHUTTING_DOWN.
  virtual void Keep(KeptRecord record, Kept done) = 0;
  /// Files without delay what was kept before this call, then calls `done`: on the calling thread
  /// when there is nothing. What cannot be filed for now is not waited for.
  virtual void WhenFiled(std::function<void()> done) = 0;
  /// Records that are not yet filed.
  virtual int64_t Waiting() const = 0;
};

}  // namespace kontor::ports
