// SPDX-License-Identifier: Apache-2.0
// What is kept outside the database so that it can be held against it: the audit's head, and how
// far this line of history has come. Files are replaced whole, at
// most once an interval and at close.
#pragma once

#include <string>

#include "server/base/clock.h"
#include "server/store/internal/feed.h"

namespace kontor::store::internal {

/// Replaces the file by `text` and a line feed: written beside it, synced, renamed. Mode 0600.
absl::Status WriteFileWhole(const std::string& path, const std::string& text);
/// At most a few hundred bytes; empty when the file is absent. STORE_UNAVAILABLE when unreadable.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path);

/// One thread at a time: the commit thread's.
class HeadFiles {
 public:
  HeadFiles(const StoreSettings& settings, std::string generation_file, const base::Clock& clock)
      : audit_file_(settings.audit_head_file),
        generation_file_(std::move(generation_file)),
        interval_(settings.head_interval),
        clock_(clock) {}

  /// Whether the generation file says that the store was further, or another one, before.
  absl::StatusOr<bool> IsRestored(const std::string& generation, const Heads& heads) const;

  /// Begins to follow a line of history; `frozen` leaves the generation file alone.
  void Follow(const std::string& generation, const Heads& heads, bool frozen);
  /// Notes durable heads and writes them when the interval has passed.
  void Note(const Heads& heads);
  /// Writes what is noted and not yet written, when it is due or `now`. A failed write stays noted.
  void Flush(bool now);
  bool HasUnwritten() const { return is_dirty_; }

 private:
  std::string audit_file_;
  std::string generation_file_;
  absl::Duration interval_;
  const base::Clock& clock_;
  std::string generation_;
  Heads heads_;
  bool is_frozen_ = false;
  bool is_dirty_ = false;
  absl::Time last_write_ = absl::InfinitePast();
};

}  // namespace kontor::store::internal
