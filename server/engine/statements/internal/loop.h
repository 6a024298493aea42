// SPDX-License-Identifier: Apache-2.0
// What the rooms of the statement loop share, and what each does. Everything here runs on the
// loop's own threads or a caller's, never on the commit thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/adapter_cache.h"
#include "server/engine/flow_loop.h"
#include "server/engine/statements/internal/account.h"
#include "server/engine/statements/internal/flow.h"

namespace kontor::statements {

/// Who takes what comes by a channel; what a person uploads is not the bank's word.
inline constexpr char kSelf[] = "kontord";

/// Thread-safe; lives as long as the loop.
class Loop : public engine::FlowLoop<Dependencies, Settings> {
 public:
  Loop(Dependencies dependencies, Settings loop_settings)
      : FlowLoop(std::move(dependencies), std::move(loop_settings), "statements") {}

  std::string NewId(std::string_view prefix) const { return deps.ids.Next(prefix); }
  std::string Hash(std::string_view text) const { return deps.crypto.Sha256Hex(text); }
  /// When a call to Odoo that starts now must have ended.
  absl::Time CallDeadline() const { return Now() + settings.call_timeout; }
  /// When something that failed `attempts` times is tried again.
  absl::Time RetryAt(int attempts, absl::Duration at_least) const;

  /// All channels and accounts, as the store has them. AccountOf: none is not an error.
  absl::StatusOr<std::vector<model::Channel>> Channels();
  absl::StatusOr<std::vector<model::OwnAccount>> Accounts();
  absl::StatusOr<std::optional<model::OwnAccount>> AccountOf(std::string_view number,
                                                             const std::string& currency);
  /// The channel, made anew after it was changed.
  absl::StatusOr<std::shared_ptr<ports::BankChannel>> Open(const model::Channel& channel);

