// SPDX-License-Identifier: Apache-2.0
// What is late has a case of its own beside that of what stands in the way: each lateness is told
// once, and the case ends by itself when what was waited for comes. Here: decisions of persons
// before the bank's cut-off; silence.cc has the bank's answers.
#include <algorithm>

#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {
namespace {

constexpr char kAt[] = "#";  ///< Between a reason and its field, of what is late after the release.
constexpr char kReminder[] = "reminder";
constexpr char kEscalated[] = "escalated";
constexpr char kCutOffMissed[] = "cut_off_missed";

/// None for texts that are empty.
std::optional<absl::Time> InstantIn(const std::string& text) {
  const auto time = base::ParseInstant(text);
  return time.ok() ? std::optional(*time) : std::nullopt;
}

bool IsOver(const Loop& loop, const std::string& text) {
  const auto time = InstantIn(text);
  return time && *time <= loop.Now();
}

bool WaitsForPersons(const Flow& flow) {
  return flow.state() == State::kAwaitingApproval || flow.state() == State::kApproved;
}

/// Of one content: another digest is another order to decide on.
std::string KeyOf(const Flow& flow, std::string_view what) {
  return StrCat(what, "@", flow.body.digest);
}

bool WasTold(const Flow& flow, const std::string& key) {
  return std::ranges::find(flow.body.told, key) != flow.body.told.end();
}

/// What was told of other contents is of no use any more.
void NoteTold(Flow& flow, const std::string& key) {
  const std::string own = StrCat("@", flow.body.digest);
  std::erase_if(flow.body.told, [&](const std::string& told) {
    return told.find('@') != std::string::npos && !told.ends_with(own);
  });
  if (!WasTold(flow, key)) flow.body.told.push_back(key);
}

/// The event that is due now; empty: none.
std::string EventDue(const Loop& loop, const Flow& flow) {
  if (!WaitsForPersons(flow)) return "";
  if (IsOver(loop, flow.body.cut_off)) {
    return WasTold(flow, KeyOf(flow, kCutOffMissed)) ? "" : kCutOffMissed;
  }
  if (IsOver(loop, flow.body.escalate_at)) {
    return WasTold(flow, KeyOf(flow, kEscalated)) ? "" : kEscalated;
  }
  const bool remind = IsOver(loop, flow.body.remind_at) && !WasTold(flow, KeyOf(flow, kReminder));
  return remind ? kReminder : "";
}

/// The newest missed cut-off is the one that is told.
void NoteMissed(Flow& flow) {
  std::erase(flow.body.told, flow.body.missed);
  flow.body.missed =
      StrCat("The order was to be executed on ", flow.body.day, "; it still waited for ",
             flow.state() == State::kApproved ? "its release" : "approvals",
             " at the bank's cut-off, ", flow.body.cut_off);
}

/// What a lateness is told under. A missed cut-off is one whatever the order's content becomes.
std::string KeyOf(const Flow& flow, const Finding& finding) {
  if (finding.reason == base::EntryOf(Reason::kCutOffPassed).name) return flow.body.missed;
  if (IsBeforeRelease(flow.state())) return KeyOf(flow, finding.reason);
  return StrCat(finding.reason, kAt, finding.field);
}

/// After the release what has ended may come again, and is told again then.
void ForgetEnded(Flow& flow, const std::vector<Finding>& now) {
  if (IsBeforeRelease(flow.state())) return;
  std::erase_if(flow.body.told, [&](const std::string& told) {
    return told.find(kAt) != std::string::npos &&
           std::ranges::none_of(
               now, [&](const Finding& finding) { return KeyOf(flow, finding) == told; });
  });
}

absl::StatusOr<std::vector<Finding>> LateDecisions(Loop& loop, ports::ReadView& view,
                                                   const Flow& flow) {
  std::vector<Finding> findings;
  if (!flow.body.missed.empty()) {
    findings.push_back(MakeFinding(Reason::kCutOffPassed, "execution_date",
                                   StrCat(flow.body.missed,
                                          ". It goes out on the next possible day, once it is "
                                          "approved and released again")));
  }
  const bool late = WaitsForPersons(flow) && IsOver(loop, flow.body.escalate_at) &&
                    !IsOver(loop, flow.body.cut_off);
  if (!late) return findings;
  KONTOR_ASSIGN_OR_RETURN(const std::string who, WhoCanAct(loop, view, flow));
  const int missing = flow.body.approvals_needed - CountApprovals(flow);
  const std::string what = flow.state() == State::kApproved ? std::string("its release")
                           : missing == 1                   ? std::string("one approval")
                                                            : StrCat(missing, " approvals");
  findings.push_back(
      MakeFinding(Reason::kDecisionLate, "",
                  StrCat("The order waits for ", what, ", and the bank's cut-off for ",
                         flow.body.day, " is ", flow.body.cut_off, ". Who can act: ", who)));
  return findings;
}

/// Whether a person has decided the case meanwhile: it is not opened again for the same.
absl::StatusOr<bool> IsDecided(ports::ReadView& view, const std::string& exception_id) {
  if (exception_id.empty()) return false;
  KONTOR_ASSIGN_OR_RETURN(const auto found, view.FindException(exception_id));
  return !found || found->state == model::ExceptionState::kResolved;
}

}  // namespace

