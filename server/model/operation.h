// SPDX-License-Identifier: Apache-2.0
// An operation: the intent to put one document into Odoo, with its history (DESIGN 5). The table of
// transitions here is the only place that says which state may follow which.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/model/document.h"
#include "server/model/finding.h"

namespace kontor::model {

enum class OperationState {
  kAccepted,   ///< On disk; not yet checked against Odoo.
  kReady,      ///< May be sent when its lane comes to it.
  kSending,    ///< A step is with Odoo, or was when the process died.
  kRetrying,   ///< Known not applied; waits for its next attempt.
  kUnknown,    ///< The answer was lost; to be probed.
  kException,  ///< A person decides.
  kHeld,       ///< Posting policy: a second person releases.
  kParked,     ///< Waits for something that ends by itself (park_reason).
  kPosted,     ///< Done and verified (also drafts, when the policy says draft). Terminal.
  kCancelled,  ///< Given up before anything stands in Odoo. Terminal.
};
std::string_view NameOf(OperationState state);
std::optional<OperationState> ParseOperationState(std::string_view name);
bool IsTerminal(OperationState state);
/// SENDING may follow itself: the next step of the same operation.
bool MayFollow(OperationState from, OperationState to);

/// What the operation does to its document.
enum class Verb { kCreate, kUpdate, kCancel, kReverse };
std::string_view NameOf(Verb verb);
std::optional<Verb> ParseVerb(std::string_view name);

/// How far kontor goes by itself.
enum class Posting { kDraft, kHold, kPost };
std::string_view NameOf(Posting posting);
std::optional<Posting> ParsePosting(std::string_view name);

/// How documents reach Odoo; fixed at the first SENDING.
enum class Path { kUndecided, kLoad, kAddon };
std::string_view NameOf(Path path);
std::optional<Path> ParsePath(std::string_view name);

enum class ParkReason {
  kNone,
  kPeriodClosed,
  kConnectionPaused,
  kEntityShadow,      ///< Shadow mode: everything but the send.
  kOutsideWindow,
  kDependsOn,
  kRestoreHold,
};
std::string_view NameOf(ParkReason reason);
std::optional<ParkReason> ParseParkReason(std::string_view name);

/// One call that changes Odoo, in the order they run.
enum class StepKind {
  kUpsertPartner,     ///< Create the partner if absent, then write differing fields.
  kBankAccounts,      ///< Create the partner's bank accounts if absent.
  kCreateDraft,       ///< load() under the external id.
  kCompareDraft,      ///< Read the draft; totals, rate, dates as asked? Lock dates? No change.
  kCorrectTax,        ///< Write the tax line's amount on the draft (rounding cent).
  kPost,              ///< action_post.
  kReconcile,         ///< Named lines, one allocation after the other.
  kVerify,            ///< Read back; asked and got equal? No change.
  kAttach,            ///< Attachments by external id.
  kRemoveDraft,       ///< unlink of a draft of ours.
  kUndo,              ///< button_draft + button_cancel (payments: also unreconcile).
  kApply,             ///< The addon creates, compares and posts in one transaction.
};
std::string_view NameOf(StepKind kind);
std::optional<StepKind> ParseStepKind(std::string_view name);

enum class StepState { kPending, kSending, kDone, kUnknown, kSkipped };
std::string_view NameOf(StepState state);
std::optional<StepState> ParseStepState(std::string_view name);

struct Step {
  StepKind kind = StepKind::kCreateDraft;
  StepState state = StepState::kPending;
  int attempts = 0;
  std::optional<absl::Time> started;
  std::optional<absl::Time> ended;
};

/// Where the document stands in Odoo.
struct ErpRecord {
  std::string model;  ///< account.move, account.payment, res.partner.
  int64_t id = 0;     ///< Database id; 0: not known.
  std::string name;   ///< Number such as INV/2026/00001; empty while draft.
  friend bool operator==(const ErpRecord&, const ErpRecord&) = default;
};

struct Operation {
  std::string id;
  Verb verb = Verb::kCreate;
  OperationState state = OperationState::kAccepted;
  DocumentType document_type = DocumentType::kInvoice;
  std::string document_id;
  std::string entity;
  std::string connection;
  std::string source;          ///< Name of the principal's source.
  std::string submitter;       ///< Principal id.
  std::string request_id;
  std::string correlation_id;
  std::string traceparent;
  std::string lane;            ///< `<connection>/<company>/<journal or "partners">`.
  std::string external_id;     ///< Name under module `kontor`: ExternalIdOf, part "doc".
  Path path = Path::kUndecided;
  int revision = 1;            ///< Of the content, as the addon counts; corrections count it up.
  Posting posting = Posting::kPost;
  std::string policy_version;
  std::vector<Step> steps;
  size_t step_index = 0;       ///< First step that is not done; == steps.size() when all are.
  int attempt_count = 0;       ///< Sends since the last success.
  std::vector<std::string> depends_on;  ///< Operation ids.
  ParkReason park_reason = ParkReason::kNone;
  std::string exception_id;
  bool seen_in_erp = false;    ///< kontor has once seen the record: gone means DELETED_IN_ODOO.
  std::vector<std::string> accepted_reasons;  ///< Findings a person (or policy) has accepted.
  ErpRecord record;
  absl::Time created;
  absl::Time updated;
  std::optional<absl::Time> next_attempt;
  std::optional<absl::Time> unknown_since;
  int64_t fence = 0;           ///< Lane lease under which it was last written.
  int64_t version = 0;         ///< Grows by one with each write; optimistic check.
};

/// FIELD path–free check; STATE_CONFLICT naming both states when `to` may not follow.
absl::Status CheckTransition(const Operation& operation, OperationState to);

/// The steps of a fresh operation, by document, verb, posting and path (pure). With the addon one
/// kApply stands for creating, comparing and posting; partners and cancellations go as without it.
std::vector<Step> PlanSteps(const Document& document, Verb verb, Posting posting,
                            Path path = Path::kUndecided);

/// Fixes the path of an operation that was never sent, and plans its first steps for it. Does
/// nothing once a path is fixed. Pure.
void TakePath(Operation& operation, Path path);

}  // namespace kontor::model
