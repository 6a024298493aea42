// SPDX-License-Identifier: Apache-2.0
// An order at rest: the flow's states, what stands in its body, and its payments, which are the
// flow's lines.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/payment_orders/payment_orders.h"
#include "server/model/payment_order.h"
#include "server/ports/erp.h"

namespace kontor::payment_orders {

enum class State {
  kDraft,
  kValidated,
  kAwaitingApproval,
  kApproved,
  kReleased,
  kSubmitted,
  kAcknowledged,
  kAccepted,
  kSettled,
  kPartiallySettled,
  kRejected,
  kReturned,
  kCancelled,
  kHeld,
};
std::string_view NameOf(State state);
std::optional<State> ParseState(std::string_view name);
/// Before its release: content and approvals may still change.
bool IsBeforeRelease(State state);

/// How far the file is on its way. SENDING is written before the call that hands it over.
enum class Submission { kNone, kGenerated, kSending, kUnknown, kSent, kShadowed };
std::string_view NameOf(Submission submission);

/// Of one payment.
enum class LineState {
  kPending,
  kHeld,
  kCancelled,
  kSubmitted,
  kAcknowledged,
  kAccepted,
  kRejected,
  kSettled,
  kReturned,
};
std::string_view NameOf(LineState state);
std::optional<LineState> ParseLineState(std::string_view name);

struct Approval {
  std::string principal_id;
  std::string name;
  std::string digest;
  std::string policy_version;
  std::string time;
  std::string void_reason;   ///< Empty: it counts.
  std::string delegator_id;  ///< Whose role it was; empty: their own.
  std::string delegator;
  std::string delegation;  ///< Id; empty: none.
};

/// What one person said of a file of unknown fate.
struct Word {
  std::string principal_id;
  std::string name;
  bool sent = false;
  std::string reason;
};

/// A bill that a payment pays, as it was when it was approved.
struct Bill {
  int64_t move_id = 0;
  std::string name;
  std::string reference;
  model::Money amount;   ///< What is paid of it.
  bool whole = true;     ///< All that is left is paid, however much that is.
  std::string residual;  ///< As Odoo had it.
};

/// One payment, with its line's number and state.
struct Line {
  int64_t number = 0;
  LineState state = LineState::kPending;
  model::CreditTransfer transfer;
  std::vector<Bill> bills;
  bool of_bill = false;  ///< Made of its one bill: creditor and text follow Odoo.
  int64_t partner_id = 0;
  int64_t account_id = 0;  ///< Of res.partner.bank; 0: not Odoo's.
  std::string editor;      ///< Who last wrote the account.
  std::string beneficiary_id;
  std::string beneficiary_digest;
  std::string route;
  std::string batch;  ///< payment_information_id.
  std::vector<model::Finding> holds;
  std::string status_code;
  std::vector<std::string> reasons;  ///< The bank's, in words.
  std::string operation_id;          ///< Of Odoo's payment.
  std::string document_id;
  std::string undo_operation_id;
  bool books_done = false;   ///< Odoo's payment came to its end, whatever that is.
  bool undo_wanted = false;  ///< Rejected or returned: its payment must not stay in Odoo.
  bool undone = false;
  std::vector<std::string> bookings;        ///< line_keys of statements.
  int64_t odoo_payment_id = 0;              ///< Made in Odoo by others; 0: kontor registers one.
  std::string payment_name;                 ///< That payment's number.
  std::string payment_journal;              ///< Code of that payment's journal.
  std::string undo_trouble;                 ///< Why it could not be taken back; empty: nothing.
  std::vector<ports::PaidMove> paid_moves;  ///< Bills that Odoo's own payment has paid.
};

/// One group of payments on the wire.
struct Batch {
  std::string id;  ///< payment_information_id.
  std::string service_level;
  std::string local_instrument;
  std::string charge_bearer;
  bool batch_booking = false;
};

/// The order's file as the bank behind a channel wants it: signed, encrypted. It is made once and
/// kept, for another sealing has other bytes.
struct SealedFile {
  std::string channel;
  std::string name;
  std::string sha256;
  std::string blob;
};

struct Body {
  std::string description;
  std::string account;  ///< Empty until it is routed.
  std::string asked_account;
  std::string channel;
  std::string fallback_channel;  ///< Where it goes when it provably did not go by `channel`.
  std::string first_channel;     ///< The one approved, once it goes by the other.
  std::string dialect;
  std::string currency;
  std::string asked_date;  ///< May be empty.
  std::string day;         ///< Of execution.
  std::string day_note;
  std::string urgency;
  std::string preparer_id;
  std::string preparer;
  std::string message_id;
  std::string created_at;  ///< On the wire.
  int64_t count = 0;
  std::string total;  ///< Value at the currency's scale.
  std::string digest;
  std::vector<Batch> batches;
  std::string approval_version;
  int approvals_needed = 0;
  std::vector<std::string> approvers;
  std::vector<Approval> approvals;
  std::string routing_version;
  std::string checks_version;
  std::string lists_version;
  std::string screened;  ///< JSON: lists that it was last screened against; empty: none.
  std::string releaser_id;
  std::string releaser;
  std::string released_at;
  std::string release_delegator_id;  ///< Whose role it was; empty: the releaser's own.
  std::string release_delegator;
  std::string release_delegation;  ///< Id; empty: none.
  Submission submission = Submission::kNone;
  std::string file_name;
  std::string file_sha256;
  std::string file_blob;
  std::vector<SealedFile> sealed;  ///< One a channel; none for those that take it as it is.
  /// Under which name the file was last handed over, or tried to be, and the bytes' SHA-256; empty:
  /// as file_name and file_sha256 say. A name alone: it was handed over in a life that this store
  /// does not know of, perhaps by other bytes.
  std::string sent_name;
  std::string sent_sha256;
  std::string sending_since;
  std::vector<Word> words;
  int attempts = 0;
  std::string held_from;                  ///< State before HELD.
  std::vector<std::string> hold_reasons;  ///< By persons.
  std::string exception_id;
  std::vector<model::Finding> findings;
  std::vector<std::string> accepted;  ///< `reason@payment` that two people let pass.
  bool refresh_wanted = false;
  bool test = false;     ///< It may leave by a channel in test.
  bool doubted = false;  ///< Nobody knew once whether the bank had it: no other way is open then.
  std::string cancel_reason;
  std::string correlation_id;
  std::vector<std::string> status_files;  ///< Blobs that were taken.
  std::string cut_off;                    ///< Of the day of execution; empty: there is none.
  std::string remind_at;                  ///< Empty: nobody is reminded.
  std::string escalate_at;                ///< Empty: it does not become a case.
  std::string missed;  ///< The cut-off that passed before it was released, in words.
  std::string submitted_at;
  std::string place;      ///< Where its outbox last showed the file; empty: not looked at.
  std::string looked_at;  ///< When that was.
  /// What is late now, with a case of its own: what stands in the way by itself is in exception_id.
  std::vector<model::Finding> late;
  std::string late_case;
  std::vector<std::string> told;  ///< What was told of lateness, each once.
};

// Body::place.
inline constexpr char kInOutbox[] = "OUTBOX";
inline constexpr char kTakenAway[] = "TAKEN";
inline constexpr char kGone[] = "GONE";

/// An order and its payments; changes go into all and are written together.
struct Flow {
  ports::FlowRow row;
  Body body;
  std::vector<Line> lines;
  std::set<int64_t> changed;  ///< Numbers of lines to write.
  State state() const { return *ParseState(row.state); }
  Line* FindLine(int64_t number);
  /// Marks a line as changed and answers it.
  Line& Touch(Line& line) {
    changed.insert(line.number);
    return line;
  }
};

std::string ToJson(const Body& body);
std::string ToJson(const Line& line);
absl::StatusOr<Flow> FlowOf(ports::FlowRow row);
absl::StatusOr<Line> LineOf(const ports::FlowLineRow& row);
ports::FlowLineRow RowOf(const std::string& flow_id, const Line& line);

/// The order with its payments. INTERNAL for one that cannot be read; NOT_FOUND.
absl::StatusOr<Flow> LoadFlow(ports::ReadView& view, const std::string& id);

/// Lines that are or will be on the wire.
std::vector<const Line*> LiveLines(const Flow& flow);
/// The order as its file has it. `account`: ours.
absl::StatusOr<model::PaymentOrder> WireOrderOf(const Flow& flow, const model::OwnAccount& account);
model::Money TotalOf(const Flow& flow);

/// A creditor's account at rest, under one holder's name, BIC and partner.
struct Beneficiary {
  ports::FlowRow row;
  std::string name;
  std::string account;
  std::string bic;
  int64_t partner_id = 0;
  std::string editor;     ///< Login of Odoo, or name of a principal.
  std::string editor_id;  ///< Principal id where it is one.
  std::string digest;
  std::string confirmed_by;
  std::string confirmer_id;
  std::string confirmed_at;
  std::string changed_at;
  std::string block_reason;
  int64_t payments = 0;  ///< Settled or submitted so far.
  std::string largest;   ///< Largest payment to the account so far, by value; empty: none was.
};
inline constexpr char kUnconfirmed[] = "UNCONFIRMED";
inline constexpr char kConfirmed[] = "CONFIRMED";
inline constexpr char kBlocked[] = "BLOCKED";
std::string ToJson(const Beneficiary& beneficiary);
absl::StatusOr<Beneficiary> BeneficiaryOf(ports::FlowRow row);

// Spaces of flow keys.
inline constexpr char kMessageSpace[] = "message_id";      ///< Reserved.
inline constexpr char kEndToEndSpace[] = "end_to_end_id";  ///< Reserved.
inline constexpr char kBatchSpace[] = "payment_information_id";
inline constexpr char kBillSpace[] = "payment_bill";          ///< Reserved: entity, bill.
inline constexpr char kPaymentSpace[] = "odoo_payment";       ///< Reserved: entity, payment.
inline constexpr char kLookSpace[] = "payment_look";          ///< Shared: creditor, amount, text.
inline constexpr char kCreditorSpace[] = "payment_creditor";  ///< Shared: entity, account.
inline constexpr char kTraceSpace[] = "payment_trace";        ///< Shared: any id.
/// Shared: order's id to the statements that booked its payments.
inline constexpr char kStatementSpace[] = "payment_statement";
inline constexpr char kBeneficiarySpace[] = "beneficiary";    ///< Shared: entity, account.
inline constexpr char kHolderSpace[] = "beneficiary_holder";  ///< Reserved: BeneficiaryDigest.

/// BlobRow::kind of a generated file.
inline constexpr char kFileBlobKind[] = "payment_file";

}  // namespace kontor::payment_orders
