// SPDX-License-Identifier: Apache-2.0
// See posting.h. Methods that return nothing are followed by a reading: XML-RPC cannot say that
// they went well, and a wizard as an answer means that they did not.
#include "adapters/odoo/posting.h"

#include <algorithm>
#include <map>
#include <utility>

#include "adapters/odoo/claims.h"
#include "adapters/odoo/classify.h"
#include "adapters/odoo/sheet.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;
using base::StrCat;
using model::ErpRecord;

struct RecordState {
  std::string state;  ///< Empty: gone.
  int64_t move_id = 0;
  bool hashed = false;
};

/// States of records of one model.
absl::StatusOr<std::map<int64_t, RecordState>> StatesOf(Work& work, const std::string& model,
                                                        const std::vector<int64_t>& ids) {
  const bool payment = model == "account.payment";
  KONTOR_ASSIGN_OR_RETURN(const auto rows,
                          work.ReadRecords(model, ids,
                                           payment ? std::vector<std::string>{"state", "move_id"}
                                                   : std::vector<std::string>{"state",
                                                                              "inalterable_hash"}));
  std::map<int64_t, RecordState> states;
  for (const Json& row : rows) {
    RecordState& state = states[IntOf(row, "id")];
    state.state = TextOf(row, "state");
    if (state.state == "canceled") state.state = "cancel";
    state.move_id = LinkIdOf(row, "move_id");
    state.hashed = !TextOf(row, "inalterable_hash").empty();
  }
  return states;
}

std::map<std::string, std::vector<int64_t>> ByModel(std::span<const ErpRecord> records) {
  std::map<std::string, std::vector<int64_t>> ids;
  for (const ErpRecord& record : records) ids[record.model].push_back(record.id);
  return ids;
}

absl::Status StillThere(const std::string& model, int64_t id) {
  return Error(Reason::kDeletedInOdoo)
      .Says(StrCat(model, " ", id, " is gone"))
      .Happened(Outcome::kRefused);
}

absl::Status PostModel(Work& work, std::span<const ErpRecord> records, const std::string& model,
                       const std::vector<int64_t>& ids) {
  KONTOR_ASSIGN_OR_RETURN(const auto before, StatesOf(work, model, ids));
  std::vector<int64_t> drafts;
  for (const int64_t id : ids) {
    const auto it = before.find(id);
    if (it == before.end()) return StillThere(model, id);
    if (it->second.state == "cancel") {
      return Error(Reason::kStateConflict)
          .Says(StrCat(model, " ", id, " was cancelled in Odoo"))
          .Happened(Outcome::kRefused);
    }
    if (it->second.state == "draft") drafts.push_back(id);
  }
  if (drafts.empty()) return absl::OkStatus();
  RpcCall call = MethodCall(model, "action_post", drafts);
  // Without it Odoo skips mandatory analytic plans when asked by a program.
  if (model == "account.move") call.context["validate_analytic"] = true;
  const absl::StatusOr<Json> answer = work.Change(std::move(call));
  if (answer.ok() && answer->is_boolean()) return absl::OkStatus();  // false: no question to ask
  const absl::Status posted = IsNoneAnswer(answer.status()) ? absl::OkStatus() : answer.status();
  if (!posted.ok()) {
    if (drafts.size() > 1 || base::OutcomeOf(posted) != Outcome::kRefused) return posted;
    // The only draft among them is the guilty one.
    const auto guilty = std::ranges::find(records, drafts.front(), &ErpRecord::id);
    return WithDetail(posted, "item", std::to_string(guilty - records.begin()));
  }
  KONTOR_ASSIGN_OR_RETURN(const auto after, StatesOf(work, model, drafts));
  for (const int64_t id : drafts) {
    const auto it = after.find(id);
    if (it != after.end() && it->second.state != "draft") continue;
    return Error(Reason::kOdooRefused)
        .Says("Odoo asked a question instead of posting")
        .Happened(Outcome::kRefused);
  }
  return absl::OkStatus();
}

struct OpenLine {
  int64_t id = 0;
  int64_t move_id = 0;
  int64_t account_id = 0;
  bool reconciled = false;
};

