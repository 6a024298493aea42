// SPDX-License-Identifier: Apache-2.0
// See snapshot.h.
#include "adapters/odoo/snapshot.h"

#include <algorithm>
#include <utility>

#include "adapters/odoo/claims.h"
#include "adapters/odoo/classify.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;
using ports::ErpSnapshot;

/// "/" and False are the names of drafts that have none.
std::string NameOfRow(const Json& row) {
  std::string name = TextOf(row, "name");
  return name == "/" ? "" : name;
}

std::string StateOfRow(const Json& row) {
  std::string state = TextOf(row, "state");
  return state == "canceled" ? "cancel" : state;
}

absl::StatusOr<ErpSnapshot> MoveSnapshot(const Json& row,
                                         const std::map<int64_t, std::string>& journals) {
  ErpSnapshot out;
  out.record = {"account.move", IntOf(row, "id"), NameOfRow(row)};
  out.exists = true;
  out.state = StateOfRow(row);
  out.move_type = TextOf(row, "move_type");
  out.move_id = out.record.id;
  out.date = DateOf(row, "date");
  out.invoice_date = DateOf(row, "invoice_date");
  out.due_date = DateOf(row, "invoice_date_due");
  out.currency_code = LinkNameOf(row, "currency_id");
  const int scale = ScaleOf(out.currency_code);
  KONTOR_ASSIGN_OR_RETURN(out.total, AmountOf(row, "amount_total", scale));
  KONTOR_ASSIGN_OR_RETURN(out.tax, AmountOf(row, "amount_tax", scale));
  KONTOR_ASSIGN_OR_RETURN(out.residual, AmountOf(row, "amount_residual", scale));
  out.company_currency_code = LinkNameOf(row, "company_currency_id");
  KONTOR_ASSIGN_OR_RETURN(
      const base::Decimal company_total,
      AmountOf(row, "amount_total_signed", ScaleOf(out.company_currency_code)));
  out.company_total = company_total.Abs();
  if (out.move_type == "entry") {
    // amount_total adds foreign amounts of different lines up; the debits are in company currency.
    out.currency_code = out.company_currency_code;
    out.total = out.company_total;
  }
  out.payment_state = TextOf(row, "payment_state");
  out.reference = TextOf(row, "ref");
  out.payment_reference = TextOf(row, "payment_reference");
  if (const auto it = journals.find(LinkIdOf(row, "journal_id")); it != journals.end()) {
    out.journal_code = it->second;
  }
  out.company_name = LinkNameOf(row, "company_id");
  out.partner_id = LinkIdOf(row, "partner_id");
  out.partner_name = LinkNameOf(row, "partner_id");
  out.hashed = !TextOf(row, "inalterable_hash").empty();
  out.write_date = TextOf(row, "write_date");
  return out;
}

/// What is still open on the receivable and payable lines of moves.
absl::StatusOr<std::map<int64_t, base::Decimal>> OpenAmounts(Work& work,
                                                             const std::vector<int64_t>& moves) {
  std::map<int64_t, base::Decimal> open;
  if (moves.empty()) return open;
  KONTOR_ASSIGN_OR_RETURN(
      const std::vector<Json> lines,
      work.SearchRead(
          "account.move.line",
          Json::array({Json::array({"move_id", "in", moves}),
                       Json::array({"account_id.account_type", "in",
                                    Json::array({"asset_receivable", "liability_payable"})})}),
          {"move_id", "amount_residual_currency"}));
  for (const Json& line : lines) {
    KONTOR_ASSIGN_OR_RETURN(const base::Decimal residual,
                            AmountOf(line, "amount_residual_currency", base::Decimal::kScaleMax));
    base::Decimal& sum = open[LinkIdOf(line, "move_id")];
    KONTOR_ASSIGN_OR_RETURN(sum, sum.Add(residual.Abs()));
  }
  return open;
}

