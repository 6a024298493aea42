// SPDX-License-Identifier: Apache-2.0
// What the rooms of the expense loop share, and what each does with one report. Everything here
// runs on the loop's own threads or a caller's, never on the commit thread.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/adapter_cache.h"
#include "server/engine/expenses/internal/flow.h"
#include "server/engine/flow_loop.h"

namespace kontor::expenses {

/// Thread-safe; lives as long as the loop.
class Loop : public engine::FlowLoop<Dependencies, Settings> {
 public:
  Loop(Dependencies dependencies, Settings loop_settings)
      : FlowLoop(std::move(dependencies), std::move(loop_settings), "expenses") {}

  /// SOURCE_UNKNOWN. As the store has it, or had it a moment ago.
  absl::StatusOr<model::Source> SourceByName(const std::string& name);
  /// After a source was changed.
  void ForgetSources();
  /// The adapter of a source, kept while the source stays as it is.
  absl::StatusOr<std::shared_ptr<ports::ExpenseSource>> AdapterOf(const model::Source& source);
  /// Who hands a source's documents over.
  static ports::Actor ActorOf(const model::Source& source);
  std::string RequestIdOf(const Body& body, std::string_view part) const;

 private:
  struct Known {
    model::Source source;
    absl::Time read;
  };
  std::mutex sources_mutex_;
  std::map<std::string, Known> sources_;
  uint64_t sources_generation_ = 0;
  engine::AdapterCache<ports::ExpenseSource> adapters_;
};

// ingest.cc: from messages and platforms to reports.

/// What became of a report that came in.
struct Ingested {
  std::string id;
  bool repeated = false;
};
/// How a report came in when its platform sent it.
struct Arrival {
  absl::Time asked;     ///< When the platform said it, at the earliest.
  bool listed = false;  ///< As ready now, which says more than a message that may be late.
};
/// The report with the digests of its receipts.
model::ExpenseReport WithDigests(Loop& loop, model::ExpenseReport report);
/// Writes a new report, or finds it. No `arrival`: a person or program handed it over. Where a
/// platform counts no revisions, other content is the next one. When the same revision came with
/// other content: REQUEST_ID_REUSED; STATE_CONFLICT when a higher one is here. Both name the
/// report that is here. A counted one that is listed again after an end without books begins anew.
/// Runs in a unit.
absl::StatusOr<Ingested> Ingest(Loop& loop, ports::Unit& unit, const model::Source& source,
                                const ports::PlatformReport& report,
                                const std::optional<Arrival>& arrival);
/// Marks reports of that external id as recalled; answers how many. Runs in a unit.
absl::StatusOr<int> MarkRecalled(Loop& loop, ports::Unit& unit, const std::string& source,
                                 const std::string& external_id, const std::string& reason);
/// Marks one report; reopens one that was confirmed. What a person takes back the platform must
/// hear of. Nothing happens to one that has ended without books.
absl::Status RecallFlow(Loop& loop, ports::Unit& unit, Flow& flow, const std::string& reason,
                        bool by_person);
/// Whether an older revision that was replaced is still being taken back.
absl::StatusOr<bool> OlderStands(Loop& loop, const Flow& flow);
/// Reads a message that came in; `fetch_now` is set when it says that reports are ready.
absl::Status HandleMessage(Loop& loop, ports::FlowRow row, bool* fetch_now);
/// Asks the platform for what is ready.
absl::Status FetchReady(Loop& loop, const model::Source& source);
/// The report with its receipts.
absl::StatusOr<model::ExpenseReport> LoadReport(Loop& loop, const Flow& flow);

// contradict.cc
/// A case on the report that `refused` (of Ingest) names, once for the same other content. It holds
/// the report up in nothing.
absl::Status AskAboutContradiction(Loop& loop, const absl::Status& refused);

// step.cc: one report forward by one step.

/// What is to be looked at for the report next.
struct Stepped {
  bool again = false;                     ///< At once.
  std::vector<std::string> wait_for;      ///< Operations whose change wakes it.
};
absl::StatusOr<Stepped> StepReport(Loop& loop, const std::string& id);
/// FETCHED: tells the platform that its report is on our disk.
absl::StatusOr<Stepped> Acknowledge(Loop& loop, Flow& flow, const model::Source& source);

/// Writes row and body; `event`: of type expense_report.<event>, none when empty.
absl::Status WriteFlow(Loop& loop, ports::Unit& unit, Flow& flow, State state,
                       std::string_view event);
/// The same as a unit of its own; VERSION_CONFLICT when a person was faster.
absl::Status SaveFlow(Loop& loop, Flow& flow, State state, std::string_view event = {});
/// Sets when the flow is looked at next, by what it waits for.
void LookAgain(Loop& loop, Flow& flow);
void RetryLater(Loop& loop, Flow& flow, absl::Duration at_least);

// validate.cc

/// Every finding of the report, and the documents that it becomes.
struct Judged {
  std::vector<model::Finding> findings;
  model::ExpensePlan plan;
};
absl::StatusOr<Judged> Judge(Loop& loop, const Flow& flow, const model::Source& source,
                             const model::ExpenseReport& report);
/// What documents of the report are called by, at most 64 characters.
std::string ReferenceOf(const Body& body, const std::string& flow_id);
/// The documents that the report becomes.
model::ExpensePlan PlanOf(Loop& loop, const Flow& flow, const model::Source& source,
                          const model::ExpenseReport& report, const model::Catalogue& catalogue);
/// Takes the keys that make the report and its receipts the only ones of their kind; findings for
/// those that another report holds.
absl::StatusOr<std::vector<model::Finding>> TakeKeys(Loop& loop, ports::Unit& unit,
                                                     const Flow& flow,
                                                     const model::ExpenseReport& report);

// cases.cc: exceptions that a person decides.

/// Whether one of the findings has one of the reasons.
bool Concerns(const std::vector<model::Finding>& findings,
              std::initializer_list<base::Reason> reasons);
/// That the books stand, and the platform has no report that they are of.
model::Finding Disowned();
bool IsDisowned(const std::vector<model::Finding>& findings);

/// Opens a case, or brings the open one up to date; sets the report's findings. Runs in a unit.
absl::Status PutCase(Loop& loop, ports::Unit& unit, Flow& flow,
                     std::vector<model::Finding> findings, bool technical);
/// Opens or changes the case and waits for it.
absl::StatusOr<Stepped> AskPerson(Loop& loop, Flow& flow, std::vector<model::Finding> findings,
                                  bool technical);
/// Whether a refusal stays until a person mends something.
bool IsForPerson(const absl::Status& refused);
/// Asks about everything that such a refusal names.
absl::StatusOr<Stepped> AskAbout(Loop& loop, Flow& flow, const absl::Status& refused);
/// Ends the open case by kontord itself, if there is one.
absl::Status CloseCase(Loop& loop, ports::Unit& unit, Flow& flow, std::string_view why);

// settle.cc: telling the platform.

/// A call that the platform must get once.
struct PlatformCall {
  CallState Body::* mark;
  ports::Repeat repeat = ports::Repeat::kSafe;
  const char* marked = "";  ///< Failpoint before it leaves.
  const char* made = "";    ///< Failpoint after it came back.
  std::function<absl::StatusOr<ports::ItemOutcome>(absl::Time deadline)> make;
};
/// Makes the call, marked on disk before it leaves; the flow stands where it is meanwhile. The mark
/// is DONE when the platform took it, and stays SENDING when it says that the report is gone. None:
/// not now, and `stepped` says what follows.
absl::StatusOr<std::optional<ports::ItemOutcome>> TellOnce(Loop& loop, Flow& flow,
                                                           const PlatformCall& call,
                                                           Stepped* stepped);
/// Documents with their numbers and dates, as Odoo booked them.
absl::StatusOr<std::vector<ports::ReceiptDocument>> DocumentsOf(Loop& loop, const Flow& flow);
/// How it ended; CONFIRMED afterwards, RECALLED for what was taken back, POSTED while its payment
/// is waited for.
absl::StatusOr<Stepped> TellPosting(Loop& loop, Flow& flow, const model::Source& source);

// reimburse.cc: whether and when the employee has the money.
absl::StatusOr<Stepped> TellPayment(Loop& loop, Flow& flow, const model::Source& source);
/// Whether Odoo says that everything is paid; writes REIMBURSED or the failure, or has the payment
/// ordered.
absl::StatusOr<Stepped> LookAtPayment(Loop& loop, Flow& flow, const model::Source& source);
/// Whether what was paid stays so; writes the failure, or looks again until kPaidWatch is over.
absl::StatusOr<Stepped> LookAfterPayment(Loop& loop, Flow& flow);

// order.cc: a payment order of the report's bill.

/// Where the account that pays is named.
inline constexpr char kPayerField[] = "source.expense.reimburse_from";
/// Whether one is to be made.
bool WantsOrder(const Flow& flow, const model::Source& source);
/// Makes it; a refusal is a case, in which a person may decline it for another way of payment.
absl::StatusOr<Stepped> OrderPayment(Loop& loop, Flow& flow, const model::Source& source);
/// Whether such a refusal is what the findings are about.
bool IsAboutOrder(const std::vector<model::Finding>& findings);

// undo.cc: recalls and corrections.

/// Takes back what stands, by the way that the recall asks for.
absl::StatusOr<Stepped> TakeBack(Loop& loop, Flow& flow, const model::Source& source);
/// Until nothing of it stands in Odoo; then it is at `end`, FAILED or RECALLED.
absl::StatusOr<Stepped> Undo(Loop& loop, Flow& flow, const model::Source& source, State end);

// events.cc
absl::Status AppendEvent(Loop& loop, ports::Unit& unit, const Flow& flow, const std::string& type);
/// The report as the contract's JSON shows it.
std::string ViewOf(const Flow& flow);

// quarantine.cc
/// Opens, keeps or ends the case about messages of the source that wait for a person. Repeatable.
absl::Status LookAtQuarantine(Loop& loop, const model::Source& source);

// reference.cc
absl::Status PushReferenceData(Loop& loop, const model::Source& source);

}  // namespace kontor::expenses
