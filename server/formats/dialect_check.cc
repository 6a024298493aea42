// SPDX-License-Identifier: Apache-2.0
// What a dialect's bank would refuse, level by level.
#include <algorithm>

#include "server/base/strings.h"
#include "server/formats/dialect.h"
#include "server/formats/internal/characters.h"
#include "server/formats/internal/id_register.h"
#include "server/formats/internal/payment_rules.h"
#include "server/formats/internal/references.h"

namespace kontor::formats {
namespace {

using base::Reason;
using base::StrCat;
using internal::FindingList;
using internal::PaymentRules;
using model::Finding;

constexpr size_t kCodeMax = 4;
constexpr size_t kLocalInstrumentMax = 35;

/// The findings of a level, moved below the path of its object.
void AddBelow(std::vector<Finding>& all, std::vector<Finding> some, std::string_view path) {
  for (Finding& finding : some) {
    finding.field = internal::At(path, finding.field);
    all.push_back(std::move(finding));
  }
}

void CheckSums(const model::PaymentOrder& order, FindingList& findings) {
  model::PaymentOrder summed = order;
  if (absl::Status status = model::SumUp(summed); !status.ok()) return findings.Add(status);
  if (summed.header.transfer_count != order.header.transfer_count ||
      summed.header.control_sum != order.header.control_sum) {
    findings.Add(
        Reason::kTotalsMismatch, "header.control_sum",
        StrCat("the header says ", order.header.transfer_count, " of ",
               order.header.control_sum.ToString(), ", the transfers give ",
               summed.header.transfer_count, " of ", summed.header.control_sum.ToString()));
  }
}

void CheckUnique(const model::PaymentOrder& order, FindingList& findings) {
  internal::IdRegister batches;
  internal::IdRegister instructions;
  internal::IdRegister ends;
  internal::IdRegister uetrs;
  const auto once = [&](internal::IdRegister& seen, std::string_view id, std::string field) {
    if (!seen.Add(id))
      findings.Add(Reason::kIdNotUnique, field, "the id stands in this order twice");
  };
  for (size_t b = 0; b < order.batches.size(); ++b) {
    const model::PaymentBatch& batch = order.batches[b];
    const std::string at = StrCat("batches[", static_cast<int64_t>(b), "]");
    once(batches, batch.instruction.payment_information_id,
         StrCat(at, ".instruction.payment_information_id"));
    for (size_t t = 0; t < batch.transfers.size(); ++t) {
      const model::CreditTransfer& transfer = batch.transfers[t];
      const std::string below = StrCat(at, ".transfers[", static_cast<int64_t>(t), "].");
      once(instructions, transfer.instruction_id, below + "instruction_id");
      once(ends, transfer.end_to_end_id, below + "end_to_end_id");
      once(uetrs, transfer.uetr, below + "uetr");
    }
  }
}

void CheckBearer(const Dialect& dialect, const PaymentRules& rules,
                 const model::PaymentInstruction& instruction,
                 const model::CreditTransfer& transfer) {
  // The bearer stands at one of two levels; what counts is the one that is given.
  const model::ChargeBearer bearer = transfer.charge_bearer != model::ChargeBearer::kUnset
                                         ? transfer.charge_bearer
                                         : instruction.charge_bearer;
  rules.OneOf(model::CodeOf(bearer), dialect.charge_bearers, "charge_bearer");
}

void CheckIdentity(const Dialect& dialect, const model::CreditTransfer& transfer,
                   FindingList& findings) {
  if (transfer.uetr.empty()) {
    if (dialect.uetr_required) findings.Add(Reason::kFieldMissing, "uetr", "no UETR is given");
    return;
  }
  if (dialect.version < 9) {
    findings.Add(Reason::kDialectRefused, "uetr", "version 3 has no UETR");
  } else if (!internal::IsUetr(transfer.uetr)) {
    findings.Add(Reason::kFieldInvalid, "uetr", "a UETR is a UUID of version 4 in lower case");
  }
}

void CheckUltimate(const PaymentRules& rules, const std::optional<model::BankParty>& party,
                   const std::string& field, FindingList& findings) {
  if (!party.has_value()) return;
  rules.Party(*party, /*name_required=*/true, field);
  if (!party->account.IsEmpty() || !party->agent.IsEmpty()) {
    findings.Add(Reason::kDialectRefused, field, "an ultimate party has no account and no bank");
  }
}

}  // namespace

std::vector<Finding> CheckHeader(const Dialect& dialect, const model::PaymentOrderHeader& header) {
  FindingList findings;
  const PaymentRules rules(dialect, findings);
  rules.Id(header.message_id, /*required=*/true, "message_id");
  constexpr size_t kInstantMin = 19;
  if (header.created_at.size() < kInstantMin ||
      !model::Date::Parse(std::string_view(header.created_at).substr(0, 10)).ok() ||
      header.created_at[10] != 'T') {
    findings.Add(Reason::kDateInvalid, "created_at", "not an instant as YYYY-MM-DDThh:mm:ss");
  }
  rules.Party(header.initiator, header.initiator.id.empty() && header.initiator.bic.empty(),
              "initiator");
  if (!header.initiator.account.IsEmpty() || !header.initiator.agent.IsEmpty()) {
    findings.Add(Reason::kDialectRefused, "initiator", "the initiator has no account and no bank");
  }
  if (header.transfer_count < 1) {
    findings.Add(Reason::kLinesMissing, "transfer_count", "the order has no transfers");
  }
  if (header.transfer_count > dialect.transfers_max) {
    findings.Add(Reason::kDialectRefused, "transfer_count",
                 StrCat(dialect.name, " takes ", dialect.transfers_max, " transfers in one file"));
  }
  return findings.Take();
}

std::vector<Finding> CheckInstruction(const Dialect& dialect,
                                      const model::PaymentInstruction& instruction) {
  FindingList findings;
  const PaymentRules rules(dialect, findings);
  rules.Id(instruction.payment_information_id, /*required=*/true, "payment_information_id");
  rules.Party(instruction.debtor, /*name_required=*/true, "debtor");
  rules.Address(instruction.debtor.address, instruction.execution_date, "debtor.address");
  rules.Account(instruction.debtor.account, "debtor.account");
  rules.Agent(instruction.debtor.agent, "debtor.agent");
  CheckUltimate(rules, instruction.ultimate_debtor, "ultimate_debtor", findings);
  if (!instruction.priority.empty()) {
    rules.OneOf(instruction.priority, {"NORM", "HIGH"}, "priority");
  }
  rules.Code(instruction.service_level, kCodeMax, "service_level");
  rules.OneOf(instruction.service_level, dialect.service_levels, "service_level");
  rules.Code(instruction.local_instrument, kLocalInstrumentMax, "local_instrument");
  rules.OneOf(instruction.local_instrument, dialect.local_instruments, "local_instrument");
  rules.Code(instruction.category_purpose, kCodeMax, "category_purpose");
  if (instruction.transfer_count < 1) {
    findings.Add(Reason::kLinesMissing, "transfer_count", "the batch has no transfers");
  }
  return findings.Take();
}

std::vector<Finding> CheckTransfer(const Dialect& dialect,
                                   const model::PaymentInstruction& instruction,
                                   const model::CreditTransfer& transfer) {
  FindingList findings;
  const PaymentRules rules(dialect, findings);
  rules.Id(transfer.instruction_id, /*required=*/false, "instruction_id");
  rules.Id(transfer.end_to_end_id, /*required=*/true, "end_to_end_id");
  CheckIdentity(dialect, transfer, findings);
  rules.Amount(transfer.amount);
  CheckBearer(dialect, rules, instruction, transfer);
  rules.Party(transfer.creditor, /*name_required=*/true, "creditor");
  if (dialect.address_required && transfer.creditor.address.IsEmpty()) {
    findings.Add(Reason::kFieldMissing, "creditor.address", "no address is given");
  }
  rules.Address(transfer.creditor.address, instruction.execution_date, "creditor.address");
  rules.Account(transfer.creditor.account, "creditor.account");
  rules.Agent(transfer.creditor.agent, "creditor.agent");
  if (dialect.creditor_bank_required && transfer.creditor.agent.bic.empty() &&
      transfer.creditor.agent.member_id.empty()) {
    findings.Add(Reason::kFieldMissing, "creditor.agent", "the creditor's bank is not given");
  }
  if (!dialect.creditor_countries.empty()) {
    rules.OneOf(std::string_view(transfer.creditor.account.number).substr(0, 2),
                dialect.creditor_countries, "creditor.account.number");
  }
  CheckUltimate(rules, transfer.ultimate_debtor, "ultimate_debtor", findings);
  CheckUltimate(rules, transfer.ultimate_creditor, "ultimate_creditor", findings);
  rules.Code(transfer.purpose, kCodeMax, "purpose");
  rules.Remittance(transfer);
  return findings.Take();
}

std::vector<Finding> CheckOrder(const Dialect& dialect, const model::PaymentOrder& order) {
  std::vector<Finding> all;
  AddBelow(all, CheckHeader(dialect, order.header), "header");
  for (size_t b = 0; b < order.batches.size(); ++b) {
    const model::PaymentBatch& batch = order.batches[b];
    const std::string at = StrCat("batches[", static_cast<int64_t>(b), "]");
    AddBelow(all, CheckInstruction(dialect, batch.instruction), at + ".instruction");
    for (size_t t = 0; t < batch.transfers.size(); ++t) {
      AddBelow(all, CheckTransfer(dialect, batch.instruction, batch.transfers[t]),
               StrCat(at, ".transfers[", static_cast<int64_t>(t), "]"));
    }
  }
  FindingList findings;
  CheckUnique(order, findings);
  CheckSums(order, findings);
  AddBelow(all, findings.Take(), "");
  return all;
}

}  // namespace kontor::formats
