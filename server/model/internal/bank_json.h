// SPDX-License-Identifier: Apache-2.0
// What banks' master data and payment orders have in common as JSON.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "server/model/bank_party.h"
#include "server/model/internal/json_fields.h"

namespace kontor::model::internal {

/// "300s", as protobuf's JSON writes durations.
void ReadDuration(JsonFields& in, const char* key, absl::Duration& out);
std::string DurationText(absl::Duration duration);

void ReadAddress(JsonFields& in, PostalAddress& out);
/// An empty object for an empty address.
Json WriteAddress(const PostalAddress& address);

/// Name, address, identification, account and bank.
void ReadParty(JsonFields& in, BankParty& out);
Json WriteParty(const BankParty& party);

}  // namespace kontor::model::internal
