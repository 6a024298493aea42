// SPDX-License-Identifier: Apache-2.0
// The second reading of a file whose statements were proven by the first: lines are stored, each
// once, however often banks tell of it.
#include <algorithm>

#include "server/engine/statements/internal/loop.h"

namespace kontor::statements {
namespace {

using base::Reason;
using base::StrCat;
using model::StatementKind;

constexpr char kBetween = '\x1f';
constexpr int kSameMax = 100000;   // lines that look alike on one account
constexpr size_t kTextMax = 1000;
constexpr size_t kShortMax = 200;

std::string Cut(std::string text, size_t most) {
  if (text.size() <= most) return text;
  size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text;
}

/// Lines of different sorts of statements never stand for each other: a view may change.
std::string_view ClassOf(const Body& body, const model::StatementLine& line) {
  if (body.kind == NameOf(StatementKind::kEndOfDay)) return "E";
  if (body.kind == NameOf(StatementKind::kNotification)) return "N";
  if (body.kind == NameOf(StatementKind::kClearingFile)) return "C";
  return line.status == model::LineStatus::kBooked ? "IB" : "IP";
}

/// What makes a line the same in two statements: the bank's reference where there is one, else all
/// that it says.
std::string SameKey(const Loop& loop, const Body& body, const model::StatementLine& line,
                    const model::Money& amount) {
  std::string words = StrCat(body.account_id, kBetween, ClassOf(body, line), kBetween,
                             amount.ToString(), kBetween,
                             line.booking_date ? line.booking_date->ToString() : "", kBetween);
  if (!line.account_servicer_ref.empty()) {
    base::StrAppend(&words, "ref", kBetween, line.account_servicer_ref);
  } else {
    base::StrAppend(&words, "all", kBetween, WordsOf(line));
    for (const model::EntryDetail& detail : line.details) {
      base::StrAppend(&words, WordsOf(detail));
    }
  }
  return loop.Hash(words);
}

Payment PaymentOf(const model::EntryDetail& detail, const model::Money& line_amount, bool alone) {
  Payment payment;
  const model::PaymentReferences& names = detail.references;
  payment.amount = detail.amount ? *detail.amount : alone ? line_amount : model::Money();
  payment.message_id = names.message_id;
  payment.payment_information_id = names.payment_information_id;
  payment.end_to_end_id = names.end_to_end_id;
  payment.uetr = names.uetr;
  payment.bank_reference = names.account_servicer_ref;
  payment.returned = detail.return_info.has_value() && !detail.return_info->is_change_notice;
  if (detail.return_info) payment.reason = detail.return_info->reason;
  return payment;
}

std::string TextOf(const model::StatementLine& line) {
  std::vector<std::string> parts;
  const auto add = [&](const std::string& text) {
    const bool known = std::ranges::find(parts, text) != parts.end();
    if (!text.empty() && !known) parts.push_back(text);
  };
  if (!line.details.empty()) {
    const model::EntryDetail& detail = line.details.front();
    for (const std::string& text : detail.remittance.unstructured) add(text);
    for (const auto& structured : detail.remittance.structured) add(structured.reference);
    add(detail.additional);
  }
  add(line.additional);
  add(line.code.text);
  return Cut(base::StrJoin(parts, " "), kTextMax);
}

std::string CodeOf(const model::BankTransactionCode& code) {
  if (code.domain.empty()) return code.proprietary;
  return StrCat(code.domain, "/", code.family, "/", code.sub_family);
}

Line LineFrom(const model::StatementLine& line, const model::Money& amount,
              const std::vector<model::EntryDetail>& details, int64_t detail_count) {
  Line out;
  out.status = std::string(NameOf(line.status));
  out.amount = amount;
  if (line.booking_date) out.booking_date = line.booking_date->ToString();
  if (line.value_date) out.value_date = line.value_date->ToString();
  out.text = TextOf(line);
  out.code = Cut(CodeOf(line.code), kShortMax);
  out.bank_reference = Cut(
      line.account_servicer_ref.empty() ? line.reference : line.account_servicer_ref, kShortMax);
  out.returned = line.reversal;
  if (!line.batches.empty()) {
    out.message_id = line.batches.front().message_id;
    out.payment_information_id = line.batches.front().payment_information_id;
  }
  out.payment_count = std::max<int64_t>(1, detail_count);
  for (const model::EntryDetail& detail : details) {
    if (out.payments.size() >= kPaymentsMax) break;
    out.payments.push_back(PaymentOf(detail, amount, detail_count == 1));
  }
  if (!out.payments.empty()) {
    const Payment& first = out.payments.front();
    if (out.payment_information_id.empty()) {
      out.payment_information_id = first.payment_information_id;
    }
    if (out.message_id.empty()) out.message_id = first.message_id;
  }
  if (detail_count == 1 && !details.empty()) {
    const model::EntryDetail& only = details.front();
    const model::BankParty& other = amount.IsNegative() ? only.creditor : only.debtor;
    out.partner_name = Cut(other.name, kShortMax);
    out.account_number = Cut(other.account.number, kShortMax);
    out.end_to_end_id = only.references.end_to_end_id;
    out.returned = out.returned || out.payments.front().returned;
  }
  return out;
}

class StoringSink final : public ports::StatementSink {
 public:
  StoringSink(Loop& loop, FileFlow& file, const Survey& survey,
              const std::vector<std::optional<model::OwnAccount>>& ours)
      : loop_(loop), file_(file), survey_(survey), ours_(ours) {}

