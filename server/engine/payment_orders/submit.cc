// SPDX-License-Identifier: Apache-2.0
// The file, and how it reaches the bank: made, read again and held against what was approved, kept,
// and handed over once. Whether it was is a state of its own: it ends by what the channel can
// prove, by the bank's word, or by that of two persons; never by waiting.
#include <algorithm>
#include <optional>
#include <utility>

#include "server/base/ids.h"
#include "server/engine/banks/onboarding.h"
#include "server/engine/flow_json.h"
#include "server/engine/payment_orders/internal/loop.h"
#include "server/model/payment_canon.h"
#include "server/ports/texts.h"

namespace kontor::payment_orders {
namespace {

using ports::FilePlace;
using ports::TextSink;
using ports::TextSource;

/// Reading proves the whole by its normal form; the pieces are of no use here.
class NoPieces final : public ports::PaymentOrderSink {
 public:
  absl::Status OnOrder(const model::PaymentOrderHeader&) override { return absl::OkStatus(); }
  absl::Status OnInstruction(const model::PaymentInstruction&) override { return absl::OkStatus(); }
  absl::Status OnTransfer(const model::CreditTransfer&) override { return absl::OkStatus(); }
};

absl::StatusOr<std::string> WriteFile(Loop& loop, const Flow& flow,
                                      const model::PaymentOrder& order) {
  TextSink out;
  KONTOR_ASSIGN_OR_RETURN(
      const auto writer, loop.deps.codec.BeginOrder(flow.body.dialect, order.header, out, nullptr));
  for (const model::PaymentBatch& batch : order.batches) {
    KONTOR_RETURN_IF_ERROR(writer->BeginInstruction(batch.instruction));
    for (const model::CreditTransfer& transfer : batch.transfers) {
      KONTOR_RETURN_IF_ERROR(writer->Add(transfer));
    }
    KONTOR_RETURN_IF_ERROR(writer->EndInstruction());
  }
  KONTOR_RETURN_IF_ERROR(writer->Finish());
  return out.Take();
}

/// Whether the bytes say what was approved.
absl::StatusOr<bool> Proves(Loop& loop, const Flow& flow, std::string_view bytes) {
  TextSource source(bytes);
  NoPieces pieces;
  TextSink canonical;
  KONTOR_RETURN_IF_ERROR(loop.deps.codec.ReadOrder(source, pieces, &canonical));
  return DigestWith(loop, flow, canonical.text()) == flow.body.digest;
}

/// The order is not what was approved any more: nothing leaves, and it begins anew.
absl::StatusOr<Stepped> Fall(Loop& loop, Flow& flow, const std::string& why) {
  VoidApprovals(flow, why);
  flow.body.releaser_id.clear();
  flow.body.releaser.clear();
  flow.body.released_at.clear();
  flow.body.release_delegator_id.clear();
  flow.body.release_delegator.clear();
  flow.body.release_delegation.clear();
  flow.body.submission = Submission::kNone;
  flow.body.refresh_wanted = true;
  flow.row.due = loop.Now();
  KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kDraft, {"approvals_voided"}));
  return Stepped{true};
}

absl::StatusOr<Stepped> AskPerson(Loop& loop, Flow& flow, Finding finding) {
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    Flow copy = flow;
    const std::string known = copy.body.exception_id;
    KONTOR_RETURN_IF_ERROR(PutCase(loop, unit, copy, {finding}, true));
    std::vector<std::string> events;
    if (known != copy.body.exception_id) events.emplace_back("exception");
    return WriteFlow(loop, unit, copy, State::kReleased, events);
  }));
  return Stepped{};
}

