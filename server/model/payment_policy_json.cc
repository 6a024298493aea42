// SPDX-License-Identifier: Apache-2.0
// Policies as JSON, and the rules of their contents.
#include <algorithm>
#include <set>

#include "server/base/clock.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/model/internal/bank_json.h"
#include "server/model/payment_policy.h"

namespace kontor::model {
namespace {

using base::Decimal;
using base::Reason;
using base::StrCat;
using internal::FieldAt;
using internal::Findings;
using internal::Json;
using internal::JsonFields;

constexpr std::array<std::string_view, 4> kKinds = {"approval", "routing", "checks", "lists"};
constexpr std::array<std::string_view, 4> kStates = {"PROPOSED", "ACTIVE", "RETIRED", "DECLINED"};
constexpr std::array<std::string_view, 3> kUrgencies = {"NORMAL", "URGENT", "INSTANT"};
constexpr std::array<std::string_view, 5> kBearers = {"", "DEBT", "CRED", "SHAR", "SLEV"};
constexpr std::array<std::string_view, 6> kFormats = {
    "OFAC_SDN_XML", "OFAC_SDN_ADVANCED_XML", "OFAC_SDN_CSV", "OFAC_ALT_CSV", "EU_XML", "UN_XML"};
constexpr size_t kStepsMax = 100;
constexpr size_t kRoutesMax = 500;
constexpr size_t kListsMax = 20;
constexpr int kApprovalsMax = 5;
constexpr int kNameMax = 64;
constexpr int kDaysMax = 400;

template <size_t N>
void OneOf(const std::string& text, const std::array<std::string_view, N>& names,
           const std::string& field, Findings& findings) {
  if (std::find(names.begin(), names.end(), text) != names.end()) return;
  findings.Add(Reason::kPolicyInvalid, field,
               StrCat("This is none of ", base::StrJoin(names, ", ")), text);
}

void Range(int value, int least, int most, const std::string& field, Findings& findings) {
  if (value >= least && value <= most) return;
  findings.Add(Reason::kPolicyInvalid, field, StrCat(least, " to ", most), StrCat(value));
}

void Amounts(const std::optional<Decimal>& from, const std::optional<Decimal>& to,
             const std::string& currency, const std::string& at, Findings& findings) {
  if (!currency.empty()) {
    findings.Add(base::AtField(Currency::Parse(currency).status(), StrCat(at, ".currency_code")));
  } else if (from || to) {
    findings.Add(Reason::kPolicyInvalid, StrCat(at, ".currency_code"),
                 "An amount says nothing without its currency");
  }
  if (from && to && *to < *from) {
    findings.Add(Reason::kPolicyInvalid, StrCat(at, ".amount_to"),
                 "No amount is both above one and below the other");
  }
}

/// Names tell rules apart in every explanation.
template <typename Rule>
void UniqueNames(const std::vector<Rule>& rules, const char* list, Findings& findings) {
  std::set<std::string> seen;
  for (size_t i = 0; i < rules.size(); ++i) {
    const std::string at = FieldAt(list, i, "name");
    findings.RequiredText(rules[i].name, kNameMax, at);
    if (!rules[i].name.empty() && !seen.insert(rules[i].name).second) {
      findings.Add(Reason::kPolicyInvalid, at, "Two rules have this name", rules[i].name);
    }
  }
}

template <typename T, typename ReadIt>
T Parse(std::string_view json, std::vector<Finding>* findings, ReadIt read_it) {
  T out{};
  Findings found;
  const Json body = Json::parse(json, nullptr, false);
  if (!body.is_object()) {
    found.Add(Reason::kJsonInvalid, "content", "This is no JSON object");
  } else {
    JsonFields fields(body, "", found);
    read_it(fields, out, found);
    fields.Finish();
  }
  *findings = found.Take();
  return out;
}

void ReadStep(JsonFields& in, ApprovalStep& step) {
  in.Text("name", step.name);
  in.Text("entity", step.entity);
  in.Text("currency_code", step.currency_code);
  in.Number("amount_from", step.amount_from);
  in.Number("amount_to", step.amount_to);
  in.Whole("approvals", step.approvals);
  in.Texts("approvers", step.approvers);
}

void ReadRoute(JsonFields& in, Route& route) {
  in.Text("name", route.name);
  in.Text("entity", route.entity);
  in.Text("currency_code", route.currency_code);
  in.Texts("creditor_countries", route.creditor_countries);
  in.Number("amount_from", route.amount_from);
  in.Number("amount_to", route.amount_to);
  in.Text("urgency", route.urgency);
  in.Text("account", route.account);
  in.Text("dialect", route.dialect);
  in.Text("fallback_channel", route.fallback_channel);
  in.Text("service_level", route.service_level);
  in.Text("local_instrument", route.local_instrument);
  in.Text("charge_bearer", route.charge_bearer);
  in.Flag("batch_booking", route.batch_booking);
  in.Flag("uetr", route.uetr);
}

void CheckSteps(const std::vector<ApprovalStep>& steps, Findings& findings) {
  if (steps.empty()) findings.Add(Reason::kPolicyInvalid, "steps", "There is no step");
  UniqueNames(steps, "steps", findings);
  for (size_t i = 0; i < steps.size(); ++i) {
    const ApprovalStep& step = steps[i];
    const std::string at = FieldAt("steps", i);
    Amounts(step.amount_from, step.amount_to, step.currency_code, at, findings);
    Range(step.approvals, 1, kApprovalsMax, StrCat(at, ".approvals"), findings);
    const std::set<std::string> people(step.approvers.begin(), step.approvers.end());
    if (people.size() != step.approvers.size()) {
      findings.Add(Reason::kPolicyInvalid, StrCat(at, ".approvers"), "One person is named twice");
    }
    if (!people.empty() && people.size() < static_cast<size_t>(std::max(step.approvals, 0))) {
      findings.Add(Reason::kPolicyInvalid, StrCat(at, ".approvers"),
                   StrCat(people.size(), " persons cannot give ", step.approvals, " approvals"));
    }
  }
}

void CheckRoutes(const std::vector<Route>& routes, Findings& findings) {
  if (routes.empty()) findings.Add(Reason::kPolicyInvalid, "routes", "There is no route");
  UniqueNames(routes, "routes", findings);
  for (size_t i = 0; i < routes.size(); ++i) {
    const Route& route = routes[i];
    const std::string at = FieldAt("routes", i);
    findings.RequiredText(route.account, kNameMax, StrCat(at, ".account"));
    Amounts(route.amount_from, route.amount_to, route.currency_code, at, findings);
    if (!route.urgency.empty()) OneOf(route.urgency, kUrgencies, StrCat(at, ".urgency"), findings);
    OneOf(route.charge_bearer, kBearers, StrCat(at, ".charge_bearer"), findings);
    for (const std::string& country : route.creditor_countries) {
      if (country.size() != 2 || base::ToUpper(country) != country) {
        findings.Add(Reason::kPolicyInvalid, StrCat(at, ".creditor_countries"),
                     "Countries are two capitals", country);
      }
    }
  }
}

bool IsTimeOfDay(const std::string& text) {
  constexpr size_t kLength = 5;
  if (text.size() != kLength || text[2] != ':') return false;
  const auto hours = base::ParseInt64(text.substr(0, 2));
  const auto minutes = base::ParseInt64(text.substr(3));
  constexpr int kHours = 24;
  constexpr int kMinutes = 60;
  return hours.ok() && minutes.ok() && *hours >= 0 && *hours < kHours && *minutes >= 0 &&
         *minutes < kMinutes;
}

void CheckChecks(const CheckRules& rules, Findings& findings) {
  Range(rules.duplicate_window_days, 1, kDaysMax, "duplicate_window_days", findings);
  Range(rules.changed_account_days, 0, kDaysMax, "changed_account_days", findings);
  Range(rules.velocity_count, 0, 100'000, "velocity_count", findings);
  Range(rules.velocity_days, 1, kDaysMax, "velocity_days", findings);
  if (rules.unusual_factor.IsNegative()) {
    findings.Add(Reason::kPolicyInvalid, "unusual_factor", "A factor is not below 0");
  }
  if (rules.hours_from.empty() != rules.hours_to.empty()) {
    findings.Add(Reason::kPolicyInvalid, "hours_to", "Hours have a beginning and an end");
  }
  for (const auto& [field, text] : {std::pair("hours_from", &rules.hours_from),
                                    std::pair("hours_to", &rules.hours_to)}) {
    if (!text->empty() && !IsTimeOfDay(*text)) {
      findings.Add(Reason::kPolicyInvalid, field, "A time of day is told as HH:MM", *text);
    }
  }
  if (absl::TimeZone zone; !absl::LoadTimeZone(rules.time_zone, &zone)) {
    findings.Add(Reason::kPolicyInvalid, "time_zone", "This is no time zone by its IANA name",
                 rules.time_zone);
  }
}

void CheckLists(const ScreeningRules& rules, Findings& findings) {
  UniqueNames(rules.lists, "lists", findings);
  Range(rules.threshold_percent, 50, 100, "threshold_percent", findings);
  Range(rules.stale_after_days, 0, kDaysMax, "stale_after_days", findings);
  constexpr size_t kHashDigits = 64;
  for (size_t i = 0; i < rules.lists.size(); ++i) {
    const ScreeningList& list = rules.lists[i];
    const std::string at = FieldAt("lists", i);
    OneOf(list.format, kFormats, StrCat(at, ".format"), findings);
    Range(list.stale_after_days, 0, kDaysMax, StrCat(at, ".stale_after_days"), findings);
    const bool hex = list.sha256.size() == kHashDigits &&
                     list.sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!hex) {
      findings.Add(Reason::kPolicyInvalid, StrCat(at, ".sha256"),
                   "A SHA-256 is 64 digits of 0-9 and a-f");
    }
  }
}

}  // namespace

std::string_view NameOf(PolicyKind kind) { return kKinds[static_cast<size_t>(kind)]; }
std::optional<PolicyKind> ParsePolicyKind(std::string_view name) {
  for (size_t i = 0; i < kKinds.size(); ++i) {
    if (kKinds[i] == name) return static_cast<PolicyKind>(i);
  }
  return std::nullopt;
}
std::string_view NameOf(PolicyState state) { return kStates[static_cast<size_t>(state)]; }

std::string PaymentPolicy::Name() const { return StrCat(NameOf(kind), "/v", number); }

std::string PaymentPolicyBody(const PaymentPolicy& policy) {
  const Json out = {{"kind", std::string(NameOf(policy.kind))},
                    {"number", policy.number},
                    {"state", std::string(NameOf(policy.state))},
                    {"content", policy.content},
                    {"digest", policy.digest},
                    {"proposer_id", policy.proposer_id},
                    {"proposer", policy.proposer},
                    {"reason", policy.reason},
                    {"decider_id", policy.decider_id},
                    {"decider", policy.decider},
                    {"decided", policy.decided ? base::FormatInstant(*policy.decided) : ""}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<PaymentPolicy> PaymentPolicyFromBody(std::string_view text) {
  const Json body = Json::parse(text, nullptr, false);
  PaymentPolicy policy;
  Findings found;
  if (body.is_object()) {
    JsonFields in(body, "", found);
    in.Name("kind", policy.kind, "", kKinds);
    in.Whole("number", policy.number);
    in.Name("state", policy.state, "", kStates);
    in.Text("content", policy.content);
    in.Text("digest", policy.digest);
    in.Text("proposer_id", policy.proposer_id);
    in.Text("proposer", policy.proposer);
    in.Text("reason", policy.reason);
    in.Text("decider_id", policy.decider_id);
    in.Text("decider", policy.decider);
    in.Parsed("decided", policy.decided, base::ParseInstant);
    in.Finish();
  }
  if (!body.is_object() || !found.IsEmpty()) {
    return base::Error(Reason::kInternal).Says("the row of a payment policy is unreadable");
  }
  return policy;
}

std::vector<ApprovalStep> ReadApprovalSteps(std::string_view json,
                                            std::vector<Finding>* findings) {
  return Parse<std::vector<ApprovalStep>>(
      json, findings, [](JsonFields& in, std::vector<ApprovalStep>& steps, Findings& found) {
        in.List("steps", steps, kStepsMax, ReadStep);
        CheckSteps(steps, found);
      });
}

std::vector<Route> ReadRoutes(std::string_view json, std::vector<Finding>* findings) {
  return Parse<std::vector<Route>>(
      json, findings, [](JsonFields& in, std::vector<Route>& routes, Findings& found) {
        in.List("routes", routes, kRoutesMax, ReadRoute);
        CheckRoutes(routes, found);
      });
}

CheckRules ReadCheckRules(std::string_view json, std::vector<Finding>* findings) {
  return Parse<CheckRules>(json, findings, [](JsonFields& in, CheckRules& out, Findings& found) {
    in.Whole("duplicate_window_days", out.duplicate_window_days);
    in.Flag("hold_new_accounts", out.hold_new_accounts);
    in.Whole("changed_account_days", out.changed_account_days);
    std::optional<Decimal> factor;
    in.Number("unusual_factor", factor);
    out.unusual_factor = factor.value_or(Decimal());
    in.Text("hours_from", out.hours_from);
    in.Text("hours_to", out.hours_to);
    in.Text("time_zone", out.time_zone);
    in.Whole("velocity_count", out.velocity_count);
    in.Whole("velocity_days", out.velocity_days);
    CheckChecks(out, found);
  });
}

ScreeningRules ReadScreeningRules(std::string_view json, std::vector<Finding>* findings) {
  return Parse<ScreeningRules>(
      json, findings, [](JsonFields& in, ScreeningRules& out, Findings& found) {
        in.List("lists", out.lists, kListsMax, [](JsonFields& item, ScreeningList& list) {
          item.Text("name", list.name);
          item.Text("format", list.format);
          item.Text("file", list.file);
          item.Text("sha256", list.sha256);
          item.Whole("stale_after_days", list.stale_after_days);
        });
        in.Whole("threshold_percent", out.threshold_percent);
        in.Whole("stale_after_days", out.stale_after_days);
        CheckLists(out, found);
      });
}

std::vector<Finding> ValidatePolicy(PolicyKind kind, std::string_view json) {
  std::vector<Finding> findings;
  if (json.size() > kPolicyBytesMax) {
    Findings found;
    found.Add(Reason::kTooLarge, "content", StrCat("At most ", kPolicyBytesMax, " bytes"));
    return found.Take();
  }
  switch (kind) {
    case PolicyKind::kApproval: ReadApprovalSteps(json, &findings); break;
    case PolicyKind::kRouting: ReadRoutes(json, &findings); break;
    case PolicyKind::kChecks: ReadCheckRules(json, &findings); break;
    case PolicyKind::kLists: ReadScreeningRules(json, &findings); break;
  }
  return findings;
}

std::vector<PolicyChange> DiffPolicies(std::string_view before, std::string_view after) {
  const auto flat = [](std::string_view text) {
    const Json json = Json::parse(text, nullptr, false);
    return json.is_discarded() ? Json::object() : json.flatten();
  };
  const Json old = flat(before);
  const Json fresh = flat(after);
  const auto text = [](const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
  };
  std::vector<PolicyChange> changes;
  for (const auto& [path, value] : old.items()) {
    const auto it = fresh.find(path);
    if (it == fresh.end()) {
      changes.push_back({path, text(value), ""});
    } else if (*it != value) {
      changes.push_back({path, text(value), text(*it)});
    }
  }
  for (const auto& [path, value] : fresh.items()) {
    if (!old.contains(path)) changes.push_back({path, "", text(value)});
  }
  return changes;
}

}  // namespace kontor::model
