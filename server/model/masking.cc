// SPDX-License-Identifier: Apache-2.0
#include "server/model/masking.h"

#include <algorithm>
#include <optional>
#include <set>

#include <nlohmann/json.hpp>

#include "server/base/text.h"

namespace kontor::model {
namespace {

using nlohmann::json;

const std::set<std::string, std::less<>>& NameKeys() {
  static const auto* const kKeys = new std::set<std::string, std::less<>>{
      "partner_name", "holder_name", "email", "phone", "street", "street2", "city", "zip", "vat",
      "contact_name", "employee_email"};
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

/// Masks while it copies, in one pass and without a tree: every event to every endpoint comes
/// through here. It knows the JSON that kontor itself writes and gives up on anything else, which
/// then goes the long way.
class OnePass {
 public:
  explicit OnePass(std::string_view text) : rest_(text) { out_.reserve(text.size()); }

  /// The masked text; nullopt when it gave up.
  std::optional<std::string> Run() {
    if (!rest_.starts_with('{') || !Value(0) || !rest_.empty()) return std::nullopt;
    return std::move(out_);
  }

 private:
  static constexpr int kDepthMax = 64;
  static constexpr std::string_view kEscapes = "\"\\/bfnrt";

  bool Take(char c) {
    if (!rest_.starts_with(c)) return false;
    out_.push_back(c);
    rest_.remove_prefix(1);
    return true;
  }

  /// A string with its quotes, as it stands there; it is not copied yet.
  std::optional<std::string_view> String() {
    if (!rest_.starts_with('"')) return std::nullopt;
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (static_cast<unsigned char>(rest_[i]) < 0x20U) return std::nullopt;
      if (rest_[i] == '\\') {
        ++i;  // What no one else writes, such as an escaped letter, is not looked into here.
        if (i == rest_.size() || kEscapes.find(rest_[i]) == std::string_view::npos) {
          return std::nullopt;
        }
      } else if (rest_[i] == '"') {
        const std::string_view found = rest_.substr(0, i + 1);
        rest_.remove_prefix(i + 1);
        return found;
      }
    }
    return std::nullopt;
  }

  bool Value(int depth) {
    if (depth > kDepthMax || rest_.empty()) return false;
    if (rest_.front() == '{') return Object(depth);
    if (rest_.front() == '[') return Array(depth);
    if (rest_.front() != '"') return Scalar();
    const auto text = String();
    if (text) out_.append(*text);
    return text.has_value();
  }

  bool Scalar() {
    const size_t end = std::min(rest_.find_first_of(",]}"), rest_.size());
    const std::string_view token = rest_.substr(0, end);
    const std::string_view digits = token.substr(token.starts_with('-') ? 1 : 0);
    const bool whole = !digits.empty() && (digits == "0" || digits.front() != '0') &&
                       digits.find_first_not_of("0123456789") == std::string_view::npos;
    if (!whole && token != "true" && token != "false" && token != "null") return false;
    out_.append(token);
    rest_.remove_prefix(end);
    return true;
  }

  bool Array(int depth) {
    Take('[');
    if (Take(']')) return true;
    do {
      if (!Value(depth + 1)) return false;
    } while (Take(','));
    return Take(']');
  }

  bool Object(int depth) {
    Take('{');
    if (Take('}')) return true;
    do {
      const auto quoted = String();
      if (!quoted) return false;
      out_.append(*quoted);
      if (!Take(':') || !Member(quoted->substr(1, quoted->size() - 2), depth)) return false;
    } while (Take(','));
    return Take('}');
  }

  bool Member(std::string_view key, int depth) {
    // An escaped key could be any; partners' own names depend on their neighbours.
    if (key.find('\\') != std::string_view::npos || key == "is_company") return false;
    const bool account = AccountKeys().contains(key);
    const bool masked = account || NameKeys().contains(key);
    const bool tells_partner = key == "model" || key == "type";
    if ((!masked && !tells_partner) || !rest_.starts_with('"')) return Value(depth + 1);
    const auto quoted = String();
    if (!quoted) return false;
    const std::string_view text = quoted->substr(1, quoted->size() - 2);
    if (tells_partner) {
      out_.append(*quoted);
      return text != "res.partner" && text != "PARTNER";
    }
    if (text.find('\\') != std::string_view::npos) return false;
    out_.push_back('"');
    out_.append(account ? base::Masked(text) : MaskedName(std::string(text)));
    out_.push_back('"');
    return true;
  }

  std::string_view rest_;
  std::string out_;
};

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80U; });
}

}  // namespace

std::string MaskedJson(std::string_view text) {
  if (IsAscii(text) || base::CountCodePoints(text) >= 0) {
    if (auto masked = OnePass(text).Run()) return *std::move(masked);
  }
  json value = json::parse(text, nullptr, false);
  if (!value.is_object()) return "{}";
  Mask(value);
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace kontor::model
