// SPDX-License-Identifier: Apache-2.0
// The first reading proves each statement and stores nothing: what a sink is told is provisional
// until the file's end was seen. The second reading (lines.cc) is of the same bytes.
#include <algorithm>

#include "server/crypto/digest.h"
#include "server/engine/statements/internal/loop.h"

namespace kontor::statements {
namespace {

using base::StrAppend;

constexpr char kBetween = '\x1f';

void Add(std::string* out, std::string_view text) { StrAppend(out, text, kBetween); }
void Add(std::string* out, const std::optional<model::Date>& date) {
  Add(out, date ? date->ToString() : "");
}
void Add(std::string* out, const model::BankTransactionCode& code) {
  for (const auto* text : {&code.domain, &code.family, &code.sub_family, &code.proprietary,
                           &code.text}) {
    Add(out, *text);
  }
}
void Add(std::string* out, const model::BankParty& party) {
  Add(out, party.name);
  Add(out, party.account.number);
}

class Surveyor final : public ports::StatementSink {
 public:
  explicit Surveyor(std::vector<Surveyed>& out) : out_(out) {}

  absl::Status OnStatement(const model::Statement&) override {
    first_.clear();
    last_.clear();
    return absl::OkStatus();
  }
  absl::Status OnDetails(std::span<const model::EntryDetail> details) override {
    for (const model::EntryDetail& detail : details) hash_.Update(WordsOf(detail));
    return absl::OkStatus();
  }
  absl::Status OnLine(const model::StatementLine& line) override {
    hash_.Update(WordsOf(line));
    for (const model::EntryDetail& detail : line.details) hash_.Update(WordsOf(detail));
    if (line.booking_date) {
      const std::string day = line.booking_date->ToString();
      if (first_.empty() || day < first_) first_ = day;
      last_ = std::max(last_, day);
    }
    return absl::OkStatus();
  }
  absl::Status OnStatementEnd(const model::Statement& statement) override {
    std::string words;
    Add(&words, NameOf(statement.kind));
    Add(&words, statement.account.number);
    Add(&words, statement.id);
    for (const model::Balance& balance : statement.balances) {
      Add(&words, balance.code);
      Add(&words, balance.amount.ToString());
      Add(&words, balance.date);
    }
    hash_.Update(words);
    Surveyed& surveyed = out_.emplace_back();
    surveyed.statement = statement;
    surveyed.digest = hash_.Finish().Hex();
    surveyed.first_day = first_;
    surveyed.last_day = last_;
    return absl::OkStatus();
  }

 private:
  std::vector<Surveyed>& out_;
  crypto::Sha256Stream hash_;
  std::string first_;
  std::string last_;
};

}  // namespace

std::string WordsOf(const model::EntryDetail& detail) {
  std::string out;
  const model::PaymentReferences& names = detail.references;
  for (const auto* text :
       {&names.message_id, &names.payment_information_id, &names.instruction_id,
        &names.end_to_end_id, &names.uetr, &names.transaction_id, &names.account_servicer_ref,
        &names.mandate_id, &names.cheque_number}) {
    Add(&out, *text);
  }
  Add(&out, detail.amount ? detail.amount->ToString() : "");
  Add(&out, detail.debtor);
  Add(&out, detail.creditor);
  for (const std::string& text : detail.remittance.unstructured) Add(&out, text);
  for (const auto& structured : detail.remittance.structured) Add(&out, structured.reference);
  if (detail.return_info) Add(&out, detail.return_info->reason);
  Add(&out, detail.additional);
  return out;
}

std::string WordsOf(const model::StatementLine& line) {
  std::string out;
  Add(&out, NameOf(line.status));
  Add(&out, line.amount.ToString());
  Add(&out, line.reversal ? "R" : "");
  Add(&out, line.booking_date);
  Add(&out, line.value_date);
  Add(&out, line.reference);
  Add(&out, line.account_servicer_ref);
  Add(&out, line.account_owner_ref);
  Add(&out, line.code);
  Add(&out, line.additional);
  return out;
}

absl::StatusOr<Survey> SurveyFile(Loop& loop, const FileFlow& file, const std::string& mapping) {
  Survey survey;
  Surveyor sink(survey.statements);
  const auto bytes = OpenReadable(loop, file);
  KONTOR_RETURN_IF_ERROR(loop.deps.codec.ReadStatements(*bytes, mapping, sink, survey.report));
  return survey;
}

}  // namespace kontor::statements
