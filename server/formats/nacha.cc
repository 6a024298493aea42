// SPDX-License-Identifier: Apache-2.0
// Positions as in the Nacha Operating Rules, appendix three, "ACH record format specifications".
#include "server/formats/nacha.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/formats/internal/blame.h"
#include "server/formats/internal/iso_values.h"
#include "server/formats/internal/line_reader.h"
#include "server/formats/internal/mt_fields.h"
#include "server/model/statement_prover.h"

namespace kontor::formats {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using model::Severity;

constexpr size_t kRecordSize = 94;
constexpr size_t kFileControlSize = 55;  ///< What follows is reserved.
constexpr int64_t kHashModulus = 10'000'000'000;
constexpr size_t kAddendaMax = 9999;

/// Characters from position `from` (counted from 1, as the rules do) of that length, trimmed.
std::string_view Field(std::string_view record, size_t from, size_t size) {
  return base::Trim(record.substr(from - 1, size));
}

/// What control records state.
struct Control {
  int64_t entries = 0;  ///< Entries and addenda.
  int64_t hash = 0;
  int64_t debits = 0;  ///< Cents.
  int64_t credits = 0;
  bool operator==(const Control&) const = default;
};

/// A transaction code's second digit tells the kind.
struct EntryKind {
  bool known = false;
  bool debit = false;
  bool moves_money = true;  ///< Not for prenotes and zero-dollar entries.
};
EntryKind KindOf(std::string_view code) {
  EntryKind kind;
  if (code.size() != 2 || code[0] < '2' || code[0] > '5') return kind;
  const char digit = code[1];
  kind.known = digit >= '1' && digit <= '9' && digit != '5';
  kind.debit = digit >= '6';
  kind.moves_money = digit != '3' && digit != '4' && digit != '8' && digit != '9';
  if (code == "55") return {true, true, true};  // reversal of a loan's credit
  return kind;
}

/// Nine digits whose weighted sum by 3, 7, 1 ends in 0.
bool IsRoutingNumber(std::string_view digits) {
  constexpr int kWeights[] = {3, 7, 1};
  int sum = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (digits[i] < '0' || digits[i] > '9') return false;
    sum += kWeights[i % 3] * (digits[i] - '0');
  }
  return digits.size() == 9 && sum % 10 == 0;
}

class Reader {
 public:
  Reader(ports::ByteSource& source, ports::StatementSink& sink, ports::ReadReport& report)
      : lines_(source),
        sink_(sink),
        report_(report),
        dollars_(model::Currency::Parse("USD").value()) {}
  absl::Status Run();

 private:
  enum class Level { kNone, kFile, kBatch, kEnd };

  absl::Status TakeLine(std::string_view line);
  absl::Status TakeRecord(std::string_view record, size_t written);
  absl::Status BeginFile(std::string_view record);
  absl::Status BeginBatch(std::string_view record);
  absl::Status TakeEntry(std::string_view record);
  void TakeParties(std::string_view record, bool debit);
  absl::Status TakeAddenda(std::string_view record);
  void TakeReturn(std::string_view record, bool change);
  absl::Status SendEntry();
  absl::Status EndBatch(std::string_view record);
  absl::Status EndFile(std::string_view record, size_t written);
  absl::StatusOr<Control> ReadControl(std::string_view record, size_t entries_at,
                                      size_t entries_size) const;
  absl::Status Compare(const Control& said, const Control& counted, std::string_view what) const;
  absl::Status OutOfPlace(std::string_view record) const;
  absl::Status Bad(std::string_view what) const;
  void Blame(const absl::Status& status, std::string_view field,
             Severity severity = Severity::kError);

  internal::LineReader lines_;
  ports::StatementSink& sink_;
  ports::ReadReport& report_;
  model::Currency dollars_;
  Level level_ = Level::kNone;
  std::string file_id_;
  Control file_;
  Control batch_;
  int64_t batches_ = 0;
  std::string batch_number_;
  bool layout_known_ = true;
  bool is_ctx_ = false;
  model::Statement statement_;
  model::StatementProver prover_;
  std::optional<model::StatementLine> entry_;
};

absl::Status Reader::Bad(std::string_view what) const {
  return Error(Reason::kFormatInvalid).Says(StrCat("line ", lines_.number(), ": ", what));
}

