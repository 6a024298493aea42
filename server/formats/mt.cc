// SPDX-License-Identifier: Apache-2.0
// A message is a run of fields `:NN:` until a line that ends it, or until the next one begins.
#include "server/formats/mt.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/formats/internal/blame.h"
#include "server/formats/internal/iso_values.h"
#include "server/formats/internal/line_reader.h"
#include "server/formats/internal/mt_details.h"
#include "server/formats/internal/mt_fields.h"
#include "server/model/statement_prover.h"

namespace kontor::formats {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using internal::LineReader;
using model::BalanceType;
using model::Severity;
using model::StatementKind;

constexpr size_t kFieldLinesMax = 1000;
constexpr size_t kBalancesMax = 100;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// The tag of `:NN:`, `:NNA:` at the line's beginning; empty when it is none.
std::string_view TagOf(std::string_view line) {
  if (line.size() < 4 || line[0] != ':' || !IsDigit(line[1]) || !IsDigit(line[2])) return {};
  if (line[3] == ':') return line.substr(1, 2);
  const bool letter = line[3] >= 'A' && line[3] <= 'Z';
  return letter && line.size() > 4 && line[4] == ':' ? line.substr(1, 3) : std::string_view();
}

/// `-`, `-}`, and what some banks put behind it.
bool IsEnd(std::string_view line) {
  if (!line.starts_with('-')) return false;
  const std::string_view rest = line.substr(1);
  constexpr char kEndOfText = 0x03;
  constexpr std::string_view kPadding = "\x58\x58\x58";  // three letters X
  return rest.empty() || rest[0] == '}' || rest[0] == kEndOfText || rest == kPadding;
}

class Reader {
 public:
  Reader(ports::ByteSource& source, ports::StatementSink& sink, ports::ReadReport& report)
      : lines_(source), sink_(sink), report_(report) {}
  absl::Status Run();

 private:
  absl::Status TakeLine(std::string_view line);
  absl::Status EndField();
  absl::Status TakeField();
  absl::Status TakeHeadField(std::string_view value);
  absl::Status TakeBalance(std::string_view value);
  absl::Status TakeEntry();
  absl::Status TakeInformation();
  absl::Status TakeInterim(std::string_view value);
  absl::Status BeginMessage(std::string_view reference);
  absl::Status EndMessage();
  absl::Status SendHeader();
  absl::Status SendEntry();
  void TakeNumber(std::string_view value);
  void TakeEnvelope(std::string_view line);
  void Blame(const absl::Status& status, std::string_view field,
             Severity severity = Severity::kError);
  absl::Status Outside() const;
  bool IsOpen() const { return statement_open_; }

  LineReader lines_;
  ports::StatementSink& sink_;
  ports::ReadReport& report_;
  std::string tag_;
  std::vector<std::string> field_;  ///< Lines of the present field, the tag removed.
  int64_t field_line_ = 0;          ///< Of the file.
  bool field_ended_ = true;         ///< Its last line had an end of its own.
  bool saw_field_ = false;
  bool interim_next_ = false;  ///< The envelope says MT942.

