// SPDX-License-Identifier: Apache-2.0
#include "server/formats/bai2.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/formats/internal/bai2_fields.h"
#include "server/formats/internal/blame.h"
#include "server/formats/internal/iso_values.h"
#include "server/formats/internal/line_reader.h"
#include "server/model/statement_prover.h"
#include "server/model/validate.h"

namespace kontor::formats {
namespace {

using base::Error;
using base::Int128;
using base::Reason;
using base::StrCat;
using internal::BaiAmount;
using internal::BaiFields;
using model::Severity;

constexpr size_t kRecordBytesMax = 64 * 1024;
constexpr size_t kBalancesMax = 1000;

/// What a control record says, and what was counted up to it.
struct Control {
  Int128 sum = 0;
  int64_t parts = 0;    ///< Accounts of a group, groups of a file.
  int64_t records = 0;  ///< Physical ones, its own included.
};

class Reader {
 public:
  Reader(ports::ByteSource& source, ports::StatementSink& sink, ports::ReadReport& report)
      : lines_(source), sink_(sink), report_(report) {}
  absl::Status Run();

 private:
  enum class Level { kNone, kFile, kGroup, kAccount, kEnd };

  absl::Status TakeLine(std::string_view line);
  absl::Status EndRecord();
  absl::Status TakeRecord();
  absl::Status BeginFile(BaiFields fields);
  absl::Status BeginGroup(BaiFields fields);
  absl::Status BeginAccount(BaiFields fields);
  absl::Status TakeSummary(const BaiAmount& amount);
  absl::Status TakeDetail(BaiFields fields);
  absl::Status EndAccount(BaiFields fields);
  absl::Status EndGroup(BaiFields fields);
  absl::Status EndFile(BaiFields fields);
  absl::Status SendHeader();
  absl::Status OutOfPlace() const;
  /// The control record's fields: total, (number of parts,) number of records.
  absl::StatusOr<Control> ReadControl(BaiFields& fields, bool with_parts) const;
  absl::Status Compare(const Control& said, const Control& counted, std::string_view what) const;
  void Blame(const absl::Status& status, std::string_view field,
             Severity severity = Severity::kError);

  internal::LineReader lines_;
  ports::StatementSink& sink_;
  ports::ReadReport& report_;
  std::string record_;  ///< The present logical record, its code removed.
  std::string code_;
  int64_t record_line_ = 0;
  int64_t record_parts_ = 0;  ///< Physical records of it.
  bool slash_ = false;        ///< Its last physical record ended in a slash.
  Level level_ = Level::kNone;