absl::StatusOr<Stepped> Generate(Loop& loop, Flow& flow) {
  KONTOR_ASSIGN_OR_RETURN(const auto account, loop.AccountByName(flow.body.account));
  KONTOR_ASSIGN_OR_RETURN(const auto order, WireOrderOf(flow, account));
  if (DigestWith(loop, flow, model::CanonicalText(order)) != flow.body.digest) {
    return Fall(loop, flow, "our own account's data changed after the approval");
  }
  KONTOR_ASSIGN_OR_RETURN(const std::string bytes, WriteFile(loop, flow, order));
  KONTOR_ASSIGN_OR_RETURN(const bool proven, Proves(loop, flow, bytes));
  if (!proven) {
    LookAgain(loop, flow);
    return AskPerson(
        loop, flow,
        MakeFinding(Reason::kFileAltered, "file", "The file does not say what was approved"));
  }
  flow.body.file_name = StrCat(flow.body.message_id, ".xml");
  flow.body.file_sha256 = loop.deps.crypto.Sha256Hex(bytes);
  flow.body.file_blob = loop.deps.ids.Next(base::kBlobPrefix);
  flow.body.sealed.clear();
  flow.body.sent_name.clear();
  flow.body.sent_sha256.clear();
  flow.body.submission = Submission::kGenerated;
  flow.row.due = loop.Now();
  Flow written;
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    written = flow;
    KONTOR_RETURN_IF_ERROR(KeepFile(loop, unit, written, PlainForm(written), bytes));
    return WriteFlow(loop, unit, written, State::kReleased, {});
  }));
  flow = std::move(written);
  loop.Failpoint("payment_order.after_generated");
  return Stepped{true};
}

absl::StatusOr<Stepped> Arrive(Loop& loop, Flow& flow, const std::string& why) {
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    Flow copy = flow;
    KONTOR_RETURN_IF_ERROR(CloseCase(loop, unit, copy, "the bank has the file"));
    KONTOR_RETURN_IF_ERROR(EnterSubmitted(loop, unit, copy, why));
    return WriteFlow(loop, unit, copy, State::kSubmitted, {"submitted"});
  }));
  loop.Failpoint("payment_order.after_submitted");
  return Stepped{true};
}

/// Everything but the send.
absl::StatusOr<Stepped> StayInShadow(Loop& loop, Flow& flow) {
  flow.body.submission = Submission::kShadowed;
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    Flow copy = flow;
    KONTOR_RETURN_IF_ERROR(WriteFlow(loop, unit, copy, State::kReleased, {"shadowed"}));
    return ReleaseKeys(unit, copy);
  }));
  return Stepped{};
}

constexpr int kQuietAttempts = 3;

/// What no other way mends: these bytes are wrong, or something has their name already.
bool IsAboutFile(const absl::Status& why) {
  return base::Is(why, Reason::kFileAltered) || base::Is(why, Reason::kChannelFileConflict);
}

/// No waiting mends it, though another channel may.
bool IsAboutKey(const absl::Status& why) { return base::Is(why, Reason::kOpenpgpKeyUnusable); }

/// What is told of it. A sealing has other bytes each time: one in the outbox that is not this one
/// may be that of a life which this store does not know of.
Finding FindingFor(const Flow& flow, const absl::Status& why) {
  Finding finding = model::FindingOf(why);
  const bool again = base::Is(why, Reason::kChannelFileConflict) && !flow.body.sealed.empty();
  if (!again) return finding;
  base::StrAppend(&finding.message,
                  " It may be this order's, sealed and handed over before kontor was restored: the "
                  "order goes on by itself once the bank has taken it, and nothing is sent again.");
  return finding;
}

/// Whether the order may go by its other channel: it is proven each time that it did not go by the
/// first, it was never in doubt, and the other one is live.
absl::StatusOr<bool> MayFallBack(Loop& loop, const Flow& flow, const absl::Status& why) {
  const bool open = !flow.body.fallback_channel.empty() && flow.body.first_channel.empty() &&
                    !flow.body.doubted && flow.body.attempts >= kQuietAttempts;
  if (!open || IsAboutFile(why)) return false;
  const auto other = loop.ChannelByName(flow.body.fallback_channel);
  if (base::Is(other.status(), Reason::kChannelUnknown)) return false;
  KONTOR_RETURN_IF_ERROR(other.status());
  return other->state == model::ChannelState::kLive;
}

