// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/security/fixture.h"

#include <stdlib.h>

#include <filesystem>

#include "server/base/strings.h"
#include "server/crypto/bytes.h"
#include "server/crypto/digest.h"
#include "server/crypto/sealer.h"

namespace kontor::security::testing {
namespace {

const std::string& Key() {
  static const auto* const kKey = new std::string(32, 'K');
  return *kKey;
}

const crypto::Sealer& Sealer() {
  static const auto* const kSealer = new crypto::Sealer(
      *crypto::KeyRing::Parse(base::StrCat("t1 ", crypto::Base64Encode(Key()), "\n")));
  return *kSealer;
}

}  // namespace

TestCrypto::TestCrypto() : random_(base::SeededRandom(11)) {}
std::string TestCrypto::Seal(std::string_view plain, std::string_view associated) const {
  return *Sealer().Seal(plain, associated);
}
absl::StatusOr<std::string> TestCrypto::Open(std::string_view sealed,
                                             std::string_view associated) const {
  return Sealer().Open(sealed, associated);
}
std::string TestCrypto::LookupHash(std::string_view plain) const {
  return crypto::HmacSha256(Key(), plain).Hex();
}
std::string TestCrypto::Sha256Hex(std::string_view bytes) const {
  return crypto::Sha256(bytes).Hex();
}
void TestCrypto::Random(uint8_t* bytes, size_t count) const { random_(bytes, count); }

Fixture::Fixture()
    : clock(absl::FromUnixSeconds(1'780'000'000)), ids(clock, base::SeededRandom(5)) {
  std::string pattern = std::filesystem::temp_directory_path() / "kontor-security-XXXXXX";
  BOOST_TEST_REQUIRE(mkdtemp(pattern.data()) != nullptr);
  folder = pattern;
  store::StoreSettings store_settings;
  store_settings.url = base::StrCat("sqlite:", folder, "/kontor.db");
  auto opened = store::OpenStore(store_settings, crypto, clock);
  BOOST_TEST_REQUIRE(opened.ok(), opened.status().ToString());
  store = *std::move(opened);
  directory = std::make_unique<Directory>(*store, clock, ids, crypto, settings);
}

Fixture::~Fixture() {
  directory.reset();
  store.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

Issued Fixture::Alice() {
  const auto first = directory->EnsureFirstToken(/*replace=*/false);
  BOOST_TEST_REQUIRE(first.ok(), first.status().ToString());
  BOOST_TEST_REQUIRE(first->has_value());
  auto issued = directory->Redeem({**first, "alice", "Alice", std::nullopt});
  BOOST_TEST_REQUIRE(issued.ok(), issued.status().ToString());
  return *issued;
}

Issued Fixture::Make(const ports::Actor& by, const std::string& name, PrincipalKind kind) {
  Principal draft;
  draft.name = name;
  draft.kind = kind;
  const auto made = directory->CreatePrincipal(by, NextId(), draft);
  BOOST_TEST_REQUIRE(made.ok(), made.status().ToString());
  TokenRequest token;
  token.principal = name;
  auto issued = directory->IssueToken(by, NextId(), token);
  BOOST_TEST_REQUIRE(issued.ok(), issued.status().ToString());
  return *issued;
}

ports::Actor Fixture::ActorOf(const std::string& text) {
  Authenticator fresh(*store, clock, crypto, settings);
  auto actor = fresh.Authenticate(text, "");
  BOOST_TEST_REQUIRE(actor.ok(), actor.status().ToString());
  return *actor;
}

void Fixture::GiveRole(const ports::Actor& first, const ports::Actor& second,
                       const std::string& name, ports::Role role) {
  const auto proposed = directory->ProposeGrant(first, NextId(), name, role, "needed");
  BOOST_TEST_REQUIRE(proposed.ok(), proposed.status().ToString());
  const auto approved = directory->ApproveGrant(second, NextId(), proposed->id, "yes");
  BOOST_TEST_REQUIRE(approved.ok(), approved.status().ToString());
}

std::vector<ports::AuditEntry> Fixture::AuditTrail() {
  std::vector<ports::AuditEntry> entries;
  const absl::Status read = store->Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(entries, view.ListAudit(0, 1000));
    return absl::OkStatus();
  });
  BOOST_TEST_REQUIRE(read.ok(), read.ToString());
  return entries;
}

TwoAdministrators::TwoAdministrators() {
  alice_token = Alice().text;
  alice = ActorOf(alice_token);
  bob_token = Make(alice, "bob", PrincipalKind::kPerson).text;
  const auto grant = directory->ProposeGrant(alice, NextId(), "bob", ports::Role::kAdministrator,
                                             "second administrator");
  BOOST_TEST_REQUIRE(grant.ok(), grant.status().ToString());
  bob = ActorOf(bob_token);
}

}  // namespace kontor::security::testing
