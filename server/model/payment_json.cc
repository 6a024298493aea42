// SPDX-License-Identifier: Apache-2.0
#include "server/model/payment_json.h"

#include <algorithm>
#include <array>
#include <utility>

#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/model/internal/bank_json.h"
#include "server/model/validate.h"

namespace kontor::model {
namespace {

using base::Reason;
using internal::Findings;
using internal::Json;
using internal::JsonFields;
using internal::PutObject;
using internal::PutText;

constexpr int kNameMax = 70;
constexpr int kRemittanceMax = 140;
constexpr int kPurposeMax = 4;

void ReadCreditor(JsonFields& in, BankParty& out) {
  in.Text("holder_name", out.name);
  in.Text("account_number", out.account.number);
  in.Text("bic", out.agent.bic);
  in.Object("address", [&](JsonFields& at) { internal::ReadAddress(at, out.address); });
  in.Text("bank_name", out.agent.name);
  in.Text("lei", out.lei);
  out.account.number = NormalAccountNumber(out.account.number);
  if (LooksLikeIban(out.account.number)) out.account.scheme = "IBAN";
}

void CheckCreditor(const BankParty& creditor, const std::string& at, Findings& findings) {
  findings.RequiredText(creditor.name, kNameMax, at + ".holder_name");
  findings.RequiredText(creditor.account.number, kAccountNumberMax, at + ".account_number");
  if (LooksLikeIban(creditor.account.number)) {
    findings.Add(base::AtField(CheckIban(creditor.account.number), at + ".account_number"));
  }
  if (!creditor.agent.bic.empty() && !IsBic(creditor.agent.bic)) {
    findings.Add(Reason::kFieldInvalid, at + ".bic", "A BIC has 8 or 11 capitals and digits");
  }
}

Json WriteCreditor(const BankParty& creditor) {
  Json out = Json::object();
  PutText(out, "holder_name", creditor.name);
  PutText(out, "account_number", creditor.account.number);
  PutText(out, "bic", creditor.agent.bic);
  PutObject(out, "address", internal::WriteAddress(creditor.address));
  PutText(out, "bank_name", creditor.agent.name);
  PutText(out, "lei", creditor.lei);
  return out;
}

struct Plain {
  std::string_view from;
  std::string_view to;
};
// Latin-1 and Latin Extended-A by hand, German and Nordic letters as these countries write them.
constexpr Plain kPlain[] = {
    {"Ä", "Ae"}, {"Ö", "Oe"}, {"Ü", "Ue"}, {"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"}, {"ß", "ss"},
    {"Å", "A"},  {"å", "a"},  {"Æ", "Ae"}, {"æ", "ae"}, {"Ø", "O"},  {"ø", "o"},  {"À", "A"},
    {"Á", "A"},  {"Â", "A"},  {"Ã", "A"},  {"à", "a"},  {"á", "a"},  {"â", "a"},  {"ã", "a"},
    {"Ç", "C"},  {"ç", "c"},  {"È", "E"},  {"É", "E"},  {"Ê", "E"},  {"Ë", "E"},  {"è", "e"},
    {"é", "e"},  {"ê", "e"},  {"ë", "e"},  {"Ì", "I"},  {"Í", "I"},  {"Î", "I"},  {"Ï", "I"},
    {"ì", "i"},  {"í", "i"},  {"î", "i"},  {"ï", "i"},  {"Ñ", "N"},  {"ñ", "n"},  {"Ò", "O"},
    {"Ó", "O"},  {"Ô", "O"},  {"Õ", "O"},  {"ò", "o"},  {"ó", "o"},  {"ô", "o"},  {"õ", "o"},
    {"Ù", "U"},  {"Ú", "U"},  {"Û", "U"},  {"ù", "u"},  {"ú", "u"},  {"û", "u"},  {"Ý", "Y"},
    {"ý", "y"},  {"ÿ", "y"},  {"Ą", "A"},  {"ą", "a"},  {"Ă", "A"},  {"ă", "a"},  {"Ć", "C"},
    {"ć", "c"},  {"Č", "C"},  {"č", "c"},  {"Ď", "D"},  {"ď", "d"},  {"Đ", "D"},  {"đ", "d"},
    {"Ę", "E"},  {"ę", "e"},  {"Ě", "E"},  {"ě", "e"},  {"Ğ", "G"},  {"ğ", "g"},  {"İ", "I"},
    {"ı", "i"},  {"Ł", "L"},  {"ł", "l"},  {"Ľ", "L"},  {"ľ", "l"},  {"Ń", "N"},  {"ń", "n"},
    {"Ň", "N"},  {"ň", "n"},  {"Ő", "O"},  {"ő", "o"},  {"Œ", "Oe"}, {"œ", "oe"}, {"Ŕ", "R"},
    {"ŕ", "r"},  {"Ř", "R"},  {"ř", "r"},  {"Ś", "S"},  {"ś", "s"},  {"Ş", "S"},  {"ş", "s"},
    {"Š", "S"},  {"š", "s"},  {"Ș", "S"},  {"ș", "s"},  {"Ţ", "T"},  {"ţ", "t"},  {"Ț", "T"},
    {"ț", "t"},  {"Ť", "T"},  {"ť", "t"},  {"Ů", "U"},  {"ů", "u"},  {"Ű", "U"},  {"ű", "u"},
    {"Ź", "Z"},  {"ź", "z"},  {"Ż", "Z"},  {"ż", "z"},  {"Ž", "Z"},  {"ž", "z"},  {"&", "+"},
    {"–", "-"},  {"—", "-"},  {"’", "'"},  {"‘", "'"},  {"\"", "'"}, {"“", "'"},  {"”", "'"},
    {"_", "-"},  {";", ","},  {"#", "-"},  {"@", "(at)"},
};

bool IsPlain(char c) {
  constexpr std::string_view kOthers = "/-?:().,'+ ";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kOthers.find(c) != std::string_view::npos;
}

}  // namespace

CreditTransfer ReadCreditTransfer(std::string_view json, std::string_view path,
                                  std::vector<Finding>* findings) {
  CreditTransfer transfer;
  Findings found;
  const Json body = Json::parse(json, nullptr, false);
  if (!body.is_object()) {
    found.Add(Reason::kJsonInvalid, std::string(path), "is no JSON object");
    *findings = found.Take();
    return transfer;
  }
  JsonFields in(body, std::string(path), found);
  std::optional<Money> amount;
  in.Amount("amount", amount);
  if (!amount) {
    found.Add(Reason::kFieldMissing, in.At("amount"), "No amount is given");
  } else if (amount->IsZero() || amount->IsNegative()) {
    found.Add(Reason::kAmountInvalid, in.At("amount"), "A payment is above 0");
  } else {
    transfer.amount = *std::move(amount);
  }
  in.Object("creditor", [&](JsonFields& at) { ReadCreditor(at, transfer.creditor); });
  CheckCreditor(transfer.creditor, in.At("creditor"), found);
  std::string text;
  std::string reference;
  in.Text("remittance_text", text);
  in.Text("creditor_reference", reference);
  found.Text(text, kRemittanceMax, in.At("remittance_text"));
  if (!text.empty() && !reference.empty()) {
    found.Add(Reason::kFieldConflict, in.At("creditor_reference"),
              "A payment has a text or a reference, not both");
  }
  if (!text.empty()) transfer.remittance.unstructured = {text};
  if (!reference.empty()) {
    StructuredRemittance& part = transfer.remittance.structured.emplace_back();
    part.reference = base::ToUpper(reference);
    std::erase(part.reference, ' ');
    part.reference_type = ReferenceTypeOf(part.reference);
    if (part.reference_type.empty()) {
      found.Add(Reason::kFieldInvalid, in.At("creditor_reference"),
                "This is neither an ISO 11649 reference nor a QR reference");
    }
  }
  in.Text("purpose", transfer.purpose);
  found.Text(transfer.purpose, kPurposeMax, in.At("purpose"));
  in.Text("end_to_end_id", transfer.end_to_end_id);
  in.Text("uetr", transfer.uetr);
  transfer.instruction_id = transfer.end_to_end_id;
  *findings = found.Take();
  return transfer;
}

std::string WriteCreditTransfer(const CreditTransfer& transfer) {
  Json out = Json::object();
  internal::PutAmount(out, "amount", transfer.amount);
  out["creditor"] = WriteCreditor(transfer.creditor);
  if (!transfer.remittance.unstructured.empty()) {
    out["remittance_text"] = transfer.remittance.unstructured.front();
  }
  if (!transfer.remittance.structured.empty()) {
    out["creditor_reference"] = transfer.remittance.structured.front().reference;
  }
  PutText(out, "purpose", transfer.purpose);
  PutText(out, "end_to_end_id", transfer.end_to_end_id);
  PutText(out, "uetr", transfer.uetr);
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string_view ReferenceTypeOf(std::string_view reference) {
  constexpr size_t kQrDigits = 27;
  const bool digits = std::all_of(reference.begin(), reference.end(),
                                  [](char c) { return c >= '0' && c <= '9'; });
  if (digits && reference.size() == kQrDigits) return "QRR";
  constexpr size_t kScorMin = 5;
  constexpr size_t kScorMax = 25;
  if (reference.starts_with("RF") && reference.size() >= kScorMin && reference.size() <= kScorMax) {
    return "SCOR";
  }
  return "";
}

std::string PlainText(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (IsPlain(text.front())) {
      out.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    const auto* const row = std::find_if(std::begin(kPlain), std::end(kPlain),
                                         [&](const Plain& p) { return text.starts_with(p.from); });
    if (row == std::end(kPlain)) return "";
    out.append(row->to);
    text.remove_prefix(row->from.size());
  }
  return out;
}

}  // namespace kontor::model
