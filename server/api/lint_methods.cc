// SPDX-License-Identifier: Apache-2.0
// What a bank file holds and whether it adds up: server/formats' judgement as proto.
#include <optional>

#include "server/api/convert.h"
#include "server/api/statement_api.h"
#include "server/base/status.h"
#include "server/formats/lint.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;

constexpr size_t kDialectBytesMax = size_t{256} << 10U;
constexpr size_t kMappingBytesMax = size_t{64} << 10U;

v1::StatementKind WriteKind(model::StatementKind kind) {
  switch (kind) {
    case model::StatementKind::kEndOfDay: return v1::STATEMENT_KIND_END_OF_DAY;
    case model::StatementKind::kIntraday: return v1::STATEMENT_KIND_INTRADAY;
    case model::StatementKind::kNotification: return v1::STATEMENT_KIND_NOTIFICATION;
    case model::StatementKind::kClearingFile: return v1::STATEMENT_KIND_CLEARING_FILE;
  }
  return v1::STATEMENT_KIND_UNSPECIFIED;
}

v1::StatementProof::Verdict WriteVerdict(model::StatementProof::Verdict verdict) {
  switch (verdict) {
    case model::StatementProof::Verdict::kProven: return v1::StatementProof::VERDICT_PROVEN;
    case model::StatementProof::Verdict::kUnproven: return v1::StatementProof::VERDICT_UNPROVEN;
    case model::StatementProof::Verdict::kRefused: return v1::StatementProof::VERDICT_REFUSED;
  }
  return v1::StatementProof::VERDICT_UNSPECIFIED;
}

void WriteProof(const model::StatementProof& proof, v1::StatementProof* out) {
  out->set_verdict(WriteVerdict(proof.verdict));
  out->set_basis(std::string(NameOf(proof.basis)));
  out->set_line_count(proof.line_count);
  out->set_booked_count(proof.booked_count);
  out->set_booked_credits(proof.booked_credits.ToString());
  out->set_booked_debits(proof.booked_debits.ToString());
  if (proof.difference) out->set_difference(proof.difference->ToString());
}

void WriteStatement(const formats::LintStatement& statement, v1::LintStatement* out) {
  out->set_kind(WriteKind(statement.kind));
  out->set_bank_id(statement.id);
  out->set_account_number(statement.account);
  out->set_currency_code(statement.currency);
  out->set_opening(statement.opening);
  out->set_closing(statement.closing);
  out->set_date(statement.date);
  WriteProof(statement.proof, out->mutable_proof());
}

v1::LintFileResponse::Grade WriteGrade(formats::LintGrade grade) {
  switch (grade) {
    case formats::LintGrade::kFine: return v1::LintFileResponse::GRADE_FINE;
    case formats::LintGrade::kUnproven: return v1::LintFileResponse::GRADE_UNPROVEN;
    case formats::LintGrade::kRefused: return v1::LintFileResponse::GRADE_REFUSED;
    case formats::LintGrade::kUnreadable: return v1::LintFileResponse::GRADE_UNREADABLE;
  }
  return v1::LintFileResponse::GRADE_UNSPECIFIED;
}

/// A pack by name, or the caller's own, which its own examples must prove.
absl::StatusOr<std::optional<formats::Dialect>> ReadDialect(const std::string& text) {
  if (text.empty()) return std::optional<formats::Dialect>();
  if (const formats::Dialect* known = formats::FindDialect(text)) {
    return std::optional<formats::Dialect>(*known);
  }
  if (!text.starts_with('{')) {
    return Error(Reason::kDialectInvalid)
        .Field("dialect")
        .Says("no dialect pack has this name, and it is no JSON either");
  }
  if (text.size() > kDialectBytesMax) {
    return Error(Reason::kTooLarge).Field("dialect").Says("a dialect pack has 256 KiB at most");
  }
  auto dialect = formats::ParseDialect(text);
  if (!dialect.ok()) return base::AtField(dialect.status(), "dialect");
  KONTOR_RETURN_IF_ERROR(base::AtField(formats::ProveDialect(*dialect), "dialect"));
  return std::optional<formats::Dialect>(*std::move(dialect));
}

absl::StatusOr<std::optional<formats::CsvMapping>> ReadMapping(const std::string& json) {
  if (json.empty()) return std::optional<formats::CsvMapping>();
  if (json.size() > kMappingBytesMax) {
    return Error(Reason::kTooLarge).Field("csv_mapping").Says("a mapping has 64 KiB at most");
  }
  auto mapping = formats::ParseCsvMapping(json);
  if (!mapping.ok()) return base::AtField(mapping.status(), "csv_mapping");
  return std::optional<formats::CsvMapping>(*std::move(mapping));
}

}  // namespace

absl::Status LintUpload(const v1::LintFileRequest& head, ports::ByteSource& bytes,
                        v1::LintFileResponse* response) {
  KONTOR_ASSIGN_OR_RETURN(const auto dialect, ReadDialect(head.dialect()));
  KONTOR_ASSIGN_OR_RETURN(const auto mapping, ReadMapping(head.csv_mapping()));
  formats::LintOptions options;
  if (dialect) options.dialect = &*dialect;
  if (mapping) options.mapping = &*mapping;
  const formats::LintResult result = formats::Lint(bytes, options);
  response->set_grade(WriteGrade(result.grade));
  response->set_format(result.report.format.empty() ? result.detected.name
                                                    : result.report.format);
  response->set_version_known(result.report.version_known);
  for (const auto& statement : result.statements) {
    WriteStatement(statement, response->add_statements());
  }
  response->set_statement_count(result.report.statement_count);
  response->set_line_count(result.report.line_count);
  response->set_instruction_count(result.instruction_count);
  response->set_transfer_count(result.transfer_count);
  response->mutable_sums()->insert(result.sums.begin(), result.sums.end());
  response->mutable_status_counts()->insert(result.status_counts.begin(),
                                            result.status_counts.end());
  response->set_subject(result.subject);
  for (const auto& finding : result.findings) WriteFinding(finding, response->add_findings());
  response->set_finding_count(result.finding_count);
  return absl::OkStatus();
}

}  // namespace kontor::api