absl::StatusOr<ErpSnapshot> PaymentSnapshot(const Json& row, std::string_view memo_field,
                                            const std::map<int64_t, std::string>& journals,
                                            const std::map<int64_t, Json>& moves,
                                            const std::map<int64_t, base::Decimal>& open) {
  ErpSnapshot out;
  out.record = {"account.payment", IntOf(row, "id"), NameOfRow(row)};
  out.exists = true;
  out.state = StateOfRow(row);
  out.move_type = "payment";
  out.move_id = LinkIdOf(row, "move_id");
  out.date = DateOf(row, "date");
  out.currency_code = LinkNameOf(row, "currency_id");
  const int scale = ScaleOf(out.currency_code);
  KONTOR_ASSIGN_OR_RETURN(out.total, AmountOf(row, "amount", scale));
  out.reference = TextOf(row, memo_field);
  if (const auto it = journals.find(LinkIdOf(row, "journal_id")); it != journals.end()) {
    out.journal_code = it->second;
  }
  out.company_name = LinkNameOf(row, "company_id");
  out.partner_id = LinkIdOf(row, "partner_id");
  out.partner_name = LinkNameOf(row, "partner_id");
  out.write_date = TextOf(row, "write_date");
  if (const auto it = moves.find(out.move_id); it != moves.end()) {
    // In a locked period the move's date shifts while the payment's stays.
    out.date = DateOf(it->second, "date");
    out.hashed = !TextOf(it->second, "inalterable_hash").empty();
    out.company_currency_code = LinkNameOf(it->second, "company_currency_id");
    KONTOR_ASSIGN_OR_RETURN(
        const base::Decimal company_total,
        AmountOf(it->second, "amount_total_signed", ScaleOf(out.company_currency_code)));
    out.company_total = company_total.Abs();
  }
  if (const auto it = open.find(out.move_id); it != open.end()) out.residual = it->second;
  out.payment_state = PaymentStateOf(out);
  return out;
}

ErpSnapshot PartnerSnapshot(const Json& row) {
  ErpSnapshot out;
  out.record = {"res.partner", IntOf(row, "id"), TextOf(row, "name")};
  out.exists = true;
  out.state = BoolOf(row, "active") ? "active" : "archived";
  out.reference = TextOf(row, "ref");
  out.partner_id = out.record.id;
  out.partner_name = out.record.name;
  out.write_date = TextOf(row, "write_date");
  return out;
}

std::vector<int64_t> LinksOf(const std::vector<Json>& rows, std::string_view field) {
  std::vector<int64_t> ids;
  for (const Json& row : rows) {
    if (const int64_t id = LinkIdOf(row, field); id > 0) ids.push_back(id);
  }
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

/// A reading that cannot be understood leaves the document's fate open only if something changed.
absl::Status ReadingFailed(const Work& work, const absl::Status& status) {
  return WithOutcome(status, work.changed() ? Outcome::kUnknown : Outcome::kNotApplied);
}

}  // namespace

int ScaleOf(const std::string& currency_code) {
  const auto currency = model::Currency::Parse(currency_code);
  return currency.ok() ? currency->scale() : base::Decimal::kScaleMax;
}

std::string PaymentStateOf(const ErpSnapshot& payment) {
  if (payment.move_id <= 0 || payment.state == "draft" || payment.state == "cancel") return {};
  if (payment.residual.IsZero()) return "paid";
  return payment.residual < payment.total ? "partial" : "not_paid";
}

absl::StatusOr<std::map<int64_t, std::string>> JournalCodes::Of(Work& work,
                                                                std::vector<int64_t> ids) {
  std::map<int64_t, std::string> found;
  std::vector<int64_t> unknown;
  {
    const std::lock_guard lock(mutex_);
    for (const int64_t id : ids) {
      const auto it = codes_.find(id);
      if (it != codes_.end()) {
        found.insert(*it);
      } else {
        unknown.push_back(id);
      }
    }
  }
  if (unknown.empty()) return found;
  KONTOR_ASSIGN_OR_RETURN(const std::vector<Json> rows,
                          work.ReadRecords("account.journal", unknown, {"code"}));
  for (const Json& row : rows) {
    const int64_t id = IntOf(row, "id");
    found[id] = TextOf(row, "code");
    Put(id, found[id]);
  }
  return found;
}

void JournalCodes::Put(int64_t id, const std::string& code) {
  const std::lock_guard lock(mutex_);
  codes_[id] = code;
}

const std::vector<std::string>& MoveFields() {
  static const auto* const kFields = new std::vector<std::string>{
      "name", "move_type", "state", "date", "invoice_date", "invoice_date_due", "currency_id",
      "company_currency_id", "amount_total", "amount_tax", "amount_residual",
      "amount_total_signed", "payment_state", "ref", "payment_reference", "journal_id",
      "company_id", "partner_id", "inalterable_hash", "write_date"};
  return *kFields;
}

