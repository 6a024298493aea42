// SPDX-License-Identifier: Apache-2.0
// What is to become of a statement, decided before any line of it is stored: whether it is new,
// told again, told otherwise, or not to be believed.
#include <algorithm>

#include "server/base/text.h"
#include "server/engine/statements/internal/loop.h"
#include "server/model/statement_prover.h"

namespace kontor::statements {
namespace {

using base::Reason;
using base::StrCat;
using model::StatementKind;
using model::StatementProof;

constexpr int kVersionsMax = 50;
constexpr char kBetween = '\x1f';
constexpr size_t kFindingsKept = 20;

std::string AccountKey(const Body& body) {
  return body.account_id.empty() ? StrCat("?", body.account_number) : body.account_id;
}

/// The bank's own name of the statement; empty where it gives none that tells statements apart.
std::string IdentityOf(const Body& body, const model::Statement& statement) {
  if (statement.kind != StatementKind::kEndOfDay) return "";
  if (body.bank_id.empty() && body.number == 0) return "";
  return StrCat(AccountKey(body), kBetween, body.format.substr(0, body.format.find('.')), kBetween,
                body.bank_id, kBetween, body.number, kBetween, statement.page, kBetween, body.date);
}

/// Day and balances: two files that agree on them tell of the same, in whatever format.
std::string BalancesOf(const Body& body, const Place& place) {
  if (!place.opening || !place.closing || body.booked_count == 0) return "";
  return StrCat(AccountKey(body), kBetween, body.date, kBetween, place.opening->minor(), kBetween,
                place.closing->minor(), kBetween, body.credits, kBetween, body.debits);
}

void SetBalances(const model::Statement& statement, Body& body) {
  for (const model::Balance& balance : statement.balances) {
    body.balances.push_back({std::string(NameOf(balance.type)), balance.amount,
                             balance.date ? balance.date->ToString() : "", balance.time});
  }
  // The pair that the proof is about stands first, under names of its own.
  const model::BalancePair pair = model::BalancePairOf(statement);
  const auto put = [&](const model::Balance* balance, const char* type) {
    if (balance == nullptr) return;
    body.balances.insert(body.balances.begin(),
                         {type, balance->amount, balance->date ? balance->date->ToString() : "",
                          balance->time});
  };
  put(pair.closing, "CLOSING");
  put(pair.opening, "OPENING");
}

std::string DayOf(const Surveyed& surveyed) {
  const model::BalancePair pair = model::BalancePairOf(surveyed.statement);
  if (pair.closing != nullptr && pair.closing->date) return pair.closing->date->ToString();
  return surveyed.last_day;
}

Body BodyOf(const FileFlow& file, int64_t index, const Surveyed& surveyed,
            const std::optional<model::OwnAccount>& ours) {
  const model::Statement& statement = surveyed.statement;
  const StatementProof& proof = statement.proof;
  Body body;
  body.file_id = file.row.id;
  body.index = index;
  body.correlation_id = file.body.correlation_id;
  if (ours) {
    body.account_id = ours->id;
    body.account_name = ours->name;
    body.currency = ours->currency.code();
  }
  body.account_number = ours ? ours->iban : statement.account.number;
  if (!statement.account.currency.IsNone()) body.currency = statement.account.currency.code();
  body.kind = std::string(NameOf(statement.kind));
  body.format = statement.format;
  body.bank_id = statement.id;
  body.number = statement.electronic_number.value_or(statement.legal_number.value_or(0));
  body.date = DayOf(surveyed);
  SetBalances(statement, body);
  if (body.currency.empty() && !body.balances.empty()) {
    body.currency = body.balances.front().amount.currency().code();
  }
  body.verdict = std::string(NameOf(proof.verdict));
  body.basis = std::string(NameOf(proof.basis));
  body.line_count = proof.line_count;
  body.booked_count = proof.booked_count;
  body.credits = proof.booked_credits.ToString();
  body.debits = proof.booked_debits.ToString();
  if (proof.difference) body.difference = proof.difference->ToString();
  body.flipped = proof.reversals_flipped;
  body.digest = surveyed.digest;
  body.new_sum = body.pending_sum = "0";
  body.findings.assign(proof.findings.begin(),
                       proof.findings.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                    proof.findings.size(), kFindingsKept)));
  return body;
}

/// The statement that the bank named the same, newest first, as far as it still counts.
absl::StatusOr<std::optional<Flow>> FormerVersion(ports::Unit& unit, const std::string& identity,
                                                  const std::string& id) {
  if (identity.empty()) return std::optional<Flow>();
  KONTOR_ASSIGN_OR_RETURN(auto ids, unit.FlowsByKey(kIdentitySpace, identity, kVersionsMax));
  for (auto it = ids.rbegin(); it != ids.rend(); ++it) {
    if (*it == id) continue;
    KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindFlow(*it));
    if (!row) continue;
    KONTOR_ASSIGN_OR_RETURN(Flow flow, FlowOf(*std::move(row)));
    if (flow.state() != State::kRefused && flow.state() != State::kSuperseded) {
      return std::optional<Flow>(std::move(flow));
    }
  }
  return std::optional<Flow>();
}

absl::Status Refuse(Loop& loop, ports::Unit& unit, Flow& flow) {
  Decide(flow.body, "Nothing of it was booked, for it does not prove itself.");
  if (!model::HasErrors(flow.body.findings)) {
    flow.body.findings.push_back(model::MakeFinding(Reason::kStatementUnbalanced, "statement",
                                                    "The statement does not add up."));
  }
  KONTOR_RETURN_IF_ERROR(PutCase(loop, unit, flow));
  KONTOR_RETURN_IF_ERROR(WriteFlow(loop, unit, flow, State::kRefused));
  return AppendEvent(loop, unit, flow, "statement.refused");
}

