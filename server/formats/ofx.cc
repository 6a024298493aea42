// SPDX-License-Identifier: Apache-2.0
// Open Financial Exchange specification, chapters 11.4 (bank) and 11.4.3 (credit card statements).
#include "server/formats/ofx.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/formats/internal/blame.h"
#include "server/formats/internal/iso_values.h"
#include "server/formats/internal/ofx_scanner.h"
#include "server/model/statement_prover.h"
#include "server/model/validate.h"

namespace kontor::formats {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using internal::OfxScanner;
using model::Severity;
using Token = OfxScanner::Token;

/// `YYYYMMDD` and whatever follows of time and zone.
absl::StatusOr<model::Date> ReadOfxDate(std::string_view text) {
  constexpr size_t kSize = 8;
  if (text.size() < kSize)
    return Error(Reason::kDateInvalid).Says("a date is shorter than 8 digits");
  return model::Date::Parse(
      StrCat(text.substr(0, 4), "-", text.substr(4, 2), "-", text.substr(6, 2)));
}

/// Signed, with a point or a comma for the decimals.
absl::StatusOr<model::Money> ReadOfxAmount(std::string_view text, const model::Currency& currency) {
  std::string plain(text);
  std::replace(plain.begin(), plain.end(), ',', '.');
  KONTOR_ASSIGN_OR_RETURN(const base::Decimal value, internal::ReadDecimal(plain));
  return model::Money::FromDecimal(currency, value);
}

class Reader {
 public:
  Reader(ports::ByteSource& source, ports::StatementSink& sink, ports::ReadReport& report)
      : scanner_(source), sink_(sink), report_(report) {}
  absl::Status Run();

 private:
  absl::Status Open(std::string_view name);
  absl::Status Close(std::string_view name);
  absl::Status TakeText(std::string_view text);
  absl::Status BeginStatement();
  absl::Status EndStatement();
  absl::Status SendHeader();
  void BeginLine();
  absl::Status EndLine();
  void TakeLineText(std::string_view text);
  void TakeBalanceText(std::string_view text);
  void TakeAccountText(std::string_view text);
  void EndBalance();
  void Blame(const absl::Status& status, std::string_view field,
             Severity severity = Severity::kError);
  std::string LineField(std::string_view member) const {
    return StrCat("lines[", prover_.line_count(), "].", member);
  }

