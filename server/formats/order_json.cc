// SPDX-License-Identifier: Apache-2.0
// Payment orders as JSON: for dialect packs, tests and tools.
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/formats/dialect.h"
#include "server/formats/internal/json_fields.h"

namespace kontor::formats {
namespace {

using internal::JsonFields;

model::PostalAddress ReadAddress(JsonFields& in) {
  model::PostalAddress address;
  address.department = in.Text("department");
  address.sub_department = in.Text("sub_department");
  address.street = in.Text("street");
  address.building_number = in.Text("building_number");
  address.building_name = in.Text("building_name");
  address.floor = in.Text("floor");
  address.post_box = in.Text("post_box");
  address.room = in.Text("room");
  address.post_code = in.Text("post_code");
  address.town = in.Text("town");
  address.town_location = in.Text("town_location");
  address.district = in.Text("district");
  address.country_subdivision = in.Text("country_subdivision");
  address.country_code = in.Text("country_code");
  address.lines = in.Texts("lines");
  return address;
}

void ReadAgent(JsonFields& in, model::BankAgent& agent) {
  agent.bic = in.Text("bic");
  agent.clearing_system = in.Text("clearing_system");
  agent.member_id = in.Text("member_id");
  agent.name = in.Text("name");
  agent.other_id = in.Text("other_id");
  in.Object("address", [&](JsonFields& at) { agent.address = ReadAddress(at); });
}

void ReadAccount(JsonFields& in, model::BankAccountNumber& account) {
  account.number = in.Text("number");
  account.scheme = in.Text("scheme");
  account.name = in.Text("name");
  if (const std::string code = in.Text("currency"); !code.empty()) {
    const auto currency = model::Currency::Parse(code);
    in.Fail("currency", currency.status());
    if (currency.ok()) account.currency = *currency;
  }
}

model::BankParty ReadParty(JsonFields& in) {
  model::BankParty party;
  party.name = in.Text("name");
  in.Object("address", [&](JsonFields& at) { party.address = ReadAddress(at); });
  party.country_of_residence = in.Text("country_of_residence");
  party.bic = in.Text("bic");
  party.lei = in.Text("lei");
  party.id = in.Text("id");
  party.id_scheme = in.Text("id_scheme");
  party.id_is_private = in.Bool("id_is_private", false);
  in.Object("account", [&](JsonFields& at) { ReadAccount(at, party.account); });
  in.Object("agent", [&](JsonFields& at) { ReadAgent(at, party.agent); });
  return party;
}

void ReadAmount(JsonFields& in, model::Money& amount) {
  const std::string currency = in.Text("currency");
  const auto money = model::Money::Parse(currency, in.Text("value"));
  in.Fail("value", money.status());
  if (money.ok()) amount = *money;
}

model::ChargeBearer ReadBearer(JsonFields& in) {
  const std::string code = in.Text("charge_bearer");
  if (code.empty()) return model::ChargeBearer::kUnset;
  const auto bearer = model::ParseChargeBearer(code);
  if (!bearer.has_value()) {
    in.Fail("charge_bearer",
            base::Error(base::Reason::kFieldInvalid).Says("DEBT, CRED, SHAR or SLEV is wanted"));
  }
  return bearer.value_or(model::ChargeBearer::kUnset);
}

void ReadRemittance(JsonFields& in, model::Remittance& remittance) {
  remittance.unstructured = in.Texts("unstructured");
  in.Objects("structured", [&](JsonFields& at) {
    model::StructuredRemittance part;
    part.reference_type = at.Text("reference_type");
    part.reference_issuer = at.Text("reference_issuer");
    part.reference = at.Text("reference");
    part.additional = at.Texts("additional");
    remittance.structured.push_back(std::move(part));
  });
}

model::CreditTransfer ReadTransfer(JsonFields& in) {
  model::CreditTransfer transfer;
  transfer.instruction_id = in.Text("instruction_id");
  transfer.end_to_end_id = in.Text("end_to_end_id");
  transfer.uetr = in.Text("uetr");
  in.Object("amount", [&](JsonFields& at) { ReadAmount(at, transfer.amount); });
  transfer.charge_bearer = ReadBearer(in);
  in.Object("creditor", [&](JsonFields& at) { transfer.creditor = ReadParty(at); });
  in.Object("ultimate_debtor", [&](JsonFields& at) { transfer.ultimate_debtor = ReadParty(at); });
  in.Object("ultimate_creditor",
            [&](JsonFields& at) { transfer.ultimate_creditor = ReadParty(at); });
  transfer.purpose = in.Text("purpose");
  in.Object("remittance", [&](JsonFields& at) { ReadRemittance(at, transfer.remittance); });
  return transfer;
}

model::PaymentBatch ReadBatch(JsonFields& in) {
  model::PaymentBatch batch;
  model::PaymentInstruction& instruction = batch.instruction;
  instruction.payment_information_id = in.Text("payment_information_id");
  const auto date = model::Date::Parse(in.Text("execution_date"));
  in.Fail("execution_date", date.status());
  if (date.ok()) instruction.execution_date = *date;
  in.Object("debtor", [&](JsonFields& at) { instruction.debtor = ReadParty(at); });
  in.Object("ultimate_debtor",
            [&](JsonFields& at) { instruction.ultimate_debtor = ReadParty(at); });
  instruction.batch_booking = in.Bool("batch_booking");
  instruction.priority = in.Text("priority");
  instruction.service_level = in.Text("service_level");
  instruction.local_instrument = in.Text("local_instrument");
  instruction.category_purpose = in.Text("category_purpose");
  instruction.charge_bearer = ReadBearer(in);
  in.Objects("transfers", [&](JsonFields& at) { batch.transfers.push_back(ReadTransfer(at)); });
  return batch;
}

}  // namespace

absl::StatusOr<model::PaymentOrder> ReadOrderJson(std::string_view json) {
  KONTOR_ASSIGN_OR_RETURN(const nlohmann::json parsed, internal::ParseJson(json));
  absl::Status status;
  JsonFields in(parsed, "", status);
  model::PaymentOrder order;
  order.header.message_id = in.Text("message_id");
  order.header.created_at = in.Text("created_at");
  in.Object("initiator", [&](JsonFields& at) { order.header.initiator = ReadParty(at); });
  in.Objects("batches", [&](JsonFields& at) { order.batches.push_back(ReadBatch(at)); });
  in.Close();
  KONTOR_RETURN_IF_ERROR(status);
  KONTOR_RETURN_IF_ERROR(model::SumUp(order));
  return order;
}

}  // namespace kontor::formats
