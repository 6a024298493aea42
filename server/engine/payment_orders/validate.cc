// SPDX-License-Identifier: Apache-2.0
// An order is brought up to date and judged: all findings at once, and a digest of what will be on
// the wire. What is wrong keeps it a draft, what is suspicious holds it.
#include <algorithm>

#include "server/engine/banks/onboarding.h"
#include "server/engine/payment_orders/internal/screen.h"
#include "server/model/payment_json.h"

namespace kontor::payment_orders {
namespace {

using model::PaymentOrder;

/// "batches[0].transfers[2].amount" as the payment that it is about; others stay.
std::string PaymentField(const Flow& flow, const PaymentOrder& order, const std::string& field) {
  size_t batch = 0;
  size_t transfer = 0;
  int used = 0;
  if (std::sscanf(field.c_str(), "batches[%zu].transfers[%zu]%n", &batch, &transfer, &used) != 2 ||
      used == 0 || batch >= order.batches.size() ||
      transfer >= order.batches[batch].transfers.size()) {
    return field;
  }
  const std::string& id = order.batches[batch].transfers[transfer].end_to_end_id;
  for (const Line& line : flow.lines) {
    if (line.transfer.end_to_end_id == id) {
      return StrCat(FieldOf(line), field.substr(static_cast<size_t>(used)));
    }
  }
  return field;
}

void Plainly(std::string& text) {
  if (std::string plain = model::PlainText(text); !plain.empty()) text = std::move(plain);
}

/// Names and texts in the characters that every bank takes.
void WritePlainly(model::CreditTransfer& transfer) {
  Plainly(transfer.creditor.name);
  Plainly(transfer.creditor.address.street);
  Plainly(transfer.creditor.address.town);
  Plainly(transfer.creditor.address.post_code);
  Plainly(transfer.creditor.agent.name);
  for (std::string& text : transfer.remittance.unstructured) Plainly(text);
}

/// What the bank would refuse. Characters that it does not take are written plainly first; the
/// approver sees the text that goes out.
absl::StatusOr<std::vector<Finding>> CheckWire(Loop& loop, Flow& flow,
                                               const model::OwnAccount& account) {
  KONTOR_ASSIGN_OR_RETURN(PaymentOrder order, WireOrderOf(flow, account));
  KONTOR_ASSIGN_OR_RETURN(std::vector<Finding> said,
                          loop.deps.codec.CheckOrder(flow.body.dialect, order));
  bool changed = false;
  for (const Finding& finding : said) {
    if (finding.reason != base::EntryOf(Reason::kCharacterRefused).name) continue;
    const auto number = NumberIn(PaymentField(flow, order, finding.field));
    Line* const line = number ? flow.FindLine(*number) : nullptr;
    if (line == nullptr) continue;
    WritePlainly(flow.Touch(*line).transfer);
    changed = true;
  }
  if (changed) {
    KONTOR_ASSIGN_OR_RETURN(order, WireOrderOf(flow, account));
    KONTOR_ASSIGN_OR_RETURN(said, loop.deps.codec.CheckOrder(flow.body.dialect, order));
  }
  for (Finding& finding : said) finding.field = PaymentField(flow, order, finding.field);
  return said;
}

/// Channels like that are refused today; this one is older.
void WarnOfBlindChannel(Loop& loop, const model::Channel& channel, std::vector<Finding>& findings) {
  const auto adapter = loop.AdapterOf(channel);
  if (!adapter.ok()) return;  // told when the file is to leave
  const ports::ChannelCapabilities& can = (*adapter)->capabilities();
  if (!can.has_outbox || can.sees_outbox) return;
  Finding finding =
      MakeFinding(Reason::kChannelInvalid, "account",
                  StrCat("The channel ", channel.name,
                         " has no folder `sent`: after a restore of "
                         "kontor nobody could tell whether this file was handed over"));
  finding.severity = model::Severity::kWarning;
  findings.push_back(std::move(finding));
}

/// Whether the channel lets such an order leave, and the other one could take it up.
absl::StatusOr<std::vector<Finding>> CheckWays(Loop& loop, const Flow& flow,
                                               const model::Channel& channel) {
  std::vector<Finding> findings;
  KONTOR_ASSIGN_OR_RETURN(const std::optional<Finding> closed, TestOf(loop, flow, channel));
  if (closed) findings.push_back(*closed);
  const std::string& other = flow.body.fallback_channel;
  if (other.empty()) return findings;
  if (other == channel.name) {
    findings.push_back(MakeFinding(Reason::kFieldConflict, "fallback_channel",
                                   StrCat("The route falls back on ", other,
                                          ", by which it goes in the first place")));
  } else if (const auto found = loop.ChannelByName(other); !found.ok()) {
    findings.push_back(model::FindingOf(found.status()));
  }
  return findings;
}

/// Account, channel, dialect and day.
absl::StatusOr<std::vector<Finding>> Place(Loop& loop, Flow& flow, const Routed& routed) {
  std::vector<Finding> findings;
  const auto account = loop.AccountByName(routed.account);
  if (!account.ok()) {
    findings.push_back(model::FindingOf(account.status()));
    return findings;
  }
  if (account->entity != flow.row.entity || account->disabled) {
    findings.push_back(MakeFinding(
        Reason::kOwnAccountUnknown, "account",
        account->disabled ? StrCat("The account ", account->name, " takes no new orders")
                          : StrCat("The account ", account->name, " is ", account->entity, "'s")));
  }
  if (account->currency.code() != flow.body.currency) {
    // Banks convert; that costs, and nobody should do it by mistake.
    Finding finding = MakeFinding(Reason::kFieldConflict, "currency_code",
                                  StrCat("The account is in ", account->currency.code(),
                                         ", the payments in ", flow.body.currency));
    finding.severity = model::Severity::kWarning;
    findings.push_back(std::move(finding));
  }
  flow.body.account = account->name;
  flow.body.channel = account->channel;
  flow.body.dialect = routed.dialect.empty() ? account->dialect : routed.dialect;
  if (flow.body.dialect.empty()) {
    findings.push_back(MakeFinding(Reason::kDialectInvalid, "account",
                                   StrCat("The account ", account->name, " has no dialect")));
  }
  flow.body.first_channel.clear();
  flow.body.fallback_channel = routed.fallback_channel;
  const auto channel = loop.ChannelByName(account->channel);
  if (!channel.ok()) {
    findings.push_back(model::FindingOf(channel.status()));
    return findings;
  }
  KONTOR_ASSIGN_OR_RETURN(std::vector<Finding> ways, CheckWays(loop, flow, *channel));
  findings.insert(findings.end(), ways.begin(), ways.end());
  model::Date wanted = model::Date::Of(loop.Now());
  for (const std::string* text : {&flow.body.asked_date, &flow.body.day}) {
    if (text->empty()) continue;
    KONTOR_ASSIGN_OR_RETURN(const model::Date day, model::Date::Parse(*text));
    wanted = std::max(wanted, day);
  }
  const std::string level = flow.body.batches.empty() ? "" : flow.body.batches[0].service_level;
  KONTOR_ASSIGN_OR_RETURN(
      const model::ExecutionDay day,
      model::ExecutionDayOf(*channel, level, flow.body.currency, wanted, loop.Now()));
  flow.body.day = day.day.ToString();
  flow.body.day_note = day.explanation;
  const auto before = [&](absl::Duration time) {
    const bool told = day.cut_off != absl::InfiniteFuture() && time > absl::ZeroDuration();
    return told ? base::FormatInstant(day.cut_off - time) : std::string();
  };
  flow.body.cut_off = day.cut_off == absl::InfiniteFuture() ? "" : base::FormatInstant(day.cut_off);
  flow.body.remind_at = before(channel->remind_before);
  flow.body.escalate_at = before(channel->escalate_before);
  WarnOfBlindChannel(loop, *channel, findings);
  return findings;
}

void Append(std::vector<Finding>& to, std::vector<Finding> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

absl::StatusOr<model::CheckRules> ChecksOf(Loop& loop, Flow& flow) {
  KONTOR_ASSIGN_OR_RETURN(const InForce policy, loop.PolicyInForce(model::PolicyKind::kChecks));
  flow.body.checks_version = policy.version;
  if (policy.content.empty()) return model::CheckRules();
  std::vector<Finding> findings;
  model::CheckRules rules = model::ReadCheckRules(policy.content, &findings);
  if (model::HasErrors(findings)) return model::StatusOf(findings);
  return rules;
}

}  // namespace

absl::StatusOr<std::optional<Finding>> TestOf(Loop& loop, const Flow& flow,
                                              const model::Channel& channel) {
  if (flow.body.test) {
    if (channel.state != model::ChannelState::kShadow) return std::optional<Finding>();
    return std::optional(MakeFinding(
        Reason::kChannelPaused, "channel",
        StrCat("The channel ", channel.name, " is a shadow: `kontorctl bank onboard ",
               channel.name, "` lets test orders leave")));
  }
  if (channel.state != model::ChannelState::kTest) return std::optional<Finding>();
  std::string missing;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const banks::Proofs proofs, banks::ProofsOf(view, channel));
    missing = banks::MissingOf(proofs);
    return absl::OkStatus();
  }));
  return std::optional(MakeFinding(
      Reason::kChannelPaused, "channel",
      StrCat("The channel ", channel.name, " is in test, and only orders that are marked as tests "
             "leave by it; its onboarding misses ",
             missing.empty() ? "" : StrCat(missing, " and "), "two signatures")));
}

