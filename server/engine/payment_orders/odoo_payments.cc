// SPDX-License-Identifier: Apache-2.0
// Payments that stand in Odoo already, such as those that somebody registered on bills there: an
// order sends them, and Odoo gets no second one. They are read again as bills are.
#include <algorithm>

#include "server/base/ids.h"
#include "server/base/text.h"
#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {
namespace {

using model::Money;
using ports::BookedPayment;

std::string WordsFor(const BookedPayment& booked) {
  const model::ErpRecord& record = booked.payment.record;
  return record.name.empty() ? StrCat("payment ", record.id) : StrCat("payment ", record.name);
}

/// Whether the text begins as that of a payment which an order of kontor's has registered: that may
/// be an order which this store does not know of yet, or any more.
bool IsMemoOfOrder(std::string_view memo) {
  const std::string_view word = memo.substr(0, memo.find(' '));
  const size_t dash = word.find('-');
  // The number of an order's id, and that of the payment.
  return dash != std::string_view::npos && base::IsId(word.substr(0, dash), "") &&
         base::ParseInt64(word.substr(dash + 1)).ok();
}

/// What the creditor reads: their own reference, or the text that stands on the payment.
void SetRemittanceOf(const ports::ErpSnapshot& payment, model::Remittance& out) {
  out = {};
  const std::string text(
      base::Trim(payment.reference.empty() ? payment.record.name : payment.reference));
  if (!SetReference(text, out)) out.unstructured = {text};
}

/// Odoo 18 and 19 call a payment paid when its bills are, whatever the bank did; that a bank line
/// is reconciled with it is another question.
bool IsPosted(const BookedPayment& booked) {
  const std::string& state = booked.payment.state;
  return state == "posted" || state == "in_process" || state == "paid";
}

/// What keeps it from being sent; empty: nothing.
std::vector<Finding> FindingsOf(const BookedPayment& booked, const std::string& currency,
                                const std::string& field) {
  std::vector<Finding> findings;
  const std::string name = WordsFor(booked);
  const auto unfit = [&](std::string what) {
    findings.push_back(MakeFinding(Reason::kOdooPaymentUnfit, field, std::move(what)));
  };
  if (!booked.outgoing) unfit(StrCat("The ", name, " is no payment to a partner"));
  if (!IsPosted(booked)) unfit(StrCat("The ", name, " is ", booked.payment.state, " in Odoo"));
  if (booked.sent) unfit(StrCat("Somebody marked the ", name, " as sent in Odoo"));
  if (booked.matched) unfit(StrCat("A bank line is reconciled with the ", name));
  if (booked.partner_id <= 0) unfit(StrCat("The ", name, " names no partner"));
  if (booked.payment.total.IsZero()) unfit(StrCat("The ", name, " is of no amount"));
  if (IsMemoOfOrder(booked.payment.reference)) {
    unfit(StrCat("The ", name, " was made by a payment order of kontor's"));
  }
  if (base::CountCodePoints(booked.payment.reference) > kRemittanceMax) {
    unfit(StrCat("The text of the ", name, " has more than ", kRemittanceMax,
                 " characters, and the bank would cut it"));
  }
  if (booked.payment.currency_code != currency) {
    findings.push_back(MakeFinding(Reason::kFieldConflict, field,
                                   StrCat("The ", name, " is in ", booked.payment.currency_code,
                                          ", the order in ", currency)));
  }
  if (IsPosted(booked) && booked.payment.move_id == 0) {
    // Its bank line would have nothing to be reconciled with.
    findings.push_back(MakeFinding(Reason::kPaymentWithoutEntry, field,
                                   StrCat("Odoo made no journal entry for the ", name)));
  }
  for (Finding& finding : CheckPayeeAccount(booked, name, field)) {
    findings.push_back(std::move(finding));
  }
  return findings;
}

/// Takes over what Odoo says of it.
absl::Status Apply(const BookedPayment& booked, Line& line) {
  const ports::ErpSnapshot& payment = booked.payment;
  KONTOR_ASSIGN_OR_RETURN(const auto currency, model::Currency::Parse(payment.currency_code));
  KONTOR_ASSIGN_OR_RETURN(line.transfer.amount, Money::FromDecimal(currency, payment.total.Abs()));
  line.odoo_payment_id = payment.record.id;
  line.payment_name = payment.record.name;
  line.payment_journal = payment.journal_code;
  SetCreditor(booked, line);
  line.paid_moves = booked.bills;
  SetRemittanceOf(payment, line.transfer.remittance);
  return absl::OkStatus();
}

absl::StatusOr<std::map<int64_t, BookedPayment>> ReadByIds(Loop& loop, const std::string& entity,
                                                           std::vector<int64_t> ids) {
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  KONTOR_ASSIGN_OR_RETURN(auto all, loop.deps.engine.ReadPayments(entity, ids));
  std::map<int64_t, BookedPayment> by_id;
  for (BookedPayment& booked : all) {
    const int64_t id = booked.payment.record.id;
    by_id.emplace(id, std::move(booked));
  }
  return by_id;
}

/// The payment order that made it: its money is on its way already.
absl::StatusOr<bool> IsOfAnOrder(ports::ReadView& view, const std::string& connection,
                                 int64_t payment_id) {
  KONTOR_ASSIGN_OR_RETURN(
      const auto document,
      view.FindDocumentByRecord(connection, {"account.payment", payment_id, ""}));
  return document && document->source == Loop::SelfFor(document->entity).source;
}

}  // namespace