 private:
  engine::AdapterCache<ports::BankChannel> adapters_;
};

// keep.cc: a file into the store (engine/blobs.h).

struct KeptFile {
  FileFlow flow;
  bool repeated = false;
};
/// Keeps the bytes as a file that is to be read, or finds the file with the same bytes. Checks what
/// the request says of them. TOO_LARGE, FORMAT_TRUNCATED when fewer came.
absl::StatusOr<KeptFile> KeepFile(Loop& loop, const ImportRequest& request,
                                  const std::string& actor, ports::ByteSource& bytes);

// unseal.cc
/// Opens a file that its bank sealed, once, and keeps what is in it beside it. What Unseal answers.
absl::Status UnsealFile(Loop& loop, FileFlow& file);
/// What is to be read of a file, after that.
std::unique_ptr<ports::ByteSource> OpenReadable(Loop& loop, const FileFlow& file);

// survey.cc: the first reading, which stores nothing.

struct Surveyed {
  model::Statement statement;  ///< With balances and proof.
  std::string digest;
  std::string first_day;       ///< Of booking; empty: none.
  std::string last_day;
};
struct Survey {
  std::vector<Surveyed> statements;
  ports::ReadReport report;
};
/// What the reading answers; FORMAT_UNKNOWN for a file that holds no statements.
absl::StatusOr<Survey> SurveyFile(Loop& loop, const FileFlow& file, const std::string& mapping);
/// All that a line says, for digests. Pure.
std::string WordsOf(const model::StatementLine& line);
std::string WordsOf(const model::EntryDetail& detail);

// begin.cc: what is to become of a statement.

/// Writes the statement, or finds it: none when another file brought it. Runs in a unit.
absl::StatusOr<std::optional<Flow>> BeginStatement(Loop& loop, ports::Unit& unit,
                                                   const FileFlow& file, int64_t index,
                                                   const Surveyed& surveyed,
                                                   const std::optional<model::OwnAccount>& ours);
Place PlaceOf(const Body& body, const std::string& from);

// lines.cc: the second reading, which stores lines.

/// Reads the file once more: begins each statement, stores its lines and completes it before the
/// next one begins, for each stands where the one before left the account. Repeatable.
absl::Status StoreStatements(Loop& loop, FileFlow& file, const std::string& mapping,
                             const Survey& survey,
                             const std::vector<std::optional<model::OwnAccount>>& ours);
/// After its last line: state, balances, gaps, events. Runs in a unit.
absl::Status CompleteStatement(Loop& loop, ports::Unit& unit, Flow& flow,
                               const Surveyed& surveyed);

// complete.cc
/// Takes back the lines of the statement that this one replaces and that it does not repeat: they
/// are told to payment orders, and those that stand in Odoo become findings.
absl::Status RevokeMissing(Loop& loop, Flow& flow, const std::set<std::string>& keys);

// file.cc: one file forward.
absl::Status StepFile(Loop& loop, const std::string& id);

// match.cc, odoo.cc: one statement forward by one step; answers whether to look again at once.
absl::StatusOr<bool> StepStatement(Loop& loop, const std::string& id);
absl::Status MatchLines(Loop& loop, Flow& flow, const model::OwnAccount& account);
/// Puts the next booked lines into Odoo; true: there are more.
absl::StatusOr<bool> PostLines(Loop& loop, Flow& flow, const model::OwnAccount& account,
                               const Book& book);
/// Groups the lines that stand in Odoo; says so where that cannot be done.
absl::Status PostStatement(Loop& loop, Flow& flow, const Book& book);
/// The day on which a booked line stands in Odoo.
absl::StatusOr<base::Date> DayInOdoo(const Flow& flow, const Line& line);
/// Its external id there, whether it came there or not.
std::string LineIdInOdoo(const Loop& loop, const Book& book, const Line& line);
/// What a payment of a line tells payment orders.
ports::Booking BookingOf(const Flow& flow, const Line& line, const Payment& payment,
                         const model::OwnAccount& account, std::string line_key);

// compare.cc
absl::StatusOr<engine::BankComparison> CompareWithOdoo(Loop& loop, const std::string& entity,
                                                       const base::Date& from,
                                                       const base::Date& to);

// events.cc
absl::Status AppendEvent(Loop& loop, ports::Unit& unit, const Flow& flow,
                         const std::string& type);
absl::Status AppendBalance(Loop& loop, ports::Unit& unit, const model::OwnAccount& account,
                           const AccountState& state, const std::string& correlation_id);
std::string ViewOf(const Flow& flow);
std::string ViewOf(const FileFlow& flow);
std::string ViewOf(const ports::FlowLineRow& row, const Line& line);

// cash.cc
absl::StatusOr<std::string> CashPositionOf(Loop& loop, const ports::Actor& actor,
                                           const std::string& entity,
                                           const std::string& currency);
absl::StatusOr<std::optional<AccountState>> FindState(ports::ReadView& view,
                                                      const std::string& account_id);
absl::Status PutState(Loop& loop, ports::Unit& unit, const std::string& account_id,
                      const AccountState& state);

// cases.cc: exceptions that a person decides, and what was decided.

/// Whether its lines may go into Odoo only when two people accept them.
bool IsOverlap(const Flow& flow);
/// Whether no line may go into Odoo before people decided: an overlap, or what Odoo does not take.
bool IsStopped(const Flow& flow);
/// Opens a case about the findings that stand in the body, or brings the open one up to date. Runs
/// in a unit.
absl::Status PutCase(Loop& loop, ports::Unit& unit, Flow& flow);
absl::Status PutCase(Loop& loop, ports::Unit& unit, FileFlow& file);
/// Adds to what was decided about it, once.
void Decide(Body& body, std::string sentence);

// rows.cc: rows and bodies, written together.
absl::Status WriteFlow(Loop& loop, ports::Unit& unit, Flow& flow, State state);
absl::Status WriteFlow(Loop& loop, ports::Unit& unit, FileFlow& flow, FileState state);
absl::Status SaveFlow(Loop& loop, Flow& flow, State state);
absl::Status SaveFlow(Loop& loop, FileFlow& flow, FileState state);
absl::StatusOr<Flow> LoadFlow(Loop& loop, const std::string& id);

// channels.cc
/// Takes what has come by a channel; answers how many files. What cannot be taken stays there.
absl::StatusOr<int> PollChannel(Loop& loop, const model::Channel& channel);
/// Keeps what a bank pushed by a channel; answers the file's id.
absl::StatusOr<std::string> ReceiveFile(Loop& loop, const std::string& channel,
                                        const std::string& name, const std::string& bytes);

}  // namespace kontor::statements