absl::StatusOr<std::vector<OpenLine>> PersonalLines(Work& work, const std::vector<int64_t>& moves) {
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.SearchRead("account.move.line",
                      Json::array({Term("move_id", "in", moves),
                                   Term("account_id.account_type", "in",
                                        Json::array({"asset_receivable", "liability_payable"}))}),
                      {"move_id", "account_id", "reconciled"}));
  std::vector<OpenLine> lines;
  for (const Json& row : rows) {
    lines.push_back({.id = IntOf(row, "id"),
                     .move_id = LinkIdOf(row, "move_id"),
                     .account_id = LinkIdOf(row, "account_id"),
                     .reconciled = BoolOf(row, "reconciled")});
  }
  return lines;
}

/// Whether a partial reconciliation joins two of the lines.
absl::StatusOr<bool> AreJoined(Work& work, const std::vector<OpenLine>& lines) {
  std::vector<int64_t> ids;
  for (const OpenLine& line : lines) ids.push_back(line.id);
  if (ids.empty()) return false;
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.SearchRead("account.partial.reconcile",
                      Json::array({Term("debit_move_id", "in", ids),
                                   Term("credit_move_id", "in", ids)}),
                      {"id"}, "id", 1));
  return !rows.empty();
}

}  // namespace

absl::Status PostRecords(Work& work, std::span<const ErpRecord> records) {
  for (const auto& [model, ids] : ByModel(records)) {
    KONTOR_RETURN_IF_ERROR(PostModel(work, records, model, ids));
  }
  return absl::OkStatus();
}

absl::Status ReconcileMoves(Work& work, const ports::ReconcileRequest& request) {
  if (request.payment_move_id <= 0) {
    return Error(Reason::kPaymentWithoutEntry)
        .Says("Odoo made no journal entry for the payment")
        .Happened(Outcome::kRefused);
  }
  const std::vector<int64_t> moves{request.payment_move_id, request.invoice_move_id};
  KONTOR_ASSIGN_OR_RETURN(const auto states, StatesOf(work, "account.move", moves));
  const auto invoice = states.find(request.invoice_move_id);
  if (invoice == states.end()) return StillThere("account.move", request.invoice_move_id);
  if (invoice->second.state != "posted") {
    return Error(Reason::kInvoiceNotPosted)
        .Says(StrCat("the invoice is ", invoice->second.state, " in Odoo"))
        .Happened(Outcome::kRefused);
  }
  KONTOR_ASSIGN_OR_RETURN(const auto lines, PersonalLines(work, moves));
  KONTOR_ASSIGN_OR_RETURN(const bool joined, AreJoined(work, lines));
  if (joined) return absl::OkStatus();
  std::map<int64_t, std::vector<int64_t>> invoice_lines;  // by account
  for (const OpenLine& line : lines) {
    if (line.reconciled || line.move_id != request.invoice_move_id) continue;
    invoice_lines[line.account_id].push_back(line.id);
  }
  if (invoice_lines.empty()) {
    return Error(Reason::kNothingToPay)
        .Says("nothing of the invoice is open any more")
        .Happened(Outcome::kRefused);
  }
  std::vector<int64_t> together;
  for (const OpenLine& line : lines) {
    const bool of_payment = line.move_id == request.payment_move_id && !line.reconciled;
    const auto it = invoice_lines.find(line.account_id);
    if (!of_payment || it == invoice_lines.end()) continue;
    together = it->second;
    together.push_back(line.id);
    break;
  }
  if (together.empty()) {
    return Error(Reason::kOdooRefused)
        .Says("the payment has nothing open on the account of the invoice")
        .Happened(Outcome::kRefused);
  }
  KONTOR_RETURN_IF_ERROR(
      work.ChangeSilently(MethodCall("account.move.line", "reconcile", together)));
  KONTOR_ASSIGN_OR_RETURN(const bool done, AreJoined(work, lines));
  if (done) return absl::OkStatus();
  return Error(Reason::kOdooRefused)
      .Says("Odoo did not join payment and invoice")
      .Happened(Outcome::kRefused);
}

