// SPDX-License-Identifier: Apache-2.0
// Files and statements at rest: their states and what stands in their bodies.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/statements/statements.h"
#include "server/model/statement.h"

namespace kontor::statements {

enum class FileState { kReceived, kRead, kRouted, kFailed, kDiscarded };
std::string_view NameOf(FileState state);
std::optional<FileState> ParseFileState(std::string_view name);

enum class State { kImporting, kImported, kPosted, kViewed, kRefused, kSuperseded };
std::string_view NameOf(State state);
std::optional<State> ParseState(std::string_view name);
bool IsTerminal(State state);

/// What a sealed file holds, once it was opened.
struct OpenedFile {
  std::string blob_id;
  std::string sha256;
  int64_t bytes = 0;
};

struct FileBody {
  std::string channel;
  std::string name;
  std::string sha256;
  int64_t bytes = 0;
  std::string blob_id;
  std::string csv_mapping;
  std::string request_id;
  std::string actor;
  std::string correlation_id;
  std::string format;
  std::vector<std::string> statement_ids;  ///< At most kStatementIdsMax.
  int64_t statement_count = 0;
  int64_t repeated_count = 0;
  int attempts = 0;
  std::vector<model::Finding> findings;
  std::string exception_id;
  /// It came by a channel that opens what its bank seals, and is read only once that opened it; the
  /// bytes as they came stay beside what was in them.
  bool sealed = false;
  OpenedFile opened;  ///< blob_id empty: it was not opened yet, or is to be read as it is.

  /// What is to be read.
  const std::string& ReadableBlob() const {
    return opened.blob_id.empty() ? blob_id : opened.blob_id;
  }
  int64_t ReadableBytes() const { return opened.blob_id.empty() ? bytes : opened.bytes; }
};
inline constexpr size_t kStatementIdsMax = 1000;

struct FileFlow {
  ports::FlowRow row;
  FileBody body;
  FileState state() const { return *ParseFileState(row.state); }
};

/// A balance in a few words, exact.
struct Balanced {
  std::string type;
  model::Money amount;
  std::string date;   ///< "" or YYYY-MM-DD.
  std::string time;
  friend bool operator==(const Balanced&, const Balanced&) = default;
};

/// How a statement stands to those before it.
enum class Standing {
  kFirst,       ///< The first of its account.
  kNext,        ///< Opens with what the one before closed with.
  kAfterGap,    ///< Opens with something else: one between them is missing.
  kFillsGap,    ///< Came late, between two that we have.
  kEarlier,     ///< Ends where our first one begins.
  kOverlap,     ///< Tells of days of which others told already.
  kReissued,    ///< The bank's second word on the same statement.
  kUnordered,   ///< Without balances nothing says where it belongs.
};
std::string_view NameOf(Standing standing);
std::optional<Standing> ParseStanding(std::string_view name);
/// Whether a line that is known already may be told again by such a statement.
bool MayRepeat(Standing standing);

struct Body {
  std::string file_id;
  int64_t index = 0;          ///< In its file, from 0.
  std::string account_id;     ///< bac_… of ours; empty: unknown.
  std::string account_name;
  std::string account_number; ///< As the bank wrote it.
  std::string currency;
  std::string kind;           ///< END_OF_DAY …
  std::string format;
  std::string bank_id;
  int64_t number = 0;
  std::string date;
  std::vector<Balanced> balances;
  std::string verdict;        ///< PROVEN …
  std::string basis;
  int64_t line_count = 0;
  int64_t booked_count = 0;
  std::string credits;
  std::string debits;
  std::string difference;
  bool flipped = false;       ///< StatementProof::reversals_flipped.
  std::string digest;         ///< Of account, balances and lines.
  Standing standing = Standing::kUnordered;
  std::string replaces;       ///< stm_… that this one re-issues.
  int64_t read_to = 0;        ///< Lines of the file that were stored or found to be repeated.
  int64_t stored = 0;
  int64_t repeated = 0;
  int64_t matched = 0;
  int64_t posted = 0;
  int64_t matched_to = 0;     ///< Last line number that was looked at.
  int64_t posted_to = 0;
  std::string new_sum;        ///< Decimal: booked lines that were new.
  std::string pending_sum;    ///< Decimal: all its lines that are pending.
  model::ErpRecord odoo;
  bool left_out = false;      ///< A person said that it does not.
  int attempts = 0;
  std::vector<std::string> decisions;
  std::vector<model::Finding> findings;
  std::string exception_id;
  std::string correlation_id;
};

struct Flow {
  ports::FlowRow row;
  Body body;
  State state() const { return *ParseState(row.state); }
};

/// One payment within a line.
struct Payment {
  model::Money amount;        ///< Signed.
  std::string message_id;
  std::string payment_information_id;
  std::string end_to_end_id;
  std::string uetr;
  std::string bank_reference;
  bool returned = false;
  std::string reason;
  friend bool operator==(const Payment&, const Payment&) = default;
};
/// More payments in one line are counted, and settled by their batch.
inline constexpr size_t kPaymentsMax = 1000;

/// FlowLineRow::body.
struct Line {
  std::string key;            ///< Of the stored line, unique.
  std::string external_id;    ///< In Odoo.
  std::string status;         ///< BOOKED …
  model::Money amount;        ///< Signed, as booked.
  std::string booking_date;
  std::string value_date;
  std::string partner_name;
  std::string account_number;
  std::string text;
  std::string code;
  std::string bank_reference;
  std::string end_to_end_id;
  std::string message_id;
  std::string payment_information_id;
  bool returned = false;
  std::vector<Payment> payments;
  int64_t payment_count = 1;
  // What became of it.
  std::vector<std::string> payment_order_ids;
  std::vector<std::string> odoo_payments;
  std::string account;        ///< Counterpart, when it was matched.
  std::string explanation;
  model::ErpRecord odoo;
};
/// FlowLineRow::state.
inline constexpr char kStored[] = "STORED";
inline constexpr char kMatched[] = "MATCHED";
inline constexpr char kPostedLine[] = "POSTED";
inline constexpr char kRevoked[] = "REVOKED";

std::string ToJson(const FileBody& body);
std::string ToJson(const Body& body);
std::string ToJson(const Line& line);
absl::StatusOr<FileFlow> FileFlowOf(ports::FlowRow row);
absl::StatusOr<Flow> FlowOf(ports::FlowRow row);
absl::StatusOr<Line> LineOf(const std::string& json);

// Spaces of flow keys.
inline constexpr char kFileSpace[] = "bank_file";            ///< SHA-256 of the bytes.
inline constexpr char kContentSpace[] = "statement_content"; ///< Account and digest.
inline constexpr char kIdentitySpace[] = "statement_identity";  ///< Shared: the bank's name for it.
inline constexpr char kBalancesSpace[] = "statement_balances";  ///< Shared: day and balances.
inline constexpr char kAccountSpace[] = "statement_account"; ///< Shared: MonthKey.
/// Our account and the month in which kontor had the statement: keys are read oldest first, and
/// lists go from the newest on.
std::string MonthKey(const std::string& account_id, absl::Time created);
/// BlobRow::kind.
inline constexpr char kReceivedBlob[] = "received";

}  // namespace kontor::statements