  absl::Status OnStatement(const model::Statement&) override {
    const auto at = static_cast<size_t>(++index_);
    if (at >= survey_.statements.size()) return Differs();
    flow_.reset();
    // An account that is not ours may become so: its statement waits with the file.
    if (!ours_[at]) return absl::OkStatus();
    std::optional<Flow> begun;
    KONTOR_RETURN_IF_ERROR(loop_.Commit([&](ports::Unit& unit) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(
          begun, BeginStatement(loop_, unit, file_, index_, survey_.statements[at], ours_[at]));
      return absl::OkStatus();
    }));
    loop_.Failpoint("statement.after_begin");
    if (!begun) {
      ++file_.body.repeated_count;
      return absl::OkStatus();
    }
    ++file_.body.statement_count;
    if (file_.body.statement_ids.size() < kStatementIdsMax) {
      file_.body.statement_ids.push_back(begun->row.id);
    }
    if (begun->state() == State::kImporting) flow_ = std::move(begun);
    number_ = 0;
    same_.clear();
    keys_.clear();
    rows_.clear();
    details_.clear();
    pending_ = base::Decimal();
    return absl::OkStatus();
  }

  absl::Status OnDetails(std::span<const model::EntryDetail> details) override {
    for (const model::EntryDetail& detail : details) {
      if (details_.size() >= kPaymentsMax) break;
      details_.push_back(detail);
    }
    return absl::OkStatus();
  }

  absl::Status OnLine(const model::StatementLine& line) override {
    if (!flow_) return absl::OkStatus();
    ++number_;
    details_.insert(details_.end(), line.details.begin(), line.details.end());
    const auto at = static_cast<size_t>(index_);
    const model::Money amount =
        model::BookedAmount(line, survey_.statements[at].statement.proof);
    const std::string same = SameKey(loop_, flow_->body, line, amount);
    Pending pending;
    pending.same = same;
    pending.ordinal = ++same_[same];
    pending.line = LineFrom(line, amount, details_,
                            std::max<int64_t>(line.detail_count,
                                              static_cast<int64_t>(details_.size())));
    pending.number = number_;
    details_.clear();
    if (!flow_->body.replaces.empty()) keys_.insert(KeyOf(pending));
    if (line.status == model::LineStatus::kPending) {
      KONTOR_ASSIGN_OR_RETURN(pending_, pending_.Add(amount.ToDecimal()));
    }
    if (number_ <= flow_->body.read_to) return absl::OkStatus();  // an earlier try stored it
    rows_.push_back(std::move(pending));
    if (static_cast<int>(rows_.size()) >= loop_.settings.lines_a_unit) return Flush();
    return absl::OkStatus();
  }

