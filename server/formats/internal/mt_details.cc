// SPDX-License-Identifier: Apache-2.0
// Subfields: Deutsche Kreditwirtschaft, DFÜ-Abkommen, annex 3, MT940. Code words: SWIFT usage rules
// for field 86 and the Dutch banks' descriptions of it.
#include "server/formats/internal/mt_details.h"

#include <algorithm>
#include <iterator>

#include "server/base/strings.h"
#include "server/formats/internal/mt_fields.h"
#include "server/model/validate.h"

namespace kontor::formats::internal {
namespace {

using base::StrCat;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string Joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line;
  return out;
}

/// A piece of a text: from a mark to the next one.
struct Piece {
  std::string_view mark;
  std::string_view text;
};

/// The other side of the payment: who pays us, or whom we pay.
model::BankParty& OtherParty(model::EntryDetail& detail, const model::Money& amount) {
  return amount.IsNegative() ? detail.creditor : detail.debtor;
}

void Set(std::string& slot, std::string_view text) {
  text = base::Trim(text);
  if (!IsNoMtReference(text)) slot = text;
}

// Subfields.

bool IsSubfields(std::string_view text) {
  constexpr size_t kMarkAt = 3;
  if (text.size() < kMarkAt + 3) return false;
  if (!IsDigit(text[0]) || !IsDigit(text[1]) || !IsDigit(text[2])) return false;
  const char mark = text[kMarkAt];
  const bool letter = (mark >= 'A' && mark <= 'Z') || (mark >= 'a' && mark <= 'z');
  return !IsDigit(mark) && !letter && mark != ' ' && IsDigit(text[kMarkAt + 1]) &&
         IsDigit(text[kMarkAt + 2]);
}

std::vector<Piece> Subfields(std::string_view text) {
  const char mark = text[3];
  std::vector<Piece> pieces;
  size_t at = 3;
  const auto is_mark = [&](size_t i) {
    return text[i] == mark && i + 2 < text.size() && IsDigit(text[i + 1]) && IsDigit(text[i + 2]);
  };
  while (at + 2 < text.size()) {
    size_t next = at + 3;
    while (next < text.size() && !is_mark(next)) ++next;
    pieces.push_back({text.substr(at + 1, 2), text.substr(at + 3, next - at - 3)});
    at = next;
  }
  return pieces;
}

constexpr std::string_view kSepaMarks[] = {"EREF+", "KREF+", "MREF+", "CRED+", "DEBT+",
                                           "COAM+", "OAMT+", "SVWZ+", "ABWA+", "ABWE+",
                                           "IBAN+", "BIC+",  "PREF+", "RREF+", "PURP+"};

/// Cuts at SEPA's marks; what stands before the first one has an empty mark.
std::vector<Piece> SepaPieces(std::string_view text) {
  std::vector<Piece> pieces;
  size_t begin = 0;
  std::string_view mark;
  for (size_t at = 0; at < text.size(); ++at) {
    const auto* const found =
        std::find_if(std::begin(kSepaMarks), std::end(kSepaMarks),
                     [&](std::string_view m) { return text.substr(at).starts_with(m); });
    if (found == std::end(kSepaMarks)) continue;
    pieces.push_back({mark, text.substr(begin, at - begin)});
    mark = *found;
    at += found->size() - 1;
    begin = at + 1;
  }
  pieces.push_back({mark, text.substr(begin)});
  return pieces;
}

void TakeSepa(const Piece& piece, const model::Money& amount, model::EntryDetail& detail) {
  model::PaymentReferences& references = detail.references;
  if (piece.mark == "EREF+") return Set(references.end_to_end_id, piece.text);
  if (piece.mark == "KREF+") return Set(references.payment_information_id, piece.text);
  if (piece.mark == "PREF+") return Set(references.payment_information_id, piece.text);
  if (piece.mark == "MREF+") return Set(references.mandate_id, piece.text);
  if (piece.mark == "CRED+") return Set(references.creditor_id, piece.text);
  if (piece.mark == "PURP+") return Set(detail.purpose, piece.text);
  if (piece.mark == "IBAN+") return Set(OtherParty(detail, amount).account.number, piece.text);
  if (piece.mark == "BIC+") return Set(OtherParty(detail, amount).agent.bic, piece.text);
  if (piece.mark == "ABWA+") return Set(detail.ultimate_debtor.emplace().name, piece.text);
  if (piece.mark == "ABWE+") return Set(detail.ultimate_creditor.emplace().name, piece.text);
  const std::string_view text = base::Trim(piece.text);
  if (text.empty()) return;
  if (piece.mark.empty() || piece.mark == "SVWZ+") {
    detail.remittance.unstructured.emplace_back(text);
  } else {
    if (!detail.additional.empty()) detail.additional.push_back(' ');
    base::StrAppend(&detail.additional, piece.mark, text);
  }
}

void TakeSubfields(std::string_view text, const model::Money& amount, model::EntryDetail& detail) {
  detail.code.proprietary = text.substr(0, 3);
  detail.code.proprietary_issuer = "ZKA";
  model::BankParty& other = OtherParty(detail, amount);
  std::string remittance;
  std::vector<std::string_view> parts;
  for (const Piece& piece : Subfields(text)) {
    const std::string_view mark = piece.mark;
    if (mark[0] == '2' || (mark >= "60" && mark <= "65")) {
      remittance += piece.text;
      parts.push_back(piece.text);
    } else if (mark == "00") {
      detail.code.text = base::Trim(piece.text);
    } else if (mark == "30") {
      other.agent.bic = model::IsBic(base::Trim(piece.text)) ? base::Trim(piece.text) : "";
      if (other.agent.bic.empty()) other.agent.member_id = base::Trim(piece.text);
    } else if (mark == "31" || mark == "38") {
      const std::string number = model::NormalAccountNumber(piece.text);
      if (mark == "38" || other.account.number.empty()) other.account.number = number;
    } else if (mark == "32" || mark == "33") {
      other.name += piece.text;
    } else if (mark == "34") {
      detail.references.proprietary.push_back({"34", std::string(base::Trim(piece.text))});
    } else if (!base::Trim(piece.text).empty()) {
      if (!detail.additional.empty()) detail.additional.push_back(' ');
      detail.additional += base::Trim(piece.text);
    }
  }
  other.name = base::Trim(std::string(other.name));
  const std::vector<Piece> sepa = SepaPieces(remittance);
  if (sepa.size() == 1) {
    // Without SEPA's marks each subfield is a line of its own.
    for (const std::string_view part : parts) {
      if (!base::Trim(part).empty()) {
        detail.remittance.unstructured.emplace_back(base::Trim(part));
      }
    }
    return;
  }
  for (const Piece& piece : sepa) TakeSepa(piece, amount, detail);
}

// Code words.

constexpr std::string_view kCodeWords[] = {
    "/TRTP/", "/TRCD/", "/EREF/", "/PREF/", "/IREF/", "/MARF/", "/CSID/", "/CNTP/",
    "/REMI/", "/NAME/", "/IBAN/", "/BIC/",  "/ORDP/", "/BENM/", "/ADDR/", "/ISDT/",
    "/RTRN/", "/PURP/", "/ID/",   "/ULTB/", "/ULTD/", "/ULTC/", "/SVCL/", "/OCMT/",
    "/CHGS/", "/EXCH/", "/ACCW/", "/BUSP/", "/NRTX/", "/SUM/",  "/CRED/", "/DEBT/",
    "/KREF/", "/SVWZ/", "/INIT/", "/CREF/", "/MREF/"};

bool IsCodeWords(std::string_view text) {
  if (!text.starts_with('/')) return false;
  return std::any_of(std::begin(kCodeWords), std::end(kCodeWords),
                     [&](std::string_view word) { return text.starts_with(word); });
}

std::vector<Piece> CodeWords(std::string_view text) {
  std::vector<Piece> pieces;
  std::string_view mark;
  size_t begin = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '/') continue;
    const auto* const found =
        std::find_if(std::begin(kCodeWords), std::end(kCodeWords),
                     [&](std::string_view word) { return text.substr(at).starts_with(word); });
    if (found == std::end(kCodeWords)) continue;
    // The closing slash of one word may open the next one: what is between them is then nothing.
    if (!mark.empty()) pieces.push_back({mark, text.substr(begin, std::max(at, begin) - begin)});
    mark = *found;
    begin = at + mark.size();
    at = begin - 2;
  }
  if (!mark.empty()) pieces.push_back({mark, text.substr(std::min(begin, text.size()))});
  return pieces;
}

