// SPDX-License-Identifier: Apache-2.0
// A bank that has not taken, answered or booked an order in time: people ask it, by ids that it
// knows. Nothing is ever sent again because of it.
#include <algorithm>

#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {
namespace {

using ports::FilePlace;

bool IsUnanswered(const Line& line) { return line.state == LineState::kSubmitted; }

bool IsUnbooked(const Line& line) {
  return line.state == LineState::kSubmitted || line.state == LineState::kAcknowledged ||
         line.state == LineState::kAccepted;
}

/// Rows of older versions do not say when they were handed over; their last change is later.
absl::Time SubmittedAt(const Flow& flow) {
  const auto time = base::ParseInstant(flow.body.submitted_at);
  return time.ok() ? *time : flow.row.updated;
}

/// Never, where the channel's bank need not answer.
absl::Time AnswerDue(const Flow& flow, const model::Channel& channel) {
  if (channel.answer_within == absl::ZeroDuration()) return absl::InfiniteFuture();
  return SubmittedAt(flow) + channel.answer_within;
}

std::string FileWords(const Flow& flow) {
  return StrCat("the file ", HandedOver(flow).name, ", message id ", flow.body.message_id);
}

/// End-to-end ids, so that the bank can be asked by them.
std::string IdsOf(const std::vector<const Line*>& lines) {
  constexpr size_t kNamedMax = 10;
  std::vector<std::string> ids;
  for (const Line* line : lines) {
    if (ids.size() < kNamedMax) ids.push_back(line->transfer.end_to_end_id);
  }
  const size_t more = lines.size() - ids.size();
  return StrCat(base::StrJoin(ids, ", "), more > 0 ? StrCat(" and ", more, " more") : "");
}

std::vector<const Line*> LinesThat(const Flow& flow, bool (*test)(const Line&)) {
  std::vector<const Line*> lines;
  for (const Line* line : LiveLines(flow)) {
    if (test(*line)) lines.push_back(line);
  }
  return lines;
}

/// Where the outbox shows the file now; what it showed before as long as it cannot be looked at.
std::string PlaceNow(Loop& loop, const Flow& flow, const std::string& name,
                     ports::BankChannel& channel) {
  const auto place = channel.Find(HandedOver(flow));
  if (!place.ok()) {
    loop.Log("payment_order.outbox_not_seen",
             {{"subject", flow.row.id}, {"reason", base::InfoOf(place.status()).reason}});
    loop.RestFromLooking(name);
    return flow.body.place;
  }
  switch (*place) {
    case FilePlace::kOutbox: return kInOutbox;
    case FilePlace::kTaken: return kTakenAway;
    case FilePlace::kNowhere:
    case FilePlace::kAltered: return kGone;
    case FilePlace::kUnknown: break;
  }
  return flow.body.place;
}

/// Looks at the outbox now and then, until the bank has taken the file.
absl::Status LookAtOutbox(Loop& loop, Flow& flow, const model::Channel& channel, Late& late) {
  if (flow.body.place == kTakenAway) return absl::OkStatus();
  // A paused channel is not touched.
  if (channel.state == model::ChannelState::kPaused) return absl::OkStatus();
  const auto adapter = loop.AdapterOf(channel);
  if (!adapter.ok() || !(*adapter)->capabilities().sees_outbox) return absl::OkStatus();
  const auto last = base::ParseInstant(flow.body.looked_at);
  absl::Time next = last.ok() ? *last + loop.settings.outbox_interval : loop.Now();
  // What is said of the bank once its time is over is as it stands then.
  const absl::Time end = AnswerDue(flow, channel);
  const bool judged_anew = end <= loop.Now() && last.ok() && *last < end;
  if ((next <= loop.Now() || judged_anew) && loop.MayLook(channel.name)) {
    flow.body.place = PlaceNow(loop, flow, channel.name, **adapter);
    flow.body.looked_at = base::FormatInstant(loop.Now());
    next = loop.Now() + loop.settings.outbox_interval;
  }
  next = std::max(next, loop.Now() + loop.settings.look_interval);
  if (flow.body.place != kTakenAway) late.next = std::min(late.next, next);
  return absl::OkStatus();
}

Finding SilentFinding(const Flow& flow, size_t count) {
  if (flow.body.place == kInOutbox) {
    return MakeFinding(Reason::kFileNotCollected, "file",
                       StrCat("The bank has not taken ", FileWords(flow),
                              ", out of the outbox since ", flow.body.submitted_at));
  }
  return MakeFinding(Reason::kBankSilent, "file",
                     StrCat("The bank has said nothing of ",
                            count == 1 ? "one payment" : StrCat(count, " payments"), " of ",
                            FileWords(flow), ", since ", flow.body.submitted_at,
                            flow.body.place == kTakenAway ? "; it has taken the file" : ""));
}

void JudgeAnswers(Loop& loop, const Flow& flow, const model::Channel& channel, size_t unanswered,
                  Late& late) {
  if (flow.body.place == kGone) {
    late.findings.push_back(MakeFinding(
        Reason::kFileGone, "file",
        StrCat("The outbox does not show ", FileWords(flow),
               ", as it was handed over, and nothing shows that the bank has taken it")));
    return;
  }
  const absl::Time end = AnswerDue(flow, channel);
  if (loop.Now() < end) {
    late.next = std::min(late.next, end);
  } else {
    late.findings.push_back(SilentFinding(flow, unanswered));
  }
}

absl::Status JudgeBookings(Loop& loop, const Flow& flow, const model::Channel& channel,
                           const std::vector<const Line*>& unbooked, Late& late) {
  if (unbooked.empty() || channel.settle_within == absl::ZeroDuration()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(const model::Date day, model::Date::Parse(flow.body.day));
  KONTOR_ASSIGN_OR_RETURN(const absl::Time day_end, model::EndOfDay(channel, day));
  const absl::Time end = day_end + channel.settle_within;
  if (loop.Now() < end) {
    late.next = std::min(late.next, end);
    return absl::OkStatus();
  }
  late.findings.push_back(MakeFinding(
      Reason::kBookingOverdue, "payments",
      StrCat("The bank was to execute on ", flow.body.day, " and has not booked, of message id ",
             flow.body.message_id, ": ", IdsOf(unbooked))));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Late> LateAnswers(Loop& loop, Flow& flow) {
  Late late;
  for (const Line& line : flow.lines) {
    if (line.undo_trouble.empty()) continue;
    late.findings.push_back(MakeFinding(Reason::kOdooRefused, FieldOf(line),
                                        StrCat("Odoo's payment ", line.payment_name,
                                               " is to be cancelled, for the bank did not pay, and "
                                               "cannot be: ",
                                               line.undo_trouble)));
  }
  if (flow.body.submission != Submission::kSent) return late;
  const auto unanswered = LinesThat(flow, IsUnanswered);
  const auto unbooked = LinesThat(flow, IsUnbooked);
  if (unbooked.empty()) return late;
  KONTOR_ASSIGN_OR_RETURN(const auto channel, loop.ChannelByName(flow.body.channel));
  if (!unanswered.empty()) {
    KONTOR_RETURN_IF_ERROR(LookAtOutbox(loop, flow, channel, late));
    JudgeAnswers(loop, flow, channel, unanswered.size(), late);
  }
  KONTOR_RETURN_IF_ERROR(JudgeBookings(loop, flow, channel, unbooked, late));
  const bool of_odoo = std::ranges::any_of(
      unbooked, [](const Line* line) { return line->odoo_payment_id > 0; });
  if (!of_odoo) return late;
  for (Finding& finding : GoneInOdoo(loop, flow, unbooked)) {
    late.findings.push_back(std::move(finding));
  }
  late.next = std::min(late.next, loop.Now() + loop.settings.payments_interval);
  return late;
}

}  // namespace kontor::payment_orders
