// SPDX-License-Identifier: Apache-2.0
// What the rules share: a collector of findings, and the parts of documents that several types
// have. Rules only ever add findings; they change nothing and read nothing from outside.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/base/status.h"
#include "server/model/catalogue.h"
#include "server/model/document.h"
#include "server/model/finding.h"
#include "server/model/validate.h"

namespace kontor::model::internal {

/// Collects findings in the order they are met. Not thread-safe.
class Findings {
 public:
  /// Adds what a status says; nothing when it is OK.
  void Add(const absl::Status& status);
  /// `what` is a sentence without its full stop.
  void Add(base::Reason reason, std::string field, std::string_view what, std::string asked = {},
           std::string got = {});
  /// FIELD_MISSING when empty, else as Text.
  void RequiredText(std::string_view text, int length_max, std::string_view field,
                    bool multiline = false);
  /// TEXT_INVALID or FIELD_TOO_LONG.
  void Text(std::string_view text, int length_max, std::string_view field, bool multiline = false);
  std::vector<Finding> Take() { return std::move(findings_); }
  bool IsEmpty() const { return findings_.empty(); }

 private:
  std::vector<Finding> findings_;
};

/// "invoice.lines[2].unit_price" from its parts.
std::string FieldAt(std::string_view list, size_t index, std::string_view member = {});

// Without Odoo.
void ValidateInvoice(const Invoice& invoice, Findings& findings);
void ValidatePayment(const Payment& payment, Findings& findings);
void ValidateEntry(const JournalEntry& entry, Findings& findings);
void ValidateClaim(const ExpenseClaim& claim, Findings& findings);
void ValidatePartner(const Partner& partner, Findings& findings);
/// Exactly one of the three; none at all is allowed unless `required`.
void ValidatePartnerRef(const PartnerRef& partner, bool required, const std::string& field,
                        Findings& findings);
void ValidateAnalytic(const std::vector<AnalyticShare>& shares, const std::string& field,
                      Findings& findings);
void ValidateAttachments(const std::vector<Attachment>& attachments, std::string_view field,
                         Findings& findings);
void ValidateTaxNames(const std::vector<std::string>& names, const std::string& field,
                      Findings& findings);
/// At most 15 significant digits: more cannot be read back from Odoo exactly.
void ValidateDigits(const Decimal& value, const std::string& field, Findings& findings);

// With Odoo's master data.
struct CheckContext {
  const Catalogue& catalogue;
  const References& references;
  const CheckOptions& options;
  Findings& findings;
};
void CheckInvoice(const Invoice& invoice, const Journal* journal, const CheckContext& context);
void CheckPayment(const Payment& payment, const Journal* journal, const CheckContext& context);
void CheckEntry(const JournalEntry& entry, const Journal* journal, const CheckContext& context);
void CheckClaim(const ExpenseClaim& claim, const Journal* journal, const CheckContext& context);
/// CURRENCY_INACTIVE; answers Odoo's currency when it may be used.
const CurrencyInfo* CheckCurrency(const Currency& currency, const std::string& field,
                                  const CheckContext& context);
/// RATE_MISSING or RATE_STALE for a foreign currency on `date`: without a rate Odoo books 1:1 in
/// silence, and it uses old and even later ones as if they were right.
void CheckRate(const CurrencyInfo& currency, const Date& date, const std::string& field,
               const CheckContext& context);
/// PERIOD_LOCKED: Odoo would move the date in silence.
void CheckLock(const Journal& journal, bool has_taxes, const Date& date, const std::string& field,
               const CheckContext& context);
/// ACCOUNT_UNKNOWN; nullptr for an empty code too.
const Account* CheckAccount(const std::string& code, const std::string& field,
                            const CheckContext& context);
void CheckPaymentTerm(const std::string& name, const std::string& field,
                      const CheckContext& context);
/// ANALYTIC_UNKNOWN, and ANALYTIC_REQUIRED for plans that are mandatory in `domain`.
void CheckAnalytic(const std::vector<AnalyticShare>& shares, std::string_view domain,
                   const std::string& field, const CheckContext& context);

}  // namespace kontor::model::internal