/// `/CNTP/account/bic/name/…`.
void TakeCounterparty(std::string_view text, model::BankParty& other) {
  const std::vector<std::string> parts = base::StrSplit(text, '/');
  if (!parts.empty()) other.account.number = model::NormalAccountNumber(parts[0]);
  if (parts.size() > 1 && model::IsBic(parts[1])) other.agent.bic = parts[1];
  if (parts.size() > 2) other.name = base::Trim(parts[2]);
}

/// `USTD//text`, `STRD/issuer/reference` or text.
void TakeRemittance(std::string_view text, model::Remittance& remittance) {
  while (!text.empty() && text.ends_with('/')) text.remove_suffix(1);
  if (text.starts_with("USTD//")) text.remove_prefix(6);
  if (text.starts_with("STRD/")) {
    text.remove_prefix(5);
    const size_t slash = text.find('/');
    model::StructuredRemittance part;
    part.reference_type = slash == std::string_view::npos ? "" : text.substr(0, slash);
    part.reference = slash == std::string_view::npos ? text : text.substr(slash + 1);
    remittance.structured.push_back(std::move(part));
    return;
  }
  text = base::Trim(text);
  if (!text.empty()) remittance.unstructured.emplace_back(text);
}

std::string_view WithoutSlashes(std::string_view text) {
  while (text.starts_with('/')) text.remove_prefix(1);
  while (text.ends_with('/')) text.remove_suffix(1);
  return base::Trim(text);
}