  std::string file_id_;
  std::string group_currency_;
  std::optional<model::Date> group_date_;
  bool group_is_current_ = false;
  std::string group_fault_;
  std::string sender_;
  Control file_;
  Control group_;
  Control account_;
  model::Statement statement_;
  model::Currency currency_;
  model::StatementProver prover_;
  bool header_sent_ = false;
};

absl::Status Reader::OutOfPlace() const {
  return Error(Reason::kFormatInvalid)
      .Says(StrCat("line ", record_line_, ": a record ", code_, " is out of place here"));
}

void Reader::Blame(const absl::Status& status, std::string_view field, Severity severity) {
  prover_.Blame(
      internal::FindingAtLine(status, severity, report_.statement_count - 1, field, record_line_));
}

absl::Status Reader::Run() {
  for (;;) {
    KONTOR_ASSIGN_OR_RETURN(const bool more, lines_.Next());
    if (!more) break;
    if (base::Trim(lines_.line()).empty()) continue;
    KONTOR_RETURN_IF_ERROR(TakeLine(base::Trim(lines_.line())));
  }
  KONTOR_RETURN_IF_ERROR(EndRecord());
  if (level_ == Level::kEnd) return absl::OkStatus();
  if (level_ == Level::kNone) {
    return Error(Reason::kFormatUnknown).Says("the file has no record 01 of a BAI2 file");
  }
  return Error(Reason::kFormatTruncated).Says("the file ends before its record 99");
}

absl::Status Reader::TakeLine(std::string_view line) {
  const size_t comma = line.find(',');
  const std::string_view code = line.substr(0, comma);
  std::string_view rest =
      comma == std::string_view::npos ? std::string_view() : line.substr(comma + 1);
  const bool slash = rest.ends_with('/');
  if (slash) rest.remove_suffix(1);
  if (code == "88") {
    if (code_.empty()) {
      return Error(Reason::kFormatInvalid)
          .Says(StrCat("line ", lines_.number(), ": a record 88 continues nothing"));
    }
    if (record_.size() + rest.size() > kRecordBytesMax) {
      return Error(Reason::kFormatLimit)
          .Says(StrCat("the record in line ", record_line_, " goes on for too long"));
    }
    if (slash_) record_.push_back(internal::kBaiJoint);
    record_.append(rest);
    ++record_parts_;
    slash_ = slash;
    return absl::OkStatus();
  }
  KONTOR_RETURN_IF_ERROR(EndRecord());
  code_ = code.substr(0, 2);
  if (code != code_) code_.clear();
  record_ = rest;
  record_line_ = lines_.number();
  record_parts_ = 1;
  slash_ = slash;
  if (!code_.empty()) return absl::OkStatus();
  if (level_ == Level::kNone) {
    return Error(Reason::kFormatUnknown).Says("the file does not begin with a record 01");
  }
  return Error(Reason::kFormatInvalid)
      .Says(StrCat("line ", record_line_, " is no record of a BAI2 file"));
}

absl::Status Reader::EndRecord() {
  if (code_.empty()) return absl::OkStatus();
  const absl::Status status = TakeRecord();
  code_.clear();
  return status;
}

absl::Status Reader::TakeRecord() {
  file_.records += record_parts_;
  group_.records += record_parts_;
  account_.records += record_parts_;
  const BaiFields fields(record_);
  if (code_ == "01") return BeginFile(fields);
  if (level_ == Level::kNone) {
    return Error(Reason::kFormatUnknown).Says("the file does not begin with a record 01");
  }
  if (code_ == "02") return BeginGroup(fields);
  if (code_ == "03") return BeginAccount(fields);
  if (code_ == "16") return TakeDetail(fields);
  if (code_ == "49") return EndAccount(fields);
  if (code_ == "98") return EndGroup(fields);
  if (code_ == "99") return EndFile(fields);
  return OutOfPlace();
}

absl::Status Reader::BeginFile(BaiFields fields) {
  if (level_ != Level::kNone) return OutOfPlace();
  level_ = Level::kFile;
  sender_ = internal::ToUtf8(fields.Next());
  for (int skipped = 0; skipped < 3; ++skipped) fields.Next();  // receiver, date, time
  file_id_ = internal::ToUtf8(fields.Next());
  report_.format = "BAI2";
  for (int skipped = 0; skipped < 2; ++skipped) fields.Next();  // record length, block size
  const std::string_view version = fields.Next();
  if (version == "2") return absl::OkStatus();
  return Error(Reason::kFormatUnknown)
      .Says(StrCat("version \"", internal::ToUtf8(version.substr(0, 4)), "\" is not 2"));
}

absl::Status Reader::BeginGroup(BaiFields fields) {
  if (level_ != Level::kFile) return OutOfPlace();
  level_ = Level::kGroup;
  group_ = {};
  group_.records = record_parts_;
  fields.Next();  // receiver
  fields.Next();  // originator
  const std::string_view status = fields.Next();
  group_fault_.clear();
  if (status == "2") group_fault_ = "the group deletes an earlier one";
  if (status == "3") group_fault_ = "the group corrects an earlier one";
  if (status == "4") group_fault_ = "the group is a test";
  const absl::StatusOr<model::Date> date = internal::ReadBaiDate(fields.Next());
  group_date_.reset();
  if (date.ok()) {
    group_date_ = *date;
  } else {
    group_fault_ = "the group's date cannot be read";
  }
  fields.Next();  // time
  group_currency_ = fields.Next();
  const std::string_view modifier = fields.Next();
  group_is_current_ = modifier == "1" || modifier == "3";  // interim, of the day before or today
  return absl::OkStatus();
}

absl::Status Reader::BeginAccount(BaiFields fields) {
  if (level_ != Level::kGroup) return OutOfPlace();
  level_ = Level::kAccount;
  account_ = {};
  account_.records = record_parts_;
  ++report_.statement_count;
  statement_ = {};
  prover_.Reset();
  header_sent_ = false;
  statement_.kind =
      group_is_current_ ? model::StatementKind::kIntraday : model::StatementKind::kEndOfDay;
  statement_.format = "BAI2";
  statement_.message_id = file_id_;
  statement_.servicer.name = sender_;
  if (group_date_.has_value()) statement_.from = statement_.to = group_date_->ToString();
  statement_.account.number = model::NormalAccountNumber(internal::ToUtf8(fields.Next()));
  if (statement_.account.number.empty()) {
    Blame(Error(Reason::kFieldMissing).Says("the record names no account"), "account");
  }
  if (!group_fault_.empty()) Blame(Error(Reason::kFormatInvalid).Says(group_fault_), "group");
  std::string code(fields.Next());
  if (code.empty()) code = group_currency_.empty() ? "USD" : group_currency_;
  const absl::StatusOr<model::Currency> currency = model::Currency::Parse(code);
  currency_ = currency.ok() ? *currency : model::Currency();
  if (!currency.ok()) Blame(currency.status(), "account");
  statement_.account.currency = currency_;
  while (!fields.IsEmpty()) {
    // A joint behind a complete summary leaves an empty field.
    BaiFields ahead = fields;
    if (ahead.Next().empty()) {
      fields = ahead;
      continue;
    }
    const absl::StatusOr<BaiAmount> amount = internal::ReadBaiSummary(fields);
    if (!amount.ok()) {
      Blame(amount.status(), "balances");
      break;
    }
    KONTOR_RETURN_IF_ERROR(TakeSummary(*amount));
  }
  return absl::OkStatus();
}

absl::Status Reader::TakeSummary(const BaiAmount& amount) {
  if (!amount.minor.has_value()) return absl::OkStatus();
  account_.sum += *amount.minor;
  const model::Money money(currency_, *amount.minor);
  if (amount.code == "100") {
    statement_.totals.credit_sum = money.ToDecimal();
    statement_.totals.credit_count = amount.count;
  } else if (amount.code == "400") {
    statement_.totals.debit_sum = money.ToDecimal();
    statement_.totals.debit_count = amount.count;
  } else if (const auto type = internal::BalanceOfBai(amount.code); type.has_value()) {
    if (statement_.balances.size() >= kBalancesMax) {
      return Error(Reason::kFormatLimit).Says("more balances than a statement can have");
    }
    model::Balance balance;
    balance.type = *type;
    balance.code = amount.code;
    balance.amount = money;
    balance.date = group_date_;
    statement_.balances.push_back(std::move(balance));
  }
  return absl::OkStatus();
}

absl::Status Reader::SendHeader() {
  if (header_sent_) return absl::OkStatus();
  header_sent_ = true;
  return sink_.OnStatement(statement_);
}

absl::Status Reader::TakeDetail(BaiFields fields) {
  if (level_ != Level::kAccount) return OutOfPlace();
  KONTOR_RETURN_IF_ERROR(SendHeader());
  ++report_.line_count;
  const std::string at = StrCat("lines[", prover_.line_count(), "]");
  const absl::StatusOr<BaiAmount> amount = internal::ReadBaiDetail(fields);
  if (!amount.ok()) {
    Blame(amount.status(), at);
    return absl::OkStatus();
  }
  const internal::BaiSide side = internal::SideOfBai(amount->code);
  account_.sum += amount->minor.value_or(0);
  if (side == internal::BaiSide::kUnknown ||
      (!amount->minor.has_value() && side != internal::BaiSide::kInformation)) {
    Blame(Error(Reason::kFormatInvalid)
              .Says(StrCat("a detail of type ", amount->code,
                           side == internal::BaiSide::kUnknown ? " is neither credit nor debit"
                                                               : " has no amount")),
          at);
    return absl::OkStatus();
  }
  model::StatementLine line;
  line.number = prover_.line_count() + 1;
  line.amount = model::Money(currency_, amount->minor.value_or(0));
  if (side == internal::BaiSide::kDebit) line.amount = -line.amount;
  line.status = side == internal::BaiSide::kInformation ? model::LineStatus::kInformation
                : group_is_current_                     ? model::LineStatus::kPending
                                                        : model::LineStatus::kBooked;
  line.booking_date = group_date_;
  line.value_date = amount->value_date;
  line.code.proprietary = amount->code;
  line.code.proprietary_issuer = "BAI";
  line.account_servicer_ref = internal::ToUtf8(fields.Next());
  line.account_owner_ref = internal::ToUtf8(fields.Next());
  if (std::string text = fields.Text(); !text.empty()) {
    model::EntryDetail detail;
    detail.amount = line.amount;
    detail.references.account_servicer_ref = line.account_servicer_ref;
    detail.remittance.unstructured.push_back(std::move(text));
    line.details.push_back(std::move(detail));
    line.detail_count = 1;
  }
  prover_.Add(line);
  return sink_.OnLine(line);
}

absl::StatusOr<Control> Reader::ReadControl(BaiFields& fields, bool with_parts) const {
  Control control;
  KONTOR_ASSIGN_OR_RETURN(control.sum, internal::ReadBaiMinor(fields.Next()));
  const std::optional<int64_t> parts =
      with_parts ? internal::ReadCount(fields.Next()) : std::optional<int64_t>(0);
  const std::optional<int64_t> records = internal::ReadCount(fields.Next());
  if (!parts.has_value() || !records.has_value()) {
    return Error(Reason::kFormatInvalid)
        .Says(StrCat("line ", record_line_, ": a control record without its numbers"));
  }
  control.parts = *parts;
  control.records = *records;
  return control;
}

absl::Status Reader::Compare(const Control& said, const Control& counted,
                             std::string_view what) const {
  if (said.sum == counted.sum && said.parts == counted.parts && said.records == counted.records) {
    return absl::OkStatus();
  }
  return Error(Reason::kTotalsMismatch)
      .Says(StrCat("line ", record_line_, ": the ", what, "'s control record says ",
                   base::ToString(said.sum), ", ", said.parts, " parts, ", said.records,
                   " records; there are ", base::ToString(counted.sum), ", ", counted.parts,
                   " parts, ", counted.records, " records"));
}

absl::Status Reader::EndAccount(BaiFields fields) {
  if (level_ != Level::kAccount) return OutOfPlace();
  level_ = Level::kGroup;
  KONTOR_RETURN_IF_ERROR(SendHeader());
  const absl::StatusOr<Control> said = ReadControl(fields, /*with_parts=*/false);
  const absl::Status status = said.ok() ? Compare(*said, account_, "account") : said.status();
  if (!status.ok()) Blame(status, "totals");
  group_.sum += said.ok() ? said->sum : 0;
  ++group_.parts;
  statement_.proof = prover_.Prove(statement_);
  switch (statement_.proof.verdict) {
    case model::StatementProof::Verdict::kProven: ++report_.proven_count; break;
    case model::StatementProof::Verdict::kUnproven: ++report_.unproven_count; break;
    case model::StatementProof::Verdict::kRefused: ++report_.refused_count; break;
  }
  return sink_.OnStatementEnd(statement_);
}

absl::Status Reader::EndGroup(BaiFields fields) {
  if (level_ != Level::kGroup) return OutOfPlace();
  level_ = Level::kFile;
  KONTOR_ASSIGN_OR_RETURN(const Control said, ReadControl(fields, /*with_parts=*/true));
  KONTOR_RETURN_IF_ERROR(Compare(said, group_, "group"));
  file_.sum += said.sum;
  ++file_.parts;
  return absl::OkStatus();
}

absl::Status Reader::EndFile(BaiFields fields) {
  if (level_ != Level::kFile) return OutOfPlace();
  level_ = Level::kEnd;
  KONTOR_ASSIGN_OR_RETURN(const Control said, ReadControl(fields, /*with_parts=*/true));
  return Compare(said, file_, "file");
}

}  // namespace

absl::Status ReadBai2(ports::ByteSource& source, ports::StatementSink& sink,
                      ports::ReadReport& report) {
  return Reader(source, sink, report).Run();
}

}  // namespace kontor::formats
