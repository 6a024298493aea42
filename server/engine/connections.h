// SPDX-License-Identifier: Apache-2.0
// The Odoo connections at work: one Erp each, its identity checked, its master data cached, and a
// pause after it failed to answer, so that one outage is not met a thousand times.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "server/engine/config.h"
#include "server/engine/engine.h"

namespace kontor::engine {

/// A connection that may be used now.
struct OpenConnection {
  Versioned<Connection> connection;
  std::shared_ptr<ports::Erp> erp;
  bool has_addon = false;  ///< There when the identity was last checked, and to be used.
};

/// Thread-safe; blocks on Odoo outside its locks.
class Connections {
 public:
  Connections(const Dependencies& deps, const Settings& settings, Config& config)
      : deps_(deps), settings_(settings), config_(config) {}

  /// The Erp of a connection, made anew after its configuration changed. No call to Odoo.
  absl::StatusOr<OpenConnection> Open(const std::string& name);
  /// Open, after the database's identity was checked (at most once a catalogue_ttl): binds an
  /// unbound connection; DATABASE_REPLACED after suspending it when another database answers.
  absl::StatusOr<OpenConnection> Admit(const std::string& name);

  /// The company's master data, at most catalogue_ttl old; `fresh` reads it now.
  absl::StatusOr<std::shared_ptr<const model::Catalogue>> CatalogueOf(const Entity& entity,
                                                                      bool fresh);
  /// What is in memory, of any age; nullptr when nothing is.
  std::shared_ptr<const model::Catalogue> CachedCatalogue(const Entity& entity) const;

  /// A person mended something in Odoo: the master data is read again before it is next believed.
  void Outdate(const std::string& entity);

  /// Whether the connection rests after a failure.
  bool IsResting(const std::string& name) const;
  /// Rests it for a time that doubles with each failure in a row, or as long as Odoo asked.
  void NoteFailure(const std::string& name, const absl::Status& status);
  void NoteSuccess(const std::string& name);
  /// A person asked to look now.
  void Wake(const std::string& name) { NoteSuccess(name); }
  /// Forgets identity and master data: after a rebind.
  void Forget(const std::string& name);
  /// The next Admit asks who answers: the addon came or went.
  void Recheck(const std::string& name);

 private:
  struct State {
    int64_t version = 0;
    std::shared_ptr<ports::Erp> erp;
    absl::Time identity_checked = absl::InfinitePast();
    bool has_addon = false;
    absl::Time rests_until = absl::InfinitePast();
    int failures = 0;
  };
  int64_t TimesOutdated(const std::string& entity) const;
  /// Answers whether the addon is there.
  absl::StatusOr<bool> CheckIdentity(const OpenConnection& open);
  absl::Status Bind(const OpenConnection& open, const ports::ErpIdentity& identity);
  absl::Status CheckSequence(const OpenConnection& open, const ports::ErpIdentity& identity);
  absl::Status Suspend(const OpenConnection& open, const std::string& got);

  const Dependencies& deps_;
  const Settings& settings_;
  Config& config_;
  mutable std::mutex mutex_;
  std::map<std::string, State> states_;
  std::map<std::string, std::shared_ptr<const model::Catalogue>> catalogues_;  // by entity
  /// Entities whose master data a person mended since it was read, each with how often.
  std::map<std::string, int64_t> outdated_;
};

}  // namespace kontor::engine