  bool statement_open_ = false;
  bool header_sent_ = false;
  bool closed_ = false;  ///< :62F: or :62M: was there.
  model::Statement statement_;
  model::Currency currency_;
  model::StatementProver prover_;
  std::optional<model::StatementLine> entry_;
  std::vector<std::string> information_;  ///< Lines of :86: behind the present :61:.
  int64_t entry_line_ = 0;
};

absl::Status Reader::Outside() const {
  return Error(Reason::kFormatInvalid)
      .Says(StrCat("line ", field_line_, ": field :", tag_, ": stands outside of a message"));
}

void Reader::Blame(const absl::Status& status, std::string_view field, Severity severity) {
  prover_.Blame(
      internal::FindingAtLine(status, severity, report_.statement_count - 1, field, field_line_));
}

absl::Status Reader::Run() {
  for (;;) {
    KONTOR_ASSIGN_OR_RETURN(const bool more, lines_.Next());
    if (!more) break;
    KONTOR_RETURN_IF_ERROR(TakeLine(lines_.line()));
  }
  KONTOR_RETURN_IF_ERROR(EndField());
  if (!saw_field_) return Error(Reason::kFormatUnknown).Says("the file has no field of an MT940");
  if (!IsOpen()) return absl::OkStatus();
  if (statement_.kind == StatementKind::kEndOfDay && !closed_) {
    return Error(Reason::kFormatTruncated)
        .Says("the file ends before the closing balance of its last message");
  }
  return EndMessage();
}

void Reader::TakeEnvelope(std::string_view line) {
  if (line.find("{2:O942") != std::string_view::npos ||
      line.find("{2:I942") != std::string_view::npos) {
    interim_next_ = true;
  }
}

absl::Status Reader::TakeLine(std::string_view line) {
  if (const size_t block = line.find("{4:"); line.starts_with('{') || line.find("{1:") == 1) {
    TakeEnvelope(line);
    if (block == std::string_view::npos) return absl::OkStatus();
    line = line.substr(block + 3);
    if (line.empty()) return absl::OkStatus();
  }
  if (const std::string_view tag = TagOf(line); !tag.empty()) {
    KONTOR_RETURN_IF_ERROR(EndField());
    tag_ = tag;
    field_line_ = lines_.number();
    field_ = {std::string(line.substr(tag.size() + 2))};
    field_ended_ = lines_.ended();
    saw_field_ = true;
    return absl::OkStatus();
  }
  if (IsEnd(line)) {
    KONTOR_RETURN_IF_ERROR(EndField());
    return IsOpen() ? EndMessage() : absl::OkStatus();
  }
  // Outside of fields stand the banks' own heads and empty lines between messages.
  if (tag_.empty()) return absl::OkStatus();
  if (field_.size() >= kFieldLinesMax) {
    return Error(Reason::kFormatLimit)
        .Says(StrCat("field :", tag_, ": in line ", field_line_, " goes on for too long"));
  }
  field_.emplace_back(line);
  field_ended_ = lines_.ended();
  return absl::OkStatus();
}

absl::Status Reader::EndField() {
  if (tag_.empty()) return absl::OkStatus();
  const absl::Status status = TakeField();
  tag_.clear();
  field_.clear();
  return status;
}

absl::Status Reader::TakeField() {
  const std::string value(base::Trim(field_[0]));
  if (tag_ == "20") return BeginMessage(value);
  if (!IsOpen()) return Outside();
  if (tag_ == "61") return TakeEntry();
  if (tag_ == "86") return TakeInformation();
  if (tag_ == "60F" || tag_ == "60M" || tag_ == "62F" || tag_ == "62M" || tag_ == "64" ||
      tag_ == "65") {
    return TakeBalance(value);
  }
  if (tag_ == "34F" || tag_ == "13D" || tag_ == "13" || tag_ == "90C" || tag_ == "90D") {
    return TakeInterim(value);
  }
  return TakeHeadField(value);
}

absl::Status Reader::BeginMessage(std::string_view reference) {
  if (IsOpen()) KONTOR_RETURN_IF_ERROR(EndMessage());
  ++report_.statement_count;
  statement_open_ = true;
  header_sent_ = false;
  closed_ = false;
  statement_ = {};
  currency_ = {};
  prover_.Reset();
  statement_.kind = interim_next_ ? StatementKind::kIntraday : StatementKind::kEndOfDay;
  statement_.id = internal::ToUtf8(reference);
  interim_next_ = false;
  return absl::OkStatus();
}

/// `number[/page]`.
void Reader::TakeNumber(std::string_view value) {
  const size_t slash = value.find('/');
  statement_.legal_number = internal::ReadCount(value.substr(0, slash));
  if (slash != std::string_view::npos) {
    statement_.page = internal::ReadCount(value.substr(slash + 1)).value_or(0);
  }
}

absl::Status Reader::TakeHeadField(std::string_view value) {
  if (tag_ == "25" || tag_ == "25P") {
    statement_.account = internal::ReadMtAccount(value, statement_.servicer);
    if (tag_ == "25P" && field_.size() > 1) statement_.servicer.bic = base::Trim(field_[1]);
  } else if (tag_ == "28C" || tag_ == "28") {
    TakeNumber(value);
  } else if (tag_ != "21" && tag_ != "NS") {
    Blame(Error(Reason::kFormatInvalid).Says(StrCat("field :", tag_, ": is unknown here")),
          StrCat("field_", tag_), Severity::kWarning);
  }
  return absl::OkStatus();
}

absl::Status Reader::TakeBalance(std::string_view value) {
  const bool opening = tag_.starts_with("60");
  const bool closing = tag_.starts_with("62");
  if (closing) KONTOR_RETURN_IF_ERROR(SendEntry());
  absl::StatusOr<model::Balance> balance = internal::ReadMtBalance(value);
  if (closing) closed_ = true;
  if (!balance.ok()) {
    Blame(balance.status(), "balances");
    return absl::OkStatus();
  }
  if (!opening && !closing && !field_ended_) {
    // Whether the amount goes on behind the cut cannot be seen; nothing hangs on it.
    Blame(Error(Reason::kFormatTruncated).Says(StrCat("field :", tag_, ": may have been cut")),
          "balances", Severity::kWarning);
    return absl::OkStatus();
  }
  balance->code = tag_;
  if (tag_.ends_with('M')) balance->sub_code = "INTM";
  balance->type = opening        ? BalanceType::kOpeningBooked
                  : closing      ? BalanceType::kClosingBooked
                  : tag_ == "64" ? BalanceType::kClosingAvailable
                                 : BalanceType::kForwardAvailable;
  const auto same_type = [&](const model::Balance& b) { return b.type == balance->type; };
  if ((opening || closing) &&
      std::any_of(statement_.balances.begin(), statement_.balances.end(), same_type)) {
    Blame(Error(Reason::kFormatInvalid).Says(StrCat("field :", tag_, ": stands twice")),
          "balances");
  }
  if (statement_.balances.size() >= kBalancesMax) {
    return Error(Reason::kFormatLimit).Says("more balances than a statement can have");
  }
  if (opening) currency_ = balance->amount.currency();
  if (tag_ == "62M") statement_.last_page = false;
  statement_.balances.push_back(*std::move(balance));
  return absl::OkStatus();
}

/// :34F: floor limits, :13D: instants and :90: totals are an MT942's.
absl::Status Reader::TakeInterim(std::string_view value) {
  KONTOR_RETURN_IF_ERROR(SendEntry());
  statement_.kind = StatementKind::kIntraday;
  if (tag_ == "34F") {
    const auto currency = model::Currency::Parse(value.substr(0, 3));
    if (currency.ok()) {
      currency_ = *currency;
    } else {
      Blame(currency.status(), "floor_limit");
    }
    return absl::OkStatus();
  }
  if (tag_ == "13D" || tag_ == "13") {
    statement_.to = value;
    return absl::OkStatus();
  }
  const absl::StatusOr<internal::MtTotal> total = internal::ReadMtTotal(value);
  if (!total.ok()) {
    Blame(total.status(), "totals");
    return absl::OkStatus();
  }
  model::StatementTotals& totals = statement_.totals;
  if (tag_ == "90C") {
    totals.credit_count = total->count;
    totals.credit_sum = total->sum.ToDecimal();
  } else {
    totals.debit_count = total->count;
    totals.debit_sum = total->sum.ToDecimal();
  }
  return absl::OkStatus();
}

absl::Status Reader::SendHeader() {
  if (header_sent_) return absl::OkStatus();
  header_sent_ = true;
  statement_.format = statement_.kind == StatementKind::kIntraday ? "MT942" : "MT940";
  if (report_.format.empty()) report_.format = statement_.format;
  if (statement_.account.currency.IsNone()) statement_.account.currency = currency_;
  return sink_.OnStatement(statement_);
}

absl::Status Reader::TakeEntry() {
  KONTOR_RETURN_IF_ERROR(SendEntry());
  KONTOR_RETURN_IF_ERROR(SendHeader());
  ++report_.line_count;
  if (closed_) {
    Blame(Error(Reason::kFormatInvalid).Says("a line behind the closing balance"), "lines");
  }
  if (currency_.IsNone()) {
    Blame(Error(Reason::kFieldMissing).Says("a line before any field that tells its currency"),
          "lines");
    return absl::OkStatus();
  }
  const std::string supplementary = field_.size() > 1 ? field_[1] : std::string();
  absl::StatusOr<model::StatementLine> line =
      internal::ReadMtLine(base::Trim(field_[0]), supplementary, currency_);
  if (!line.ok()) {
    Blame(line.status(), StrCat("lines[", prover_.line_count(), "]"));
    return absl::OkStatus();
  }
  if (statement_.kind == StatementKind::kIntraday) line->status = model::LineStatus::kPending;
  entry_ = *std::move(line);
  entry_line_ = field_line_;
  information_.clear();
  return absl::OkStatus();
}

absl::Status Reader::TakeInformation() {
  if (closed_ || !entry_.has_value()) {
    for (const std::string& line : field_) {
      if (!statement_.additional.empty()) statement_.additional.push_back(' ');
      statement_.additional += internal::ToUtf8(base::Trim(line));
    }
    if (statement_.additional.size() > internal::kLineBytesMax) {
      return Error(Reason::kFormatLimit).Says("more text than a statement can have");
    }
    return absl::OkStatus();
  }
  // Some banks give one :86: for each line of text.
  if (information_.size() + field_.size() > kFieldLinesMax) {
    return Error(Reason::kFormatLimit).Says("more text than a line can have");
  }
  for (const std::string& line : field_) information_.push_back(internal::ToUtf8(line));
  return absl::OkStatus();
}

absl::Status Reader::SendEntry() {
  if (!entry_.has_value()) return absl::OkStatus();
  model::StatementLine line = *std::move(entry_);
  entry_.reset();
  line.number = prover_.line_count() + 1;
  if (!information_.empty()) {
    line.details.push_back(internal::ReadMtDetails(information_, line.amount));
    model::EntryDetail& detail = line.details.back();
    detail.references.account_servicer_ref = line.account_servicer_ref;
    if (line.code.text.empty()) line.code.text = detail.code.text;
    line.detail_count = 1;
  }
  information_.clear();
  prover_.Add(line);
  return sink_.OnLine(line);
}

absl::Status Reader::EndMessage() {
  KONTOR_RETURN_IF_ERROR(SendEntry());
  if (statement_.kind == StatementKind::kEndOfDay && !closed_) {
    Blame(Error(Reason::kFormatTruncated).Says("the message has no closing balance"), "balances");
  }
  if (statement_.account.IsEmpty()) {
    Blame(Error(Reason::kFieldMissing).Says("the message names no account"), "account");
  }
  KONTOR_RETURN_IF_ERROR(SendHeader());
  statement_open_ = false;
  statement_.proof = prover_.Prove(statement_);
  switch (statement_.proof.verdict) {
    case model::StatementProof::Verdict::kProven: ++report_.proven_count; break;
    case model::StatementProof::Verdict::kUnproven: ++report_.unproven_count; break;
    case model::StatementProof::Verdict::kRefused: ++report_.refused_count; break;
  }
  return sink_.OnStatementEnd(statement_);
}

}  // namespace

absl::Status ReadMt(ports::ByteSource& source, ports::StatementSink& sink,
                    ports::ReadReport& report) {
  return Reader(source, sink, report).Run();
}

}  // namespace kontor::formats