absl::StatusOr<std::vector<Line>> LinesOfPayments(Loop& loop, const CreateRequest& request,
                                                  const std::string& currency) {
  KONTOR_ASSIGN_OR_RETURN(const auto by_id, ReadByIds(loop, request.entity, request.odoo_payments));
  std::vector<Line> lines;
  for (size_t i = 0; i < request.odoo_payments.size(); ++i) {
    const int64_t id = request.odoo_payments[i];
    const std::string field = StrCat("odoo_payment_ids[", i, "]");
    const auto seen = std::ranges::find(lines, id, &Line::odoo_payment_id);
    if (seen != lines.end()) {
      return Error(Reason::kFieldConflict).Field(field).Says(StrCat(id, " is named twice"));
    }
    const auto it = by_id.find(id);
    if (it == by_id.end()) {
      return Error(Reason::kNotFound)
          .Field(field)
          .Says(StrCat("the entity has no payment ", id, " in Odoo"));
    }
    const auto findings = FindingsOf(it->second, currency, field);
    if (model::HasErrors(findings)) return model::StatusOf(findings);
    KONTOR_RETURN_IF_ERROR(Apply(it->second, lines.emplace_back()));
  }
  return lines;
}

absl::StatusOr<std::vector<Finding>> RefreshPayments(Loop& loop, Flow& flow) {
  std::vector<Finding> findings;
  std::vector<int64_t> ids;
  for (const Line* line : LiveLines(flow)) {
    if (line->odoo_payment_id > 0) ids.push_back(line->odoo_payment_id);
  }
  if (ids.empty()) return findings;
  KONTOR_ASSIGN_OR_RETURN(const auto by_id, ReadByIds(loop, flow.row.entity, ids));
  for (Line& line : flow.lines) {
    if (line.state == LineState::kCancelled || line.odoo_payment_id == 0) continue;
    const auto it = by_id.find(line.odoo_payment_id);
    if (it == by_id.end()) {
      findings.push_back(
          MakeFinding(Reason::kDeletedInOdoo, FieldOf(line),
                      StrCat("The payment ", line.payment_name, " is gone from Odoo")));
      continue;
    }
    for (Finding& finding : FindingsOf(it->second, flow.body.currency, FieldOf(line))) {
      findings.push_back(std::move(finding));
    }
    // Sums of two currencies are none: what is there stays, and the finding says why.
    if (it->second.payment.currency_code != flow.body.currency) continue;
    KONTOR_RETURN_IF_ERROR(Apply(it->second, flow.Touch(line)));
  }
  return findings;
}

std::vector<Finding> CheckJournals(const Flow& flow, const model::OwnAccount& account) {
  std::vector<Finding> findings;
  for (const Line* line : LiveLines(flow)) {
    if (line->odoo_payment_id == 0 || line->payment_journal == account.journal_code) continue;
    findings.push_back(MakeFinding(
        Reason::kOdooPaymentUnfit, FieldOf(*line),
        StrCat("The payment ", line->payment_name, " is on the journal ", line->payment_journal,
               " in Odoo, and the account ", account.name, " is ", account.journal_code)));
  }
  return findings;
}

