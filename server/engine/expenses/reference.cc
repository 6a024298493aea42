// SPDX-License-Identifier: Apache-2.0
// Master data outwards: what may be chosen on the platform is what Odoo has. What was told and is
// gone from Odoo is told once more, as not to be chosen.
#include <algorithm>
#include <set>

#include "server/engine/expenses/internal/loop.h"

namespace kontor::expenses {
namespace {

using base::StrCat;
using Items = std::vector<ports::ReferenceItem>;

constexpr size_t kVendorsMax = 20'000;
constexpr char kField = '\x1f';
constexpr char kItem = '\x1e';

/// What of Odoo's master data is of these kinds, as it is now.
absl::StatusOr<Items> ItemsOf(Loop& loop, const std::string& entity,
                              const std::set<std::string>& kinds) {
  KONTOR_ASSIGN_OR_RETURN(const model::Catalogue catalogue,
                          loop.deps.engine.GetCatalogue(entity, false));
  Items items;
  const auto add = [&](const char* kind, const std::string& code, const std::string& name,
                       bool active) {
    if (kinds.contains(kind)) items.push_back({kind, code, name, active});
  };
  for (const model::Account& account : catalogue.accounts) {
    if (account.type.starts_with("expense")) {
      add("account", account.code, account.name, !account.deprecated);
    }
  }
  for (const model::AnalyticAccount& account : catalogue.analytic_accounts) {
    add("cost_centre", account.code.empty() ? account.name : account.code, account.name, true);
  }
  for (const model::Tax& tax : catalogue.taxes) {
    if (tax.for_purchase) add("tax", tax.name, tax.name, true);
  }
  if (kinds.contains("vendor")) {
    KONTOR_ASSIGN_OR_RETURN(const auto vendors,
                            loop.deps.engine.ReadVendors(entity, kVendorsMax));
    for (const model::NamedId& vendor : vendors) {
      add("vendor", StrCat(vendor.id), vendor.name, true);
    }
  }
  return items;
}

std::string Write(const Items& items) {
  std::string text;
  for (const ports::ReferenceItem& item : items) {
    base::StrAppend(&text, item.kind, "\x1f", item.code, "\x1f", item.name, "\x1f",
                    item.active ? "1" : "0", "\x1e");
  }
  return text;
}

/// What Write wrote; nothing for another form, which is told anew.
Items Read(const std::string& text) {
  constexpr size_t kFields = 4;
  Items items;
  for (const std::string& line : base::StrSplit(text, kItem)) {
    const std::vector<std::string> fields = base::StrSplit(line, kField);
    if (fields.size() == kFields) {
      items.push_back({fields[0], fields[1], fields[2], fields[3] == "1"});
    }
  }
  return items;
}

/// Those that were told as active and are not there any more, as inactive.
Items GoneSince(const Items& told, const Items& now) {
  Items gone;
  for (ports::ReferenceItem item : told) {
    const bool there = std::any_of(now.begin(), now.end(), [&](const auto& other) {
      return other.kind == item.kind && other.code == item.code;
    });
    if (there || !item.active) continue;
    item.active = false;
    gone.push_back(std::move(item));
  }
  return gone;
}

}  // namespace

absl::Status PushReferenceData(Loop& loop, const model::Source& source) {
  KONTOR_ASSIGN_OR_RETURN(const auto adapter, loop.AdapterOf(source));
  const std::set<std::string>& kinds = adapter->capabilities().reference_kinds;
  if (!source.platform.push_reference_data || kinds.empty()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(Items items, ItemsOf(loop, source.entity, kinds));
  const std::string cursor = StrCat("expense_reference/", source.id);
  std::optional<std::string> told;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(told, view.FindCursor(cursor));
    return absl::OkStatus();
  }));
  const std::string now = Write(items);
  if (told == now) return absl::OkStatus();
  const Items gone = GoneSince(Read(told.value_or("")), items);
  items.insert(items.end(), gone.begin(), gone.end());
  // Many calls, and no bound that the lease would not outlive.
  KONTOR_RETURN_IF_ERROR(
      adapter->PushReferenceData(items, loop.Now() + 2 * loop.settings.call_timeout));
  loop.Log("expense.reference_told", {{"source", source.name},
                                      {"items", StrCat(items.size())}});
  return loop.Commit([&](ports::Unit& unit) { return unit.PutCursor(cursor, now); });
}

}  // namespace kontor::expenses
