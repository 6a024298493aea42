// SPDX-License-Identifier: Apache-2.0
// The addon's snapshots in the terms of snapshot.cc.
#include "adapters/odoo/addon.h"
#include "adapters/odoo/snapshot.h"
#include "server/base/status.h"

namespace kontor::odoo {
namespace {

using ports::ErpSnapshot;

/// The addon writes "" where an amount does not apply.
absl::StatusOr<base::Decimal> AmountIn(const Json& value, std::string_view key, int scale) {
  if (TextOf(value, key).empty()) return base::Decimal();
  return AmountOf(value, key, scale);
}

absl::Status ReadAmounts(const Json& value, ErpSnapshot& out) {
  const int scale = ScaleOf(out.currency_code);
  KONTOR_ASSIGN_OR_RETURN(out.total, AmountIn(value, "total", scale));
  KONTOR_ASSIGN_OR_RETURN(out.tax, AmountIn(value, "tax", scale));
  KONTOR_ASSIGN_OR_RETURN(out.residual, AmountIn(value, "residual", scale));
  KONTOR_ASSIGN_OR_RETURN(const base::Decimal company_total,
                          AmountIn(value, "company_total", ScaleOf(out.company_currency_code)));
  out.company_total = company_total.Abs();
  return absl::OkStatus();
}

absl::Status ReadAccounting(const Json& value, ErpSnapshot& out) {
  out.move_type = TextOf(value, "move_type");
  out.move_id = IntOf(value, "move_id");
  out.date = DateOf(value, "date");
  out.invoice_date = DateOf(value, "invoice_date");
  out.due_date = DateOf(value, "due_date");
  out.currency_code = TextOf(value, "currency");
  out.company_currency_code = TextOf(value, "company_currency");
  out.payment_state = TextOf(value, "payment_state");
  out.reference = TextOf(value, "ref");
  out.payment_reference = TextOf(value, "payment_reference");
  out.journal_code = TextOf(value, "journal_code");
  out.partner_id = IntOf(value, "partner_id");
  out.partner_name = TextOf(value, "partner_name");
  out.hashed = BoolOf(value, "hashed");
  KONTOR_RETURN_IF_ERROR(ReadAmounts(value, out));
  if (out.record.model == "account.payment") {
    out.move_type = "payment";
    out.payment_state = PaymentStateOf(out);
  } else if (out.move_type == "entry") {
    // As in a reading: the debits stand in company currency.
    out.currency_code = out.company_currency_code;
    out.total = out.company_total;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ErpSnapshot> SnapshotOfAddon(const Json& value) {
  ErpSnapshot out;
  out.record = {TextOf(value, "model"), IntOf(value, "id"), TextOf(value, "name")};
  if (out.record.name == "/") out.record.name.clear();
  out.exists = BoolOf(value, "exists");
  out.external_id = TextOf(value, "external_id");
  out.write_date = TextOf(value, "write_date");
  out.state = TextOf(value, "state");
  if (out.state == "canceled") out.state = "cancel";
  if (!out.exists) return out;
  if (out.record.model == "account.move" || out.record.model == "account.payment") {
    KONTOR_RETURN_IF_ERROR(ReadAccounting(value, out));
  } else if (out.record.model == "res.partner") {
    out.partner_id = out.record.id;
    out.partner_name = out.record.name;
  }
  return out;
}

}  // namespace kontor::odoo