  OfxScanner scanner_;
  ports::StatementSink& sink_;
  ports::ReadReport& report_;
  bool in_ofx_ = false;
  bool ended_ = false;
  bool version_two_ = false;
  std::string leaf_;  ///< The last opened tag: a text next is its value.
  bool in_statement_ = false;
  bool in_card_ = false;
  bool in_own_account_ = false;
  bool in_other_account_ = false;
  bool in_line_ = false;
  bool in_balance_ = false;
  bool in_pending_list_ = false;
  bool header_sent_ = false;
  model::Statement statement_;
  model::Currency currency_;
  model::StatementProver prover_;
  model::StatementLine line_;
  model::EntryDetail detail_;
  std::string name_;
  std::string memo_;
  model::BankParty other_;
  bool amount_seen_ = false;
  model::Balance balance_;
  bool balance_seen_ = false;
};

void Reader::Blame(const absl::Status& status, std::string_view field, Severity severity) {
  prover_.Blame(internal::FindingAtLine(status, severity, report_.statement_count - 1, field,
                                        scanner_.line()));
}

absl::Status Reader::Run() {
  for (;;) {
    KONTOR_ASSIGN_OR_RETURN(const Token token, scanner_.Next());
    switch (token) {
      case Token::kInstruction:
        version_two_ = version_two_ || scanner_.value().starts_with("?OFX");
        break;
      case Token::kOpen: KONTOR_RETURN_IF_ERROR(Open(scanner_.value())); break;
      case Token::kClose: KONTOR_RETURN_IF_ERROR(Close(scanner_.value())); break;
      case Token::kText: KONTOR_RETURN_IF_ERROR(TakeText(scanner_.value())); break;
      case Token::kEnd:
        if (!in_ofx_) return Error(Reason::kFormatUnknown).Says("the file has no <OFX>");
        if (!ended_) {
          return Error(Reason::kFormatTruncated).Says("the file ends before its </OFX>");
        }
        if (report_.statement_count == 0) {
          return Error(Reason::kFormatUnknown).Says("the file holds no statement");
        }
        return absl::OkStatus();
    }
  }
}

absl::Status Reader::Open(std::string_view name) {
  if (ended_) return Error(Reason::kFormatInvalid).Says("the file goes on behind its </OFX>");
  if (name == "OFX") {
    in_ofx_ = true;
    report_.format = version_two_ ? "OFX 2" : "OFX 1";
  } else if (!in_ofx_) {
    return Error(Reason::kFormatUnknown).Says("the file does not begin with <OFX>");
  }
  leaf_ = scanner_.self_closed() ? "" : name;
  if (name == "STMTRS" || name == "CCSTMTRS") {
    in_card_ = name == "CCSTMTRS";
    return BeginStatement();
  }
  if (!in_statement_) return absl::OkStatus();
  if (name == "BANKACCTFROM" || name == "CCACCTFROM") in_own_account_ = true;
  if (name == "BANKACCTTO" || name == "CCACCTTO") in_other_account_ = true;
  if (name == "BANKTRANLISTP") in_pending_list_ = true;
  if (name == "LEDGERBAL" || name == "AVAILBAL") {
    in_balance_ = true;
    balance_ = {};
    balance_seen_ = false;
    balance_.code = name;
    balance_.type = name == "LEDGERBAL" ? model::BalanceType::kClosingBooked
                                        : model::BalanceType::kClosingAvailable;
  }
  if (name == "STMTTRN" || name == "STMTTRNP") {
    if (in_line_) return Error(Reason::kFormatInvalid).Says("a transaction within a transaction");
    KONTOR_RETURN_IF_ERROR(SendHeader());
    BeginLine();
  }
  return absl::OkStatus();
}

absl::Status Reader::Close(std::string_view name) {
  leaf_.clear();
  if (name == "OFX") {
    if (in_statement_) {
      return Error(Reason::kFormatInvalid).Says("a statement is open where the file ends");
    }
    ended_ = true;
    return absl::OkStatus();
  }
  if (!in_statement_) return absl::OkStatus();
  if (name == "STMTRS" || name == "CCSTMTRS") return EndStatement();
  if (name == "BANKACCTFROM" || name == "CCACCTFROM") in_own_account_ = false;
  if (name == "BANKACCTTO" || name == "CCACCTTO") in_other_account_ = false;
  if (name == "BANKTRANLISTP") in_pending_list_ = false;
  if ((name == "LEDGERBAL" || name == "AVAILBAL") && in_balance_) EndBalance();
  if ((name == "STMTTRN" || name == "STMTTRNP") && in_line_) return EndLine();
  return absl::OkStatus();
}

absl::Status Reader::TakeText(std::string_view text) {
  if (!in_ofx_ || leaf_.empty()) return absl::OkStatus();
  if (in_balance_) {
    TakeBalanceText(text);
  } else if (in_own_account_ || in_other_account_) {
    TakeAccountText(text);
  } else if (in_line_) {
    TakeLineText(text);
  } else if (in_statement_ && leaf_ == "CURDEF") {
    const auto currency = model::Currency::Parse(text);
    if (currency.ok()) {
      currency_ = *currency;
      statement_.account.currency = *currency;
    } else {
      Blame(currency.status(), "account");
    }
  } else if (in_statement_ && leaf_ == "DTSTART") {
    statement_.from = text;
  } else if (in_statement_ && leaf_ == "DTEND") {
    statement_.to = text;
  }
  return absl::OkStatus();
}

absl::Status Reader::BeginStatement() {
  if (in_statement_) return Error(Reason::kFormatInvalid).Says("a statement within a statement");
  ++report_.statement_count;
  in_statement_ = true;
  header_sent_ = false;
  currency_ = {};
  statement_ = {};
  statement_.format = report_.format;
  if (in_card_) statement_.account.scheme = "card";
  prover_.Reset();
  return absl::OkStatus();
}

absl::Status Reader::SendHeader() {
  if (header_sent_) return absl::OkStatus();
  header_sent_ = true;
  statement_.account.number = model::NormalAccountNumber(statement_.account.number);
  return sink_.OnStatement(statement_);
}

absl::Status Reader::EndStatement() {
  if (in_line_)
    return Error(Reason::kFormatInvalid)
        .Says(
            "a transaction is open where its "
            "statement ends");
  KONTOR_RETURN_IF_ERROR(SendHeader());
  in_statement_ = false;
  if (statement_.account.number.empty()) {
    Blame(Error(Reason::kFieldMissing).Says("the statement names no account"), "account");
  }
  statement_.proof = prover_.Prove(statement_);
  switch (statement_.proof.verdict) {
    case model::StatementProof::Verdict::kProven: ++report_.proven_count; break;
    case model::StatementProof::Verdict::kUnproven: ++report_.unproven_count; break;
    case model::StatementProof::Verdict::kRefused: ++report_.refused_count; break;
  }
  return sink_.OnStatementEnd(statement_);
}

void Reader::BeginLine() {
  in_line_ = true;
  ++report_.line_count;
  line_ = {};
  detail_ = {};
  other_ = {};
  name_.clear();
  memo_.clear();
  amount_seen_ = false;
  line_.number = prover_.line_count() + 1;
  line_.status = in_pending_list_ ? model::LineStatus::kPending : model::LineStatus::kBooked;
}

void Reader::TakeLineText(std::string_view text) {
  if (leaf_ == "TRNAMT") {
    const auto amount = ReadOfxAmount(text, currency_);
    if (!amount.ok()) return Blame(amount.status(), LineField("amount"));
    if (amount_seen_) {
      Blame(Error(Reason::kFormatInvalid).Says("the transaction has two amounts"),
            LineField("amount"));
    }
    line_.amount = *amount;
    amount_seen_ = true;
  } else if (leaf_ == "DTPOSTED" || leaf_ == "DTAVAIL") {
    const auto date = ReadOfxDate(text);
    if (!date.ok()) return Blame(date.status(), LineField("booking_date"));
    (leaf_ == "DTPOSTED" ? line_.booking_date : line_.value_date) = *date;
  } else if (leaf_ == "TRNTYPE") {
    line_.code.proprietary = text;
    line_.code.proprietary_issuer = "OFX";
  } else if (leaf_ == "FITID") {
    line_.reference = text;
  } else if (leaf_ == "CHECKNUM") {
    detail_.references.cheque_number = text;
  } else if (leaf_ == "REFNUM") {
    detail_.references.account_servicer_ref = text;
  } else if (leaf_ == "NAME") {
    name_ = text;
  } else if (leaf_ == "MEMO") {
    memo_ = text;
  }
}

absl::Status Reader::EndLine() {
  in_line_ = false;
  in_other_account_ = false;
  if (!amount_seen_) {
    Blame(Error(Reason::kFieldMissing).Says("the transaction has no amount that can be read"),
          LineField("amount"));
    return absl::OkStatus();
  }
  if (!line_.booking_date.has_value() && line_.status == model::LineStatus::kBooked) {
    Blame(Error(Reason::kFieldMissing).Says("the transaction has no date"),
          LineField("booking_date"));
  }
  if (line_.reference.empty()) {
    Blame(Error(Reason::kFieldMissing).Says("the transaction has no FITID to tell it apart"),
          LineField("reference"), Severity::kWarning);
  }
  other_.name = name_;
  detail_.amount = line_.amount;
  (line_.amount.IsNegative() ? detail_.creditor : detail_.debtor) = other_;
  if (!memo_.empty()) detail_.remittance.unstructured.push_back(memo_);
  line_.details.push_back(std::move(detail_));
  line_.detail_count = 1;
  prover_.Add(line_);
  return sink_.OnLine(line_);
}

void Reader::TakeAccountText(std::string_view text) {
  model::BankAccountNumber& account = in_other_account_ ? other_.account : statement_.account;
  model::BankAgent& agent = in_other_account_ ? other_.agent : statement_.servicer;
  if (leaf_ == "ACCTID") account.number = text;
  if (leaf_ == "BANKID") agent.member_id = text;
  if (leaf_ == "ACCTTYPE" && account.scheme.empty()) account.scheme = text;
}

void Reader::TakeBalanceText(std::string_view text) {
  if (leaf_ == "BALAMT") {
    const auto amount = ReadOfxAmount(text, currency_);
    if (!amount.ok()) return Blame(amount.status(), "balances");
    balance_.amount = *amount;
    balance_seen_ = true;
  } else if (leaf_ == "DTASOF") {
    const auto date = ReadOfxDate(text);
    if (!date.ok()) return Blame(date.status(), "balances");
    balance_.date = *date;
    balance_.time = text;
  }
}

void Reader::EndBalance() {
  in_balance_ = false;
  if (!balance_seen_) {
    return Blame(Error(Reason::kFieldMissing).Says("a balance without amount"), "balances");
  }
  constexpr size_t kBalancesMax = 100;
  if (statement_.balances.size() < kBalancesMax) statement_.balances.push_back(balance_);
}

}  // namespace

absl::Status ReadOfx(ports::ByteSource& source, ports::StatementSink& sink,
                     ports::ReadReport& report) {
  return Reader(source, sink, report).Run();
}

}  // namespace kontor::formats
