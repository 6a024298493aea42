// SPDX-License-Identifier: Apache-2.0
// `kontorctl statement import FILE`, `statement show ID` with its lines, and `kontorctl cash`.
#include <ostream>
#include <vector>

#include "kontor/v1/statement.pb.h"
#include "sdk/cli/fields.h"
#include "sdk/cli/output.h"
#include "sdk/cli/own_commands.h"
#include "sdk/cli/table.h"
#include "sdk/cli/upload.h"

namespace kontor::cli {
namespace {

constexpr size_t kWords = 3;
constexpr int kLinesAPage = 500;

std::string Text(const v1::Money& money) {
  return money.value().empty() ? "" : money.value() + " " + money.currency_code();
}

std::string BalanceOf(const v1::Statement& statement, const std::string& type) {
  for (const auto& balance : statement.balances()) {
    if (balance.type() == type) return balance.amount().value();
  }
  return "";
}

Colour ColourOfState(v1::Statement::State state) {
  if (state == v1::Statement::STATE_POSTED) return Colour::kGreen;
  return state == v1::Statement::STATE_REFUSED ? Colour::kRed : Colour::kYellow;
}

template <typename Statements>
void PrintStatements(const Statements& statements, Surroundings& surroundings) {
  Table table;
  table.columns = {{"statement"},     {"state"},          {"account"},       {"day"},
                   {"opening", true}, {"closing", true},  {"currency"},      {"lines", true},
                   {"new", true},     {"matched", true},  {"in Odoo", true}, {"exception"}};
  for (const auto& statement : statements) {
    const auto* state = v1::Statement::State_descriptor()->FindValueByNumber(statement.state());
    table.rows.push_back({{statement.id()},
                          {ShortName(*state), ColourOfState(statement.state())},
                          {statement.account_number()},
                          {statement.date()},
                          {BalanceOf(statement, "OPENING")},
                          {BalanceOf(statement, "CLOSING")},
                          {statement.currency_code()},
                          {std::to_string(statement.proof().line_count())},
                          {std::to_string(statement.stored_count())},
                          {std::to_string(statement.matched_count())},
                          {std::to_string(statement.posted_count())},
                          {statement.exception_id(), Colour::kRed}});
  }
  if (!table.rows.empty()) surroundings.out << Render(table, surroundings.terminal);
}

template <typename Findings>
void PrintFindings(const Findings& findings, Surroundings& surroundings) {
  Table table;
  table.columns = {{"where"}, {"reason"}, {"what is wrong"}, {"what to do"}};
  for (const auto& finding : findings) {
    table.rows.push_back({{finding.field()},
                          {finding.reason(), Colour::kRed},
                          {finding.message()},
                          {finding.suggestion()}});
  }
  if (!table.rows.empty()) surroundings.out << "\n" << Render(table, surroundings.terminal);
}

void PrintLines(const std::vector<v1::StatementLine>& lines, Surroundings& surroundings) {
  Table table;
  table.columns = {{"line", true}, {"status"}, {"state"},   {"booked"}, {"amount", true},
                   {"with"},       {"account"}, {"text"},   {"order"},  {"in Odoo"}};
  for (const auto& line : lines) {
    table.rows.push_back({{std::to_string(line.number())},
                          {line.status()},
                          {line.state(), ColourOf(line.state())},
                          {line.booking_date()},
                          {line.amount().value()},
                          {line.partner_name()},
                          {line.account_number()},
                          {line.text()},
                          {line.payment_order_id()},
                          {line.odoo().name()}});
  }
  if (!table.rows.empty()) surroundings.out << "\n" << Render(table, surroundings.terminal);
}

absl::Status FillHead(const Globals& globals, v1::ImportStatementRequest* head) {
  head->mutable_wait()->set_seconds(30);
  for (const auto& [flag, value] : globals.fields) {
    const absl::Status set = flag == "mapping" ? ReadWhole(value, head->mutable_csv_mapping())
                                               : SetField(flag, value, head);
    if (!set.ok()) return set;
  }
  CompleteHead(globals.words[2], head);
  return absl::OkStatus();
}

void Print(const v1::ImportStatementResponse& response, Surroundings& surroundings) {
  const auto& file = response.file();
  const auto* state = v1::BankFile::State_descriptor()->FindValueByNumber(file.state());
  auto& out = surroundings.out;
  out << "file     " << file.id() << ", " << ShortName(*state)
      << (response.repeated() ? ", which was here already" : "") << "\n";
  out << "format   " << (file.format().empty() ? "not recognised yet" : file.format()) << "\n";
  if (file.repeated_count() > 0) {
    out << "known    " << file.repeated_count() << " of its statements came in other files\n";
  }
  if (!file.exception_id().empty()) out << "case     " << file.exception_id() << "\n";
  if (response.statements_size() > 0) out << "\n";
  PrintStatements(response.statements(), surroundings);
  PrintFindings(file.findings(), surroundings);
}

absl::Status AllLines(sdk::Connection& connection, const std::string& id,
                      std::vector<v1::StatementLine>* lines) {
  v1::ListStatementLinesRequest request;
  request.set_id(id);
  request.set_page_size(kLinesAPage);
  do {
    v1::ListStatementLinesResponse page;
    const absl::Status called = connection.Call(
        "/kontor.v1.StatementService/ListStatementLines", request, page, {});
    if (!called.ok()) return called;
    lines->insert(lines->end(), page.lines().begin(), page.lines().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

void PrintCash(const v1::GetCashPositionResponse& response, Surroundings& surroundings) {
  Table table;
  table.columns = {{"entity"}, {"bank"},   {"account"},          {"booked", true}, {"day"},
                   {"newest", true}, {"at"}, {"currency"}, {"freshness"}};
  for (const auto& account : response.accounts()) {
    const bool fresh = account.freshness() == v1::CashAccount::FRESHNESS_FRESH;
    const auto* freshness =
        v1::CashAccount::Freshness_descriptor()->FindValueByNumber(account.freshness());
    table.rows.push_back({{account.entity()},
                          {account.channel()},
                          {account.account_number()},
                          {account.booked().value()},
                          {account.booked_date()},
                          {account.intraday().value()},
                          {account.intraday_time()},
                          {account.currency_code()},
                          {ShortName(*freshness) + (account.has_gap() ? ", GAP" : ""),
                           fresh && !account.has_gap() ? Colour::kGreen : Colour::kRed}});
  }
  if (table.rows.empty()) {
    surroundings.out << "no account of ours is known\n";
    return;
  }
  surroundings.out << Render(table, surroundings.terminal);
  Table totals;
  totals.columns = {{"entity"}, {"booked", true}, {"newest", true}, {"accounts", true},
                    {"stale", true}};
  for (const auto& total : response.totals()) {
    totals.rows.push_back({{total.entity().empty() ? "all" : total.entity()},
                           {Text(total.booked())},
                           {Text(total.newest())},
                           {std::to_string(total.account_count())},
                           {std::to_string(total.stale_count()),
                            total.stale_count() > 0 ? Colour::kRed : Colour::kPlain}});
  }
  surroundings.out << "\n" << Render(totals, surroundings.terminal);
}

}  // namespace

ExitCode RunStatementImport(const Globals& globals, Surroundings& surroundings) {
  if (globals.words.size() != kWords) {
    return Usage("usage: kontorctl statement import FILE [--channel C] [--mapping M] [--wait 30s]",
                 surroundings);
  }
  v1::ImportStatementRequest head;
  const absl::Status filled = FillHead(globals, &head);
  if (!filled.ok()) return Usage(filled, surroundings);
  auto connection = surroundings.connect(globals.options);
  if (!connection.ok()) return Usage(connection.status(), surroundings);
  v1::ImportStatementResponse response;
  const absl::Status called = SendFile(**connection, "/kontor.v1.StatementService/ImportStatement",
                                       std::move(head), globals.words[2], surroundings, &response);
  if (!called.ok()) return Fail(called, globals, surroundings);
  if (globals.json) {
    surroundings.out << ToJson(response);
  } else {
    Print(response, surroundings);
  }
  bool good = response.file().exception_id().empty();
  for (const auto& statement : response.statements()) {
    good = good && statement.exception_id().empty();
  }
  return good ? kDone : kRefused;
}

ExitCode RunStatementShow(const Globals& globals, Surroundings& surroundings) {
  if (globals.words.size() != kWords) {
    return Usage("statement show needs one id", surroundings);
  }
  v1::GetStatementRequest request;
  request.set_id(globals.words[2]);
  auto connection = surroundings.connect(globals.options);
  if (!connection.ok()) return Usage(connection.status(), surroundings);
  v1::GetStatementResponse response;
  const absl::Status called =
      (*connection)->Call("/kontor.v1.StatementService/GetStatement", request, response, {});
  if (!called.ok()) return Fail(called, globals, surroundings);
  if (globals.json) {
    surroundings.out << ToJson(response);
    return kDone;
  }
  std::vector<v1::StatementLine> lines;
  const absl::Status listed = AllLines(**connection, request.id(), &lines);
  if (!listed.ok()) return Fail(listed, globals, surroundings);
  PrintStatements(std::vector<v1::Statement>{response.statement()}, surroundings);
  for (const std::string& decision : response.statement().decisions()) {
    surroundings.out << "· " << decision << "\n";
  }
  PrintFindings(response.statement().findings(), surroundings);
  PrintLines(lines, surroundings);
  return kDone;
}

ExitCode RunCash(const Globals& globals, Surroundings& surroundings) {
  v1::GetCashPositionRequest request;
  if (globals.words.size() > 2) return Usage("cash takes one entity at most", surroundings);
  if (globals.words.size() == 2) request.set_entity(globals.words[1]);
  for (const auto& [flag, value] : globals.fields) {
    const absl::Status set = SetField(flag, value, &request);
    if (!set.ok()) return Usage(set, surroundings);
  }
  auto connection = surroundings.connect(globals.options);
  if (!connection.ok()) return Usage(connection.status(), surroundings);
  v1::GetCashPositionResponse response;
  const absl::Status called =
      (*connection)->Call("/kontor.v1.StatementService/GetCashPosition", request, response, {});
  if (!called.ok()) return Fail(called, globals, surroundings);
  if (globals.json) {
    surroundings.out << ToJson(response);
  } else {
    PrintCash(response, surroundings);
  }
  return kDone;
}

}  // namespace kontor::cli