absl::Status Reader::OutOfPlace(std::string_view record) const {
  return Bad(StrCat("a record of type ", record.substr(0, 1), " is out of place here"));
}

void Reader::Blame(const absl::Status& status, std::string_view field, Severity severity) {
  prover_.Blame(internal::FindingAtLine(status, severity, report_.statement_count - 1, field,
                                        lines_.number()));
}

absl::Status Reader::Run() {
  for (;;) {
    KONTOR_ASSIGN_OR_RETURN(const bool more, lines_.Next());
    if (!more) break;
    if (base::Trim(lines_.line()).empty()) continue;
    KONTOR_RETURN_IF_ERROR(TakeLine(lines_.line()));
  }
  if (level_ == Level::kEnd) return absl::OkStatus();
  if (level_ == Level::kNone) {
    return Error(Reason::kFormatUnknown).Says("the file has no file header record");
  }
  return Error(Reason::kFormatTruncated).Says("the file ends before its file control record");
}

/// Some senders leave out the line ends, others the spaces at the end of a line.
absl::Status Reader::TakeLine(std::string_view line) {
  if (level_ == Level::kNone && !line.starts_with("101")) {
    return Error(Reason::kFormatUnknown).Says("the file does not begin with a file header record");
  }
  while (line.size() > kRecordSize) {
    KONTOR_RETURN_IF_ERROR(TakeRecord(line.substr(0, kRecordSize), kRecordSize));
    line.remove_prefix(kRecordSize);
    if (!line.empty() && (line[0] < '1' || line[0] > '9')) {
      return Bad("a record is not of 94 characters");
    }
  }
  std::string record(line);
  record.resize(kRecordSize, ' ');
  return TakeRecord(record, line.size());
}

absl::Status Reader::TakeRecord(std::string_view record, size_t written) {
  const bool filler = std::all_of(record.begin(), record.end(), [](char c) { return c == '9'; });
  if (level_ == Level::kEnd) {
    const std::string_view shown = record.substr(0, written);
    const bool rest = std::all_of(shown.begin(), shown.end(), [](char c) { return c == '9'; });
    return filler || rest ? absl::OkStatus() : OutOfPlace(record);
  }
  switch (record[0]) {
    case '1': return BeginFile(record);
    case '5': return BeginBatch(record);
    case '6': return TakeEntry(record);
    case '7': return TakeAddenda(record);
    case '8': return EndBatch(record);
    case '9': return EndFile(record, written);
    default: return Bad("this is no record of a NACHA file");
  }
}

absl::Status Reader::BeginFile(std::string_view record) {
  if (level_ != Level::kNone) return OutOfPlace(record);
  if (Field(record, 35, 3) != "094" || Field(record, 40, 1) != "1") {
    return Error(Reason::kFormatUnknown).Says("the file header's record size or format is unknown");
  }
  level_ = Level::kFile;
  report_.format = "NACHA";
  file_id_ = StrCat(Field(record, 14, 10), "-", Field(record, 24, 6), "-", Field(record, 30, 4),
                    "-", Field(record, 34, 1));
  return absl::OkStatus();
}

absl::Status Reader::BeginBatch(std::string_view record) {
  if (level_ != Level::kFile) return OutOfPlace(record);
  level_ = Level::kBatch;
  batch_ = {};
  ++batches_;
  ++report_.statement_count;
  prover_.Reset();
  statement_ = {};
  const std::string_view layout = Field(record, 51, 3);
  statement_.kind = model::StatementKind::kClearingFile;
  statement_.format = StrCat("NACHA ", layout);
  statement_.message_id = internal::ToUtf8(file_id_);
  batch_number_ = Field(record, 88, 7);
  statement_.id = batch_number_;
  statement_.owner_name = internal::ToUtf8(Field(record, 5, 16));
  statement_.account.number = internal::ToUtf8(Field(record, 41, 10));
  statement_.account.scheme = "ACH company";
  statement_.account.currency = dollars_;
  statement_.servicer.clearing_system = "USABA";
  statement_.servicer.member_id = Field(record, 80, 8);
  statement_.additional = internal::ToUtf8(Field(record, 54, 10));
  is_ctx_ = layout == "CTX";
  layout_known_ = layout != "IAT" && layout != "ADV";
  if (!layout_known_) {
    Blame(Error(Reason::kFormatInvalid).Says(StrCat("batches of class ", layout, " are not read")),
          "format");
  }
  if (const auto date = internal::ReadMtDate(Field(record, 70, 6)); date.ok()) {
    statement_.from = statement_.to = date->ToString();
  }
  return sink_.OnStatement(statement_);
}

