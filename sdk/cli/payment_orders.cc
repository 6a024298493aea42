// SPDX-License-Identifier: Apache-2.0
// `kontorctl payment-order show ID` with its payments, and `payment-order trace ID` with all that
// happened, found by any id.
#include <ostream>

#include "google/protobuf/util/time_util.h"
#include "kontor/v1/payment_order.pb.h"
#include "sdk/cli/commands.h"
#include "sdk/cli/fields.h"
#include "sdk/cli/output.h"
#include "sdk/cli/own_commands.h"
#include "sdk/cli/table.h"

namespace kontor::cli {
namespace {

using google::protobuf::util::TimeUtil;

constexpr size_t kWords = 3;

std::string Text(const v1::Money& money) {
  return money.value().empty() ? "" : money.value() + " " + money.currency_code();
}

std::string StateOf(const v1::PaymentOrder& order) {
  return ShortName(*v1::PaymentOrder::State_descriptor()->FindValueByNumber(order.state()));
}

std::string StateOf(const v1::PaymentOrderLine& line) {
  return ShortName(*v1::PaymentOrderLine::State_descriptor()->FindValueByNumber(line.state()));
}

void PrintLine(std::string_view name, const std::string& value, Surroundings& surroundings) {
  constexpr size_t kWidth = 12;
  if (value.empty()) return;
  std::string head(name);
  head.resize(kWidth, ' ');
  surroundings.out << head << value << "\n";
}

std::string BillsOf(const v1::PaymentOrderLine& line) {
  std::string out;
  for (const v1::PaidBill& bill : line.bills()) {
    out += (out.empty() ? "" : ", ") + bill.name();
  }
  if (out.empty() && line.odoo_payment_id() > 0) {
    return "Odoo's payment " + std::to_string(line.odoo_payment_id());
  }
  return out;
}

void PrintPayments(const v1::PaymentOrder& order, Surroundings& surroundings) {
  Table table;
  table.columns = {{"payment", true}, {"state"}, {"amount", true}, {"to"},     {"account"},
                   {"text"},          {"bills"}, {"route"},        {"status"}, {"why"}};
  for (const v1::PaymentOrderLine& line : order.payments()) {
    std::string why;
    for (const v1::Finding& finding : line.holds()) {
      why += (why.empty() ? "" : "; ") + finding.message();
    }
    for (const std::string& reason : line.status_reasons()) {
      why += (why.empty() ? "" : "; ") + reason;
    }
    const std::string& text =
        line.remittance_text().empty() ? line.creditor_reference() : line.remittance_text();
    table.rows.push_back({{std::to_string(line.number())},
                          {StateOf(line), ColourOf(StateOf(line))},
                          {Text(line.amount())},
                          {line.creditor().holder_name()},
                          {line.creditor().account_number()},
                          {text},
                          {BillsOf(line)},
                          {line.route()},
                          {line.status_code()},
                          {why, Colour::kRed}});
  }
  if (!table.rows.empty()) surroundings.out << "\n" << Render(table, surroundings.terminal);
}

/// Who decided, and whose role it was when they had none of their own.
std::string ForWhom(const std::string& name, const std::string& delegator) {
  return delegator.empty() ? name : name + ", for " + delegator;
}

void PrintApprovals(const v1::PaymentOrder& order, Surroundings& surroundings) {
  Table table;
  table.columns = {{"approved by"}, {"when"}, {"policy"}, {"counts"}};
  for (const v1::PaymentApproval& approval : order.approvals()) {
    const bool counts = approval.void_reason().empty();
    table.rows.push_back({{ForWhom(approval.name(), approval.delegator())},
                          {TimeUtil::ToString(approval.time())},
                          {approval.policy_version()},
                          {counts ? "yes" : "no: " + approval.void_reason(),
                           counts ? Colour::kGreen : Colour::kRed}});
  }
  if (!table.rows.empty()) surroundings.out << "\n" << Render(table, surroundings.terminal);
}

void PrintFindings(const v1::PaymentOrder& order, Surroundings& surroundings) {
  Table table;
  table.columns = {{"where"}, {"reason"}, {"what is wrong"}, {"what to do"}};
  for (const v1::Finding& finding : order.findings()) {
    const bool warning = finding.severity() == v1::Finding::SEVERITY_WARNING;
    table.rows.push_back({{finding.field()},
                          {finding.reason(), warning ? Colour::kYellow : Colour::kRed},
                          {finding.message()},
                          {finding.suggestion()}});
  }
  if (!table.rows.empty()) surroundings.out << "\n" << Render(table, surroundings.terminal);
}

void Print(const v1::PaymentOrder& order, Surroundings& surroundings) {
  PrintLine("order", order.id(), surroundings);
  PrintLine("state", StateOf(order), surroundings);
  PrintLine("for", order.description(), surroundings);
  PrintLine("pays",
            Text(order.total()) + " in " + Count(order.payment_count(), "payment", "payments"),
            surroundings);
  PrintLine("from", order.account().empty() ? "" : order.account() + ", by " + order.channel(),
            surroundings);
  if (!order.first_channel().empty()) {
    PrintLine("instead of", order.first_channel() + ", by which it did not leave", surroundings);
  } else if (!order.fallback_channel().empty()) {
    PrintLine("else by", order.fallback_channel(), surroundings);
  }
  if (order.test()) PrintLine("a test", "of its channel", surroundings);
  PrintLine("on", order.execution_date(), surroundings);
  if (order.has_cut_off_time()) {
    PrintLine("cut-off", TimeUtil::ToString(order.cut_off_time()), surroundings);
  }
  PrintLine("prepared by", order.preparer(), surroundings);
  if (order.approvals_needed() > 0) {
    PrintLine("approvals", std::to_string(order.approvals_needed()) + " needed", surroundings);
  }
  PrintLine("released by", ForWhom(order.releaser(), order.release_delegator()), surroundings);
  PrintLine("digest", order.digest(), surroundings);
  PrintLine("file", order.file_name(), surroundings);
  PrintLine("SHA-256", order.file_sha256(), surroundings);
  for (const std::string& reason : order.hold_reasons()) PrintLine("held", reason, surroundings);
  PrintLine("cancelled", order.cancel_reason(), surroundings);
  PrintLine("case", order.exception_id(), surroundings);
  PrintLine("late", order.deadline_exception_id(), surroundings);
  PrintApprovals(order, surroundings);
  PrintPayments(order, surroundings);
  PrintFindings(order, surroundings);
}

}  // namespace

ExitCode RunPaymentOrderShow(const Globals& globals, Surroundings& surroundings) {
  if (globals.words.size() != kWords) {
    return Usage("payment-order show needs one id", surroundings);
  }
  v1::GetPaymentOrderRequest request;
  request.set_id(globals.words[2]);
  auto connection = surroundings.connect(globals.options);
  if (!connection.ok()) return Usage(connection.status(), surroundings);
  v1::GetPaymentOrderResponse response;
  const absl::Status called =
      (*connection)->Call("/kontor.v1.PaymentOrderService/GetPaymentOrder", request, response, {});
  if (!called.ok()) return Fail(called, globals, surroundings);
  if (globals.json) {
    surroundings.out << ToJson(response);
  } else {
    Print(response.order(), surroundings);
  }
  return kDone;
}

ExitCode RunPaymentOrderTrace(const Globals& globals, Surroundings& surroundings) {
  v1::TracePaymentRequest request;
  const absl::Status filled =
      FillRequest(*FindCommand("payment-order", "trace"), globals, &request);
  if (!filled.ok()) return Usage(filled, surroundings);
  if (request.id().empty()) {
    return Usage("payment-order trace needs one id, of whatever kind", surroundings);
  }
  auto connection = surroundings.connect(globals.options);
  if (!connection.ok()) return Usage(connection.status(), surroundings);
  v1::TracePaymentResponse response;
  const absl::Status called =
      (*connection)->Call("/kontor.v1.PaymentOrderService/TracePayment", request, response, {});
  if (!called.ok()) return Fail(called, globals, surroundings);
  if (globals.json) {
    surroundings.out << ToJson(response);
    return kDone;
  }
  for (const v1::PaymentOrder& order : response.orders()) Print(order, surroundings);
  Table table;
  table.columns = {{"when"}, {"what"}, {"who"}, {"reference"}, {"note"}};
  for (const v1::TraceEntry& entry : response.entries()) {
    table.rows.push_back({{TimeUtil::ToString(entry.time())},
                          {entry.what()},
                          {entry.who()},
                          {entry.reference()},
                          {entry.note()}});
  }
  if (!table.rows.empty()) surroundings.out << "\n" << Render(table, surroundings.terminal);
  return kDone;
}

}  // namespace kontor::cli
