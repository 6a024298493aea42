// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/formats/reading.h"

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::formats::testing {
namespace {

std::string FindingsText(const model::StatementProof& proof, model::Severity severity) {
  std::vector<std::string> parts;
  for (const model::Finding& finding : proof.findings) {
    if (finding.severity == severity) {
      parts.push_back(base::StrCat(finding.reason, "@", finding.field));
    }
  }
  return base::StrJoin(parts, " ");
}

}  // namespace

Outcome ReadAll(const Reader& reader, std::string_view text, size_t chunk_bytes_max) {
  Outcome outcome;
  TextSource source(text, chunk_bytes_max);
  StatementCollector collector;
  outcome.status = reader(source, collector, outcome.report);
  outcome.statements = collector.statements();
  return outcome;
}

std::string ErrorsText(const model::StatementProof& proof) {
  return FindingsText(proof, model::Severity::kError);
}

std::string WarningsText(const model::StatementProof& proof) {
  return FindingsText(proof, model::Severity::kWarning);
}

std::string Verdicts(const Outcome& outcome) {
  if (!outcome.status.ok()) return base::InfoOf(outcome.status).reason;
  std::vector<std::string> parts;
  for (const WholeStatement& whole : outcome.statements) {
    const model::StatementProof& proof = whole.statement.proof;
    parts.push_back(base::StrCat(NameOf(proof.verdict), " ", NameOf(proof.basis)));
  }
  return base::StrJoin(parts, ", ");
}

std::string LineText(const model::StatementLine& line) {
  return base::StrCat(line.booking_date.has_value() ? line.booking_date->ToString() : "-", " ",
                      line.amount.ToString(), " ", NameOf(line.status));
}

std::string BookedText(const Outcome& outcome) {
  std::string out;
  if (!outcome.status.ok()) return out;
  for (const WholeStatement& whole : outcome.statements) {
    if (whole.statement.proof.verdict != model::StatementProof::Verdict::kProven) continue;
    for (const model::StatementLine& line : whole.lines) {
      if (line.status != model::LineStatus::kBooked) continue;
      base::StrAppend(&out, whole.statement.account.number, " ", LineText(line), "\n");
    }
  }
  return out;
}

std::string FirstUnprovenCut(const Reader& reader, std::string_view text) {
  const std::string whole = BookedText(ReadAll(reader, text));
  for (size_t size = 0; size < text.size(); ++size) {
    const std::string booked = BookedText(ReadAll(reader, text.substr(0, size)));
    // A statement that ended before the cut stands for itself: what is booked is a front part.
    if (!booked.empty() && !whole.starts_with(booked)) {
      return base::StrCat("cut at ", static_cast<int64_t>(size), " books:\n", booked);
    }
  }
  return "";
}

}  // namespace kontor::formats::testing