void Reader::TakeParties(std::string_view record, bool debit) {
  model::EntryDetail& detail = entry_->details.back();
  model::BankParty& receiver = debit ? detail.debtor : detail.creditor;
  receiver.account.number = internal::ToUtf8(Field(record, 13, 17));
  receiver.agent.clearing_system = "USABA";
  receiver.agent.member_id = Field(record, 4, 9);
  receiver.name = internal::ToUtf8(is_ctx_ ? Field(record, 59, 16) : Field(record, 55, 22));
  (debit ? detail.creditor : detail.debtor).name = statement_.owner_name;
}

absl::Status Reader::TakeEntry(std::string_view record) {
  if (level_ != Level::kBatch) return OutOfPlace(record);
  KONTOR_RETURN_IF_ERROR(SendEntry());
  ++report_.line_count;
  ++batch_.entries;
  const std::string at = StrCat("lines[", prover_.line_count(), "]");
  const std::optional<int64_t> bank = internal::ReadCount(Field(record, 4, 8));
  const std::optional<int64_t> cents = internal::ReadCount(Field(record, 30, 10));
  const EntryKind kind = KindOf(Field(record, 2, 2));
  if (!bank.has_value() || !cents.has_value() || !kind.known) {
    Blame(Bad("an entry's bank, amount or transaction code cannot be read"), at);
    return absl::OkStatus();
  }
  batch_.hash = (batch_.hash + *bank) % kHashModulus;
  (kind.debit ? batch_.debits : batch_.credits) += *cents;
  if (!layout_known_) return absl::OkStatus();
  if (!IsRoutingNumber(Field(record, 4, 9))) {
    Blame(Bad("the check digit of the receiver's bank is wrong"), at, Severity::kWarning);
  }
  model::StatementLine line;
  line.number = prover_.line_count() + 1;
  line.amount = model::Money(dollars_, kind.debit ? -*cents : *cents);
  line.status = kind.moves_money ? model::LineStatus::kPending : model::LineStatus::kInformation;
  if (const auto date = model::Date::Parse(statement_.from); date.ok()) line.value_date = *date;
  line.code.proprietary = Field(record, 2, 2);
  line.code.proprietary_issuer = "NACHA";
  line.account_owner_ref = internal::ToUtf8(Field(record, 40, 15));
  line.reference = Field(record, 80, 15);
  model::EntryDetail detail;
  detail.amount = line.amount;
  detail.references.transaction_id = line.reference;
  detail.references.account_owner_ref = line.account_owner_ref;
  line.details.push_back(std::move(detail));
  line.detail_count = 1;
  entry_ = std::move(line);
  TakeParties(record, kind.debit);
  return absl::OkStatus();
}

void Reader::TakeReturn(std::string_view record, bool change) {
  model::EntryDetail& detail = entry_->details.back();
  model::ReturnInfo info;
  info.reason = Field(record, 4, 3);
  info.original_trace = Field(record, 7, 15);
  info.is_change_notice = change;
  (change ? info.corrected_data : info.additional) =
      internal::ToUtf8(change ? Field(record, 36, 29) : Field(record, 36, 44));
  const char want = change ? 'C' : 'R';
  if (info.reason.size() != 3 || info.reason[0] != want) {
    Blame(Bad(StrCat("an addenda's reason is no ", std::string(1, want), " and two digits")),
          StrCat("lines[", prover_.line_count(), "].return_info"));
  }
  if (change) entry_->status = model::LineStatus::kInformation;
  if (!detail.return_info.has_value()) {
    detail.return_info = std::move(info);
    return;
  }
  // Dishonored and contested returns follow the first one; its reason stays the entry's.
  base::StrAppend(&detail.additional, detail.additional.empty() ? "" : " ", info.reason, " ",
                  info.original_trace, " ", info.additional);
}

