// SPDX-License-Identifier: Apache-2.0
// `kontorctl reconcile ENTITY [--date-from D --date-to D]`: counts and sums a journal and day of
// documents and of bank lines, closing balances of statements, kontor against Odoo, then each
// difference. Exit code 1 when there is one.
#include <ostream>

#include "absl/time/clock.h"
#include "kontor/v1/connection.pb.h"
#include "sdk/cli/fields.h"
#include "sdk/cli/output.h"
#include "sdk/cli/own_commands.h"
#include "sdk/cli/table.h"

namespace kontor::cli {
namespace {

std::string Text(const v1::Money& money) {
  return money.value().empty() ? "" : money.value() + " " + money.currency_code();
}

Cell Verdict(bool same) {
  return {same ? "=" : "differs", same ? Colour::kGreen : Colour::kRed};
}

using Rows = google::protobuf::RepeatedPtrField<v1::ReconcileRow>;

void PrintRows(const Rows& rows, Surroundings& surroundings) {
  Table table;
  table.columns = {{"day"},          {"journal"},          {"kontor", true}, {"Odoo", true},
                   {"kontor sum", true}, {"Odoo sum", true}, {""}};
  for (const auto& row : rows) {
    const bool same = row.kontor_count() == row.odoo_count() &&
                      row.kontor_total().value() == row.odoo_total().value();
    table.rows.push_back({{row.date()},
                          {row.journal_code()},
                          {std::to_string(row.kontor_count())},
                          {std::to_string(row.odoo_count())},
                          {Text(row.kontor_total())},
                          {Text(row.odoo_total())},
                          Verdict(same)});
  }
  surroundings.out << Render(table, surroundings.terminal);
}

void PrintBank(const v1::ReconcileEntityResponse& response, Surroundings& surroundings) {
  if (!response.bank_rows().empty()) {
    surroundings.out << "\nbank lines\n";
    PrintRows(response.bank_rows(), surroundings);
  }
  if (response.bank_balances().empty()) return;
  Table table;
  table.columns = {{"day"},          {"journal"},         {"statement"},
                   {"the bank's balance", true}, {"Odoo's", true}, {""}};
  for (const auto& balance : response.bank_balances()) {
    const bool same = balance.kontor_balance().value() == balance.odoo_balance().value();
    table.rows.push_back({{balance.date()},
                          {balance.journal_code()},
                          {balance.statement_id()},
                          {Text(balance.kontor_balance())},
                          {Text(balance.odoo_balance())},
                          Verdict(same)});
  }
  surroundings.out << "\nclosing balances\n" << Render(table, surroundings.terminal);
}

/// What a difference is about: a document, else a bank's statement and day.
std::string About(const v1::ReconcileDifference& difference) {
  if (!difference.document_id().empty() || difference.journal_code().empty()) {
    return difference.document_id();
  }
  return difference.journal_code() + " " + difference.date() +
         (difference.statement_id().empty() ? "" : " " + difference.statement_id());
}

void PrintDifferences(const v1::ReconcileEntityResponse& response, Surroundings& surroundings) {
  if (response.differences().empty()) {
    surroundings.out << "\nno differences\n";
    return;
  }
  Table table;
  table.columns = {{"difference"}, {"about"}, {"in Odoo"}, {"kontor"}, {"Odoo"}, {"exception"}};
  for (const auto& difference : response.differences()) {
    const auto* kind = v1::ReconcileDifference::Kind_descriptor()->FindValueByNumber(
        difference.kind());
    table.rows.push_back({{ShortName(*kind), Colour::kRed},
                          {About(difference)},
                          {difference.odoo().name()},
                          {difference.kontor_value()},
                          {difference.odoo_value()},
                          {difference.exception_id()}});
  }
  surroundings.out << "\n" << Render(table, surroundings.terminal);
}

std::string Day(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone());
}

}  // namespace

ExitCode RunReconcile(const Globals& globals, Surroundings& surroundings) {
  v1::ReconcileEntityRequest request;
  if (globals.words.size() != 2) {
    surroundings.err << "kontorctl: reconcile needs one entity\n";
    return kUsage;
  }
  request.set_entity(globals.words[1]);
  for (const auto& [flag, value] : globals.fields) {
    const absl::Status set = SetField(flag, value, &request);
    if (!set.ok()) {
      surroundings.err << "kontorctl: " << set.message() << "\n";
      return kUsage;
    }
  }
  constexpr int kDaysBack = 31;
  if (request.date_to().empty()) request.set_date_to(Day(absl::Now()));
  if (request.date_from().empty()) {
    request.set_date_from(Day(absl::Now() - absl::Hours(24 * kDaysBack)));
  }
  request.set_raise_exceptions(true);
  sdk::FillRequestIds(request);
  auto connection = surroundings.connect(globals.options);
  if (!connection.ok()) {
    surroundings.err << "kontorctl: " << connection.status().message() << "\n";
    return kUsage;
  }
  v1::ReconcileEntityResponse response;
  const absl::Status called = (*connection)
                                  ->Call("/kontor.v1.ConnectionService/ReconcileEntity", request,
                                         response, {});
  if (!called.ok()) return Fail(called, globals, surroundings);
  if (globals.json) {
    surroundings.out << ToJson(response);
  } else {
    PrintRows(response.rows(), surroundings);
    PrintBank(response, surroundings);
    PrintDifferences(response, surroundings);
  }
  return response.differences().empty() ? kDone : kRefused;
}

}  // namespace kontor::cli