/// The same file by the other channel, as it was approved; sealed again where that wants it.
absl::StatusOr<Stepped> FallBack(Loop& loop, Flow& flow, const absl::Status& why) {
  flow.body.first_channel = std::exchange(flow.body.channel, flow.body.fallback_channel);
  flow.body.attempts = 0;
  flow.row.due = loop.Now();
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    Flow copy = flow;
    KONTOR_RETURN_IF_ERROR(CloseCase(loop, unit, copy, "the order goes by its other channel"));
    KONTOR_RETURN_IF_ERROR(WriteFlow(loop, unit, copy, State::kReleased, {"rerouted"}));
    ports::AuditEntry audit = OwnAudit(loop, copy, "rerouted");
    audit.before = engine::DumpLine({{"channel", copy.body.first_channel}});
    audit.after = engine::DumpLine({{"channel", copy.body.channel}});
    audit.reason = StrCat("it was not handed over: ", base::InfoOf(why).reason);
    return unit.AppendAudit(std::move(audit));
  }));
  loop.Failpoint("payment_order.after_rerouted");
  return Stepped{true};
}

/// Known not to have been handed over: the same bytes again later; people hear of it in time.
absl::StatusOr<Stepped> NotHandedOver(Loop& loop, Flow& flow, const absl::Status& why) {
  flow.body.submission = Submission::kGenerated;
  RetryLater(loop, flow);
  KONTOR_ASSIGN_OR_RETURN(const bool falls_back, MayFallBack(loop, flow, why));
  if (falls_back) return FallBack(loop, flow, why);
  const bool tell = flow.body.attempts >= kQuietAttempts || IsAboutFile(why) || IsAboutKey(why);
  if (tell) return AskPerson(loop, flow, FindingFor(flow, why));
  KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kReleased));
  return Stepped{};
}

bool IsKnownNotSent(const absl::Status& status) {
  return status.code() == absl::StatusCode::kFailedPrecondition ||
         status.code() == absl::StatusCode::kInvalidArgument ||
         status.code() == absl::StatusCode::kPermissionDenied;
}

absl::StatusOr<Stepped> Seal(Loop& loop, Flow& flow, ports::BankChannel& channel) {
  const absl::Status sealed = SealForChannel(loop, flow, channel);
  if (sealed.ok()) return Stepped{true};
  // The store's troubles are the loop's; what stands in the way of sealing is the order's.
  if (IsKnownNotSent(sealed)) return NotHandedOver(loop, flow, sealed);
  return sealed;
}

absl::StatusOr<Stepped> Send(Loop& loop, Flow& flow, const KeptForm& form,
                             ports::BankChannel& channel) {
  const auto bytes = ReadKept(loop, form);
  if (!bytes.ok()) return NotHandedOver(loop, flow, bytes.status());
  // Renewed, so that it outlasts the hand-over: no other node looks for a file on its way.
  if (!loop.lease.Hold()) {
    return Error(Reason::kLeaseLost).Says("another node hands the order's file over");
  }
  flow.body.submission = Submission::kSending;
  flow.body.sending_since = base::FormatInstant(loop.Now());
  flow.body.sent_name = form.file.name;
  flow.body.sent_sha256 = form.file.sha256;
  // Found so after a crash, it is a file of unknown fate.
  flow.row.due = loop.Now() + loop.settings.find_interval;
  KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kReleased));
  loop.Failpoint("payment_order.after_marked");
  TextSource source(*bytes);
  const absl::Status sent = channel.Submit(form.file, source);
  loop.Failpoint("payment_order.after_sent");
  if (sent.ok()) return Arrive(loop, flow, "the channel took the file");
  loop.Log("payment_order.not_submitted",
           {{"subject", flow.row.id}, {"reason", base::InfoOf(sent).reason}});
  if (IsKnownNotSent(sent)) return NotHandedOver(loop, flow, sent);
  flow.body.submission = Submission::kUnknown;
  flow.body.doubted = true;
  flow.row.due = loop.Now() + loop.settings.find_interval;
  KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kReleased, {"unknown"}));
  return Stepped{};
}