void TakeCodeWord(const Piece& piece, const model::Money& amount, model::EntryDetail& detail) {
  model::PaymentReferences& references = detail.references;
  model::BankParty& other = OtherParty(detail, amount);
  const std::string_view text = WithoutSlashes(piece.text);
  if (piece.mark == "/EREF/") return Set(references.end_to_end_id, text);
  if (piece.mark == "/PREF/" || piece.mark == "/KREF/") {
    return Set(references.payment_information_id, text);
  }
  if (piece.mark == "/IREF/") return Set(references.instruction_id, text);
  if (piece.mark == "/MARF/" || piece.mark == "/MREF/") return Set(references.mandate_id, text);
  if (piece.mark == "/CSID/" || piece.mark == "/CRED/") return Set(references.creditor_id, text);
  if (piece.mark == "/CNTP/") return TakeCounterparty(piece.text, other);
  if (piece.mark == "/REMI/" || piece.mark == "/SVWZ/") {
    return TakeRemittance(piece.text, detail.remittance);
  }
  if (piece.mark == "/NAME/") return Set(other.name, text);
  if (piece.mark == "/IBAN/") return Set(other.account.number, text);
  if (piece.mark == "/BIC/") return Set(other.agent.bic, text);
  if (piece.mark == "/PURP/") return Set(detail.purpose, text);
  if (piece.mark == "/TRTP/") return Set(detail.code.text, text);
  if (piece.mark == "/RTRN/") return Set(detail.return_info.emplace().reason, text);
  if (text.empty()) return;
  if (!detail.additional.empty()) detail.additional.push_back(' ');
  base::StrAppend(&detail.additional, piece.mark, text);
}

}  // namespace

model::EntryDetail ReadMtDetails(const std::vector<std::string>& lines,
                                 const model::Money& amount) {
  model::EntryDetail detail;
  detail.amount = amount;
  const std::string text = Joined(lines);
  if (IsSubfields(text)) {
    TakeSubfields(text, amount, detail);
  } else if (IsCodeWords(text)) {
    for (const Piece& piece : CodeWords(text)) TakeCodeWord(piece, amount, detail);
  } else {
    for (const std::string& line : lines) {
      if (!base::Trim(line).empty()) detail.remittance.unstructured.emplace_back(base::Trim(line));
    }
  }
  return detail;
}

}  // namespace kontor::formats::internal
