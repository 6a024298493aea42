// SPDX-License-Identifier: Apache-2.0
// What the engine asks of an expense platform, one source each. What a platform can do is data;
// what
// it cannot is never called. Every failed status says what is known of its outcome (base::Outcome),
// and one that does not say is UNKNOWN. Calls block the calling thread until `deadline` at the
// latest.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/model/catalogue.h"
#include "server/model/expense.h"
#include "server/model/finding.h"
#include "server/model/source.h"

namespace kontor::ports {

/// Whether a call whose answer was lost may be sent again.
enum class Repeat {
  kSafe,   ///< The platform takes a repetition for the same call.
  kNever,  ///< A person looks on the platform first.
};

struct ExpenseCapabilities {
  bool reads_hooks = false;         ///< Webhooks carry reports, or say that some are ready.
  bool fetches = false;             ///< Reports that are ready are asked for.
  bool acknowledges = false;
  bool confirms_posting = false;
  bool confirms_payment = false;
  std::set<std::string> reference_kinds;  ///< Of ReferenceItem that it takes; empty: none.
  bool has_login = false;           ///< Check asks the platform itself.
  Repeat acknowledge_repeat = Repeat::kSafe;
  Repeat posting_repeat = Repeat::kSafe;
  Repeat payment_repeat = Repeat::kSafe;
};

/// A report as the platform has it. `ref` names it in the platform's calls.
struct PlatformReport {
  std::string ref;
  model::ExpenseReport report;
  /// Whether the platform counts revisions itself. Where it does not, kontor counts.
  bool revised = false;
  std::vector<model::Finding> problems;  ///< What could not be read of it.
};

/// What a webhook says.
struct HookReading {
  std::vector<PlatformReport> reports;
  bool ready = false;                 ///< Reports are ready: to be fetched now.
  std::vector<std::string> recalled;  ///< External ids of reports that were taken back.
};

struct FetchedPage {
  std::vector<PlatformReport> reports;
  std::string next;  ///< Empty: no more.
};

enum class ItemOutcome {
  kDone,     ///< Now, or already before.
  kGone,     ///< The platform has it no more: recalled.
};

struct ReceiptDocument {
  std::string number;    ///< In Odoo.
  model::Date date;      ///< Accounting date.
  std::string document;  ///< kontor id.
};
/// Tells how a report ended. `key` is the same for every repetition.
struct PostingReceipt {
  std::string ref;
  std::string external_id;
  std::string key;
  bool posted = false;
  std::string company;  ///< Of the source's settings.
  std::vector<ReceiptDocument> documents;
  std::vector<std::string> messages;  ///< Why it failed, for people.
};
struct PaymentReceipt {
  std::string ref;
  std::string external_id;
  std::string key;
  std::string company;
  model::Date date;
  std::vector<ReceiptDocument> documents;
};

/// Master data outwards; codes are Odoo's.
struct ReferenceItem {
  std::string kind;  ///< account, cost_centre, tax or vendor.
  std::string code;
  std::string name;
  bool active = true;
};

/// Thread-safe.
class ExpenseSource {
 public:
  virtual ~ExpenseSource() = default;
  virtual const ExpenseCapabilities& capabilities() const = 0;
  /// MESSAGE_UNREADABLE; what single reports lack stands in their problems. No I/O.
  virtual absl::StatusOr<HookReading> ReadHook(const std::string& body) const = 0;
  /// Whether the platform lets us in, for one that has_login. PLATFORM_LOGIN_FAILED,
  /// PEER_UNREACHABLE.
  virtual absl::Status Check(absl::Time deadline) = 0;
  virtual absl::StatusOr<FetchedPage> Fetch(const std::string& after, absl::Time deadline) = 0;
  virtual absl::StatusOr<ItemOutcome> Acknowledge(const std::string& ref,
                                                  absl::Time deadline) = 0;
  virtual absl::StatusOr<ItemOutcome> ConfirmPosting(const PostingReceipt& receipt,
                                                     absl::Time deadline) = 0;
  virtual absl::StatusOr<ItemOutcome> ConfirmPayment(const PaymentReceipt& receipt,
                                                     absl::Time deadline) = 0;
  /// Repeatable: items are told as they are, whatever the platform has.
  virtual absl::Status PushReferenceData(const std::vector<ReferenceItem>& items,
                                         absl::Time deadline) = 0;
};

/// Makes the adapter of a source; server/app gives one over adapters/expense. FIELD_INVALID,
/// MAPPING_INVALID.
using ExpenseSourceFactory =
    std::function<absl::StatusOr<std::shared_ptr<ExpenseSource>>(const model::Source& source)>;

}  // namespace kontor::ports