bool IsThere(FilePlace place) { return place == FilePlace::kOutbox || place == FilePlace::kTaken; }

/// Where a channel proves that the file is, in whichever form.
struct Sight {
  FilePlace place = FilePlace::kUnknown;
  ports::OutgoingFile file;  ///< The form that was seen; of no meaning when none was.
};

/// Unknown where the channel cannot see it. Nowhere only when that is proven of each form.
Sight LookFor(Loop& loop, const Flow& flow, const std::string& name, ports::BankChannel& channel) {
  Sight sight;
  if (!channel.capabilities().sees_outbox) return sight;
  bool nowhere = true;
  for (const ports::OutgoingFile& form : FormsOf(flow, name, channel)) {
    const auto place = channel.Find(form);
    if (!place.ok()) {
      loop.Log("payment_order.not_found_out",
               {{"subject", flow.row.id}, {"reason", base::InfoOf(place.status()).reason}});
    }
    if (place.ok() && IsThere(*place)) return {*place, form};
    nowhere = nowhere && place.ok() && *place == FilePlace::kNowhere;
  }
  if (nowhere) sight.place = FilePlace::kNowhere;
  return sight;
}

/// What was seen is what was handed over. Of a file that was taken only the name is known, unless
/// it is the one that this store had on its way.
void NoteSeen(Flow& flow, const Sight& sight) {
  const bool known = sight.place == FilePlace::kOutbox ||
                     sight.file.sha256 == flow.body.sent_sha256 ||
                     sight.file.name == flow.body.file_name;
  flow.body.sent_name = sight.file.name;
  flow.body.sent_sha256 = known ? sight.file.sha256 : "";
}

/// Whether the file went by the order's other channel in a life that this store does not know of;
/// then that is its channel.
absl::StatusOr<bool> IsByOtherWay(Loop& loop, Flow& flow) {
  const std::string& other =
      flow.body.first_channel.empty() ? flow.body.fallback_channel : flow.body.first_channel;
  if (other.empty()) return false;
  const auto channel = loop.ChannelByName(other);
  if (base::Is(channel.status(), Reason::kChannelUnknown)) return false;
  KONTOR_RETURN_IF_ERROR(channel.status());
  const auto adapter = loop.AdapterOf(*channel);
  if (!adapter.ok()) return false;
  const Sight sight = LookFor(loop, flow, other, **adapter);
  if (!IsThere(sight.place)) return false;
  NoteSeen(flow, sight);
  const bool back = !flow.body.first_channel.empty();
  flow.body.first_channel = back ? "" : flow.body.channel;
  flow.body.channel = channel->name;
  return true;
}

absl::StatusOr<Stepped> FindOut(Loop& loop, Flow& flow, ports::BankChannel& channel) {
  flow.body.submission = Submission::kUnknown;
  flow.body.doubted = true;
  const Sight sight = LookFor(loop, flow, flow.body.channel, channel);
  switch (sight.place) {
    case FilePlace::kOutbox:
    case FilePlace::kTaken:
      NoteSeen(flow, sight);
      return Arrive(loop, flow, "the channel shows that the file is there");
    case FilePlace::kNowhere:
      flow.body.submission = Submission::kGenerated;
      flow.row.due = loop.Now();
      KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kReleased));
      return Stepped{true};
    case FilePlace::kAltered:
    case FilePlace::kUnknown: break;
  }
  flow.row.due = loop.Now() + loop.settings.find_interval;
  const auto since = base::ParseInstant(flow.body.sending_since);
  if (since.ok() && loop.Now() - *since < loop.settings.find_patience) {
    KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kReleased));
    return Stepped{};
  }
  return AskPerson(loop, flow,
                   MakeFinding(Reason::kBankOutcomeUnknown, "file",
                               StrCat("Whether the bank has the file ", HandedOver(flow).name,
                                      " is not known, and it is not sent again before it is")));
}

}  // namespace

