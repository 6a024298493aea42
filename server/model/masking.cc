// SPDX-License-Identifier: Apache-2.0
#include "server/model/masking.h"

#include <set>

#include <nlohmann/json.hpp>

#include "server/base/text.h"

namespace kontor::model {
namespace {

using nlohmann::json;

const std::set<std::string, std::less<>>& NameKeys() {
  static const auto* const kKeys = new std::set<std::string, std::less<>>{
      "partner_name", "holder_name", "email", "phone", "street", "street2", "city", "zip", "vat",
      "contact_name"};
  return *kKeys;
}

const std::set<std::string, std::less<>>& AccountKeys() {
  static const auto* const kKeys = new std::set<std::string, std::less<>>{
      "account_number", "partner_bank_account", "iban"};
  return *kKeys;
}

std::string MaskedName(const std::string& name) {
  if (name.empty()) return name;
  size_t end = 1;
  while (end < name.size() && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) ++end;
  return name.substr(0, end) + "…";
}

void Mask(json& value, bool is_partner_document = false) {
  if (value.is_array()) {
    for (json& item : value) Mask(item);
    return;
  }
  if (!value.is_object()) return;
  // A partner's own name stands under "name"; a document's number does too and stays.
  const bool is_partner = is_partner_document || value.contains("is_company") ||
                          value.value("model", json()) == "res.partner";
  const bool holds_partner = value.value("type", json()) == "PARTNER";
  for (auto& [key, item] : value.items()) {
    if (!item.is_string()) {
      const bool is_person = key == "employee" || key == "approver";
      Mask(item, is_person || (holds_partner && key == "document"));
    } else if (AccountKeys().contains(key)) {
      item = base::Masked(item.get<std::string>());
    } else if (NameKeys().contains(key) || (is_partner && key == "name")) {
      item = MaskedName(item.get<std::string>());
    }
  }
}

}  // namespace

std::string MaskedJson(std::string_view text) {
  json value = json::parse(text, nullptr, false);
  if (!value.is_object()) return "{}";
  Mask(value);
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace kontor::model
