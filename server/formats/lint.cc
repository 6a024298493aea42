// SPDX-License-Identifier: Apache-2.0
#include "server/formats/lint.h"

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/formats/bai2.h"
#include "server/formats/camt.h"
#include "server/formats/internal/peek_source.h"
#include "server/formats/mt.h"
#include "server/formats/nacha.h"
#include "server/formats/ofx.h"
#include "server/formats/pain001.h"
#include "server/formats/pain002.h"
#include "server/model/statement_prover.h"

namespace kontor::formats {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using model::Finding;

void Keep(LintResult& result, Finding finding) {
  ++result.finding_count;
  if (result.findings.size() < LintResult::kFindingsMax) {
    result.findings.push_back(std::move(finding));
  }
}

void KeepAll(LintResult& result, std::vector<Finding> findings, std::string_view path) {
  for (Finding& finding : findings) {
    if (!path.empty() && !finding.field.starts_with("statements[")) {
      finding.field = StrCat(path, ".", finding.field);
    }
    Keep(result, std::move(finding));
  }
}

class StatementLint final : public ports::StatementSink {
 public:
  explicit StatementLint(LintResult& result) : result_(result) {}
  absl::Status OnStatement(const model::Statement&) override { return absl::OkStatus(); }
  absl::Status OnDetails(std::span<const model::EntryDetail>) override { return absl::OkStatus(); }
  absl::Status OnLine(const model::StatementLine&) override { return absl::OkStatus(); }
  absl::Status OnStatementEnd(const model::Statement& statement) override {
    KeepAll(result_, statement.proof.findings, StrCat("statements[", count_, "]"));
    ++count_;
    if (result_.statements.size() >= LintResult::kStatementsMax) return absl::OkStatus();
    LintStatement out;
    out.kind = statement.kind;
    out.id = statement.id;
    out.account = base::Masked(statement.account.number);
    const model::BalancePair pair = model::BalancePairOf(statement);
    if (pair.opening != nullptr) {
      out.opening = pair.opening->amount.ValueText();
      out.currency = pair.opening->amount.currency().code();
    }
    if (pair.closing != nullptr) {
      out.closing = pair.closing->amount.ValueText();
      out.currency = pair.closing->amount.currency().code();
      if (pair.closing->date.has_value()) out.date = pair.closing->date->ToString();
    }
    if (out.currency.empty()) out.currency = statement.account.currency.code();
    out.proof = statement.proof;
    result_.statements.push_back(std::move(out));
    return absl::OkStatus();
  }

 private:
  LintResult& result_;
  int64_t count_ = 0;
};

/// What every bank asks of an order, whatever its dialect.
Dialect SharedRules(std::string_view format) {
  Dialect dialect;
  dialect.name = "ISO 20022";
  dialect.version = format.ends_with(".03") ? 3 : 9;
  dialect.characters = CharacterSet::kAny;
  dialect.name_length_max = 140;
  dialect.remittance_exclusive = false;
  dialect.iban_only = false;
  dialect.address_lines_max = 7;
  constexpr int64_t kTransfersMax = 10'000'000;
  dialect.transfers_max = kTransfersMax;
  return dialect;
}

class OrderLint final : public ports::PaymentOrderSink {
 public:
  OrderLint(const Dialect& dialect, LintResult& result) : dialect_(dialect), result_(result) {}
  absl::Status OnOrder(const model::PaymentOrderHeader& header) override {
    result_.subject = header.message_id;
    KeepAll(result_, CheckHeader(dialect_, header), "header");
    return absl::OkStatus();
  }
  absl::Status OnInstruction(const model::PaymentInstruction& instruction) override {
    instruction_ = instruction;
    transfers_ = 0;
    KeepAll(result_, CheckInstruction(dialect_, instruction),
            StrCat("batches[", result_.instruction_count, "].instruction"));
    ++result_.instruction_count;
    return absl::OkStatus();
  }
  absl::Status OnTransfer(const model::CreditTransfer& transfer) override {
    KeepAll(result_, CheckTransfer(dialect_, instruction_, transfer),
            StrCat("batches[", result_.instruction_count - 1, "].transfers[", transfers_, "]"));
    ++transfers_;
    ++result_.transfer_count;
    const model::Currency& currency = transfer.amount.currency();
    base::Decimal& sum = sums_[currency.code()];
    KONTOR_ASSIGN_OR_RETURN(sum, sum.Add(transfer.amount.ToDecimal()));
    result_.sums[currency.code()] = sum.ToFixed(currency.scale());
    return absl::OkStatus();
  }

