// SPDX-License-Identifier: Apache-2.0
// Master data outwards: what may be chosen on the platform is what Odoo has.
#include "server/engine/expenses/internal/loop.h"

namespace kontor::expenses {

absl::Status PushReferenceData(Loop& loop, const model::Source& source) {
  KONTOR_ASSIGN_OR_RETURN(const auto adapter, loop.AdapterOf(source));
  if (!source.platform.push_reference_data || !adapter->capabilities().takes_reference_data) {
    return absl::OkStatus();
  }
  KONTOR_ASSIGN_OR_RETURN(const model::Catalogue catalogue,
                          loop.deps.engine.GetCatalogue(source.entity, false));
  std::vector<ports::ReferenceItem> items;
  for (const model::Account& account : catalogue.accounts) {
    if (account.type.starts_with("expense")) {
      items.push_back({"account", account.code, account.name, !account.deprecated});
    }
  }
  for (const model::AnalyticAccount& account : catalogue.analytic_accounts) {
    items.push_back({"cost_centre", account.code.empty() ? account.name : account.code,
                     account.name, true});
  }
  for (const model::Tax& tax : catalogue.taxes) {
    if (tax.for_purchase) items.push_back({"tax", tax.name, tax.name, true});
  }
  std::string text;
  for (const ports::ReferenceItem& item : items) {
    base::StrAppend(&text, item.kind, "\x1f", item.code, "\x1f", item.name, "\x1f",
                    item.active ? 1 : 0, "\x1e");
  }
  const std::string cursor = base::StrCat("expense_reference/", source.id);
  const std::string digest = loop.deps.crypto.Sha256Hex(text);
  std::optional<std::string> told;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(told, view.FindCursor(cursor));
    return absl::OkStatus();
  }));
  if (told == digest) return absl::OkStatus();
  KONTOR_RETURN_IF_ERROR(
      adapter->PushReferenceData(items, loop.Now() + loop.settings.call_timeout));
  loop.Log("expense.reference_told", {{"source", source.name},
                                      {"items", base::StrCat(items.size())}});
  return loop.Commit([&](ports::Unit& unit) { return unit.PutCursor(cursor, digest); });
}

}  // namespace kontor::expenses
