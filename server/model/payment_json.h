// SPDX-License-Identifier: Apache-2.0
// Payments in the contract's JSON (PaymentOrderLine of proto/kontor/v1/payment_order.proto), as
// they come in, rest and go out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/model/finding.h"
#include "server/model/payment_order.h"

namespace kontor::model {

/// amount, creditor, remittance_text, creditor_reference, purpose, end_to_end_id, uetr; keys beside
/// them are left alone. Everything wrong becomes a finding, fields below `path`. Pure.
CreditTransfer ReadCreditTransfer(std::string_view json, std::string_view path,
                                  std::vector<Finding>* findings);
/// The same keys, those that are not empty. Pure.
std::string WriteCreditTransfer(const CreditTransfer& transfer);

/// Type of a structured reference by its shape: SCOR for "RF…", QRR for 27 digits, else empty.
std::string_view ReferenceTypeOf(std::string_view reference);

/// The text in the characters that every bank takes (a-z A-Z 0-9 / - ? : ( ) . , ' + and space):
/// letters with marks by their plain ones, as people write them ("ü" → "ue", "é" → "e"). Empty when
/// it holds something that has no such form: nothing is dropped in silence. Pure.
std::string PlainText(std::string_view text);

}  // namespace kontor::model