std::vector<Finding> ChangedPayments(const Flow& before, const Flow& after) {
  std::vector<Finding> findings;
  for (const Line* line : LiveLines(before)) {
    if (line->odoo_payment_id == 0) continue;
    const auto now = std::ranges::find(after.lines, line->number, &Line::number);
    if (now == after.lines.end()) continue;
    const auto tell = [&](const char* what, std::string asked, std::string got) {
      Finding finding = MakeFinding(
          Reason::kOdooPaymentChanged, FieldOf(*line),
          StrCat("The ", what, " of the payment ", line->payment_name, " changed in Odoo"));
      finding.asked = std::move(asked);
      finding.got = std::move(got);
      findings.push_back(std::move(finding));
    };
    if (now->transfer.amount != line->transfer.amount) {
      tell("amount", line->transfer.amount.ToString(), now->transfer.amount.ToString());
    }
    if (now->partner_id != line->partner_id) {
      tell("partner", StrCat(line->partner_id), StrCat(now->partner_id));
    }
  }
  return findings;
}

absl::StatusOr<std::vector<Finding>> TakePayments(Loop& loop, ports::Unit& unit, const Flow& flow) {
  std::vector<Finding> findings;
  std::string connection;
  for (const Line* line : LiveLines(flow)) {
    if (line->odoo_payment_id == 0) continue;
    if (connection.empty()) {
      KONTOR_ASSIGN_OR_RETURN(const auto entity, loop.deps.engine.GetEntity(flow.row.entity));
      connection = entity.connection;
    }
    KONTOR_ASSIGN_OR_RETURN(
        const std::string holder,
        unit.ReserveFlowKey({kPaymentSpace, PaymentKey(flow, *line), flow.row.id}));
    KONTOR_ASSIGN_OR_RETURN(const bool of_order,
                            IsOfAnOrder(unit, connection, line->odoo_payment_id));
    KONTOR_RETURN_IF_ERROR(ShareTrace(unit, flow, line->payment_name));
    if (holder == flow.row.id && !of_order) continue;
    Finding finding = MakeFinding(
        Reason::kStateConflict, FieldOf(*line),
        of_order ? StrCat("The payment ", line->payment_name, " is of a payment order already")
                 : StrCat("The order ", holder, " sends the payment ", line->payment_name));
    finding.suggestion = "Take the payment out of this order.";
    finding.got = of_order ? std::string() : holder;
    findings.push_back(std::move(finding));
  }
  return findings;
}

std::vector<Finding> GoneInOdoo(Loop& loop, const Flow& flow,
                                const std::vector<const Line*>& lines) {
  std::vector<int64_t> ids;
  for (const Line* line : lines) {
    if (line->odoo_payment_id > 0) ids.push_back(line->odoo_payment_id);
  }
  std::vector<Finding> findings;
  if (ids.empty()) return findings;
  const auto by_id = ReadByIds(loop, flow.row.entity, ids);
  if (!by_id.ok()) {
    loop.Log("payment_order.payments_not_read",
             {{"subject", flow.row.id}, {"reason", base::InfoOf(by_id.status()).reason}});
    return findings;
  }
  for (const Line* line : lines) {
    if (line->odoo_payment_id == 0) continue;
    const auto it = by_id->find(line->odoo_payment_id);
    if (it != by_id->end() && IsPosted(it->second)) continue;
    findings.push_back(
        MakeFinding(Reason::kOdooPaymentChanged, FieldOf(*line),
                    StrCat("The bank has the payment ", line->payment_name, ", and in Odoo it is ",
                           it == by_id->end() ? std::string("gone") : it->second.payment.state,
                           ": its bills are open there and must not be paid again")));
  }
  return findings;
}

std::string PaymentKey(const Flow& flow, const Line& line) {
  return StrCat(flow.row.entity, "\x1f", line.odoo_payment_id);
}

}  // namespace kontor::payment_orders
