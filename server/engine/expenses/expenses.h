// SPDX-License-Identifier: Apache-2.0
// The loop of expense reports: what came in is read, acknowledged, checked, handed to the engine as
// documents, watched, and its end told to the platform exactly once. No network, no SQL, no proto.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/engine.h"
#include "server/model/expense.h"
#include "server/model/source.h"
#include "server/ports/expense_source.h"

namespace kontor::expenses {

/// FlowRow::kind of reports.
inline constexpr char kReportKind[] = "expense_report";

/// How long it is looked whether a paid report stays paid: a bank sends back what it could not
/// deliver, and a payer recalls what was paid twice, within days or weeks.
inline constexpr absl::Duration kPaidWatch = absl::Hours(24 * 60);
/// How often, beside at once when Odoo is seen to change.
inline constexpr absl::Duration kPaidLookInterval = absl::Hours(1);

/// Times and sizes; server/app fills them from the configuration ([expenses]).
struct Settings {
  std::string node;
  int threads = 4;                                    ///< Reports at work at once; 1 to 64.
  absl::Duration look_interval = absl::Seconds(30);   ///< How often what waits is looked at.
  absl::Duration retry_first = absl::Seconds(1);      ///< Before a platform is called again.
  absl::Duration retry_max = absl::Minutes(5);
  int attempts_max = 12;                              ///< Then an operator is asked.
  absl::Duration call_timeout = absl::Seconds(30);    ///< Of one call to a platform.
  absl::Duration lease_ttl = absl::Seconds(90);       ///< Must outlive call_timeout.
  absl::Duration exception_deadline = absl::Hours(48);
  absl::Duration reference_interval = absl::Hours(1); ///< How often master data goes out.
};

/// A bill of a report that is to be paid by a payment order of its own.
struct OrderWanted {
  ports::Actor actor;      ///< The source: who prepares the order.
  std::string request_id;  ///< The same order when it is asked for again.
  std::string entity;
  std::string account;     ///< Own account that pays.
  std::string currency_code;
  std::string description;
  int64_t move_id = 0;     ///< Of the bill in Odoo.
};

struct Dependencies {
  ports::Store& store;
  const base::Clock& clock;
  base::IdSource& ids;
  const ports::Crypto& crypto;
  engine::Engine& engine;
  ports::ExpenseSourceFactory adapters;
  std::function<void(const std::string& event,
                     const std::vector<std::pair<std::string, std::string>>& fields)>
      log;
  std::function<void(const char* name)> failpoint;  ///< May be empty.
  /// Makes a payment order and answers its id; repeatable. Blocks on the store and Odoo. May be
  /// empty: then no report becomes one, and sources that want it have a case that says so.
  std::function<absl::StatusOr<std::string>(const OrderWanted& wanted)> order;
};

/// A report as it stands, for answers: the contract's JSON (snake_case), receipts without bytes.
struct ReportView {
  std::string id;
  std::string entity;
  std::string source;
  std::string json;
};

struct SubmitResult {
  ReportView view;
  std::vector<model::Finding> findings;  ///< Of validate_only.
};

struct CheckResult {
  std::string name;
  bool passed = false;
  std::string message;
};

/// Thread-safe. Methods block on the store; Try, Submit with validate_only and CheckSource on Odoo
/// and the platform too.
class Expenses {
 public:
  virtual ~Expenses() = default;
  /// Takes the lease and starts the threads.
  virtual absl::Status Start() = 0;
  virtual void Stop(absl::Time deadline) = 0;

  /// Takes a report under a source of adapter "canonical" (or any other, by hand). The same
  /// external
  /// id and revision is the same report. Errors: SOURCE_UNKNOWN, ENTITY_DENIED, findings of a
  /// report that cannot be read, REQUEST_ID_REUSED for other content.
  virtual absl::StatusOr<SubmitResult> Submit(const ports::Actor& actor,
                                              const std::string& request_id,
                                              const std::string& source,
                                              model::ExpenseReport report,
                                              bool validate_only) = 0;
  virtual absl::StatusOr<ReportView> Get(const ports::Actor& actor, const std::string& id) = 0;
  virtual absl::StatusOr<ports::Listed<ReportView>> List(const ports::Actor& actor,
                                                         const ports::FlowFilter& filter,
                                                         const std::string& external_id,
                                                         const ports::Page& page) = 0;
  /// Marks a report as taken back; repeatable. STATE_CONFLICT for one that has ended without books.
  virtual absl::StatusOr<ReportView> Recall(const ports::Actor& actor, const std::string& id,
                                            const std::string& reason) = 0;
  /// What a mapping makes of a sample; nothing is kept.
  virtual absl::StatusOr<ports::HookReading> Try(const model::Source& source,
                                                 const std::string& sample) = 0;
  /// The checks of a source that need Odoo, the store or the platform.
  virtual absl::StatusOr<std::vector<CheckResult>> CheckSource(const model::Source& source) = 0;

  /// For tests: does everything that is due by the clock, on the calling thread, until nothing is.
  virtual bool RunUntilIdle() = 0;
};

std::unique_ptr<Expenses> MakeExpenses(Dependencies dependencies, Settings settings, bool threads);

/// Failpoints of the loop, for tests that hit each once.
inline constexpr const char* kFailpoints[] = {
    "expense.before_ingest",     "expense.after_ingest",   "expense.after_ack_marked",
    "expense.after_ack",         "expense.after_validated", "expense.after_accept",
    "expense.after_posted",      "expense.after_receipt_marked", "expense.after_receipt",
    "expense.after_ordered",
};

}  // namespace kontor::expenses
