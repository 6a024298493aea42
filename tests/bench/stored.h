// SPDX-License-Identifier: Apache-2.0
// A server's store opened by the bench itself, while the server does not run: to put into it what
// would take hours to bring about through an Odoo.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "server/app/config.h"
#include "server/app/crypto_port.h"
#include "server/base/ids.h"
#include "server/store/store.h"
#include "tests/bench/world.h"

namespace kontor::bench {

class Stored {
 public:
  /// The store and the sealing key of a server that was set up with these options.
  static absl::StatusOr<std::unique_ptr<Stored>> Open(const ServerOptions& options);

  store::Store& store() { return *store_; }
  const app::CryptoPort& crypto() const { return *crypto_; }
  base::IdSource& ids() { return *ids_; }
  const base::Clock& clock() const { return clock_; }

 private:
  base::SystemClock clock_;
  std::unique_ptr<app::CryptoPort> crypto_;
  std::unique_ptr<base::IdSource> ids_;
  std::unique_ptr<store::Store> store_;
};

}  // namespace kontor::bench