/// Told before in another format, or in a second file with another name.
absl::StatusOr<bool> IsToldOtherwise(ports::Unit& unit, const std::string& balances,
                                     const Flow& flow) {
  if (balances.empty()) return false;
  KONTOR_ASSIGN_OR_RETURN(const auto ids, unit.FlowsByKey(kBalancesSpace, balances, kVersionsMax));
  for (const std::string& id : ids) {
    if (id == flow.row.id) continue;
    KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindFlow(id));
    if (!row) continue;
    KONTOR_ASSIGN_OR_RETURN(const Flow other, FlowOf(*std::move(row)));
    if (other.state() != State::kRefused && other.body.format != flow.body.format) return true;
  }
  return false;
}

absl::Status FindPlace(ports::Unit& unit, Flow& flow, const Surveyed& surveyed,
                    const std::string& identity) {
  KONTOR_ASSIGN_OR_RETURN(const auto former, FormerVersion(unit, identity, flow.row.id));
  if (former) {
    flow.body.standing = Standing::kReissued;
    flow.body.replaces = former->row.id;
    Decide(flow.body, StrCat("The bank sent it before, as ", former->row.id,
                             ", with other content; lines of both stand once."));
    return absl::OkStatus();
  }
  if (surveyed.statement.kind != StatementKind::kEndOfDay) {
    Decide(flow.body, "It is a view, which may change: it is not put into Odoo.");
    return absl::OkStatus();
  }
  KONTOR_ASSIGN_OR_RETURN(const auto state, FindState(unit, flow.body.account_id));
  const Placed placed = PlaceStatement(state.value_or(AccountState()),
                                       PlaceOf(flow.body, surveyed.first_day));
  flow.body.standing = placed.standing;
  Decide(flow.body, placed.explanation);
  return absl::OkStatus();
}

}  // namespace

Place PlaceOf(const Body& body, const std::string& from) {
  Place place;
  for (const Balanced& balance : body.balances) {
    if (balance.type == "OPENING" && !place.opening) place.opening = balance.amount;
    if (balance.type == "CLOSING" && !place.closing) place.closing = balance.amount;
  }
  place.date = body.date;
  place.from = from;
  return place;
}

absl::StatusOr<std::optional<Flow>> BeginStatement(Loop& loop, ports::Unit& unit,
                                                   const FileFlow& file, int64_t index,
                                                   const Surveyed& surveyed,
                                                   const std::optional<model::OwnAccount>& ours) {
  Flow flow;
  flow.row.kind = kStatementKind;
  flow.row.id = loop.NewId(kStatementPrefix);
  flow.row.entity = ours ? ours->entity : "";
  flow.row.group = ours ? ours->channel : file.body.channel;
  flow.row.created = loop.Now();
  flow.row.due = loop.Now();
  flow.body = BodyOf(file, index, surveyed, ours);
  const std::string content = StrCat(AccountKey(flow.body), kBetween, flow.body.digest);
  KONTOR_ASSIGN_OR_RETURN(const std::string holder,
                          unit.ReserveFlowKey({kContentSpace, content, flow.row.id}));
  if (holder != flow.row.id) {
    KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindFlow(holder));
    if (!row) return base::Error(Reason::kInternal).Says("a statement's key leads nowhere");
    KONTOR_ASSIGN_OR_RETURN(Flow known, FlowOf(*std::move(row)));
    // Of this very file: an earlier try at it broke off, and goes on.
    const bool own = known.body.file_id == file.row.id && known.body.index == index;
    return own ? std::optional<Flow>(std::move(known)) : std::nullopt;
  }
  if (!flow.body.account_id.empty()) {
    KONTOR_RETURN_IF_ERROR(
        unit.ShareFlowKey({kAccountSpace, MonthKey(flow.body.account_id, flow.row.created),
                           flow.row.id}));
  }
  if (surveyed.statement.proof.verdict == StatementProof::Verdict::kRefused) {
    KONTOR_RETURN_IF_ERROR(Refuse(loop, unit, flow));
    return std::optional<Flow>(std::move(flow));
  }
  const std::string identity = IdentityOf(flow.body, surveyed.statement);
  const std::string balances = BalancesOf(flow.body, PlaceOf(flow.body, surveyed.first_day));
  KONTOR_ASSIGN_OR_RETURN(const bool otherwise, IsToldOtherwise(unit, balances, flow));
  if (otherwise) {
    Decide(flow.body, "Another file told of the same day with the same balances in another format; "
                      "its lines are not stored again.");
    flow.body.standing = Standing::kReissued;
    KONTOR_RETURN_IF_ERROR(WriteFlow(loop, unit, flow, State::kViewed));
    return std::optional<Flow>(std::move(flow));
  }
  KONTOR_RETURN_IF_ERROR(FindPlace(unit, flow, surveyed, identity));
  for (const auto& [space, key] :
       {std::pair(kIdentitySpace, identity), std::pair(kBalancesSpace, balances)}) {
    if (!key.empty()) KONTOR_RETURN_IF_ERROR(unit.ShareFlowKey({space, key, flow.row.id}));
  }
  KONTOR_RETURN_IF_ERROR(WriteFlow(loop, unit, flow, State::kImporting));
  return std::optional<Flow>(std::move(flow));
}

}  // namespace kontor::statements
