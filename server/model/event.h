// SPDX-License-Identifier: Apache-2.0
// Facts that happened, and the exceptions that people decide.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/model/finding.h"
#include "server/model/operation.h"

namespace kontor::model {

/// An event as it stands in the feed. `data` is the snapshot of the subject as of this change, as
/// JSON with names and account numbers unmasked (masked on the way out unless granted).
struct Event {
  std::string id;
  int64_t sequence = 0;          ///< Position in the feed: no gaps, no late numbers.
  std::string type;              ///< invoice.posted …; the list is kEventTypes.
  absl::Time time;
  std::string entity;
  std::string subject;           ///< Document id (or odoo:<connection>/<model>/<id>).
  int64_t subject_sequence = 0;  ///< 1, 2, 3 … within the subject.
  std::string correlation_id;
  std::string data;
};

/// Every type that is published, with a JSON Schema in server/webhooks/schemas. payment.sent,
/// partner_bank.changed and lock_dates.changed are told by the addon only.
const std::vector<std::string>& EventTypes();
/// `<noun>.<participle>` for a document's operation reaching a state; empty when none is published.
/// invoice.accepted, .held, .posted, .cancelled, .exception; bill., credit_note., payment.,
/// journal_entry., partner. likewise (partner.synced instead of posted). With Posting::kDraft the
/// last state is published as .drafted. Of a cancelling operation only its end and its exception
/// are published.
std::string EventTypeFor(const Document& document, Verb verb, OperationState state,
                         Posting posting = Posting::kPost);
/// The noun alone: invoice, bill, credit_note, payment, journal_entry, partner. The engine makes
/// `<noun>.shadowed`, `.paid`, `.payment_state_changed`, `.changed_in_odoo` and `.deleted_in_odoo`.
std::string_view EventNounOf(const Content& content);

enum class ExceptionState { kOpen, kAwaitingSecondPerson, kResolved };
std::string_view NameOf(ExceptionState state);
std::optional<ExceptionState> ParseExceptionState(std::string_view name);

enum class Resolution {
  kRetry,            ///< As it is, after something was mended in Odoo.
  kCorrectAndRetry,  ///< With changed content; sensitive fields need a second person.
  kAccept,           ///< Accept the difference or duplicate; needs a second person.
  kReject,           ///< Give up; a draft in Odoo is removed.
};
std::string_view NameOf(Resolution resolution);
std::optional<Resolution> ParseResolution(std::string_view name);

struct SuggestedAction {
  Resolution resolution = Resolution::kRetry;
  std::string effect;  ///< What it will do, in plain words.
  bool needs_second_person = false;
};

struct ExceptionCase {
  std::string id;
  ExceptionState state = ExceptionState::kOpen;
  bool technical = false;      ///< Technical failures are a queue of their own.
  std::string operation_id;    ///< May be empty: a difference found by reconcile.
  std::string entity;
  std::string subject;
  std::vector<Finding> findings;
  std::string owner_role;      ///< accountant, administrator, operator.
  std::string assignee;        ///< Principal id; empty.
  absl::Time opened;
  absl::Time deadline;
  std::vector<SuggestedAction> actions;
  std::optional<Resolution> proposed;  ///< Waiting for the second person.
  std::string proposer;
  /// Principal id of who may neither propose nor confirm that it is accepted; empty: nobody.
  std::string barred;
  std::string proposed_content;        ///< Canonical JSON of the corrected document.
  std::string resolver;
  std::string reason;
  std::optional<absl::Time> resolved;
  int64_t version = 0;
};

}  // namespace kontor::model