absl::StatusOr<std::vector<Finding>> Renew(Loop& loop, Flow& flow) {
  KONTOR_ASSIGN_OR_RETURN(std::vector<Finding> findings, RefreshLines(loop, flow));
  if (LiveLines(flow).empty()) {
    findings.push_back(MakeFinding(Reason::kNothingToPay, "payments", "No payment is left"));
    return findings;
  }
  KONTOR_ASSIGN_OR_RETURN(const Routed routed, RouteLines(loop, flow));
  Append(findings, routed.findings);
  if (routed.account.empty()) return findings;
  KONTOR_ASSIGN_OR_RETURN(std::vector<Finding> placed, Place(loop, flow, routed));
  const bool usable = !model::HasErrors(placed) && routed.findings.empty();
  Append(findings, std::move(placed));
  if (!usable) return findings;
  KONTOR_ASSIGN_OR_RETURN(const auto account, loop.AccountByName(flow.body.account));
  Append(findings, CheckJournals(flow, account));
  auto wire = CheckWire(loop, flow, account);
  if (!wire.ok()) {
    findings.push_back(model::FindingOf(wire.status()));
    return findings;
  }
  Append(findings, *std::move(wire));
  return findings;
}

absl::StatusOr<Stepped> Validate(Loop& loop, Flow& flow) {
  auto renewed = Renew(loop, flow);
  if (!renewed.ok()) {
    // Odoo does not answer: nothing is known, and nothing changes.
    const absl::StatusCode code = renewed.status().code();
    if (code != absl::StatusCode::kUnavailable && code != absl::StatusCode::kDeadlineExceeded) {
      return renewed.status();
    }
    RetryLater(loop, flow);
    flow.changed.clear();
    KONTOR_ASSIGN_OR_RETURN(Flow fresh, loop.Load(flow.row.id));
    fresh.row.due = flow.row.due;
    fresh.body.attempts = flow.body.attempts;
    KONTOR_RETURN_IF_ERROR(SaveFlow(loop, fresh, fresh.state()));
    return Stepped{};
  }
  std::vector<Finding> findings = *std::move(renewed);
  std::string digest;
  if (!flow.body.account.empty() && !flow.body.day.empty() && !LiveLines(flow).empty()) {
    KONTOR_ASSIGN_OR_RETURN(digest, DigestOf(loop, flow));
  }
  KONTOR_ASSIGN_OR_RETURN(const model::CheckRules rules, ChecksOf(loop, flow));
  KONTOR_ASSIGN_OR_RETURN(const InForce lists, loop.PolicyInForce(model::PolicyKind::kLists));
  flow.body.lists_version = lists.version;
  KONTOR_ASSIGN_OR_RETURN(const Screened screened, Screen(loop, flow, lists));
  flow.body.screened = screened.facts;
  Append(findings, Suspicions(flow, rules));
  flow.body.attempts = 0;
  Flow written;
  KONTOR_RETURN_IF_ERROR(Conclude(loop, flow, findings, screened, rules, digest, written));
  flow = std::move(written);
  loop.Failpoint("payment_order.after_validated");
  return Stepped{flow.state() == State::kValidated};
}

