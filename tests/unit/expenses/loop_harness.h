// SPDX-License-Identifier: Apache-2.0
// The loop against a real engine with its threads, an Odoo in memory, a store on SQLite, and a
// platform in memory that misbehaves as told. The loop itself is stepped by hand; nothing sleeps.
#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "server/engine/expenses/expenses.h"
#include "server/store/store.h"
#include "tests/unit/engine/harness.h"
#include "tests/unit/expenses/builders.h"

namespace kontor::expenses::testing {

/// What becomes of one call to the platform.
enum class Trouble { kNone, kNotSent, kLostBefore, kLostAfter, kRefused, kGone };

/// Remembers what it was told, as a platform does: a repetition under one key counts once.
class FakePlatform final : public ports::ExpenseSource {
 public:
  ports::ExpenseCapabilities can;
  std::deque<Trouble> trouble;  ///< Of the next calls.
  std::deque<ports::PlatformReport> ready;
  std::vector<ports::PlatformReport> in_hook;  ///< What a message "report" brings.
  std::vector<ports::ReferenceItem> pushed;    ///< With the last push of master data.
  int pushes = 0;
  std::map<std::string, int> acknowledged;  ///< By ref.
  std::map<std::string, ports::PostingReceipt> postings;  ///< By key.
  std::map<std::string, ports::PaymentReceipt> payments;
  int calls = 0;

  const ports::ExpenseCapabilities& capabilities() const override { return can; }
  absl::StatusOr<ports::HookReading> ReadHook(const std::string& body) const override;
  absl::Status Check(absl::Time) override { return absl::OkStatus(); }
  absl::StatusOr<ports::FetchedPage> Fetch(const std::string& after, absl::Time) override;
  absl::StatusOr<ports::ItemOutcome> Acknowledge(const std::string& ref, absl::Time) override;
  absl::StatusOr<ports::ItemOutcome> ConfirmPosting(const ports::PostingReceipt& receipt,
                                                    absl::Time) override;
  absl::StatusOr<ports::ItemOutcome> ConfirmPayment(const ports::PaymentReceipt& receipt,
                                                    absl::Time) override;
  absl::Status PushReferenceData(const std::vector<ports::ReferenceItem>& items,
                                 absl::Time) override {
    pushed = items;
    ++pushes;
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<ports::ItemOutcome> Under(const std::function<void()>& effect);
};

struct LoopHarness {
  LoopHarness();
  ~LoopHarness();
  /// A new loop on the same store, as after kill -9.
  void RestartLoop();
  void PutSource(model::Source source);
  /// What becomes of documents of the entity from now on.
  void SetPosting(model::Posting posting);
  /// Steps the loop, waits for the engine, and moves the clock until `id` is in a state that ends
  /// in itself or waits for a person. A crash on the way restarts the loop.
  std::string Settle(const std::string& id);
  /// The reversals under way of a report that was recalled; none: it was not.
  std::optional<std::vector<std::string>> UndoingOf(const std::string& id);
  /// A verified message of the source, as the receiver leaves it; answers its id.
  std::string Receive(const std::string& body);
  std::string StateOfMessage(const std::string& id);
  std::string Submit(model::ExpenseReport report, const std::string& request_id = "");
  std::string StateOf(const std::string& id);
  model::ExceptionCase CaseOf(const std::string& id);
  /// Cases about the report that are not resolved, whether they hold it up or not.
  std::vector<model::ExceptionCase> OpenCasesOf(const std::string& id);
  /// Two accountants, or one, decide.
  void Resolve(const model::ExceptionCase& exception, model::Resolution resolution,
               std::vector<std::string> who = {"prn_karl"});
  /// Waits until the engine has ended what it has of the report.
  void AwaitOperations(const std::string& id);
  /// Lets the loop see what Odoo has of the report's bill now.
  void RefreshBillOf(const std::string& id);
  std::vector<std::string> EventsOf(const std::string& id);
  std::vector<std::string> ReportsOf(const std::string& external_id);
  int MovesNotCancelled();

  engine::testing::FakeCrypto crypto;
  base::SystemClock system;
  base::FakeClock clock;
  base::IdSource ids;
  std::filesystem::path folder;
  std::unique_ptr<store::Store> store;
  std::shared_ptr<engine::testing::FakeErp> erp;
  std::unique_ptr<engine::Engine> engine;
  std::shared_ptr<FakePlatform> platform = std::make_shared<FakePlatform>();
  std::unique_ptr<Expenses> loop;
  engine::Entity entity;
  model::Source source;
  std::string crash_at;
  /// Makes payment orders; not set: nobody does.
  std::function<absl::StatusOr<std::string>(const OrderWanted&)> order;
  ports::Actor program;
};

}  // namespace kontor::expenses::testing
