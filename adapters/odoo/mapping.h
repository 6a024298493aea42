// SPDX-License-Identifier: Apache-2.0
// Canonical documents as load() records. Pure: everything that must be asked of Odoo comes in.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "adapters/odoo/dialect.h"
#include "adapters/odoo/sheet.h"
#include "server/model/catalogue.h"
#include "server/model/document.h"
#include "server/ports/erp.h"

namespace kontor::odoo {

/// What the catalogue does not hold, asked once for a batch.
struct Lookups {
  std::map<std::string, int64_t> countries;         ///< ISO code → id.
  std::map<int64_t, int64_t> journal_accounts;      ///< Journal → its default account.
  std::map<int64_t, int64_t> product_accounts;      ///< Product → its account of the batch's side.
  std::set<int64_t> partners_with_term;             ///< Whose own payment term will apply.
};

/// Odoo's model of a document: account.move, account.payment or res.partner.
std::string_view ModelOf(model::DocumentType type);

/// The document as a record; `item` stands in errors. Errors, all refused and nothing sent:
/// ACCOUNT_UNKNOWN, JOURNAL_UNKNOWN, TAX_UNKNOWN, ANALYTIC_UNKNOWN, CURRENCY_INACTIVE,
/// PARTNER_UNKNOWN, PRODUCT_UNKNOWN, PAYMENT_TERM_UNKNOWN, RATE_UNSUPPORTED, FIELD_INVALID.
absl::StatusOr<SheetRecord> MapDocument(const ports::DraftRequest& request, size_t item,
                                        const model::Catalogue& catalogue, const Dialect& dialect,
                                        const Lookups& lookups);

/// Whether some lines name an account and others leave it to the product or journal: then the
/// defaults must be looked up, for a column stands in all lines or in none.
bool MixesAccounts(const model::Invoice& invoice);

/// Whether the partner's own payment term decides when the invoice is due.
bool LeavesTermToPartner(const model::Invoice& invoice);

/// "invoice.partner" and the like for a field of Odoo's; empty when none corresponds.
std::string DocumentField(model::DocumentType type, std::string_view odoo_field);

// One function a document type, used by MapDocument.
absl::StatusOr<SheetRecord> MapInvoice(const model::Document& document,
                                       const model::References& references,
                                       const model::Catalogue& catalogue, const Dialect& dialect,
                                       const Lookups& lookups);
absl::StatusOr<SheetRecord> MapPayment(const model::Document& document,
                                       const model::References& references,
                                       const model::Catalogue& catalogue, const Dialect& dialect);
absl::StatusOr<SheetRecord> MapJournalEntry(const model::Document& document,
                                            const model::References& references,
                                            const model::Catalogue& catalogue);
/// Only what the document gives: an empty field is nobody's wish to clear Odoo's.
absl::StatusOr<SheetRecord> MapPartner(const model::Partner& partner,
                                       const model::Catalogue& catalogue, const Lookups& lookups);

// Shared parts.
absl::StatusOr<int64_t> AccountId(const model::Catalogue& catalogue, std::string_view code,
                                  std::string_view field);
/// Ids separated by commas; empty: no taxes.
absl::StatusOr<std::string> TaxIds(const model::Catalogue& catalogue,
                                   const std::vector<std::string>& names, bool for_purchase,
                                   std::string_view field);
/// Odoo's analytic_distribution: {"<account id>": percentage}; empty text for no shares.
absl::StatusOr<std::string> AnalyticText(const model::Catalogue& catalogue,
                                         const std::vector<model::AnalyticShare>& shares,
                                         std::string_view field);
absl::StatusOr<int64_t> CurrencyId(const model::Catalogue& catalogue, std::string_view code,
                                   std::string_view field);
/// Plain text as the HTML that Odoo's narration takes.
std::string HtmlOf(std::string_view text);

}  // namespace kontor::odoo