absl::StatusOr<std::vector<Finding>> Recheck(Loop& loop, const Flow& flow, const InForce& lists) {
  Flow fresh = flow;
  KONTOR_ASSIGN_OR_RETURN(std::vector<Finding> findings, Renew(loop, fresh));
  std::erase_if(findings,
                [](const Finding& finding) { return finding.severity != model::Severity::kError; });
  Append(findings, ChangedPayments(flow, fresh));
  for (const Line* before : LiveLines(flow)) {
    const Line* const after = fresh.FindLine(before->number);
    if (after == nullptr) continue;
    if (after->transfer.creditor != before->transfer.creditor) {
      findings.push_back(
          MakeFinding(Reason::kBeneficiaryChanged, FieldOf(*before, "creditor"),
                      "The creditor or its account is not the one that was approved"));
    }
    for (size_t i = 0; i < before->bills.size() && i < after->bills.size(); ++i) {
      if (after->bills[i].residual == before->bills[i].residual) continue;
      Finding finding =
          MakeFinding(Reason::kBillChanged, FieldOf(*before, "amount"),
                      StrCat("What is left of the bill ", before->bills[i].name, " changed"));
      finding.asked = before->bills[i].residual;
      finding.got = after->bills[i].residual;
      findings.push_back(std::move(finding));
    }
  }
  if (fresh.body.day != flow.body.day) {
    findings.push_back(MakeFinding(
        Reason::kCutOffPassed, "execution_date",
        StrCat("The order was approved for ", flow.body.day, "; it is ", fresh.body.day_note)));
  }
  if (findings.empty()) {
    KONTOR_ASSIGN_OR_RETURN(const std::string digest, DigestOf(loop, fresh));
    if (digest != flow.body.digest) {
      findings.push_back(
          MakeFinding(Reason::kApprovalVoid, "", "The payments are not those that were approved"));
    }
  }
  KONTOR_ASSIGN_OR_RETURN(const Screened screened, Screen(loop, flow, lists));
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(auto listed, JudgeHits(loop, view, flow, screened));
    Append(findings, std::move(listed));
    for (const Line* line : LiveLines(flow)) {
      KONTOR_ASSIGN_OR_RETURN(const auto known, FindBeneficiary(loop, view, flow, *line));
      if (known && known->row.state == kConfirmed && known->digest == line->beneficiary_digest) {
        continue;
      }
      findings.push_back(MakeFinding(Reason::kBeneficiaryUnconfirmed, FieldOf(*line, "creditor"),
                                     "The creditor's account is not confirmed any more"));
    }
    return absl::OkStatus();
  }));
  return findings;
}

}  // namespace kontor::payment_orders
