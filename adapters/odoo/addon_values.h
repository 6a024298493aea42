// SPDX-License-Identifier: Apache-2.0
// From a load() record to the values that the addon takes, and from the addon's field paths back to
// the document's. Pure: both ways into Odoo share one mapping.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "adapters/odoo/sheet.h"
#include "adapters/odoo/value.h"
#include "server/model/document.h"

namespace kontor::odoo {

/// The record as a dictionary by Odoo's field names: ids of many2one as numbers (false: cleared),
/// of many2many as lists, lines as a list of dictionaries, flags as booleans, everything else,
/// amounts first of all, as the text it is. INTERNAL, refused, for a cell that is no id.
absl::StatusOr<Json> ValuesOf(const SheetRecord& record);

/// The document's field behind a path of the addon's: "values.invoice_line_ids[0].account_id" →
/// "invoice.lines[0].account_code", "expect.total" → "invoice.expected_total". Empty when none
/// corresponds.
std::string FieldOfPath(model::DocumentType type, std::string_view path);

}  // namespace kontor::odoo
