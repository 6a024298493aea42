// SPDX-License-Identifier: Apache-2.0
// The rules that need no I/O. Every function answers all findings at once, in the document's order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/model/catalogue.h"
#include "server/model/document.h"
#include "server/model/finding.h"

namespace kontor::model {

/// Named limits of documents; documented in proto/kontor/v1 beside each field.
inline constexpr size_t kLinesMax = 1000;
inline constexpr size_t kAttachmentsMax = 20;
inline constexpr size_t kAttachmentBytesMax = 10 * 1024 * 1024;  ///< All of a document together.
inline constexpr size_t kAllocationsMax = 200;
inline constexpr int kReferenceMax = 64;
inline constexpr int kNameMax = 255;
inline constexpr int kDescriptionMax = 1000;
inline constexpr int kNarrationMax = 10000;
inline constexpr int kPaymentReferenceMax = 140;
inline constexpr int kPartnerNameMax = 200;
inline constexpr int kAccountNumberMax = 64;
inline constexpr size_t kBankAccountsMax = 20;
inline constexpr size_t kTaxesPerLineMax = 20;
inline constexpr size_t kSharesPerLineMax = 50;

/// What can be said without Odoo: presence, shapes, texts, amounts, balance, line sums.
/// Errors only by findings. Pure.
std::vector<Finding> ValidateDocument(const Document& document);

struct CheckOptions {
  int rate_age_days_max = 35;  ///< A rate older than this, seen from the document's date, is stale.
  Date today;
};

/// What can be said with Odoo's master data (DESIGN 5.2): unknown or inactive names, precision,
/// lock dates, rates, mandatory analytics, currencies, untrusted bank account. Pure.
std::vector<Finding> CheckAgainstCatalogue(const Document& document, const Catalogue& catalogue,
                                           const References& references,
                                           const CheckOptions& options);

/// IBAN by ISO 13616: length of its country, MOD 97-10. Takes it without spaces, in capitals.
absl::Status CheckIban(std::string_view iban);
/// Whether the text looks like an IBAN (two letters, two digits) and so must be a right one.
bool LooksLikeIban(std::string_view account_number);

/// Without spaces, and in capitals when it looks like an IBAN: how account numbers are compared,
/// stored and sent.
std::string NormalAccountNumber(std::string_view account_number);

/// What makes two documents suspect of being one: supplier's bills by partner, reference; else by
/// kind, partner, currency, total, date and the caller's own reference or memo, since two that name
/// different orders are not one. Empty: no suspicion possible. Compared within an entity.
std::string DuplicateKey(const Document& document);

}  // namespace kontor::model
