// SPDX-License-Identifier: Apache-2.0
// Lengths stand before values, so no value can pretend to be another field.
#include "server/model/payment_canon.h"

#include "server/base/strings.h"

namespace kontor::model {
namespace {

using base::StrAppend;

class Piece {
 public:
  explicit Piece(std::string_view kind) : text_(kind) { text_.push_back(' '); }
  void Add(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    StrAppend(&text_, name, "=", static_cast<int64_t>(value.size()), ":", value, ";");
  }
  void Add(std::string_view name, const Money& amount) { Add(name, amount.ToString()); }
  void Add(std::string_view name, const std::optional<Money>& amount) {
    if (amount.has_value()) Add(name, *amount);
  }
  void Open(std::string_view name) { StrAppend(&text_, name, "{"); }
  void Close() { text_.push_back('}'); }
  std::string Take() {
    text_.push_back('\n');
    return std::move(text_);
  }

 private:
  std::string text_;
};

void Add(Piece& piece, const PostalAddress& address) {
  if (address.IsEmpty()) return;
  piece.Open("address");
  piece.Add("department", address.department);
  piece.Add("sub_department", address.sub_department);
  piece.Add("street", address.street);
  piece.Add("building_number", address.building_number);
  piece.Add("building_name", address.building_name);
  piece.Add("floor", address.floor);
  piece.Add("post_box", address.post_box);
  piece.Add("room", address.room);
  piece.Add("post_code", address.post_code);
  piece.Add("town", address.town);
  piece.Add("town_location", address.town_location);
  piece.Add("district", address.district);
  piece.Add("country_subdivision", address.country_subdivision);
  piece.Add("country_code", address.country_code);
  for (const std::string& line : address.lines) piece.Add("line", line);
  piece.Close();
}

void Add(Piece& piece, const BankAgent& agent) {
  if (agent == BankAgent()) return;
  piece.Open("agent");
  piece.Add("bic", agent.bic);
  piece.Add("clearing_system", agent.clearing_system);
  piece.Add("member_id", agent.member_id);
  piece.Add("name", agent.name);
  piece.Add("other_id", agent.other_id);
  if (agent.address.has_value()) Add(piece, *agent.address);
  piece.Close();
}

void Add(Piece& piece, std::string_view role, const BankParty& party) {
  if (party.IsEmpty()) return;
  piece.Open(role);
  piece.Add("name", party.name);
  Add(piece, party.address);
  piece.Add("country_of_residence", party.country_of_residence);
  piece.Add("bic", party.bic);
  piece.Add("lei", party.lei);
  piece.Add(party.id_is_private ? "private_id" : "id", party.id);
  piece.Add("id_scheme", party.id_scheme);
  piece.Add("account", party.account.number);
  piece.Add("account_scheme", party.account.scheme == "IBAN" ? "" : party.account.scheme);
  piece.Add("account_name", party.account.name);
  piece.Add("account_currency", party.account.currency.code());
  Add(piece, party.agent);
  piece.Close();
}

void Add(Piece& piece, const StructuredRemittance& part) {
  piece.Open("structured");
  piece.Add("reference_type", part.reference_type);
  piece.Add("reference_issuer", part.reference_issuer);
  piece.Add("reference", part.reference);
  for (const ReferredDocument& document : part.documents) {
    piece.Open("document");
    piece.Add("type", document.type);
    piece.Add("number", document.number);
    if (document.date.has_value()) piece.Add("date", document.date->ToString());
    piece.Close();
  }
  piece.Add("due_amount", part.due_amount);
  piece.Add("credit_note_amount", part.credit_note_amount);
  piece.Add("remitted_amount", part.remitted_amount);
  for (const std::string& text : part.additional) piece.Add("additional", text);
  piece.Close();
}

}  // namespace

std::string CanonicalText(const PaymentOrderHeader& header) {
  Piece piece("order");
  piece.Add("canon_version", std::to_string(kPaymentCanonVersion));
  piece.Add("message_id", header.message_id);
  piece.Add("created_at", header.created_at);
  Add(piece, "initiator", header.initiator);
  piece.Add("transfer_count", std::to_string(header.transfer_count));
  piece.Add("control_sum", header.control_sum.ToString());
  return piece.Take();
}

std::string CanonicalText(const PaymentInstruction& instruction) {
  Piece piece("instruction");
  piece.Add("payment_information_id", instruction.payment_information_id);
  piece.Add("execution_date", instruction.execution_date.ToString());
  Add(piece, "debtor", instruction.debtor);
  if (instruction.ultimate_debtor.has_value()) {
    Add(piece, "ultimate_debtor", *instruction.ultimate_debtor);
  }
  if (instruction.batch_booking.has_value()) {
    piece.Add("batch_booking", *instruction.batch_booking ? "true" : "false");
  }
  piece.Add("priority", instruction.priority);
  piece.Add("service_level", instruction.service_level);
  piece.Add("local_instrument", instruction.local_instrument);
  piece.Add("category_purpose", instruction.category_purpose);
  piece.Add("charge_bearer", CodeOf(instruction.charge_bearer));
  piece.Add("transfer_count", std::to_string(instruction.transfer_count));
  piece.Add("control_sum", instruction.control_sum.ToString());
  return piece.Take();
}

std::string CanonicalText(const CreditTransfer& transfer) {
  Piece piece("transfer");
  piece.Add("instruction_id", transfer.instruction_id);
  piece.Add("end_to_end_id", transfer.end_to_end_id);
  piece.Add("uetr", transfer.uetr);
  piece.Add("amount", transfer.amount);
  piece.Add("charge_bearer", CodeOf(transfer.charge_bearer));
  Add(piece, "creditor", transfer.creditor);
  if (transfer.ultimate_debtor.has_value()) {
    Add(piece, "ultimate_debtor", *transfer.ultimate_debtor);
  }
  if (transfer.ultimate_creditor.has_value()) {
    Add(piece, "ultimate_creditor", *transfer.ultimate_creditor);
  }
  piece.Add("purpose", transfer.purpose);
  for (const std::string& text : transfer.remittance.unstructured) piece.Add("remittance", text);
  for (const StructuredRemittance& part : transfer.remittance.structured) Add(piece, part);
  return piece.Take();
}

std::string CanonicalText(const PaymentOrder& order) {
  std::string out = CanonicalText(order.header);
  for (const PaymentBatch& batch : order.batches) {
    out += CanonicalText(batch.instruction);
    for (const CreditTransfer& transfer : batch.transfers) out += CanonicalText(transfer);
  }
  return out;
}

}  // namespace kontor::model
