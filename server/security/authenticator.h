// SPDX-License-Identifier: Apache-2.0
// Who is calling, by token or client certificate. Reads the store, changes nothing in it but the
// time of a token's last use.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/ports/actor.h"
#include "server/ports/crypto.h"
#include "server/ports/store.h"
#include "server/security/principals.h"

namespace kontor::security {

/// An authenticated caller, with what the token leaves of the principal's roles and entities.
struct Identity {
  ports::Actor actor;
  bool unmasked = false;     ///< Sees whole names and account numbers.
  int calls_per_second = 0;  ///< 0: the server's default.
};

/// The token in an Authorization header's value, "Bearer <token>"; the scheme in any case.
/// Empty for an empty header. Errors: UNAUTHENTICATED for any other scheme.
absl::StatusOr<std::string> BearerTokenOf(std::string_view authorization);

/// Thread-safe. May block on the store when a token is not in memory: never from a network thread.
class Authenticator {
 public:
  /// The store must outlive it; the listener left there does nothing once this is gone.
  Authenticator(ports::Store& store, const base::Clock& clock, const ports::Crypto& crypto,
                Settings settings);
  ~Authenticator();

  /// The token when there is one, else the verified certificate's whole subject. A token of a
  /// principal that names a certificate works under no other one.
  /// Errors: UNAUTHENTICATED, TOKEN_EXPIRED, TOKEN_USED (the first token, redeemed already),
  /// ENTITY_DENIED (token and principal have no entity in common), STORE_UNAVAILABLE.
  absl::StatusOr<Identity> Identify(std::string_view bearer_token,
                                    std::string_view certificate_subject);
  /// The actor alone.
  absl::StatusOr<ports::Actor> Authenticate(std::string_view bearer_token,
                                            std::string_view certificate_subject);

 private:
  struct Entry {
    Identity identity;
    std::string certificate_subject;  ///< Of the principal; empty: none.
    absl::Time expires = absl::InfiniteFuture();
    absl::Time loaded;
  };
  struct Cache;

  absl::StatusOr<Entry> Load(const std::string& kind, const std::string& lookup);
  static absl::StatusOr<Entry> LoadToken(ports::ReadView& view, const std::string& lookup);
  static absl::StatusOr<Entry> LoadCertificate(ports::ReadView& view, const std::string& lookup);
  void NoteUse(const Entry& entry);

  ports::Store& store_;
  const base::Clock& clock_;
  const ports::Crypto& crypto_;
  const Settings settings_;
  const std::shared_ptr<Cache> cache_;
};

}  // namespace kontor::security