  absl::Status OnStatementEnd(const model::Statement&) override {
    if (!flow_) return absl::OkStatus();
    KONTOR_RETURN_IF_ERROR(Flush());
    loop_.Failpoint("statement.after_lines");
    if (!flow_->body.replaces.empty()) {
      KONTOR_RETURN_IF_ERROR(RevokeMissing(loop_, *flow_, keys_));
    }
    loop_.Failpoint("statement.after_revoked");
    Flow done;
    KONTOR_RETURN_IF_ERROR(loop_.Commit([&](ports::Unit& unit) -> absl::Status {
      done = *flow_;
      done.body.pending_sum = pending_.ToString();
      return CompleteStatement(loop_, unit, done,
                               survey_.statements[static_cast<size_t>(index_)]);
    }));
    loop_.Failpoint("statement.after_import");
    flow_.reset();
    return absl::OkStatus();
  }

 private:
  struct Pending {
    std::string same;
    int ordinal = 1;
    int64_t number = 0;
    Line line;
  };

  static absl::Status Differs() {
    return base::Error(Reason::kInternal).Says("a file reads differently the second time");
  }
  static std::string KeyOf(const Pending& pending) {
    return StrCat(pending.same, "/", pending.ordinal);
  }

  ports::FlowLineRow RowOf(Pending& pending) const {
    pending.line.key = KeyOf(pending);
    ports::FlowLineRow row;
    row.flow_id = flow_->row.id;
    row.number = pending.number;
    row.key = pending.line.key;
    row.state = kStored;
    row.body = ToJson(pending.line);
    return row;
  }

  /// Adds one line that collides with another statement's although both cannot be the same: it is
  /// given the next free place among those that look alike.
  absl::Status AddBeside(ports::Unit& unit, Pending& pending) const {
    for (int i = 0; i < kSameMax; ++i) {
      ++pending.ordinal;
      KONTOR_ASSIGN_OR_RETURN(const auto added, unit.AddFlowLines({RowOf(pending)}));
      if (added.front()) return absl::OkStatus();
    }
    return base::Error(Reason::kFormatLimit).Says("too many lines look alike");
  }

  absl::Status Flush() {
    if (rows_.empty()) return absl::OkStatus();
    Flow written;
    KONTOR_RETURN_IF_ERROR(loop_.Commit([&](ports::Unit& unit) -> absl::Status {
      written = *flow_;
      std::vector<Pending> pending = rows_;
      std::vector<ports::FlowLineRow> rows;
      for (Pending& one : pending) rows.push_back(RowOf(one));
      KONTOR_ASSIGN_OR_RETURN(const auto added, unit.AddFlowLines(rows));
      base::Decimal sum;
      KONTOR_ASSIGN_OR_RETURN(sum, base::Decimal::Parse(written.body.new_sum));
      for (size_t i = 0; i < added.size(); ++i) {
        if (!added[i] && MayRepeat(written.body.standing)) {
          ++written.body.repeated;
          continue;
        }
        if (!added[i]) KONTOR_RETURN_IF_ERROR(AddBeside(unit, pending[i]));
        ++written.body.stored;
        if (pending[i].line.status == NameOf(model::LineStatus::kBooked)) {
          KONTOR_ASSIGN_OR_RETURN(sum, sum.Add(pending[i].line.amount.ToDecimal()));
        }
      }
      written.body.new_sum = sum.ToString();
      written.body.read_to = pending.back().number;
      return WriteFlow(loop_, unit, written, State::kImporting);
    }));
    flow_ = std::move(written);
    rows_.clear();
    return absl::OkStatus();
  }

  Loop& loop_;
  FileFlow& file_;
  const Survey& survey_;
  const std::vector<std::optional<model::OwnAccount>>& ours_;
  int64_t index_ = -1;
  std::optional<Flow> flow_;  ///< None: its lines are not stored.
  int64_t number_ = 0;
  std::map<std::string, int> same_;
  std::set<std::string> keys_;
  std::vector<Pending> rows_;
  std::vector<model::EntryDetail> details_;
  base::Decimal pending_;     ///< Sum of what is pending in the statement.
};

}  // namespace

absl::Status StoreStatements(Loop& loop, FileFlow& file, const std::string& mapping,
                             const Survey& survey,
                             const std::vector<std::optional<model::OwnAccount>>& ours) {
  file.body.statement_ids.clear();
  file.body.statement_count = 0;
  file.body.repeated_count = 0;
  StoringSink sink(loop, file, survey, ours);
  ports::ReadReport report;
  const auto bytes = OpenReadable(loop, file);
  return loop.deps.codec.ReadStatements(*bytes, mapping, sink, report);
}

}  // namespace kontor::statements
