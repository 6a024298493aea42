// SPDX-License-Identifier: Apache-2.0
// What the rooms of payment orders share, and what each does with one order. Runs on the loop's own
// thread or a caller's, never on the commit thread.
#pragma once

#include <functional>
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
#include "server/engine/flow_loop.h"
#include "server/engine/payment_orders/internal/flow.h"

namespace kontor::payment_orders {

using base::Error;
using base::Reason;
using base::StrCat;
using model::Finding;
using model::MakeFinding;

struct Screened;  // internal/screen.h

/// A policy in force; content empty: none is.
struct InForce {
  std::string version;  ///< "approval/v3".
  std::string content;
};

/// Thread-safe; lives as long as the loop.
class Loop : public engine::FlowLoop<Dependencies, Settings> {
 public:
  Loop(Dependencies dependencies, Settings loop_settings)
      : FlowLoop(std::move(dependencies), std::move(loop_settings), "payment_orders") {}

  absl::StatusOr<Flow> Load(const std::string& id);
  /// OWN_ACCOUNT_UNKNOWN, CHANNEL_UNKNOWN.
  absl::StatusOr<model::OwnAccount> AccountByName(const std::string& name);
  absl::StatusOr<model::Channel> ChannelByName(const std::string& name);
  /// The adapter of a channel, kept while the channel stays as it is.
  absl::StatusOr<std::shared_ptr<ports::BankChannel>> AdapterOf(const model::Channel& channel);
  absl::StatusOr<InForce> PolicyInForce(model::PolicyKind kind);
  static absl::StatusOr<InForce> PolicyIn(ports::ReadView& view, model::PolicyKind kind);
  /// The screening of a content of kind "lists", kept while it is the same.
  absl::StatusOr<std::shared_ptr<ports::Screening>> ScreeningOf(const std::string& content);
  /// Whether the entity's connection is held after a restore or because of another database.
  absl::StatusOr<std::string> SuspensionOf(const std::string& entity);
  /// A channel whose outbox could not be looked at is left alone for a while: each look may last
  /// as long as the channel's time-out, and all orders wait for the one thread.
  bool MayLook(const std::string& channel) const;
  void RestFromLooking(const std::string& channel);
  /// Who hands payments over to the engine.
  static ports::Actor SelfFor(const std::string& entity);

