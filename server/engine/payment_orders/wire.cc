// SPDX-License-Identifier: Apache-2.0
// The order as its file has it.
#include <algorithm>

#include "server/engine/payment_orders/internal/loop.h"
#include "server/model/payment_canon.h"
#include "server/model/validate.h"

namespace kontor::payment_orders {
namespace {

model::BankParty DebtorOf(const model::OwnAccount& account) {
  model::BankParty debtor;
  debtor.name = account.holder_name;
  debtor.address = account.address;
  debtor.account.number = account.iban;
  if (model::LooksLikeIban(account.iban)) debtor.account.scheme = "IBAN";
  debtor.agent.bic = account.bic;
  return debtor;
}

}  // namespace

Line* Flow::FindLine(int64_t number) {
  const auto it = std::find_if(lines.begin(), lines.end(),
                               [&](const Line& line) { return line.number == number; });
  return it == lines.end() ? nullptr : &*it;
}

absl::StatusOr<Flow> LoadFlow(ports::ReadView& view, const std::string& id) {
  KONTOR_ASSIGN_OR_RETURN(auto row, view.FindFlow(id));
  if (!row.has_value() || row->kind != kOrderKind) {
    return Error(Reason::kNotFound).Field("id").Says("there is no such payment order");
  }
  KONTOR_ASSIGN_OR_RETURN(Flow flow, FlowOf(*std::move(row)));
  constexpr int kAtOnce = 1000;
  int64_t after = 0;
  while (true) {
    KONTOR_ASSIGN_OR_RETURN(const auto rows, view.FlowLines(id, after, kAtOnce));
    for (const ports::FlowLineRow& line_row : rows) {
      KONTOR_ASSIGN_OR_RETURN(Line line, LineOf(line_row));
      after = line.number;
      flow.lines.push_back(std::move(line));
    }
    if (rows.size() < kAtOnce) return flow;
  }
}

std::vector<const Line*> LiveLines(const Flow& flow) {
  std::vector<const Line*> live;
  for (const Line& line : flow.lines) {
    if (line.state != LineState::kCancelled) live.push_back(&line);
  }
  return live;
}

model::Money TotalOf(const Flow& flow) {
  const auto currency = model::Currency::Parse(flow.body.currency);
  model::Money total(currency.ok() ? *currency : model::Currency(), 0);
  for (const Line* line : LiveLines(flow)) {
    // Sums beyond 15 digits are refused by the wire order's own control sum.
    if (auto sum = total.Add(line->transfer.amount); sum.ok()) total = *std::move(sum);
  }
  return total;
}

absl::StatusOr<model::PaymentOrder> WireOrderOf(const Flow& flow,
                                                const model::OwnAccount& account) {
  model::PaymentOrder order;
  order.header.message_id = flow.body.message_id;
  order.header.created_at = flow.body.created_at;
  order.header.initiator.name = account.holder_name;
  order.header.initiator.id = account.organisation_id;
  KONTOR_ASSIGN_OR_RETURN(const model::Date day, model::Date::Parse(flow.body.day));
  for (const Batch& batch : flow.body.batches) {
    model::PaymentBatch out;
    out.instruction.payment_information_id = batch.id;
    out.instruction.execution_date = day;
    out.instruction.debtor = DebtorOf(account);
    if (batch.batch_booking) out.instruction.batch_booking = true;
    out.instruction.service_level = batch.service_level;
    out.instruction.local_instrument = batch.local_instrument;
    if (const auto bearer = model::ParseChargeBearer(batch.charge_bearer)) {
      out.instruction.charge_bearer = *bearer;
    }
    for (const Line* line : LiveLines(flow)) {
      if (line->batch == batch.id) out.transfers.push_back(line->transfer);
    }
    if (!out.transfers.empty()) order.batches.push_back(std::move(out));
  }
  KONTOR_RETURN_IF_ERROR(model::SumUp(order));
  return order;
}

absl::StatusOr<std::string> DigestOf(Loop& loop, const Flow& flow) {
  KONTOR_ASSIGN_OR_RETURN(const auto account, loop.AccountByName(flow.body.account));
  KONTOR_ASSIGN_OR_RETURN(const auto order, WireOrderOf(flow, account));
  return DigestWith(loop, flow, model::CanonicalText(order));
}

std::string DigestWith(const Loop& loop, const Flow& flow, std::string_view canonical) {
  return loop.deps.crypto.Sha256Hex(ContentOf(loop, flow, canonical));
}

std::string ContentOf(const Loop& loop, const Flow& flow, std::string_view canonical) {
  constexpr char kBetween = '\x1f';
  std::string text =
      StrCat("payment_order1", kBetween, flow.row.entity, kBetween, flow.body.account, kBetween,
             flow.body.first_channel.empty() ? flow.body.channel : flow.body.first_channel,
             kBetween, loop.deps.crypto.Sha256Hex(flow.body.dialect));
  if (!flow.body.fallback_channel.empty()) {
    base::StrAppend(&text, kBetween, "else\x1f", flow.body.fallback_channel);
  }
  for (const Line* line : LiveLines(flow)) {
    base::StrAppend(&text, kBetween, line->transfer.end_to_end_id, kBetween, line->partner_id);
    if (line->odoo_payment_id > 0) {
      base::StrAppend(&text, kBetween, "account.payment", kBetween, line->odoo_payment_id);
    }
    for (const Bill& bill : line->bills) {
      base::StrAppend(&text, kBetween, bill.move_id, kBetween, bill.amount.ToString());
    }
  }
  return StrCat(text, "\n", canonical);
}

}  // namespace kontor::payment_orders
