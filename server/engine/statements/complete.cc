// SPDX-License-Identifier: Apache-2.0
// After a statement's last line: what its balances say, whether one is missing before it, and what
// becomes of the lines that a second version no longer has.
#include <algorithm>

#include "server/base/ids.h"
#include "server/engine/banks/onboarding.h"
#include "server/engine/banks/rows.h"
#include "server/engine/statements/internal/loop.h"

namespace kontor::statements {
namespace {

using base::Reason;
using base::StrCat;
using model::StatementKind;

constexpr int kLinesAPage = 500;
constexpr size_t kNamedMax = 5;

bool IsEndOfDay(const Body& body) { return body.kind == NameOf(StatementKind::kEndOfDay); }

/// A report within the day: the newest one's balance and what it says is pending.
absl::Status TakeIntraday(AccountState& state, const Body& body, const std::string& at) {
  if (const auto currency = model::Currency::Parse(body.currency); currency.ok()) {
    KONTOR_ASSIGN_OR_RETURN(const base::Decimal sum, base::Decimal::Parse(body.pending_sum));
    KONTOR_ASSIGN_OR_RETURN(state.pending, model::Money::FromDecimal(*currency, sum));
  }
  // What the proof closed with, else what the bank calls the balance of the moment.
  for (const std::string_view type : {"CLOSING", "INTERIM_BOOKED", "CLOSING_BOOKED"}) {
    const auto found = std::ranges::find(body.balances, type, &Balanced::type);
    if (found == body.balances.end()) continue;
    const std::string& day = found->date.empty() ? body.date : found->date;
    if (day < state.intraday_date) return absl::OkStatus();
    state.intraday = found->amount;
    state.intraday_date = day;
    state.intraday_time = found->time;
    state.intraday_at = at;
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

/// Money that the overlapping statement brings must be what the account grew by.
absl::StatusOr<bool> AddsUp(const AccountState& before, const Place& place, const Body& body) {
  if (!place.closing || !before.booked) return true;
  KONTOR_ASSIGN_OR_RETURN(const base::Decimal fresh, base::Decimal::Parse(body.new_sum));
  if (place.date < before.booked_date) return fresh.IsZero();
  if (place.closing->currency() != before.booked->currency()) return false;
  KONTOR_ASSIGN_OR_RETURN(const model::Money grown, place.closing->Subtract(*before.booked));
  return grown.ToDecimal() == fresh;
}

void FindGap(Flow& flow) {
  flow.body.findings.push_back(model::MakeFinding(
      Reason::kStatementGap, "statement",
      StrCat("A statement is missing before this one. ", flow.body.decisions.back())));
}

void FindOverlap(Flow& flow) {
  flow.body.findings.push_back(
      model::MakeFinding(Reason::kStatementOverlap, "statement",
                         StrCat("It repeats ", flow.body.repeated,
                                " lines that are here and brings ", flow.body.stored, " more, of ",
                                flow.body.new_sum, " in all, which its balances do not explain.")));
}

bool IsGap(const model::Finding& finding) {
  return finding.reason == base::EntryOf(Reason::kStatementGap).name;
}

absl::Status CloseGapOf(Loop& loop, ports::Unit& unit, const std::string& id,
                        const std::string& by) {
  KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindFlow(id));
  if (!row) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(Flow flow, FlowOf(*std::move(row)));
  std::erase_if(flow.body.findings, IsGap);
  Decide(flow.body, StrCat("The statement that was missing before it came: ", by, "."));
  if (model::HasErrors(flow.body.findings) && !flow.body.exception_id.empty()) {
    // It closes nothing but the gap: what else was found is still for people.
    KONTOR_RETURN_IF_ERROR(PutCase(loop, unit, flow));
  } else {
    KONTOR_RETURN_IF_ERROR(engine::CloseFlowCase(loop.Desk(), unit, flow.body.correlation_id,
                                                 "the missing statement came",
                                                 &flow.body.exception_id));
  }
  return WriteFlow(loop, unit, flow, flow.state());
}

absl::Status TakeBalances(Loop& loop, ports::Unit& unit, Flow& flow, const Surveyed& surveyed) {
  KONTOR_ASSIGN_OR_RETURN(const auto known, FindState(unit, flow.body.account_id));
  AccountState state = known.value_or(AccountState());
  const AccountState before = state;
  const Place place = PlaceOf(flow.body, surveyed.first_day);
  const std::string now = base::FormatInstant(loop.Now());
  if (IsEndOfDay(flow.body)) {
    Placed placed;
    placed.standing = flow.body.standing;
    if (flow.body.standing != Standing::kReissued) placed = PlaceStatement(state, place);
    // What was pending before the day's end is in it, or comes again.
    if (state.pending.currency() == before.pending.currency() &&
        flow.body.date >= state.intraday_date) {
      state.pending = model::Money(state.pending.currency(), 0);
    }
    const auto closed = TakeStatement(state, place, placed, flow.row.id, now);
    for (const std::string& id : closed) {
      if (id == flow.row.id) continue;
      KONTOR_RETURN_IF_ERROR(CloseGapOf(loop, unit, id, flow.row.id));
    }
    const bool gap = placed.standing == Standing::kAfterGap ||
                     (!state.gaps.empty() && placed.standing == Standing::kFillsGap &&
                      std::ranges::any_of(state.gaps, [&](const Gap& open) {
                        return open.before == flow.row.id;
                      }));
    if (gap) FindGap(flow);
    if (flow.body.standing == Standing::kOverlap) {
      KONTOR_ASSIGN_OR_RETURN(const bool adds_up, AddsUp(before, place, flow.body));
      if (!adds_up) FindOverlap(flow);
    }
  } else if (flow.body.kind == NameOf(StatementKind::kIntraday)) {
    KONTOR_RETURN_IF_ERROR(TakeIntraday(state, flow.body, now));
  }
  if (known && ToJson(state) == ToJson(before)) return absl::OkStatus();
  KONTOR_RETURN_IF_ERROR(PutState(loop, unit, flow.body.account_id, state));
  if (state.booked == before.booked && state.booked_date == before.booked_date &&
      state.intraday == before.intraday && state.intraday_at == before.intraday_at) {
    return absl::OkStatus();
  }
  const auto account = banks::FindAccount(unit, flow.body.account_id, "account");
  if (base::Is(account.status(), Reason::kOwnAccountUnknown)) return absl::OkStatus();
  KONTOR_RETURN_IF_ERROR(account.status());
  return AppendBalance(loop, unit, *account, state, flow.body.correlation_id);
}

/// A statement that proves itself and came by a channel is a point of that channel's onboarding.
absl::Status NoteWay(Loop& loop, ports::Unit& unit, const Flow& flow) {
  const bool proven = flow.body.verdict == NameOf(model::StatementProof::Verdict::kProven) &&
                      !flow.body.account_id.empty();
  if (!proven) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindFlow(flow.body.file_id));
  if (!row) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(const FileFlow file, FileFlowOf(*std::move(row)));
  const bool came = file.body.actor == kSelf && file.body.channel == flow.row.group;
  if (!came || file.body.channel.empty()) return absl::OkStatus();
  return banks::ProveFor(unit, loop.deps.ids, file.body.channel, banks::Point::kStatement,
                         {flow.row.id, kSelf, loop.Now()});
}

}  // namespace

absl::Status CompleteStatement(Loop& loop, ports::Unit& unit, Flow& flow,
                               const Surveyed& surveyed) {
  KONTOR_RETURN_IF_ERROR(TakeBalances(loop, unit, flow, surveyed));
  if (model::HasErrors(flow.body.findings)) KONTOR_RETURN_IF_ERROR(PutCase(loop, unit, flow));
  if (std::ranges::any_of(flow.body.findings, IsGap)) {
    KONTOR_RETURN_IF_ERROR(AppendEvent(loop, unit, flow, "statement.gap_detected"));
  }
  if (flow.body.repeated > 0) {
    Decide(flow.body,
           StrCat(flow.body.repeated, " of its lines were here already and stand once."));
  }
  KONTOR_RETURN_IF_ERROR(NoteWay(loop, unit, flow));
  flow.row.due = loop.Now();
  KONTOR_RETURN_IF_ERROR(WriteFlow(loop, unit, flow, State::kImported));
  return AppendEvent(loop, unit, flow, "statement.imported");
}

absl::Status RevokeMissing(Loop& loop, Flow& flow, const std::set<std::string>& keys) {
  KONTOR_ASSIGN_OR_RETURN(Flow former, LoadFlow(loop, flow.body.replaces));
  std::vector<ports::FlowLineRow> gone;
  std::vector<Line> lines;
  std::vector<std::string> in_odoo;
  for (int64_t after = 0;;) {
    std::vector<ports::FlowLineRow> rows;
    KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(rows, view.FlowLines(former.row.id, after, kLinesAPage));
      return absl::OkStatus();
    }));
    if (rows.empty()) break;
    after = rows.back().number;
    for (ports::FlowLineRow& row : rows) {
      KONTOR_ASSIGN_OR_RETURN(Line line, LineOf(row.body));
      if (keys.contains(line.key)) continue;
      if (line.odoo.id > 0) in_odoo.push_back(line.odoo.name);
      if (row.state == kRevoked) continue;  // an earlier try took it back
      gone.push_back(std::move(row));
      lines.push_back(std::move(line));
    }
  }
  for (size_t i = 0; i < gone.size(); ++i) {
    if (loop.deps.settlement == nullptr || lines[i].payment_order_ids.empty()) continue;
    model::OwnAccount account;
    account.iban = former.body.account_number;
    ports::Booking booking =
        BookingOf(former, lines[i], lines[i].payments.empty() ? Payment() : lines[i].payments[0],
                  account, lines[i].key);
    KONTOR_RETURN_IF_ERROR(loop.deps.settlement->OnBookingRevoked(booking));
  }
  if (!in_odoo.empty()) {
    const size_t count = in_odoo.size();
    if (in_odoo.size() > kNamedMax) in_odoo.resize(kNamedMax);
    flow.body.findings.push_back(
        model::MakeFinding(Reason::kStatementOverlap, "statement",
                           StrCat("The bank issued the statement again without ", count,
                                  " lines that stand in Odoo: ", base::StrJoin(in_odoo, ", "))));
  }
  return loop.Commit([&](ports::Unit& unit) -> absl::Status {
    for (size_t i = 0; i < gone.size(); ++i) {
      ports::FlowLineRow row = gone[i];
      row.state = kRevoked;
      Line line = lines[i];
      line.explanation = StrCat("The bank took it back: ", flow.row.id, " does not have it.");
      row.body = ToJson(line);
      KONTOR_RETURN_IF_ERROR(unit.UpdateFlowLine(row));
    }
    KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindFlow(former.row.id));
    if (!row) return absl::OkStatus();
    KONTOR_ASSIGN_OR_RETURN(Flow now, FlowOf(*std::move(row)));
    Decide(now.body, StrCat("The bank issued it again, as ", flow.row.id, "."));
    // One that is still on its way goes on: lines that both have stand with it.
    const bool over = now.state() == State::kPosted || now.state() == State::kViewed;
    return WriteFlow(loop, unit, now, over ? State::kSuperseded : now.state());
  });
}

}  // namespace kontor::statements
