// SPDX-License-Identifier: Apache-2.0
// Several nodes on one PostgreSQL: each tells the others what it has committed (NOTIFY), so that
// their listeners wake without asking all the time. Only a hint: nothing depends on its arrival.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "server/ports/store.h"
#include "server/store/internal/sql.h"

namespace kontor::store::internal {

class Notices {
 public:
  /// `store` tells apart stores in one database, `node` the nodes of one store.
  Notices(Target target, const StoreSettings& settings, std::string store, std::string node,
          std::function<void(const ports::CommitNotice&)> announce);
  ~Notices() { Stop(); }

  /// Adds the notice to the transaction that is open; it is sent when that commits.
  absl::Status Tell(Session& session, const ports::CommitNotice& notice) const;
  /// Starts the thread that listens.
  void Listen();
  /// Ends it. Repeatable.
  void Stop();

 private:
  void Loop();
  void Hear(const std::string& payload) const;

  const Target target_;
  const StoreSettings& settings_;
  const std::string store_;
  const std::string node_;
  const std::function<void(const ports::CommitNotice&)> announce_;
  std::atomic<bool> is_stopping_ = false;
  std::thread thread_;
};

/// One line of text: store, node, sequence, then kinds and lanes as far as there is room.
std::string NoticeText(const std::string& store, const std::string& node,
                       const ports::CommitNotice& notice);

}  // namespace kontor::store::internal
