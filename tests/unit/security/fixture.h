// SPDX-License-Identifier: Apache-2.0
// A store of its own for each case, a clock that stands still, and people to act.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "server/base/clock.h"
#include "server/base/ids.h"
#include "server/base/status.h"
#include "server/ports/crypto.h"
#include "server/security/authenticator.h"
#include "server/security/directory.h"
#include "server/store/store.h"

namespace kontor::security::testing {

/// Real digests and sealing; random bytes from a seed, so that failures repeat.
class TestCrypto final : public ports::Crypto {
 public:
  TestCrypto();
  std::string Seal(std::string_view plain, std::string_view associated) const override;
  absl::StatusOr<std::string> Open(std::string_view sealed,
                                   std::string_view associated) const override;
  std::string LookupHash(std::string_view plain) const override;
  std::string Sha256Hex(std::string_view bytes) const override;
  void Random(uint8_t* bytes, size_t count) const override;

 private:
  std::function<void(uint8_t*, size_t)> random_;
};

struct Fixture {
  Fixture();
  ~Fixture();

  /// A request id that was not used before.
  std::string NextId() { return "r" + std::to_string(++requests); }
  /// Redeems the first token: "alice".
  Issued Alice();
  /// A new person or service with a token, made by `by`.
  Issued Make(const ports::Actor& by, const std::string& name, PrincipalKind kind);
  /// The actor behind a token's text, read past any cache.
  ports::Actor ActorOf(const std::string& text);
  /// Proposes and approves.
  void GiveRole(const ports::Actor& first, const ports::Actor& second, const std::string& name,
                ports::Role role);
  std::vector<ports::AuditEntry> AuditTrail();

  std::string folder;
  TestCrypto crypto;
  base::FakeClock clock;
  base::IdSource ids;
  Settings settings;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Directory> directory;
  int requests = 0;
};

/// Two administrators, both persons.
struct TwoAdministrators : Fixture {
  TwoAdministrators();
  std::string alice_token;
  std::string bob_token;
  ports::Actor alice;
  ports::Actor bob;
};

/// The reason of a status, for comparing and for reading in a failure.
inline std::string ReasonOf(const absl::Status& status) { return base::InfoOf(status).reason; }

}  // namespace kontor::security::testing
