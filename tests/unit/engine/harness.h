// SPDX-License-Identifier: Apache-2.0
// An engine on a real SQLite store in a folder of its own, an Odoo in memory, and a clock that the
// test moves. Nothing sleeps; Settle moves the clock until everything that moves by itself is done.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "server/base/ids.h"
#include "server/base/status.h"
#include "server/engine/stepping.h"
#include "server/store/store.h"
#include "tests/unit/engine/fake_erp.h"

namespace kontor::engine::testing {

/// Seals by turning bytes around; digests are real.
class FakeCrypto final : public ports::Crypto {
 public:
  std::string Seal(std::string_view plain, std::string_view associated) const override;
  absl::StatusOr<std::string> Open(std::string_view sealed,
                                   std::string_view associated) const override;
  std::string LookupHash(std::string_view plain) const override;
  std::string Sha256Hex(std::string_view bytes) const override;
  void Random(uint8_t* bytes, size_t count) const override;
};

/// Thrown by a failpoint: the process "dies" there.
struct Crash : std::runtime_error {
  using std::runtime_error::runtime_error;
};

ports::Actor Person(const std::string& id, std::set<ports::Role> roles);
ports::Actor Program(const std::string& source);

struct Harness {
  explicit Harness(Settings overrides = TestSettings());
  ~Harness();

  static Settings TestSettings();
  /// A new engine on the same store and Odoo, as after kill -9.
  void Restart();
  /// Closes and opens the store too.
  void StartEngine();

  absl::StatusOr<AcceptResult> Accept(AcceptRequest request, const ports::Actor& actor);
  absl::StatusOr<AcceptResult> Accept(AcceptRequest request) {
    return Accept(std::move(request), program);
  }
  /// Accepts, and fails the test when it is refused.
  model::Operation Send(AcceptRequest request);
  /// The same for many at once, as a server under load gets them.
  std::vector<model::Operation> SendAll(std::vector<AcceptRequest> requests);
  /// Runs what is due, then moves the clock on, until no operation moves by itself any more.
  void Settle(int rounds_max = 60);
  void Run() { BOOST_REQUIRE(engine->RunUntilIdle()); }

  model::Operation Operation(const std::string& id);
  ports::DocumentRow Document(const std::string& id);
  model::ExceptionCase Exception(const model::Operation& operation);
  std::vector<model::ExceptionCase> OpenExceptions();
  std::vector<std::string> EventTypes(const std::string& subject = "");
  std::vector<model::Event> Events();
  std::vector<ports::AuditEntry> Audit();
  void SetEntity(const std::function<void(Entity&)>& change);
  void SetConnection(const std::function<void(Connection&)>& change);

  base::FakeClock clock;
  base::IdSource ids;
  FakeCrypto crypto;
  std::filesystem::path folder;
  Settings settings;
  std::unique_ptr<store::Store> store;
  std::shared_ptr<FakeErp> erp;
  std::unique_ptr<SteppedEngine> engine;
  std::mutex failpoint_mutex;  ///< Two threads of a lane may reach failpoints at once.
  /// Name of the failpoint that crashes next; empty: none. Hits are counted.
  std::string crash_at;
  std::map<std::string, int> hits;
  ports::Actor program;
  ports::Actor administrator;
  ports::Actor accountant;
  ports::Actor second_accountant;
  ports::Actor releaser;
  ports::Actor operator_one;
  ports::Actor operator_two;
};

// Documents as the tests send them.
AcceptRequest InvoiceRequest(const std::string& request_id, const std::string& price = "100");
AcceptRequest BillRequest(const std::string& request_id, const std::string& reference,
                          const std::string& price = "100");
AcceptRequest PaymentRequest(const std::string& request_id, const std::string& amount,
                             std::vector<model::Allocation> allocations);
AcceptRequest EntryRequest(const std::string& request_id, const std::string& amount = "50");
AcceptRequest PartnerRequest(const std::string& request_id, const std::string& reference);
model::Invoice& InvoiceOf(AcceptRequest& request);
model::Money Euro(const std::string& value);
model::Date DayOf(const std::string& text);

/// `status` has that reason.
bool HasReason(const absl::Status& status, base::Reason reason);
bool HasFinding(const model::ExceptionCase& exception, base::Reason reason);

}  // namespace kontor::engine::testing
