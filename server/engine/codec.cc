// SPDX-License-Identifier: Apache-2.0
// Entities, connections and posting rules as JSON; readings are in codec_snapshots.cc.
#include "server/engine/codec.h"

#include <nlohmann/json.hpp>

#include "server/base/json_text.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/flow_json.h"
#include "server/engine/json_members.h"

namespace kontor::engine {
namespace {

using base::Reason;
using nlohmann::json;

constexpr std::string_view kModes[] = {"SHADOW", "LIVE", "PAUSED"};
constexpr std::string_view kAddonUses[] = {"AUTO", "NEVER", "REQUIRED"};

bool Flag(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_boolean() && it->get<bool>();
}

absl::Status Unreadable(std::string_view what) {
  return base::Error(Reason::kFieldInvalid).Field(what).Says("the stored text is not readable");
}

json RuleToJson(const PostingRule& rule) {
  json out = json::object();
  if (!rule.source.empty()) out["source"] = rule.source;
  if (!rule.entity.empty()) out["entity"] = rule.entity;
  if (rule.type) out["type"] = std::string(model::NameOf(*rule.type));
  if (!rule.subtype.empty()) out["subtype"] = rule.subtype;
  if (!rule.currency_code.empty()) out["currency_code"] = rule.currency_code;
  if (rule.amount_from) out["amount_from"] = rule.amount_from->ToString();
  if (rule.amount_to) out["amount_to"] = rule.amount_to->ToString();
  out["posting"] = std::string(model::NameOf(rule.posting));
  return out;
}

absl::StatusOr<PostingRule> RuleFromJson(const json& value) {
  if (!value.is_object()) return Unreadable("posting_rules");
  PostingRule rule;
  rule.source = Text(value, "source");
  rule.entity = Text(value, "entity");
  rule.subtype = Text(value, "subtype");
  rule.currency_code = Text(value, "currency_code");
  if (const std::string type = Text(value, "type"); !type.empty()) {
    rule.type = model::ParseDocumentType(type);
    if (!rule.type) return Unreadable("posting_rules.type");
  }
  if (const std::string amount = Text(value, "amount_from"); !amount.empty()) {
    KONTOR_ASSIGN_OR_RETURN(rule.amount_from, model::Decimal::Parse(amount));
  }
  if (const std::string amount = Text(value, "amount_to"); !amount.empty()) {
    KONTOR_ASSIGN_OR_RETURN(rule.amount_to, model::Decimal::Parse(amount));
  }
  const auto posting = model::ParsePosting(Text(value, "posting"));
  if (!posting) return Unreadable("posting_rules.posting");
  rule.posting = *posting;
  return rule;
}

absl::StatusOr<std::vector<PostingRule>> RulesFrom(const json& list) {
  std::vector<PostingRule> rules;
  if (!list.is_array()) return rules;
  for (const json& item : list) {
    KONTOR_ASSIGN_OR_RETURN(PostingRule rule, RuleFromJson(item));
    rules.push_back(std::move(rule));
  }
  return rules;
}

json RulesToJson(const std::vector<PostingRule>& rules) {
  json list = json::array();
  for (const PostingRule& rule : rules) list.push_back(RuleToJson(rule));
  return list;
}

json ConnectionJson(const Connection& connection) {
  return json{{"name", connection.name},
              {"url", connection.url},
              {"database", connection.database},
              {"login", connection.login},
              {"transport", connection.transport},
              {"ca_file", connection.ca_file},
              {"calls_in_flight_max", connection.calls_in_flight_max},
              {"calls_per_second_max", connection.calls_per_second_max},
              {"mode", std::string(NameOf(connection.mode))},
              {"addon_use", std::string(NameOf(connection.addon_use))},
              {"database_mark", connection.database_mark},
              {"database_uuid", connection.database_uuid},
              {"suspended_reason", connection.suspended_reason}};
}

}  // namespace

std::string_view NameOf(Mode mode) { return kModes[static_cast<size_t>(mode)]; }

std::optional<Mode> ParseMode(std::string_view name) {
  for (size_t i = 0; i < std::size(kModes); ++i) {
    if (kModes[i] == name) return static_cast<Mode>(i);
  }
  return std::nullopt;
}

std::string_view NameOf(AddonUse use) { return kAddonUses[static_cast<size_t>(use)]; }

std::optional<AddonUse> ParseAddonUse(std::string_view name) {
  for (size_t i = 0; i < std::size(kAddonUses); ++i) {
    if (kAddonUses[i] == name) return static_cast<AddonUse>(i);
  }
  return std::nullopt;
}

std::string ToJson(const std::vector<PostingRule>& rules) {
  return DumpLine(json{{"rules", RulesToJson(rules)}});
}

absl::StatusOr<std::vector<PostingRule>> PostingRulesFromJson(std::string_view text) {
  const json value = json::parse(text, nullptr, false);
  if (!value.is_object() || !value.contains("rules")) return Unreadable("rules");
  return RulesFrom(value["rules"]);
}

std::string ToJson(const Entity& entity) {
  json out{{"name", entity.name},
           {"connection", entity.connection},
           {"company_id", entity.company_id},
           {"currency_code", entity.currency_code},
           {"mode", std::string(NameOf(entity.mode))},
           {"posting_rules", RulesToJson(entity.posting_rules)},
           {"accept_total_mismatch", entity.accept_total_mismatch},
           {"journals", entity.journals}};
  if (entity.live_from) out["live_from"] = entity.live_from->ToString();
  return DumpLine(out);
}

absl::StatusOr<Entity> EntityFromJson(std::string_view text) {
  const json value = json::parse(text, nullptr, false);
  if (!value.is_object()) return Unreadable("entity");
  Entity entity;
  entity.name = Text(value, "name");
  entity.connection = Text(value, "connection");
  entity.company_id = Number(value, "company_id");
  entity.currency_code = Text(value, "currency_code");
  const auto mode = ParseMode(Text(value, "mode"));
  if (!mode) return Unreadable("entity.mode");
  entity.mode = *mode;
  if (const std::string from = Text(value, "live_from"); !from.empty()) {
    KONTOR_ASSIGN_OR_RETURN(entity.live_from, base::Date::Parse(from));
  }
  if (value.contains("posting_rules")) {
    KONTOR_ASSIGN_OR_RETURN(entity.posting_rules, RulesFrom(value["posting_rules"]));
  }
  entity.accept_total_mismatch = Flag(value, "accept_total_mismatch");
  if (const auto it = value.find("journals"); it != value.end() && it->is_array()) {
    for (const json& code : *it) {
      if (code.is_string()) entity.journals.push_back(code.get<std::string>());
    }
  }
  return entity;
}

std::string ToJson(const Connection& connection) {
  json out = ConnectionJson(connection);
  out["api_key"] = connection.api_key;
  return DumpLine(out);
}

std::string MaskedConnectionJson(const Connection& connection) {
  json out = ConnectionJson(connection);
  out["api_key_set"] = !connection.api_key.empty();
  return DumpLine(out);
}

absl::StatusOr<Connection> ConnectionFromJson(std::string_view text) {
  const json value = json::parse(text, nullptr, false);
  if (!value.is_object()) return Unreadable("connection");
  Connection connection;
  connection.name = Text(value, "name");
  connection.url = Text(value, "url");
  connection.database = Text(value, "database");
  connection.login = Text(value, "login");
  connection.api_key = Text(value, "api_key");
  connection.transport = Text(value, "transport");
  connection.ca_file = Text(value, "ca_file");
  connection.calls_in_flight_max = static_cast<int>(Number(value, "calls_in_flight_max"));
  connection.calls_per_second_max = static_cast<int>(Number(value, "calls_per_second_max"));
  const auto mode = ParseMode(Text(value, "mode"));
  if (!mode) return Unreadable("connection.mode");
  connection.mode = *mode;
  connection.addon_use = ParseAddonUse(Text(value, "addon_use")).value_or(AddonUse::kAuto);
  connection.database_mark = Text(value, "database_mark");
  connection.database_uuid = Text(value, "database_uuid");
  connection.suspended_reason = Text(value, "suspended_reason");
  return connection;
}

std::string StateJson(std::string_view state) {
  return base::StrCat("{\"state\":", base::JsonString(state), "}");
}

}  // namespace kontor::engine
