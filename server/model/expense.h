// SPDX-License-Identifier: Apache-2.0
// The canonical expense report, its rules, and the documents that it becomes. Plain values and pure
// functions; proto/kontor/v1/expense.proto documents the fields.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/model/catalogue.h"
#include "server/model/document.h"
#include "server/model/finding.h"
#include "server/model/source.h"

namespace kontor::model {

inline constexpr size_t kExpenseLinesMax = 500;
inline constexpr size_t kTaxPartsMax = 20;
inline constexpr int kExpenseIdMax = 128;

enum class TaxTreatment { kNone, kRecoverable, kReverseCharge, kMixed };
enum class PaidBy { kPersonal, kCompanyCard };

struct ExpensePerson {
  std::string external_id;
  std::string email;
  std::string name;
};
struct ExpenseTaxPart {
  std::string code;
  std::optional<Money> amount;  ///< With tax.
  std::optional<Money> tax_amount;
};
struct ExpenseTax {
  TaxTreatment treatment = TaxTreatment::kNone;
  std::string code;
  std::optional<Money> tax_amount;  ///< Within the line's amount.
  std::vector<ExpenseTaxPart> parts;
};
struct ExpenseLine {
  std::string external_id;
  std::optional<Date> date;
  std::string description;
  std::string merchant;
  std::string category;
  std::optional<Money> amount;  ///< With tax, in the report's currency; negative: given back.
  std::optional<Money> original_amount;
  std::optional<Decimal> exchange_rate;  ///< Report's currency for one of the original.
  ExpenseTax tax;
  std::string cost_centre;
  PaidBy paid_by = PaidBy::kPersonal;
  std::string card;
  std::vector<Attachment> receipts;
};
struct ExpenseReport {
  std::string external_id;  ///< The platform's.
  int revision = 1;
  std::string title;
  ExpensePerson employee;
  ExpensePerson approver;
  std::optional<Date> report_date;
  Currency currency;
  std::optional<Decimal> exchange_rate;  ///< Report's currency for one of the company's.
  std::optional<Money> total;
  std::vector<ExpenseLine> lines;
};

/// Reads the contract's JSON (snake_case). Everything unreadable becomes a finding. Pure.
ExpenseReport ReadExpenseReport(std::string_view json, std::vector<Finding>* findings);
/// The normal form: keys sorted, what is empty left out. `with_bytes`: receipts with their content;
/// without, what is digested and shown. Pure.
std::string WriteExpenseReport(const ExpenseReport& report, bool with_bytes);

/// What can be said without Odoo and without the source: presence, shapes, sums, rates, that the
/// approver is not the claimant. All findings, in the report's order. Pure.
std::vector<Finding> ValidateExpenseReport(const ExpenseReport& report);

/// A document of a report. `name` is stable: it makes the request id.
struct ExpensePart {
  std::string name;  ///< "employee", "bill", "entry", "claim" or "card".
  Document document;
};
struct ExpensePlan {
  std::vector<ExpensePart> parts;  ///< In the order of posting; an employee comes first.
  std::vector<Finding> findings;   ///< Lines with errors are not in the parts.
};
/// Hex SHA-256; the model has none of its own.
using HexDigest = std::function<std::string(std::string_view)>;
/// What a report becomes by the rules of its source. `reference` is what its documents are called
/// by, at most 64. `catalogue`: the company's; taxes with the price included and rates are read
/// from it. Pure.
ExpensePlan PlanExpense(const ExpenseReport& report, const Source& source,
                        const std::string& reference, const Catalogue& catalogue,
                        const HexDigest& digest);

/// A text that two reports share when they are suspected to be one: employee, currency, total and
/// each line's day, amount and category; not the platform's ids. Pure.
std::string ExpenseLookOf(const ExpenseReport& report);

/// `amount` in another currency of `scale` decimals at `rate` units of amount's currency for one of
/// the other, half up. AMOUNT_INVALID for a rate that is not above zero. Exact integers. Pure.
absl::StatusOr<Decimal> DivideByRate(const Money& amount, const Decimal& rate, int scale);

}  // namespace kontor::model