absl::Status RemoveDraftRecords(Work& work, std::span<const ErpRecord> records) {
  for (const auto& [model, ids] : ByModel(records)) {
    if (model == "res.partner") continue;  // partners are kept: others may use them by now
    if (IsClaimModel(model)) {
      for (const int64_t id : ids) KONTOR_RETURN_IF_ERROR(RemoveClaim(work, {model, id, ""}));
      continue;
    }
    KONTOR_ASSIGN_OR_RETURN(const auto states, StatesOf(work, model, ids));
    std::vector<int64_t> drafts;
    for (const auto& [id, state] : states) {
      if (state.state != "draft") {
        return Error(Reason::kStateConflict)
            .Says(StrCat(model, " ", id, " is no draft any more"))
            .Happened(Outcome::kRefused);
      }
      drafts.push_back(id);
    }
    if (drafts.empty()) continue;
    KONTOR_RETURN_IF_ERROR(work.ChangeSilently(MethodCall(model, "unlink", drafts)));
  }
  return absl::OkStatus();
}

absl::Status UndoRecord(Work& work, const ErpRecord& record) {
  KONTOR_ASSIGN_OR_RETURN(const auto before, StatesOf(work, record.model, {record.id}));
  const auto it = before.find(record.id);
  if (it == before.end()) return StillThere(record.model, record.id);
  RecordState state = it->second;
  if (state.state == "cancel") return absl::OkStatus();
  if (record.model == "account.payment" && state.move_id > 0) {
    KONTOR_ASSIGN_OR_RETURN(const auto moves, StatesOf(work, "account.move", {state.move_id}));
    if (const auto move = moves.find(state.move_id); move != moves.end()) {
      state.hashed = move->second.hashed;
    }
  }
  if (state.hashed) {
    return Error(Reason::kHashedDocument)
        .Says("Odoo has sealed the document with a hash and lets nobody take it back")
        .Happened(Outcome::kRefused);
  }
  if (record.model == "account.payment") {
    // Straight from posted: with action_draft before it, Odoo 18 and 19 delete the move and give
    // its number away.
    KONTOR_RETURN_IF_ERROR(
        work.ChangeSilently(MethodCall(record.model, "action_cancel", {record.id})));
  } else {
    if (state.state != "draft") {
      KONTOR_RETURN_IF_ERROR(
          work.ChangeSilently(MethodCall(record.model, "button_draft", {record.id})));
    }
    KONTOR_RETURN_IF_ERROR(
        work.ChangeSilently(MethodCall(record.model, "button_cancel", {record.id})));
  }
  KONTOR_ASSIGN_OR_RETURN(const auto after, StatesOf(work, record.model, {record.id}));
  const auto end = after.find(record.id);
  if (end != after.end() && end->second.state == "cancel") return absl::OkStatus();
  return Error(Reason::kOdooRefused)
      .Says("Odoo did not cancel the document")
      .Happened(Outcome::kRefused);
}

absl::Status CorrectTaxLine(Work& work, const ErpRecord& record, const model::Money& tax) {
  KONTOR_ASSIGN_OR_RETURN(const auto states, StatesOf(work, record.model, {record.id}));
  const auto it = states.find(record.id);
  if (it == states.end()) return StillThere(record.model, record.id);
  if (it->second.state != "draft") {
    return Error(Reason::kStateConflict).Says("not a draft").Happened(Outcome::kRefused);
  }
  KONTOR_ASSIGN_OR_RETURN(
      const auto lines,
      work.SearchRead("account.move.line",
                      Json::array({Term("move_id", "=", record.id),
                                   Term("display_type", "=", "tax")}),
                      {"amount_currency"}));
  if (lines.size() != 1) {
    return Error(Reason::kTotalMismatch)
        .Says(StrCat("the document has ", lines.size(), " tax lines; one can be corrected"))
        .Happened(Outcome::kRefused);
  }
  KONTOR_ASSIGN_OR_RETURN(const base::Decimal now, DecimalOf(lines.front(), "amount_currency"));
  const model::Money signed_tax = now.IsNegative() ? -tax : tax;
  if (now == signed_tax.ToDecimal()) return absl::OkStatus();
  return LoadInto(work, "account.move.line", IntOf(lines.front(), "id"),
                  {{"amount_currency", signed_tax.ValueText()}});
}

}  // namespace kontor::odoo