 private:
  engine::AdapterCache<ports::BankChannel> adapters_;
  std::mutex screening_mutex_;
  std::string screening_content_;
  std::shared_ptr<ports::Screening> screening_;
  mutable std::mutex looking_mutex_;
  std::map<std::string, absl::Time> rests_until_;  ///< By channel.
};

/// Whether the order is to be looked at again at once.
struct Stepped {
  bool again = false;
};

// step.cc: one order forward by one step.
absl::StatusOr<Stepped> StepOrder(Loop& loop, const std::string& id);
/// Writes row, body and changed lines; `events`: types after "payment_order.".
absl::Status WriteFlow(Loop& loop, ports::Unit& unit, Flow& flow, State state,
                       const std::vector<std::string>& events);
/// The same as a unit of the worker's own.
absl::Status SaveFlow(Loop& loop, Flow& flow, State state,
                      const std::vector<std::string>& events = {});
/// What kontor itself did with the order, for a unit to complete and append.
ports::AuditEntry OwnAudit(const Loop& loop, const Flow& flow, std::string_view action);
void LookAgain(Loop& loop, Flow& flow);
void RetryLater(Loop& loop, Flow& flow);

// build.cc: from bills and lists to payments.

/// The payments that a request asks for, numbered; reads Odoo. NOTHING_TO_PAY, BILL_CHANGED …
absl::StatusOr<std::vector<Line>> BuildLines(Loop& loop, const CreateRequest& request,
                                             const std::string& currency,
                                             std::string_view order_id);
/// Reads the bills of the live lines again and takes over what changed; findings say what cannot
/// be paid any more.
absl::StatusOr<std::vector<Finding>> RefreshLines(Loop& loop, Flow& flow);

/// Characters of the text that the creditor reads.
inline constexpr int kRemittanceMax = 140;
/// Takes a text for what the creditor reads where it is a structured reference; false: it is none,
/// and nothing was changed. In build.cc, as the next. Pure.
bool SetReference(std::string_view text, model::Remittance& out);
/// Who is paid, and on which account; from Odoo.
void SetCreditor(const ports::Payee& payee, Line& line);
/// What is wrong with the account that money is to go to; `what`: "bill X".
std::vector<Finding> CheckPayeeAccount(const ports::Payee& payee, const std::string& what,
                                       const std::string& field);

// odoo_payments.cc: orders of payments that stand in Odoo.

absl::StatusOr<std::vector<Line>> LinesOfPayments(Loop& loop, const CreateRequest& request,
                                                  const std::string& currency);
/// Reads Odoo's payments of the live lines again, as RefreshLines does with bills.
absl::StatusOr<std::vector<Finding>> RefreshPayments(Loop& loop, Flow& flow);
/// Odoo's payments are on the journal of the account that pays. Pure.
std::vector<Finding> CheckJournals(const Flow& flow, const model::OwnAccount& account);
/// What of Odoo's payments changed since the approval. Pure.
std::vector<Finding> ChangedPayments(const Flow& before, const Flow& after);
/// Takes the keys of Odoo's payments; findings for those that another order has, or made. Runs in a
/// unit.
absl::StatusOr<std::vector<Finding>> TakePayments(Loop& loop, ports::Unit& unit, const Flow& flow);
std::string PaymentKey(const Flow& flow, const Line& line);
/// Which of Odoo's payments of these lines, on their way to the bank, somebody has cancelled or
/// deleted there. Nothing when Odoo cannot be read.
std::vector<Finding> GoneInOdoo(Loop& loop, const Flow& flow,
                                const std::vector<const Line*>& lines);

// validate.cc
absl::StatusOr<Stepped> Validate(Loop& loop, Flow& flow);
/// Everything of the order that its digest is made of, brought up to date in `flow`: bills, routes,
/// day, texts that the bank takes. Answers what is wrong. Reads Odoo.
absl::StatusOr<std::vector<Finding>> Renew(Loop& loop, Flow& flow);
/// SHA-256 of what is approved: the normal form of the wire order, the way that it takes, and the
/// bills that it pays.
absl::StatusOr<std::string> DigestOf(Loop& loop, const Flow& flow);
/// The same with a normal form that was read from the file.
std::string DigestWith(const Loop& loop, const Flow& flow, std::string_view canonical);
/// What that digest is of.
std::string ContentOf(const Loop& loop, const Flow& flow, std::string_view canonical);
/// Reads everything again just before the file leaves; findings when it is not what was approved.
/// `lists`: those that its creditors are screened against.
absl::StatusOr<std::vector<Finding>> Recheck(Loop& loop, const Flow& flow, const InForce& lists);

/// Why an order of its kind does not leave by a channel in onboarding; none: it does.
absl::StatusOr<std::optional<Finding>> TestOf(Loop& loop, const Flow& flow,
                                              const model::Channel& channel);

// conclude.cc
/// The judgement in one unit: keys, beneficiaries, the case, the next state. `written` is the order
/// as it stands then.
absl::Status Conclude(Loop& loop, const Flow& flow, const std::vector<Finding>& findings,
                      const Screened& screened, const model::CheckRules& rules,
                      const std::string& digest, Flow& written);

// route.cc
struct Routed {
  std::vector<Finding> findings;
  std::string account;
  std::string dialect;
  std::string fallback_channel;
};
/// Gives each live line its route and batch; all lines pay from one account.
absl::StatusOr<Routed> RouteLines(Loop& loop, Flow& flow);
absl::StatusOr<RouteExplanation> Explain(Loop& loop, const model::RouteQuestion& question);

// checks.cc: what holds a payment.

/// Beneficiaries of the live lines: made, brought up to date, judged. Runs in a unit.
absl::StatusOr<std::vector<Finding>> TakeBeneficiaries(Loop& loop, ports::Unit& unit, Flow& flow,
                                                       const model::CheckRules& rules);
/// Takes the keys of bills and looks; findings for those that another order has. Runs in a unit.
absl::StatusOr<std::vector<Finding>> TakeKeys(Loop& loop, ports::Unit& unit, Flow& flow,
                                              const model::CheckRules& rules);
/// What is odd about the order as a whole. Pure.
std::vector<Finding> Suspicions(const Flow& flow, const model::CheckRules& rules);
/// Gives back the bills that the order does not pay any more. Runs in a unit.
absl::Status ReleaseKeys(ports::Unit& unit, const Flow& flow);
std::string FieldOf(const Line& line, std::string_view member = {});
/// Number of the payment in "payments[3]…"; none for other fields.
std::optional<int64_t> NumberIn(std::string_view field);

// beneficiaries.cc
std::string BeneficiaryDigest(const Loop& loop, const std::string& entity, const Line& line);
/// The account of a line under the very name, BIC and partner that the line has.
absl::StatusOr<std::optional<Beneficiary>> FindBeneficiary(const Loop& loop, ports::ReadView& view,
                                                           const Flow& flow, const Line& line);
absl::Status WriteBeneficiary(Loop& loop, ports::Unit& unit, Beneficiary& beneficiary,
                              std::string_view state, std::string_view event);
/// Open orders that pay to the account are looked at again at once. Runs in a unit.
absl::Status WakeOrders(Loop& loop, ports::Unit& unit, const std::string& entity,
                        const std::string& account);
/// Counts a payment that left. Runs in a unit.
absl::Status NotePaid(Loop& loop, ports::Unit& unit, const Flow& flow, const Line& line);
std::string ViewOf(const Beneficiary& beneficiary);
absl::StatusOr<View> ConfirmBeneficiary(Loop& loop, const ports::Actor& actor,
                                        const std::string& id, const std::string& digest,
                                        const std::string& reason);
absl::StatusOr<View> BlockBeneficiary(Loop& loop, const ports::Actor& actor, const std::string& id,
                                      const std::string& reason);

// policy.cc: what the approval policy asks of an order.
struct Requirement {
  std::string version;  ///< Empty: no step of an active policy covers the order.
  int approvals = 0;
  std::vector<std::string> approvers;
};
absl::StatusOr<Requirement> RequirementFor(ports::ReadView& view, const Flow& flow);
/// VALIDATED on: to the approvers, or, when enough approvals still count, past them.
absl::StatusOr<Stepped> AskApproval(Loop& loop, Flow& flow);

// rights.cc: by whose right a person decides.

/// A role of one's own, or one that is lent.
struct Right {
  std::string delegator_id;  ///< Empty: one's own.
  std::string delegator;
  std::string delegation;  ///< Id; empty: none.
  bool IsLent() const { return !delegation.empty(); }
};
/// Whether the right may be used on the order, such as by who prepared it.
using RightCheck = std::function<absl::Status(const Right& right)>;
/// The first right to the role that passes `check`: one's own before those lent. What keeps the
/// first one back when none does; PERSON_REQUIRED, PERMISSION_DENIED. Runs in a unit or a read.
absl::StatusOr<Right> RightTo(Loop& loop, ports::ReadView& view, const ports::Actor& actor,
                              ports::Role role, const Flow& flow, const RightCheck& check);
/// Whether one of the two has lent the role to the other today.
absl::StatusOr<bool> AreLinked(Loop& loop, ports::ReadView& view, ports::Role role,
                               const std::string& one, const std::string& other);
/// Names of those who may decide next, for a sentence.
absl::StatusOr<std::string> WhoCanAct(Loop& loop, ports::ReadView& view, const Flow& flow);

// approve.cc, release.cc, intervene.cc: what persons do.
absl::StatusOr<View> Approve(Loop& loop, const ports::Actor& actor, const std::string& id,
                             const std::string& digest);
absl::StatusOr<View> RevokeApproval(Loop& loop, const ports::Actor& actor, const std::string& id,
                                    const std::string& reason);
absl::StatusOr<View> ReleaseOrder(Loop& loop, const ports::Actor& actor, const std::string& id,
                                  const std::string& digest);
absl::StatusOr<View> CancelOrder(Loop& loop, const ports::Actor& actor, const std::string& id,
                                 const std::string& reason, const std::vector<int64_t>& numbers);
absl::StatusOr<View> HoldOrder(Loop& loop, const ports::Actor& actor, const std::string& id,
                               const std::string& reason);
absl::StatusOr<View> UnholdOrder(Loop& loop, const ports::Actor& actor, const std::string& id,
                                 const std::string& reason);
absl::StatusOr<View> ResolveSubmission(Loop& loop, const ports::Actor& actor, const std::string& id,
                                       bool sent, const std::string& reason);
/// An order that the actor may see; NOT_FOUND. Runs in a unit or a read.
absl::StatusOr<Flow> FindFor(ports::ReadView& view, const ports::Actor& actor,
                             const std::string& id);
/// Reads the order, lets `change` work on it and writes it in the state that it answers, with an
/// audit row; none: it is as asked already, and nothing is written. Again when it changed
/// meanwhile.
struct Changed {
  State state = State::kDraft;
  std::vector<std::string> events;
  Right right = {};
};
using Change = std::function<absl::StatusOr<std::optional<Changed>>(ports::Unit& unit, Flow& flow)>;
absl::StatusOr<View> ChangeOrder(Loop& loop, const ports::Actor& actor, const std::string& id,
                                 ports::Role role, std::string_view action,
                                 const std::string& reason, const Change& change);
/// PERSON_REQUIRED, PERMISSION_DENIED.
absl::Status CheckPerson(const ports::Actor& actor, ports::Role role);
/// Voids all approvals that count; answers whether there were any.
bool VoidApprovals(Flow& flow, std::string_view why);
int CountApprovals(const Flow& flow);

// submit.cc: the file, and how it reaches the bank.
absl::StatusOr<Stepped> Submit(Loop& loop, Flow& flow);
/// The bank has the file: the order and its payments are SUBMITTED. Runs in a unit.
absl::Status EnterSubmitted(Loop& loop, ports::Unit& unit, Flow& flow, const std::string& why);

// sealed.cc: the file as each channel hands it over.

/// The file that was handed over, as far as is known.
ports::OutgoingFile HandedOver(const Flow& flow);
/// Every form in which the file may be by a channel: as it is, and sealed. A sealing that this
/// store does not know of has a name and no digest.
std::vector<ports::OutgoingFile> FormsOf(const Flow& flow, const std::string& channel,
                                         const ports::BankChannel& adapter);
/// What is to be handed over by the order's channel and where its bytes are kept; none: it is to be
/// sealed first.
struct KeptForm {
  ports::OutgoingFile file;
  std::string blob;
};
std::optional<KeptForm> FormToSend(const Flow& flow, const ports::BankChannel& adapter);
/// FILE_ALTERED when the store does not have these very bytes.
absl::StatusOr<std::string> ReadKept(Loop& loop, const KeptForm& form);
/// The order's file as it is, where it was generated.
KeptForm PlainForm(const Flow& flow);
/// Runs in a unit.
absl::Status KeepFile(Loop& loop, ports::Unit& unit, const Flow& flow, const KeptForm& form,
                      std::string_view bytes);
/// Seals the file for the order's channel and keeps it in the order, before anything is handed
/// over. What Seal and ReadKept answer.
absl::Status SealForChannel(Loop& loop, Flow& flow, ports::BankChannel& adapter);

// late.cc, silence.cc: waits that are over. Told each once, and over by itself when what was waited
// for comes.

/// What is late now.
struct Late {
  std::vector<Finding> findings;
  absl::Time next = absl::InfiniteFuture();  ///< When more may be, by time alone.
};
/// Brings the case of what is late up to date; `opened`: whether it is a new one. Runs in a unit.
absl::Status PutLate(Loop& loop, ports::Unit& unit, Flow& flow, const Late& late, bool* opened);
absl::Status CloseLate(Loop& loop, ports::Unit& unit, Flow& flow, std::string_view why);
/// Tells persons of an order that waits for them, in time before its cut-off, and of one that
/// missed it.
absl::Status TellTime(Loop& loop, Flow& flow);
/// The same for a release that came after the cut-off. Runs in a unit.
absl::Status TellMissed(Loop& loop, ports::Unit& unit, Flow& flow,
                        std::vector<std::string>* events);
/// When an order that waits for persons is looked at again.
absl::Time NextLook(const Loop& loop, const Flow& flow);
/// After the hand-over: what the bank has not taken, answered or booked in time. Looks at the
/// channel's outbox.
absl::StatusOr<Late> LateAnswers(Loop& loop, Flow& flow);

// books.cc: Odoo's payments.
absl::StatusOr<Stepped> KeepBooks(Loop& loop, Flow& flow, const Late& late);

// status.cc and settle.cc: what the bank says.
absl::Status TakeStatusFile(Loop& loop, const std::string& blob_id, std::string_view channel,
                            ports::ByteSource& source);
absl::StatusOr<std::optional<ports::BookingMatch>> TakeBooking(Loop& loop,
                                                               const ports::Booking& booking);
absl::Status RevokeBooking(Loop& loop, const ports::Booking& booking);
/// The order's state as its payments have it; keeps `now` while nothing is known.
State FoldState(const Flow& flow, State now);
/// Types of events, after "payment_order.", that a change of state is told by.
std::vector<std::string> EventsOf(State before, State after);
/// All payments have ended, and Odoo's payments are as they should be.
bool IsOver(const Flow& flow);

// cases.cc: exceptions that a person decides.
absl::Status PutCase(Loop& loop, ports::Unit& unit, Flow& flow, std::vector<Finding> findings,
                     bool technical);
absl::Status CloseCase(Loop& loop, ports::Unit& unit, Flow& flow, std::string_view why);
/// Whether two people may let it pass.
bool IsAcceptable(const Finding& finding);
/// Whether it holds the order for people; an error that does not makes it a draft.
bool Holds(const Finding& finding);
/// What `accepted` has of a finding.
std::string AcceptKey(const Finding& finding);

// hits.cc
absl::StatusOr<View> GetHit(Loop& loop, const ports::Actor& actor, const std::string& id);
absl::StatusOr<View> DecideHit(Loop& loop, const ports::Actor& actor, const std::string& id,
                               HitDecision decision, const std::string& reason);
absl::StatusOr<std::vector<ports::ScreeningHit>> CheckName(Loop& loop, const std::string& name);

// evidence.cc
absl::StatusOr<Evidence> GatherEvidence(Loop& loop, const ports::Actor& actor,
                                        const std::string& any_id);

// create.cc
absl::StatusOr<View> CreateOrder(Loop& loop, const ports::Actor& actor,
                                 const CreateRequest& request);

// views.cc
std::string ViewOf(const Flow& flow, bool with_payments);
View ViewFor(const Flow& flow, bool with_payments);
absl::Status AppendEvent(Loop& loop, ports::Unit& unit, const Flow& flow, const std::string& type);
/// payment.<participle> of one line.
absl::Status AppendLineEvent(Loop& loop, ports::Unit& unit, const Flow& flow, const Line& line,
                             std::string_view participle);

// trace.cc
absl::StatusOr<Trail> TraceAny(Loop& loop, const ports::Actor& actor, const std::string& any_id);
/// Ids of the orders that an id of any kind leads to. Runs in a read.
absl::StatusOr<std::vector<std::string>> OrdersBy(ports::ReadView& view, const std::string& any_id);
absl::Status ShareTrace(ports::Unit& unit, const Flow& flow, const std::string& id);

}  // namespace kontor::payment_orders
