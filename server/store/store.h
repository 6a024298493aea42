// SPDX-License-Identifier: Apache-2.0
// Opens the durable memory behind ports::Store: SQLite for one node, PostgreSQL for several. The
// only home of SOCI, which this header does not show. It decides nothing about operations: it keeps
// what the engine says, in order, sealed where it is personal.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/ports/crypto.h"
#include "server/ports/intake.h"
#include "server/ports/store.h"

namespace kontor::store {

/// Every limit of the store; server/app fills them from the configuration ([store]).
struct StoreSettings {
  /// `sqlite:PATH`, or `postgresql:` before libpq's key=value text, or a `postgresql://` address.
  std::string url = "sqlite:kontor-data/kontor.db";
  int queue_max = 20'000;            ///< Units that wait for the commit thread; 1 to 1,000,000.
  int group_max = 256;               ///< Units in one transaction; 1 to 10,000.
  int reader_sessions = 4;           ///< Sessions for reads; 1 to 64.
  int reader_threads = 2;            ///< Threads behind ReadAsync; 1 to reader_sessions.
  int read_queue_max = 10'000;       ///< Asynchronous reads that wait.
  int64_t intake_records_max = 200'000;       ///< Kept and not yet filed; at least 1.
  int64_t intake_bytes_max = 128LL << 20;     ///< Of their contents, in memory and on disk.
  absl::Duration reader_wait_max = absl::Seconds(10);   ///< For a session; then STORE_UNAVAILABLE.
  absl::Duration busy_timeout = absl::Seconds(10);      ///< For another process's lock.
  absl::Duration statement_timeout = absl::Seconds(30);  ///< PostgreSQL: one statement.
  absl::Duration connect_timeout = absl::Seconds(5);    ///< PostgreSQL: a new session.
  int64_t size_bytes_max = 0;        ///< SQLite: largest file; 0: the disk decides.
  int cache_kib = 32 * 1024;         ///< SQLite: page cache of the writer; a reader has an 8th.
  std::string audit_head_file;       ///< "sequence:hash" of the audit's head; empty: not exported.
  std::string generation_file;       ///< Empty: `<path>.generation` for SQLite, none otherwise.
  absl::Duration head_interval = absl::Seconds(1);      ///< Between two writes of those files.
  std::string node;                  ///< Name in notices to other nodes; empty: made at random.
};

/// What was found when the store was opened.
struct StoreOpenInfo {
  bool created = false;      ///< The store was empty and has been set up.
  bool restored = false;     ///< It is older than what this node recorded outside, or another one.
  int schema_version = 0;    ///< After migrations.
  int migrations_run = 0;
  int64_t last_event_sequence = 0;
  std::string generation;    ///< Random id of this line of history.
};

/// ports::Store plus what only the program around it may ask. Thread-safe; the destructor runs what
/// is queued, writes the head files and closes.
class Store : public ports::Store {
 public:
  virtual const StoreOpenInfo& open_info() const = 0;
  /// Call after every connection is on hold for a restored store: begins a new line of history and
  /// lets the generation file follow it. Until then each opening says `restored` again. Repeatable.
  virtual absl::Status AcknowledgeRestore() = 0;
  /// Writes a consistent copy to a new file (mode 0600) while the store runs. SQLite only:
  /// STATE_CONFLICT on PostgreSQL (use pg_dump), ALREADY_EXISTS, STORE_FULL.
  virtual absl::Status Backup(const std::string& path) = 0;
  /// "sequence:hash" of the last durable audit row; "0:" when there is none.
  virtual absl::StatusOr<std::string> AuditHead() = 0;
  /// Units that wait for the commit thread, for metrics.
  virtual int64_t QueueLength() const = 0;
  /// Keeps first and files later. Null on PostgreSQL, where several nodes share the store.
  virtual ports::Intake* intake() = 0;
};

/// Opens, migrates, checks the sealing key. `crypto` and `clock` outlive the store.
/// Errors: STORE_UNAVAILABLE, STORE_FULL, STORE_NEWER (a newer program made it), SEAL_BROKEN
/// (another key made it), CONFIG_INVALID (url or limits).
absl::StatusOr<std::unique_ptr<Store>> OpenStore(const StoreSettings& settings,
                                                 const ports::Crypto& crypto,
                                                 const base::Clock& clock);

/// Checks the audit chain of a store that need not run, read-only: every row, that none is missing,
/// and `head` ("sequence:hash", may be empty). Answers the number of rows.
/// Errors: AUDIT_BROKEN naming the first bad row, STORE_UNAVAILABLE, STORE_NEWER, FIELD_INVALID
/// (head).
absl::StatusOr<int64_t> VerifyAuditOffline(const std::string& url, const std::string& head,
                                           const ports::Crypto& crypto);

}  // namespace kontor::store
