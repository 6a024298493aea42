// SPDX-License-Identifier: Apache-2.0
#include "server/engine/payment_orders/internal/screen.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/engine/payment_orders/lists.h"

namespace kontor::payment_orders {
namespace {

using nlohmann::json;

constexpr char kHitSpace[] = "screening_hit";  ///< Reserved: creditor and entry, as they are.

Finding NobodyScreened() {
  Finding finding =
      MakeFinding(Reason::kListStale, "", "No screening list is active: nobody was screened");
  finding.severity = model::Severity::kWarning;
  finding.suggestion =
      "Import a list (kontorctl screening import) and let another person "
      "activate it.";
  return finding;
}

/// Lists older than the rules allow. Says nothing that changes from day to day: what two persons
/// let pass stays let pass.
void CheckAge(const Loop& loop, const model::ScreeningRules& rules,
              const std::vector<ports::ListFacts>& lists, std::vector<Finding>& findings) {
  for (const ports::ListFacts& list : lists) {
    if (list.published && !IsStale(rules, list.name, *list.published, loop.Now())) continue;
    Finding finding = MakeFinding(
        Reason::kListStale, "",
        list.published
            ? StrCat("The sanctions list ", list.name, " is of ", list.published->ToString(),
                     ", more than ", StaleAfter(rules, list.name), " days old")
            : StrCat("Nobody knows of what day the sanctions list ", list.name, " is"));
    finding.suggestion =
        StrCat("Import a newer one (kontorctl screening import FILE --list ", list.name,
               ") and let another person activate it; the order goes on by itself.");
    findings.push_back(std::move(finding));
  }
}

std::string FactsOf(const Loop& loop, const InForce& lists, const ports::Screening& screening) {
  json all = json::array();
  for (const ports::ListFacts& list : screening.Lists()) {
    all.push_back({{"name", list.name},
                   {"format", list.format},
                   {"sha256", list.sha256},
                   {"published", list.published ? list.published->ToString() : ""},
                   {"party_count", list.party_count}});
  }
  return json{{"policy_version", lists.version},
              {"time", base::FormatInstant(loop.Now())},
              {"lists", std::move(all)}}
      .dump();
}

std::string HitKey(const Loop& loop, const Flow& flow, const Line& line,
                   const ports::ScreeningHit& hit) {
  return loop.deps.crypto.Sha256Hex(
      StrCat("hit1\x1f", flow.row.entity, "\x1f", BeneficiaryDigest(loop, flow.row.entity, line),
             "\x1f", hit.list, "\x1f", hit.entry_id, "\x1f", hit.entry_digest));
}

const Line* LineOf(const Flow& flow, int64_t number) {
  for (const Line& line : flow.lines) {
    if (line.number == number) return line.state == LineState::kCancelled ? nullptr : &line;
  }
  return nullptr;
}

absl::StatusOr<std::optional<ports::FlowRow>> FindHit(ports::ReadView& view,
                                                      const std::string& key) {
  KONTOR_ASSIGN_OR_RETURN(const auto ids, view.FlowsByKey(kHitSpace, key, 1));
  if (ids.empty()) return std::optional<ports::FlowRow>();
  return view.FindFlow(ids.front());
}

json BodyOf(const Loop& loop, const Flow& flow, const Line& line, const ports::ScreeningHit& hit) {
  return {{"holder_name", line.transfer.creditor.name},
          {"account_number", line.transfer.creditor.account.number},
          {"beneficiary_id", line.beneficiary_id},
          {"creditor_digest", BeneficiaryDigest(loop, flow.row.entity, line)},
          {"list", hit.list},
          {"entry_id", hit.entry_id},
          {"entry_title", hit.entry_name},
          {"spelling", hit.name},
          {"weak", hit.weak},
          {"entry_type", std::string(ports::NameOf(hit.type))},
          {"programmes", hit.programmes},
          {"likeness_percent", hit.likeness_percent},
          {"words", hit.words},
          {"entry_digest", hit.entry_digest},
          {"payment_order_id", flow.row.id},
          {"said", json::array()},
          {"said_ids", json::array()},
          {"barred", json::array({flow.body.preparer_id})}};
}

absl::Status Put(Loop& loop, ports::Unit& unit, ports::FlowRow& row, const json& body) {
  row.updated = loop.Now();
  row.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  return unit.PutFlow(row);
}

/// The hit as it is kept; made when nobody has seen it before.
absl::StatusOr<ports::FlowRow> Keep(Loop& loop, ports::Unit& unit, const Flow& flow,
                                    const Line& line, const ports::ScreeningHit& hit) {
  const std::string key = HitKey(loop, flow, line, hit);
  KONTOR_ASSIGN_OR_RETURN(auto known, FindHit(unit, key));
  if (!known) {
    ports::FlowRow row;
    row.kind = kHitKind;
    row.id = loop.deps.ids.Next(kHitPrefix);
    row.entity = flow.row.entity;
    row.state = kHitOpen;
    row.created = loop.Now();
    KONTOR_RETURN_IF_ERROR(Put(loop, unit, row, BodyOf(loop, flow, line, hit)));
    KONTOR_RETURN_IF_ERROR(unit.ReserveFlowKey({kHitSpace, key, row.id}).status());
    return row;
  }
  json body = json::parse(known->body, nullptr, false);
  if (!body.is_object()) return Error(Reason::kInternal).Says(StrCat(known->id, " is unreadable"));
  auto& barred = body["barred"];
  const bool same = std::find(barred.begin(), barred.end(), flow.body.preparer_id) != barred.end();
  if (same && body.value("payment_order_id", "") == flow.row.id) return *std::move(known);
  if (!same) barred.push_back(flow.body.preparer_id);
  body["payment_order_id"] = flow.row.id;
  KONTOR_RETURN_IF_ERROR(Put(loop, unit, *known, body));
  return *std::move(known);
}

std::string WordsOf(const ports::ScreeningHit& hit) {
  std::string text = StrCat("The creditor's name is ", hit.likeness_percent, " % like '", hit.name,
                            "', ", hit.name == hit.entry_name ? "" : "another name of '");
  if (hit.name != hit.entry_name) base::StrAppend(&text, hit.entry_name, "', ");
  base::StrAppend(&text, "on the sanctions list ", hit.list, " (", hit.entry_id);
  if (!hit.programmes.empty()) base::StrAppend(&text, ", ", hit.programmes);
  base::StrAppend(&text, ")");
  return text;
}

/// `row` null: nobody has seen the hit before.
Finding FindingFor(const Line& line, const ports::ScreeningHit& hit, const ports::FlowRow* row) {
  const std::string id = row == nullptr ? "" : row->id;
  Finding finding = MakeFinding(Reason::kScreeningHit, FieldOf(line, "creditor"),
                                id.empty() ? WordsOf(hit) : StrCat(WordsOf(hit), ": ", id));
  finding.got = id;
  finding.suggestion =
      "Compare the two. If the creditor is somebody else, two persons clear the hit (kontorctl "
      "screening clear-hit); it then holds no payment to this creditor again. Otherwise cancel.";
  if (row == nullptr) return finding;
  if (row->state == kHitCleared) {
    finding.severity = model::Severity::kWarning;
    finding.message = StrCat(WordsOf(hit), "; two persons said that it is somebody else: ", id);
    finding.suggestion.clear();
  } else if (row->state == kHitConfirmed) {
    finding.message = StrCat(WordsOf(hit), "; a person confirmed that it is this party: ", id);
    finding.suggestion = "Cancel the payment, and do what the law asks for.";
  }
  return finding;
}

/// Clearing what is told of such a name would let pass what is not.
Finding TooMany(const Line& line) {
  Finding finding = MakeFinding(
      Reason::kScreeningHit, FieldOf(line, "creditor"),
      "The creditor's name is like more entries of the sanctions lists than are told of");
  finding.suggestion =
      "Have the whole name written on the partner in Odoo, or let two administrators raise the "
      "threshold of the policy lists.";
  return finding;
}

}  // namespace

absl::StatusOr<Screened> Screen(Loop& loop, const Flow& flow, const InForce& lists) {
  Screened out;
  if (lists.content.empty() || !loop.deps.screening) {
    out.findings.push_back(NobodyScreened());
    return out;
  }
  const auto screening = loop.ScreeningOf(lists.content);
  if (!screening.ok()) {
    out.findings.push_back(model::FindingOf(screening.status()));
    return out;
  }
  if ((*screening)->Lists().empty()) out.findings.push_back(NobodyScreened());
  std::vector<Finding> ignored;  // the content was checked when it was proposed
  const auto rules = model::ReadScreeningRules(lists.content, &ignored);
  CheckAge(loop, rules, (*screening)->Lists(), out.findings);
  std::vector<ports::ScreenedParty> parties;
  const std::vector<const Line*> live = LiveLines(flow);
  for (const Line* line : live) {
    parties.push_back({line->transfer.creditor.name, line->transfer.creditor.address.country_code});
  }
  auto hits = (*screening)->Screen(parties);
  if (!hits.ok()) {
    out.findings.push_back(model::FindingOf(hits.status()));
    return out;
  }
  for (ports::ScreeningHit& hit : *hits) {
    if (hit.party >= live.size()) continue;
    const int64_t number = live[hit.party]->number;
    out.hits.emplace_back(number, std::move(hit));
  }
  out.facts = FactsOf(loop, lists, **screening);
  return out;
}

absl::StatusOr<std::vector<Finding>> TakeHits(Loop& loop, ports::Unit& unit, const Flow& flow,
                                              const Screened& screened) {
  std::vector<Finding> findings = screened.findings;
  for (const auto& [number, hit] : screened.hits) {
    const Line* const line = LineOf(flow, number);
    if (line == nullptr) continue;
    KONTOR_ASSIGN_OR_RETURN(const ports::FlowRow row, Keep(loop, unit, flow, *line, hit));
    findings.push_back(FindingFor(*line, hit, &row));
    if (hit.more) findings.push_back(TooMany(*line));
  }
  return findings;
}

absl::StatusOr<std::vector<Finding>> JudgeHits(Loop& loop, ports::ReadView& view, const Flow& flow,
                                               const Screened& screened) {
  std::vector<Finding> findings = screened.findings;
  for (const auto& [number, hit] : screened.hits) {
    const Line* const line = LineOf(flow, number);
    if (line == nullptr) continue;
    KONTOR_ASSIGN_OR_RETURN(const auto row, FindHit(view, HitKey(loop, flow, *line, hit)));
    findings.push_back(FindingFor(*line, hit, row ? &*row : nullptr));
    if (hit.more) findings.push_back(TooMany(*line));
  }
  std::erase_if(findings, [&](const Finding& finding) {
    const auto& accepted = flow.body.accepted;
    return finding.severity != model::Severity::kError ||
           std::find(accepted.begin(), accepted.end(), AcceptKey(finding)) != accepted.end();
  });
  return findings;
}

std::string ViewOfHit(const ports::FlowRow& row) {
  json out = json::parse(row.body, nullptr, false);
  if (!out.is_object()) out = json::object();
  for (const char* key : {"said_ids", "barred"}) out.erase(key);
  out["id"] = row.id;
  out["entity"] = row.entity;
  out["state"] = StrCat("STATE_", row.state);
  out["create_time"] = base::FormatInstant(row.created);
  out["update_time"] = base::FormatInstant(row.updated);
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace kontor::payment_orders