absl::Status EnterSubmitted(Loop& loop, ports::Unit& unit, Flow& flow, const std::string& why) {
  flow.body.submission = Submission::kSent;
  flow.body.attempts = 0;
  flow.body.words.clear();
  flow.body.submitted_at = base::FormatInstant(loop.Now());
  flow.row.due = loop.Now();
  flow.row.state = std::string(NameOf(State::kSubmitted));
  for (Line& line : flow.lines) {
    if (line.state == LineState::kCancelled) continue;
    flow.Touch(line).state = LineState::kSubmitted;
    KONTOR_RETURN_IF_ERROR(NotePaid(loop, unit, flow, line));
    KONTOR_RETURN_IF_ERROR(AppendLineEvent(loop, unit, flow, line, "submitted"));
  }
  if (flow.body.test) {
    // What left by the channel shows its keys too, where a check alone could not.
    for (const auto point : {banks::Point::kKeys, banks::Point::kTestPayment}) {
      KONTOR_RETURN_IF_ERROR(banks::ProveFor(unit, loop.deps.ids, flow.body.channel, point,
                                             {flow.row.id, "kontord", loop.Now()}));
    }
  }
  ports::AuditEntry audit = OwnAudit(loop, flow, "submitted");
  nlohmann::json after = {{"sha256", flow.body.file_sha256}};
  const ports::OutgoingFile handed = HandedOver(flow);
  if (handed.name != flow.body.file_name) {
    after["sealed_name"] = handed.name;
    after["sealed_sha256"] = handed.sha256;
  }
  audit.after = engine::DumpLine(after);
  audit.reason = why;
  return unit.AppendAudit(std::move(audit));
}

absl::StatusOr<Stepped> Submit(Loop& loop, Flow& flow) {
  KONTOR_ASSIGN_OR_RETURN(const std::string suspended, loop.SuspensionOf(flow.row.entity));
  KONTOR_ASSIGN_OR_RETURN(const auto channel, loop.ChannelByName(flow.body.channel));
  if (!suspended.empty() || channel.state == model::ChannelState::kPaused) {
    LookAgain(loop, flow);
    KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kReleased));
    return Stepped{};
  }
  if (flow.body.submission == Submission::kNone) return Generate(loop, flow);
  KONTOR_ASSIGN_OR_RETURN(const engine::Entity entity, loop.deps.engine.GetEntity(flow.row.entity));
  KONTOR_ASSIGN_OR_RETURN(const engine::Connection connection,
                          loop.deps.engine.GetConnection(entity.connection));
  const bool shadow = channel.state == model::ChannelState::kShadow ||
                      entity.mode == engine::Mode::kShadow ||
                      connection.mode == engine::Mode::kShadow;
  if (flow.body.submission == Submission::kGenerated && shadow) return StayInShadow(loop, flow);
  if (flow.body.submission == Submission::kGenerated) {
    KONTOR_ASSIGN_OR_RETURN(const std::optional<Finding> closed, TestOf(loop, flow, channel));
    if (closed) {
      LookAgain(loop, flow);
      return AskPerson(loop, flow, *closed);
    }
  }
  KONTOR_ASSIGN_OR_RETURN(const auto adapter, loop.AdapterOf(channel));
  if (flow.body.submission != Submission::kGenerated) return FindOut(loop, flow, *adapter);
  // A store that is older than the bank's outbox must not send again what is there.
  const Sight sight = LookFor(loop, flow, flow.body.channel, *adapter);
  if (IsThere(sight.place)) {
    NoteSeen(flow, sight);
    return Arrive(loop, flow, "the channel shows that the file is there");
  }
  KONTOR_ASSIGN_OR_RETURN(const bool by_other, IsByOtherWay(loop, flow));
  if (by_other) return Arrive(loop, flow, "the other channel shows that the file is there");
  const auto form = FormToSend(flow, *adapter);
  return form ? Send(loop, flow, *form, *adapter) : Seal(loop, flow, *adapter);
}

}  // namespace kontor::payment_orders