std::vector<std::string> PaymentFields(const Dialect& dialect) {
  return {"name", "state", "payment_type", "date", "amount", "currency_id",
          std::string(dialect.payment_memo_field), "journal_id", "company_id", "partner_id",
          "move_id", "write_date"};
}

absl::StatusOr<std::vector<ErpSnapshot>> MoveSnapshots(Work& work, JournalCodes& journals,
                                                       const std::vector<Json>& rows) {
  KONTOR_ASSIGN_OR_RETURN(const auto codes, journals.Of(work, LinksOf(rows, "journal_id")));
  std::vector<ErpSnapshot> out;
  for (const Json& row : rows) {
    absl::StatusOr<ErpSnapshot> snapshot = MoveSnapshot(row, codes);
    if (!snapshot.ok()) return ReadingFailed(work, snapshot.status());
    out.push_back(*std::move(snapshot));
  }
  return out;
}

absl::StatusOr<std::vector<ErpSnapshot>> PaymentSnapshots(Work& work, JournalCodes& journals,
                                                          const std::vector<Json>& rows) {
  KONTOR_ASSIGN_OR_RETURN(const auto codes, journals.Of(work, LinksOf(rows, "journal_id")));
  const std::vector<int64_t> move_ids = LinksOf(rows, "move_id");
  std::map<int64_t, Json> moves;
  if (!move_ids.empty()) {
    KONTOR_ASSIGN_OR_RETURN(
        const std::vector<Json> move_rows,
        work.ReadRecords("account.move", move_ids,
                         {"date", "inalterable_hash", "amount_total_signed",
                          "company_currency_id"}));
    for (const Json& row : move_rows) moves[IntOf(row, "id")] = row;
  }
  KONTOR_ASSIGN_OR_RETURN(const auto open, OpenAmounts(work, move_ids));
  std::vector<ErpSnapshot> out;
  for (const Json& row : rows) {
    absl::StatusOr<ErpSnapshot> snapshot =
        PaymentSnapshot(row, work.dialect().payment_memo_field, codes, moves, open);
    if (!snapshot.ok()) return ReadingFailed(work, snapshot.status());
    out.push_back(*std::move(snapshot));
  }
  return out;
}

absl::StatusOr<std::vector<ErpSnapshot>> ReadSnapshots(Work& work, JournalCodes& journals,
                                                       std::span<const model::ErpRecord> records) {
  std::map<std::string, std::vector<int64_t>> ids_by_model;
  for (const model::ErpRecord& record : records) {
    if (record.id > 0) ids_by_model[record.model].push_back(record.id);
  }
  std::map<std::pair<std::string, int64_t>, ErpSnapshot> found;
  for (const auto& [model, ids] : ids_by_model) {
    std::vector<ErpSnapshot> snapshots;
    if (model == "account.move") {
      KONTOR_ASSIGN_OR_RETURN(const auto rows, work.ReadRecords(model, ids, MoveFields()));
      KONTOR_ASSIGN_OR_RETURN(snapshots, MoveSnapshots(work, journals, rows));
    } else if (model == "account.payment") {
      KONTOR_ASSIGN_OR_RETURN(const auto rows,
                              work.ReadRecords(model, ids, PaymentFields(work.dialect())));
      KONTOR_ASSIGN_OR_RETURN(snapshots, PaymentSnapshots(work, journals, rows));
    } else if (model == "res.partner") {
      KONTOR_ASSIGN_OR_RETURN(
          const auto rows,
          work.ReadRecords(model, ids, {"name", "ref", "active", "write_date"}));
      for (const Json& row : rows) snapshots.push_back(PartnerSnapshot(row));
    } else if (IsClaimModel(model)) {
      for (const int64_t id : ids) {
        KONTOR_ASSIGN_OR_RETURN(auto claim, ReadClaim(work, journals, {model, id, ""}));
        if (claim.exists) found[{model, id}] = std::move(claim);
      }
    } else {
      return Error(Reason::kInternal)
          .Says(base::StrCat("kontor does not read ", model))
          .Happened(Outcome::kNotApplied);
    }
    for (ErpSnapshot& snapshot : snapshots) {
      found[{model, snapshot.record.id}] = std::move(snapshot);
    }
  }
  std::vector<ErpSnapshot> out;
  for (const model::ErpRecord& record : records) {
    const auto it = found.find({record.model, record.id});
    ErpSnapshot snapshot;
    snapshot.record = record;
    out.push_back(it == found.end() ? std::move(snapshot) : it->second);
  }
  return out;
}

}  // namespace kontor::odoo
