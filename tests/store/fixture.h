// SPDX-License-Identifier: Apache-2.0
// A fresh store for each case, on the engine that the environment names, and raw access to what
// lies beneath it. Holds no expectations of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "server/base/clock.h"
#include "server/base/ids.h"
#include "server/base/status.h"
#include "server/crypto/sealer.h"
#include "server/store/store.h"

namespace kontor::store::testing {

/// ports::Crypto over server/crypto with a key of the test's own.
class TestCrypto final : public ports::Crypto {
 public:
  /// Keys differ by `letter`, 'A' to 'Z'.
  explicit TestCrypto(char letter = 'A');
  std::string Seal(std::string_view plain, std::string_view associated) const override;
  absl::StatusOr<std::string> Open(std::string_view sealed,
                                   std::string_view associated) const override;
  std::string LookupHash(std::string_view plain) const override;
  std::string Sha256Hex(std::string_view bytes) const override;
  void Random(uint8_t* bytes, size_t count) const override;

 private:
  std::string key_;
  crypto::Sealer sealer_;
};

/// A value with some members set, for tables.
template <typename T>
T Made(const std::function<void(T&)>& set) {
  T made;
  set(made);
  return made;
}

/// Whether the suite runs on PostgreSQL.
bool OnPostgresql();

struct StoreFixture {
  StoreFixture();
  ~StoreFixture();

  /// Closes the open store, if any, and opens it again under `settings`.
  Store& Open();
  absl::StatusOr<std::unique_ptr<Store>> TryOpen() const;
  void Close() { store.reset(); }
  /// Runs SQL beside the store.
  void Sql(const std::string& text) const;
  int64_t SqlInt(const std::string& text) const;
  /// Every byte at rest: the files, or each row of each table as text.
  std::string AtRest() const;
  absl::Status Write(const ports::Work& work) { return store->Commit(work); }
  absl::Status Read(const std::function<absl::Status(ports::ReadView&)>& work) {
    return store->Read(work);
  }

  ports::DocumentRow NewDocument();
  model::Operation NewOperation(const std::string& lane = "main/1/INV");
  model::Event NewEvent(const std::string& subject);
  ports::AuditEntry NewAudit(const std::string& subject);

  base::FakeClock clock;
  base::IdSource ids;
  TestCrypto crypto;
  std::string folder;
  std::string schema;
  StoreSettings settings;
  std::unique_ptr<Store> store;
};

}  // namespace kontor::store::testing

#define KONTOR_TEST_OK(expr)                                   \
  do {                                                         \
    const absl::Status kontor_test_status = (expr);            \
    BOOST_TEST_REQUIRE(kontor_test_status.ok(), kontor_test_status.ToString()); \
  } while (false)

#define KONTOR_TEST_REASON(expr, reason)                                              \
  do {                                                                                \
    const absl::Status kontor_test_got = (expr);                                      \
    BOOST_TEST(::kontor::base::Is(kontor_test_got, ::kontor::base::Reason::reason),   \
               #reason " expected, got " << kontor_test_got.ToString());              \
  } while (false)
