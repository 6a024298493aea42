// SPDX-License-Identifier: Apache-2.0
// Source: fields_get of running servers, recorded for each series.
#include "adapters/odoo/dialect.h"

#include <optional>

namespace kontor::odoo {

using model::LockDates;

const Dialect* FindDialect(std::string_view series) {
  static const auto* const kDialects = new std::vector<Dialect>{
      {.series = "17.0",
       .payment_memo_field = "ref",
       .payment_sent_field = "is_move_sent",
       .payment_transfer_field = "is_internal_transfer",
       .account_company_field = "company_id",
       .account_archived_field = "deprecated",
       .account_archived_when = true,
       .quantity_precision = "Product Unit of Measure",
       .lock_fields = {{"fiscalyear_lock_date", &LockDates::fiscal_year},
                       {"period_lock_date", &LockDates::period},
                       {"tax_lock_date", &LockDates::tax}},
       .takes_own_rate = false,
       .refuses_duplicate_reference = true,
       .rights_by_record = false,
       .has_json2 = false,
       .has_expense_sheets = true,
       .sheet_post_method = "action_sheet_move_create"},
      {.series = "18.0",
       .payment_memo_field = "memo",
       .payment_sent_field = "is_sent",
       .account_company_field = "company_ids",
       .account_archived_field = "deprecated",
       .account_archived_when = true,
       .quantity_precision = "Product Unit of Measure",
       .lock_fields = {{"fiscalyear_lock_date", &LockDates::fiscal_year},
                       {"tax_lock_date", &LockDates::tax},
                       {"sale_lock_date", &LockDates::sale},
                       {"purchase_lock_date", &LockDates::purchase},
                       {"hard_lock_date", &LockDates::hard}},
       .takes_own_rate = true,
       .refuses_duplicate_reference = false,
       .rights_by_record = true,
       .has_json2 = false,
       .has_expense_sheets = true,
       .sheet_post_method = "action_sheet_move_post"},
      {.series = "19.0",
       .payment_memo_field = "memo",
       .payment_sent_field = "is_sent",
       .account_company_field = "company_ids",
       .account_archived_field = "active",
       .account_archived_when = false,
       .quantity_precision = "Product Unit",
       .lock_fields = {{"fiscalyear_lock_date", &LockDates::fiscal_year},
                       {"tax_lock_date", &LockDates::tax},
                       {"sale_lock_date", &LockDates::sale},
                       {"purchase_lock_date", &LockDates::purchase},
                       {"hard_lock_date", &LockDates::hard}},
       .takes_own_rate = true,
       .refuses_duplicate_reference = false,
       .rights_by_record = true,
       .has_json2 = true,
       .has_expense_sheets = false,
       .sheet_post_method = ""},
  };
  for (const Dialect& dialect : *kDialects) {
    if (dialect.series == series) return &dialect;
  }
  return nullptr;
}

}  // namespace kontor::odoo
