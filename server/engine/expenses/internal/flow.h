// SPDX-License-Identifier: Apache-2.0
// An expense report at rest: the flow's states and what stands in its body.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/expenses/expenses.h"

namespace kontor::expenses {

enum class State {
  kReceived,      ///< Announced; its content is not here.
  kFetched,
  kAcknowledged,
  kValidated,     ///< Its documents are on their way.
  kPosted,
  kFailed,        ///< Given up; nothing of it stands in Odoo.
  kReimbursed,
  kConfirmed,     ///< The platform knows the end. Terminal.
  kRecalled,      ///< Terminal.
  kTested,        ///< Of a source in test. Terminal.
};
std::string_view NameOf(State state);
std::optional<State> ParseState(std::string_view name);
bool IsTerminal(State state);

/// One call to the platform, written before it leaves.
enum class CallState { kNone, kSending, kDone };

/// A document of the report on its way.
struct Part {
  std::string name;          ///< ExpensePart::name.
  std::string request_id;    ///< A function of source, report, revision and part.
  std::string operation_id;  ///< Empty: not yet accepted.
  std::string document_id;
  std::string undo_operation_id;  ///< Of its reversal; empty: none.
  std::string odoo_name;
  bool undone = false;       ///< Nothing of it stands in Odoo any more.
};

struct Body {
  std::string source;
  std::string source_id;
  std::string ref;           ///< The platform's name for it in calls.
  std::string external_id;
  int revision = 1;
  std::string report;        ///< Normal form without receipts' bytes.
  std::string digest;        ///< Of the normal form.
  std::string correlation_id;
  bool test = false;
  bool told = true;          ///< Whether the source's adapter acknowledges and confirms.
  std::vector<Part> parts;
  CallState acknowledged = CallState::kNone;
  CallState receipt = CallState::kNone;
  CallState payment = CallState::kNone;
  int receipts = 0;          ///< Receipts that the platform took.
  int attempts = 0;          ///< Of the call at hand.
  std::vector<model::Finding> problems;  ///< What the adapter could not read.
  std::vector<model::Finding> findings;
  std::string exception_id;
  std::vector<std::string> accepted_reasons;
  int round = 0;             ///< How often it began anew after an end without books.
  std::string recall_reason; ///< Not empty: it is to be taken back.
  bool recall_told = true;   ///< False: a person took it back, and the platform must hear of it.
  std::string contradiction; ///< Digest of other content for this revision that was asked about.
  std::string contradiction_id;  ///< Exception about it; it holds nothing up.
  std::string payment_state; ///< Odoo's, last seen.
  int64_t payment_sequence = 0;  ///< Of the last event about its payment that was looked at.
  std::string paid_date;
  std::string paid_watched_until;  ///< RFC 3339; empty: nobody looks whether it stays paid.
  int reimbursements = 0;    ///< How often it became paid.
  std::string payment_order_id;    ///< Made of its bill; empty: none, or another is to be made.
  int payment_orders = 0;          ///< How many were made.
  bool order_declined = false;     ///< A person pays it in another way.
};

/// A report and its row; changes go into both and are written together.
struct Flow {
  ports::FlowRow row;
  Body body;
  State state() const { return *ParseState(row.state); }
};

/// Whether something of it stands in Odoo, or may.
bool HasBooks(const Flow& flow);
/// Whether it was given up or taken back, and that is known to everybody.
bool EndedWithoutBooks(const Flow& flow);

std::string ToJson(const Body& body);
absl::StatusOr<Flow> FlowOf(ports::FlowRow row);

/// Spaces of flow keys.
inline constexpr char kReportSpace[] = "expense_report";     ///< Source, external id, revision.
inline constexpr char kTestSpace[] = "expense_test";         ///< The same, of sources in test.
inline constexpr char kRevisionsSpace[] = "expense_revisions";  ///< Shared: source, external id.
inline constexpr char kLookSpace[] = "expense_look";         ///< Entity and look.
inline constexpr char kReceiptSpace[] = "expense_receipt";   ///< Entity and digest of a file.
inline constexpr char kDocumentSpace[] = "expense_document";  ///< Shared: id of a document of it.
/// BlobRow::kind of a report with its receipts.
inline constexpr char kReportBlobKind[] = "report";

std::string KeyOf(const std::string& source, const std::string& external_id, int revision);

}  // namespace kontor::expenses
