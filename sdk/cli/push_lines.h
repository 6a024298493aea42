// SPDX-License-Identifier: Apache-2.0
// The lines that `kontorctl push` sends: reading them, and filling in what only the answers to
// earlier lines say. Sends nothing itself.
#pragma once

#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kontor/v1/invoice.pb.h"
#include "kontor/v1/journal_entry.pb.h"
#include "kontor/v1/partner.pb.h"
#include "kontor/v1/payment.pb.h"

namespace kontor::cli {

using PushRequest = std::variant<v1::UpsertPartnerRequest, v1::CreateInvoiceRequest,
                                 v1::CreatePaymentRequest, v1::CreateJournalEntryRequest>;

struct PushLine {
  std::string place;  ///< "file:line".
  PushRequest request;
};

/// What the server said about an earlier line.
struct PushedDocument {
  std::string document_id;
  std::string operation_id;
};

/// Answers to earlier lines, by request id.
using Pushed = std::map<std::string, PushedDocument>;

/// Reads JSON lines: blank ones and those that begin with `#` are left out. INVALID_ARGUMENT names
/// the file and line.
absl::StatusOr<std::vector<PushLine>> ReadPushFiles(const std::vector<std::string>& files);

/// The request id as written; may be empty.
const std::string& RequestIdOf(const PushRequest& request);

/// Request ids of the lines that this one names as `@{REQUEST_ID}` in place of an id.
std::set<std::string> NamedBy(const PushRequest& request);

/// Puts ids where the line says `@{REQUEST_ID}`. INVALID_ARGUMENT when no earlier line with that
/// request id was accepted.
absl::Status FillIn(const Pushed& pushed, PushLine* line);

}  // namespace kontor::cli
