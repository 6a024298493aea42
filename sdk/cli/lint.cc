// SPDX-License-Identifier: Apache-2.0
// `kontorctl format lint FILE [--dialect NAME|FILE] [--mapping FILE]`: what a bank file holds,
// whether it adds up, what a bank would refuse and where. The service judges, so that it and
// kontorctl can't be of two minds about a file.
#include <filesystem>
#include <ostream>

#include "kontor/v1/statement.pb.h"
#include "sdk/cli/fields.h"
#include "sdk/cli/output.h"
#include "sdk/cli/own_commands.h"
#include "sdk/cli/table.h"
#include "sdk/cli/upload.h"

namespace kontor::cli {
namespace {

constexpr size_t kWords = 3;
using Grade = v1::LintFileResponse;

absl::Status FillHead(const Globals& globals, v1::LintFileRequest* head) {
  for (const auto& [flag, value] : globals.fields) {
    absl::Status read;
    if (flag == "mapping") {
      read = ReadWhole(value, head->mutable_csv_mapping());
    } else if (flag == "dialect") {
      std::error_code ignored;
      // A pack that kontor brings along has a name; another one is a file.
      if (std::filesystem::is_regular_file(value, ignored)) {
        read = ReadWhole(value, head->mutable_dialect());
      } else {
        head->set_dialect(value);
      }
    } else {
      read = absl::InvalidArgumentError("format lint has no flag --" + flag);
    }
    if (!read.ok()) return read;
  }
  return absl::OkStatus();
}

/// "2 statements with 14 lines", "1 batch with 3 payments, 345.58 EUR".
std::string WhatItHolds(const v1::LintFileResponse& file) {
  std::string out;
  if (file.statement_count() > 0 || file.instruction_count() + file.transfer_count() == 0) {
    out = Count(file.statement_count(), "statement", "statements") + " with " +
          Count(file.line_count(), "line", "lines");
  } else {
    out = Count(file.instruction_count(), "batch", "batches") + " with " +
          Count(file.transfer_count(), "payment", "payments");
  }
  for (const auto& [currency, sum] : file.sums()) out += ", " + sum + " " + currency;
  for (const auto& [status, count] : file.status_counts()) {
    out += ", " + std::to_string(count) + " × " + status;
  }
  return out;
}

std::string Verdict(const v1::StatementProof& proof) {
  switch (proof.verdict()) {
    case v1::StatementProof::VERDICT_PROVEN: return "adds up";
    case v1::StatementProof::VERDICT_UNPROVEN: return "nothing proves it";
    case v1::StatementProof::VERDICT_REFUSED:
      return proof.difference().empty() ? "does not add up"
                                        : "does not add up by " + proof.difference();
    default: return "";
  }
}

Colour ColourOfVerdict(const v1::StatementProof& proof) {
  if (proof.verdict() == v1::StatementProof::VERDICT_PROVEN) return Colour::kGreen;
  return proof.verdict() == v1::StatementProof::VERDICT_REFUSED ? Colour::kRed : Colour::kYellow;
}

void PrintStatements(const v1::LintFileResponse& file, Surroundings& surroundings) {
  Table table;
  table.columns = {{"statement"}, {"account"},       {"day"},   {"opening", true},
                   {"in", true},  {"out", true},     {"closing", true}, {"currency"},
                   {"lines", true}, {"proof"}};
  for (const auto& statement : file.statements()) {
    const auto& proof = statement.proof();
    table.rows.push_back({{statement.bank_id()},
                          {statement.account_number()},
                          {statement.date()},
                          {statement.opening()},
                          {proof.booked_credits()},
                          {proof.booked_debits()},
                          {statement.closing()},
                          {statement.currency_code()},
                          {std::to_string(proof.line_count())},
                          {Verdict(proof), ColourOfVerdict(proof)}});
  }
  if (!table.rows.empty()) surroundings.out << "\n" << Render(table, surroundings.terminal);
  if (file.statement_count() > file.statements_size()) {
    surroundings.out << file.statement_count() - file.statements_size()
                     << " more statements are not shown\n";
  }
}

void PrintFindings(const v1::LintFileResponse& file, Surroundings& surroundings) {
  Table table;
  table.columns = {{"where"}, {"reason"}, {"what is wrong"}, {"what to do"}};
  for (const auto& finding : file.findings()) {
    const bool error = finding.severity() == v1::Finding::SEVERITY_ERROR;
    table.rows.push_back({{finding.field()},
                          {finding.reason(), error ? Colour::kRed : Colour::kYellow},
                          {finding.message()},
                          {finding.suggestion()}});
  }
  if (!table.rows.empty()) surroundings.out << "\n" << Render(table, surroundings.terminal);
  if (file.finding_count() > file.findings_size()) {
    surroundings.out << file.finding_count() - file.findings_size()
                     << " more findings are not shown\n";
  }
}

void Print(const v1::LintFileResponse& file, Surroundings& surroundings) {
  auto& out = surroundings.out;
  const Terminal& terminal = surroundings.terminal;
  out << "format   " << (file.format().empty() ? "not recognised" : file.format())
      << (file.version_known() || file.format().empty() ? ""
                                                        : " (a version that kontor does not know)")
      << "\n";
  out << "size     " << file.size_bytes() << " bytes, SHA-256 " << file.sha256() << "\n";
  if (file.grade() != Grade::GRADE_UNREADABLE) out << "holds    " << WhatItHolds(file) << "\n";
  if (!file.subject().empty()) out << "message  " << file.subject() << "\n";
  out << "verdict  ";
  switch (file.grade()) {
    case Grade::GRADE_FINE: out << Paint(terminal, Colour::kGreen, "fine"); break;
    case Grade::GRADE_UNPROVEN:
      out << Paint(terminal, Colour::kYellow, "read whole, but nothing in it proves it");
      break;
    case Grade::GRADE_REFUSED: out << Paint(terminal, Colour::kRed, "refused"); break;
    default: out << Paint(terminal, Colour::kRed, "unreadable"); break;
  }
  out << "\n";
  PrintStatements(file, surroundings);
  PrintFindings(file, surroundings);
}

}  // namespace

ExitCode RunFormatLint(const Globals& globals, Surroundings& surroundings) {
  if (globals.words.size() != kWords) {
    return Usage("usage: kontorctl format lint FILE [--dialect NAME|FILE] [--mapping FILE]",
                 surroundings);
  }
  v1::LintFileRequest head;
  const absl::Status filled = FillHead(globals, &head);
  if (!filled.ok()) return Usage(filled, surroundings);
  const std::string& path = globals.words[2];
  std::error_code ignored;
  if (path != "-" && !std::filesystem::is_regular_file(path, ignored)) {
    return Usage("cannot read " + path, surroundings);
  }
  auto connection = surroundings.connect(globals.options);
  if (!connection.ok()) return Usage(connection.status(), surroundings);
  v1::LintFileResponse response;
  const absl::Status called = SendFile(**connection, "/kontor.v1.StatementService/LintFile",
                                       std::move(head), path, surroundings, &response);
  if (!called.ok()) return Fail(called, globals, surroundings);
  if (globals.json) {
    surroundings.out << ToJson(response);
  } else {
    Print(response, surroundings);
  }
  const bool good =
      response.grade() == Grade::GRADE_FINE || response.grade() == Grade::GRADE_UNPROVEN;
  return good ? kDone : kRefused;
}

}  // namespace kontor::cli
