// SPDX-License-Identifier: Apache-2.0
// What differs between the series, as data, chosen once a connection. Nothing else in this folder
// asks for the version.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "server/model/catalogue.h"

namespace kontor::odoo {

struct LockField {
  std::string_view name;  ///< Of res.company.
  std::optional<model::Date> model::LockDates::*target;
};

struct Dialect {
  std::string_view series;
  std::string_view payment_memo_field;     ///< ref on 17, where a payment is a move; else memo.
  std::string_view payment_sent_field;     ///< That somebody marked a payment as sent.
  std::string_view payment_transfer_field{};  ///< Between our own accounts; empty: no mark.
  std::string_view account_company_field;  ///< Of account.account.
  std::string_view account_archived_field; ///< deprecated, or active with the opposite sense.
  bool account_archived_when = true;       ///< The field's value for an account out of use.
  std::string_view quantity_precision;     ///< Name in decimal.precision.
  std::vector<LockField> lock_fields;
  bool takes_own_rate = false;             ///< account.move.invoice_currency_rate is writable.
  bool refuses_duplicate_reference = false;
  /// has_access and has_group are a record's; else the model's.
  bool rights_by_record = true;
  bool has_json2 = false;
  bool has_expense_sheets = false;         ///< hr.expense.sheet gathers the expenses of a claim.
  std::string_view sheet_post_method;      ///< Books an approved sheet.
};

/// nullptr for a series that kontor does not know.
const Dialect* FindDialect(std::string_view series);

}  // namespace kontor::odoo
