// SPDX-License-Identifier: Apache-2.0
#include "adapters/expense/ramp/reference.h"

#include <map>
#include <utility>

#include <nlohmann/json.hpp>

#include "adapters/expense/exact_json.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::expense {
namespace {

using base::StrCat;
using nlohmann::json;

constexpr char kAccounts[] = "/developer/v1/accounting/accounts";
constexpr char kVendors[] = "/developer/v1/accounting/vendors";
constexpr char kFields[] = "/developer/v1/accounting/fields";
constexpr char kOptions[] = "/developer/v1/accounting/field-options";
constexpr size_t kUploadedAtOnce = 500;
constexpr int kPageSize = 100;
constexpr int kPagesMax = 1000;

/// One of Ramp's lists.
struct List {
  std::string kind;       ///< Of our items.
  std::string url;
  std::string items_key;  ///< Of the upload's list.
  std::string name_key;   ///< Of an entry's name.
  std::string field_id;   ///< Ramp's id of the field whose options these are; empty: no options.
  bool has_code = false;
};

/// An entry as Ramp has it.
struct Entry {
  std::string ramp_id;
  std::string name;
  bool active = true;
};
using Entries = std::map<std::string, Entry>;

/// Value of `start` in the address of the next page; empty: there is none.
std::string NextStart(const json& answer) {
  constexpr std::string_view kStart = "start=";
  const auto page = answer.find("page");
  const std::string next = page == answer.end() ? "" : TextMember(*page, "next");
  const size_t question = next.find('?');
  if (question == std::string::npos) return "";
  for (const std::string& pair : base::StrSplit(next.substr(question + 1), '&')) {
    if (pair.starts_with(kStart)) return pair.substr(kStart.size());
  }
  return "";
}

absl::StatusOr<Entries> ReadEntries(PlatformHttp& http, const List& list, absl::Time deadline) {
  std::string filter = StrCat("?page_size=", kPageSize);
  if (!list.field_id.empty()) base::StrAppend(&filter, "&field_id=", UrlEncoded(list.field_id));
  Entries entries;
  std::string start;
  for (int page = 0; page < kPagesMax; ++page) {
    const std::string url =
        StrCat(list.url, filter, start.empty() ? "" : "&start=", start);
    KONTOR_ASSIGN_OR_RETURN(const json answer, http.Call("GET", url, nullptr, {}, deadline));
    for (const json& item : answer.value("data", json::array())) {
      const std::string id = TextMember(item, "id");
      if (id.empty()) continue;  // made in Ramp, by somebody else
      entries[id] = {TextMember(item, "ramp_id"), TextMember(item, list.name_key),
                     item.value("is_active", true)};
    }
    start = NextStart(answer);
    if (start.empty()) return entries;
  }
  return base::Error(base::Reason::kTooLarge).Says("Ramp's list has no end");
}

json Uploaded(const List& list, const ports::ReferenceItem& item) {
  json out = {{"id", item.code}, {list.name_key, item.name}};
  if (list.has_code) {
    out["code"] = item.code;
    out["classification"] = "EXPENSE";
  }
  return out;
}

absl::Status Upload(PlatformHttp& http, const List& list, json items, absl::Time deadline) {
  if (items.empty()) return absl::OkStatus();
  json body = {{list.items_key, std::move(items)}};
  if (!list.field_id.empty()) body["field_id"] = list.field_id;
  return http.Call("POST", list.url, &body, {}, deadline).status();
}

/// Renames, deletes or makes active again what is there and differs.
absl::Status Change(PlatformHttp& http, const List& list, const ports::ReferenceItem& item,
                    const Entry& entry, absl::Time deadline) {
  const std::string url = StrCat(list.url, "/", UrlEncoded(entry.ramp_id));
  if (!item.active) {
    if (!entry.active) return absl::OkStatus();
    return http.Call("DELETE", url, nullptr, {}, deadline).status();
  }
  json body = json::object();
  if (!entry.active) body["reactivate"] = true;
  if (entry.name != item.name) body[list.name_key] = item.name;
  if (body.empty()) return absl::OkStatus();
  return http.Call("PATCH", url, &body, {}, deadline).status();
}

absl::Status BringListInStep(PlatformHttp& http, const List& list,
                             const std::vector<ports::ReferenceItem>& items, absl::Time deadline) {
  KONTOR_ASSIGN_OR_RETURN(const Entries entries, ReadEntries(http, list, deadline));
  json missing = json::array();
  for (const ports::ReferenceItem& item : items) {
    if (item.kind != list.kind) continue;
    const auto there = entries.find(item.code);
    if (there != entries.end()) {
      KONTOR_RETURN_IF_ERROR(Change(http, list, item, there->second, deadline));
      continue;
    }
    if (item.active) missing.push_back(Uploaded(list, item));
    if (missing.size() < kUploadedAtOnce) continue;
    KONTOR_RETURN_IF_ERROR(
        Upload(http, list, std::exchange(missing, json::array()), deadline));
  }
  return Upload(http, list, std::move(missing), deadline);
}

/// Ramp's id of our field; it answers the one that is there.
absl::StatusOr<std::string> CostCentreField(PlatformHttp& http, const std::string& base_url,
                                            absl::Time deadline) {
  const json body = {{"id", kCostCentreField},
                     {"name", "Cost centre"},
                     {"input_type", "SINGLE_CHOICE"},
                     {"is_splittable", true}};
  KONTOR_ASSIGN_OR_RETURN(const json answer,
                          http.Call("POST", StrCat(base_url, kFields), &body, {}, deadline));
  std::string id = TextMember(answer, "ramp_id");
  if (!id.empty()) return id;
  return base::Error(base::Reason::kPlatformRefused).Says("Ramp answered a field without its id");
}

bool HasAny(const std::vector<ports::ReferenceItem>& items, std::string_view kind) {
  for (const ports::ReferenceItem& item : items) {
    if (item.kind == kind) return true;
  }
  return false;
}

}  // namespace

absl::Status BringInStep(PlatformHttp& http, const std::string& base_url,
                         const std::vector<ports::ReferenceItem>& items, absl::Time deadline) {
  const List accounts = {"account", StrCat(base_url, kAccounts), "gl_accounts", "name", "", true};
  KONTOR_RETURN_IF_ERROR(BringListInStep(http, accounts, items, deadline));
  const List vendors = {"vendor", StrCat(base_url, kVendors), "vendors", "name", "", false};
  KONTOR_RETURN_IF_ERROR(BringListInStep(http, vendors, items, deadline));
  // A field without options would only be in people's way.
  if (!HasAny(items, "cost_centre")) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(const std::string field, CostCentreField(http, base_url, deadline));
  const List centres = {"cost_centre", StrCat(base_url, kOptions), "options", "value", field,
                        false};
  return BringListInStep(http, centres, items, deadline);
}

}  // namespace kontor::expense