absl::Status Reader::TakeAddenda(std::string_view record) {
  if (level_ != Level::kBatch) return OutOfPlace(record);
  ++batch_.entries;
  if (!entry_.has_value()) {
    return layout_known_ ? Bad("an addenda record without an entry") : absl::OkStatus();
  }
  const std::string_view type = Field(record, 2, 2);
  if (type == "98" || type == "99") {
    TakeReturn(record, type == "98");
    return absl::OkStatus();
  }
  std::vector<std::string>& texts = entry_->details.back().remittance.unstructured;
  if (texts.size() >= kAddendaMax) {
    return Error(Reason::kFormatLimit).Says("an entry has too many addenda");
  }
  if (const std::string_view text = Field(record, 4, 80); !text.empty()) {
    texts.push_back(internal::ToUtf8(text));
  }
  return absl::OkStatus();
}

absl::Status Reader::SendEntry() {
  if (!entry_.has_value()) return absl::OkStatus();
  const model::StatementLine line = *std::move(entry_);
  entry_.reset();
  prover_.Add(line);
  return sink_.OnLine(line);
}

absl::StatusOr<Control> Reader::ReadControl(std::string_view record, size_t entries_at,
                                            size_t entries_size) const {
  const size_t hash_at = entries_at + entries_size;
  const auto entries = internal::ReadCount(Field(record, entries_at, entries_size));
  const auto hash = internal::ReadCount(Field(record, hash_at, 10));
  const auto debits = internal::ReadCount(Field(record, hash_at + 10, 12));
  const auto credits = internal::ReadCount(Field(record, hash_at + 22, 12));
  if (!entries || !hash || !debits || !credits) {
    return Bad("a control record's numbers cannot be read");
  }
  return Control{*entries, *hash, *debits, *credits};
}

absl::Status Reader::Compare(const Control& said, const Control& counted,
                             std::string_view what) const {
  if (said == counted) return absl::OkStatus();
  const auto words = [](const Control& c) {
    return StrCat(c.entries, " records, hash ", c.hash, ", debits ", c.debits, ", credits ",
                  c.credits);
  };
  return Error(Reason::kTotalsMismatch)
      .Says(StrCat("line ", lines_.number(), ": the ", what, "'s control record says ", words(said),
                   "; there are ", words(counted)));
}

absl::Status Reader::EndBatch(std::string_view record) {
  if (level_ != Level::kBatch) return OutOfPlace(record);
  KONTOR_RETURN_IF_ERROR(SendEntry());
  level_ = Level::kFile;
  const absl::StatusOr<Control> said = ReadControl(record, 5, 6);
  const absl::Status status = said.ok() ? Compare(*said, batch_, "batch") : said.status();
  if (!status.ok()) Blame(status, "totals");
  if (Field(record, 88, 7) != batch_number_) {
    Blame(Bad("the batch's control record has another number than its header"), "id");
  }
  if (said.ok()) {
    statement_.totals.debit_sum = base::Decimal::FromUnscaled(said->debits, dollars_.scale());
    statement_.totals.credit_sum = base::Decimal::FromUnscaled(said->credits, dollars_.scale());
  }
  file_.entries += batch_.entries;
  file_.hash = (file_.hash + batch_.hash) % kHashModulus;
  file_.debits += batch_.debits;
  file_.credits += batch_.credits;
  statement_.proof = prover_.Prove(statement_);
  switch (statement_.proof.verdict) {
    case model::StatementProof::Verdict::kProven: ++report_.proven_count; break;
    case model::StatementProof::Verdict::kUnproven: ++report_.unproven_count; break;
    case model::StatementProof::Verdict::kRefused: ++report_.refused_count; break;
  }
  return sink_.OnStatementEnd(statement_);
}

absl::Status Reader::EndFile(std::string_view record, size_t written) {
  if (level_ != Level::kFile) return OutOfPlace(record);
  if (written < kFileControlSize) {
    return Error(Reason::kFormatTruncated).Says("the file control record is cut");
  }
  level_ = Level::kEnd;
  KONTOR_ASSIGN_OR_RETURN(const Control said, ReadControl(record, 14, 8));
  const auto batches = internal::ReadCount(Field(record, 2, 6));
  if (batches != batches_) {
    return Error(Reason::kTotalsMismatch)
        .Says(StrCat("the file control record states ", batches.value_or(0), " batches, there are ",
                     batches_));
  }
  return Compare(said, file_, "file");
}

}  // namespace

absl::Status ReadNacha(ports::ByteSource& source, ports::StatementSink& sink,
                       ports::ReadReport& report) {
  return Reader(source, sink, report).Run();
}

}  // namespace kontor::formats