absl::Status PutLate(Loop& loop, ports::Unit& unit, Flow& flow, const Late& late, bool* opened) {
  *opened = false;
  ForgetEnded(flow, late.findings);
  if (late.findings.empty()) return CloseLate(loop, unit, flow, "what was waited for has come");
  bool fresh = false;
  for (const Finding& finding : late.findings) {
    const std::string key = KeyOf(flow, finding);
    fresh = fresh || !WasTold(flow, key);
    NoteTold(flow, key);
  }
  KONTOR_ASSIGN_OR_RETURN(const bool decided, IsDecided(unit, flow.body.late_case));
  if (decided) flow.body.late_case.clear();
  flow.body.late.clear();
  if (flow.body.late_case.empty() && !fresh) return absl::OkStatus();  // a person took note
  *opened = flow.body.late_case.empty();
  flow.body.late = late.findings;
  engine::FlowCase flow_case;
  flow_case.subject = flow.row.id;
  flow_case.entity = flow.row.entity;
  flow_case.correlation_id = flow.body.correlation_id;
  flow_case.findings = late.findings;
  flow_case.actions = {{model::Resolution::kRetry,
                        "Takes note of it; the order stays as it is, and the case does not come "
                        "again for the same.",
                        false}};
  return engine::PutFlowCase(loop.Desk(), unit, std::move(flow_case), &flow.body.late_case);
}

absl::Status CloseLate(Loop& loop, ports::Unit& unit, Flow& flow, std::string_view why) {
  flow.body.late.clear();
  if (flow.body.late_case.empty()) return absl::OkStatus();
  return engine::CloseFlowCase(loop.Desk(), unit, flow.body.correlation_id, why,
                               &flow.body.late_case);
}

absl::Status TellTime(Loop& loop, Flow& flow) {
  const std::string event = EventDue(loop, flow);
  if (event == kCutOffMissed) NoteMissed(flow);
  Late late;
  bool decided = false;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(late.findings, LateDecisions(loop, view, flow));
    KONTOR_ASSIGN_OR_RETURN(decided, IsDecided(view, flow.body.late_case));
    return absl::OkStatus();
  }));
  const bool open = !flow.body.late_case.empty();
  if (event.empty() && !decided && (!open || late.findings == flow.body.late)) {
    return absl::OkStatus();
  }
  Flow written;
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    written = flow;
    std::vector<std::string> events;
    if (!event.empty()) {
      events.push_back(event);
      NoteTold(written, KeyOf(written, event));
      // Who hears that it is urgent, or too late, need not hear that it will be.
      if (event != kReminder) NoteTold(written, KeyOf(written, kReminder));
      if (event == kCutOffMissed) NoteTold(written, KeyOf(written, kEscalated));
    }
    bool opened = false;
    KONTOR_RETURN_IF_ERROR(PutLate(loop, unit, written, late, &opened));
    return WriteFlow(loop, unit, written, written.state(), events);
  }));
  flow = std::move(written);
  return absl::OkStatus();
}

absl::Status TellMissed(Loop& loop, ports::Unit& unit, Flow& flow,
                        std::vector<std::string>* events) {
  if (EventDue(loop, flow) != kCutOffMissed) return absl::OkStatus();
  NoteMissed(flow);
  NoteTold(flow, KeyOf(flow, kCutOffMissed));
  events->emplace_back(kCutOffMissed);
  Late late;
  KONTOR_ASSIGN_OR_RETURN(late.findings, LateDecisions(loop, unit, flow));
  bool opened = false;
  return PutLate(loop, unit, flow, late, &opened);
}

absl::Time NextLook(const Loop& loop, const Flow& flow) {
  absl::Time next = loop.Now() + loop.settings.watch_interval;
  const std::pair<const std::string*, const char*> times[] = {{&flow.body.remind_at, kReminder},
                                                              {&flow.body.escalate_at, kEscalated},
                                                              {&flow.body.cut_off, kCutOffMissed}};
  for (const auto& [text, what] : times) {
    const auto time = InstantIn(*text);
    if (time && !WasTold(flow, KeyOf(flow, what))) next = std::min(next, *time);
  }
  return std::max(next, loop.Now());
}

}  // namespace kontor::payment_orders