 private:
  const Dialect& dialect_;
  LintResult& result_;
  model::PaymentInstruction instruction_;
  int64_t transfers_ = 0;
  std::map<std::string, base::Decimal> sums_;
};

class StatusLint final : public ports::PaymentStatusSink {
 public:
  explicit StatusLint(LintResult& result) : result_(result) {}
  absl::Status OnOrder(const model::OrderStatus& order) override {
    result_.subject = order.original_message_id;
    if (!order.status.empty()) ++result_.status_counts[order.status];
    return absl::OkStatus();
  }
  absl::Status OnInstruction(const model::InstructionStatus& instruction) override {
    ++result_.instruction_count;
    if (!instruction.status.empty()) ++result_.status_counts[instruction.status];
    return absl::OkStatus();
  }
  absl::Status OnTransfer(const model::TransferStatus& transfer) override {
    ++result_.transfer_count;
    if (!transfer.status.empty()) ++result_.status_counts[transfer.status];
    return absl::OkStatus();
  }

 private:
  LintResult& result_;
};

absl::Status NotRead(const Detected& detected) {
  switch (detected.format) {
    case FileFormat::kTable:
      return Error(Reason::kFormatUnknown)
          .Says("a table, which needs a mapping that says what its columns mean");
    case FileFormat::kOtherIso:
      return Error(Reason::kFormatUnknown)
          .Says(StrCat("a message ", detected.name, ", which is none that kontor reads"));
    default: return Error(Reason::kFormatUnknown).Says("no bank format that kontor knows");
  }
}

absl::Status ReadOrderFile(ports::ByteSource& source, const LintOptions& options,
                           LintResult& result) {
  result.report.format = result.detected.name;
  const Dialect shared = SharedRules(result.detected.name);
  OrderLint sink(options.dialect == nullptr ? shared : *options.dialect, result);
  return ReadPain001(source, sink, nullptr);
}

absl::Status ReadAs(ports::ByteSource& source, const LintOptions& options, LintResult& result) {
  StatementLint statements(result);
  StatusLint statuses(result);
  switch (result.detected.format) {
    case FileFormat::kCamt: return ReadCamt(source, statements, result.report);
    case FileFormat::kMt: return ReadMt(source, statements, result.report);
    case FileFormat::kBai2: return ReadBai2(source, statements, result.report);
    case FileFormat::kNacha: return ReadNacha(source, statements, result.report);
    case FileFormat::kOfx: return ReadOfx(source, statements, result.report);
    case FileFormat::kPain001: return ReadOrderFile(source, options, result);
    case FileFormat::kPain002: return ReadPain002(source, statuses, result.report);
    case FileFormat::kTable:
      if (options.mapping != nullptr) {
        return ReadCsv(source, *options.mapping, statements, result.report);
      }
      break;
    default:
      // A mapping says that a file is a table where its looks do not.
      if (result.detected.format == FileFormat::kUnknown && options.mapping != nullptr) {
        return ReadCsv(source, *options.mapping, statements, result.report);
      }
      break;
  }
  return NotRead(result.detected);
}

LintGrade GradeOf(const LintResult& result) {
  if (!result.end.ok()) {
    // Sums and ids are judged at the end of a file that could be read all the same.
    const bool judged =
        base::Is(result.end, Reason::kTotalsMismatch) || base::Is(result.end, Reason::kIdNotUnique);
    return judged ? LintGrade::kRefused : LintGrade::kUnreadable;
  }
  if (result.report.refused_count > 0 || model::HasErrors(result.findings)) {
    return LintGrade::kRefused;
  }
  return result.report.unproven_count > 0 ? LintGrade::kUnproven : LintGrade::kFine;
}

}  // namespace

LintResult Lint(ports::ByteSource& source, const LintOptions& options) {
  LintResult result;
  internal::PeekSource peek(source);
  const absl::StatusOr<std::string_view> head = peek.Peek(kDetectBytes);
  if (head.ok()) {
    result.detected = Detect(*head);
    result.end = ReadAs(peek, options, result);
  } else {
    result.end = head.status();
  }
  KeepAll(result, result.report.findings, "");
  if (!result.end.ok()) {
    Finding last = model::FindingOf(result.end);
    Keep(result, std::move(last));
  }
  result.grade = GradeOf(result);
  return result;
}

std::string_view NameOf(LintGrade grade) {
  switch (grade) {
    case LintGrade::kFine: return "FINE";
    case LintGrade::kUnproven: return "UNPROVEN";
    case LintGrade::kRefused: return "REFUSED";
    case LintGrade::kUnreadable: return "UNREADABLE";
  }
  return "";
}

}  // namespace kontor::formats
