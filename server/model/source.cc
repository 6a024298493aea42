// SPDX-License-Identifier: Apache-2.0
// Sources as JSON. Their rules are in source_check.cc.
#include "server/model/source.h"

#include "server/base/clock.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/model/internal/json_fields.h"

namespace kontor::model {
namespace {

using internal::Findings;
using internal::Json;
using internal::JsonFields;
using internal::PutEach;
using internal::PutFlag;
using internal::PutObject;
using internal::PutText;

constexpr std::array<std::string_view, 3> kStates = {"TEST", "LIVE", "PAUSED"};
constexpr std::array<std::string_view, 6> kSchemes = {"NONE",  "HMAC",    "STANDARD_WEBHOOKS",
                                                      "BASIC", "API_KEY", "MUTUAL_TLS"};
constexpr std::array<std::string_view, 2> kAlgorithms = {"SHA256", "SHA512"};
constexpr std::array<std::string_view, 2> kEncodings = {"HEX", "BASE64"};
constexpr std::array<std::string_view, 3> kStyles = {"VENDOR_BILL", "JOURNAL_ENTRY",
                                                      "ODOO_EXPENSE"};
constexpr size_t kCategoriesMax = 500;
constexpr size_t kTaxesMax = 100;
constexpr size_t kCostCentresMax = 1000;
constexpr size_t kEmployeesMax = 5000;
constexpr size_t kCardsMax = 200;

template <typename Enum, size_t N>
std::string Named(std::string_view prefix, const std::array<std::string_view, N>& names,
                  Enum value) {
  return base::StrCat(prefix, names[static_cast<size_t>(value)]);
}

/// "300s", as protobuf's JSON writes durations.
void ReadDuration(JsonFields& in, const char* key, absl::Duration& out) {
  std::string text;
  in.Text(key, text);
  if (text.empty()) return;
  if (!absl::ParseDuration(text, &out)) in.Wrong(key, "is no duration such as 300s");
}
std::string DurationText(absl::Duration duration) {
  const int64_t ms = absl::ToInt64Milliseconds(duration);
  constexpr int64_t kSecond = 1000;
  if (ms % kSecond == 0) return base::StrCat(ms / kSecond, "s");
  std::string fraction = base::StrCat(ms % kSecond);
  fraction.insert(0, std::string_view("000").substr(fraction.size()));
  return base::StrCat(ms / kSecond, ".", fraction, "s");
}

void ReadHeader(JsonFields& in, const char* key, std::string& out) {
  in.Text(key, out);
  out = base::ToLower(out);
}

void Read(JsonFields& in, Verification& out) {
  in.Name("scheme", out.scheme, "SCHEME_", kSchemes);
  in.Name("algorithm", out.algorithm, "ALGORITHM_", kAlgorithms);
  in.Name("encoding", out.encoding, "ENCODING_", kEncodings);
  ReadHeader(in, "signature_header", out.signature_header);
  in.Text("signature_prefix", out.signature_prefix);
  in.Text("signed_content", out.signed_content);
  ReadHeader(in, "timestamp_header", out.timestamp_header);
  ReadHeader(in, "id_header", out.id_header);
  in.Text("event_id_pointer", out.event_id_pointer);
  ReadHeader(in, "key_header", out.key_header);
  in.Text("user_name", out.user_name);
  in.Text("certificate_subject", out.certificate_subject);
  ReadDuration(in, "tolerance", out.tolerance);
  in.Text("challenge_pointer", out.challenge_pointer);
  in.Text("challenge_parameter", out.challenge_parameter);
}

Json Write(const Verification& in) {
  Json out = Json::object();
  if (in.scheme == HookScheme::kNone) return out;
  out["scheme"] = Named("SCHEME_", kSchemes, in.scheme);
  out["algorithm"] = Named("ALGORITHM_", kAlgorithms, in.algorithm);
  out["encoding"] = Named("ENCODING_", kEncodings, in.encoding);
  PutText(out, "signature_header", in.signature_header);
  PutText(out, "signature_prefix", in.signature_prefix);
  PutText(out, "signed_content", in.signed_content);
  PutText(out, "timestamp_header", in.timestamp_header);
  PutText(out, "id_header", in.id_header);
  PutText(out, "event_id_pointer", in.event_id_pointer);
  PutText(out, "key_header", in.key_header);
  PutText(out, "user_name", in.user_name);
  PutText(out, "certificate_subject", in.certificate_subject);
  out["tolerance"] = DurationText(in.tolerance);
  PutText(out, "challenge_pointer", in.challenge_pointer);
  PutText(out, "challenge_parameter", in.challenge_parameter);
  return out;
}

void Read(JsonFields& in, ExpenseSettings& out) {
  in.Name("style", out.style, "STYLE_", kStyles);
  in.Text("journal_code", out.journal_code);
  in.Text("card_journal_code", out.card_journal_code);
  in.Text("payable_account_code", out.payable_account_code);
  in.List("categories", out.categories, kCategoriesMax, [](JsonFields& item, CategoryRule& rule) {
    item.Text("category", rule.category);
    item.Text("account_code", rule.account_code);
    item.Text("product_code", rule.product_code);
  });
  in.List("taxes", out.taxes, kTaxesMax, [](JsonFields& item, TaxRule& rule) {
    item.Text("code", rule.code);
    item.Text("tax_name", rule.tax_name);
    item.Text("account_code", rule.account_code);
  });
  in.List("cost_centres", out.cost_centres, kCostCentresMax,
          [](JsonFields& item, CostCentreRule& rule) {
            item.Text("code", rule.code);
            internal::ReadShares(item, rule.analytic);
          });
  in.List("employees", out.employees, kEmployeesMax, [](JsonFields& item, EmployeeRule& rule) {
    item.Text("external_id", rule.external_id);
    item.Text("email", rule.email);
    item.Object("partner",
                [&](JsonFields& ref) { internal::ReadPartnerRef(ref, rule.partner); });
    item.Text("work_email", rule.work_email);
  });
  in.List("cards", out.cards, kCardsMax, [](JsonFields& item, CardRule& rule) {
    item.Text("card", rule.card);
    item.Text("account_code", rule.account_code);
  });
  in.Flag("create_employees", out.create_employees);
  in.Flag("analytic_by_code", out.analytic_by_code);
  in.Flag("refuse_personal", out.refuse_personal);
  in.Flag("refuse_company_card", out.refuse_company_card);
  in.Flag("watch_reimbursement", out.watch_reimbursement);
  in.Flag("receipts_required", out.receipts_required);
  in.Text("reimburse_from", out.reimburse_from);
}

Json Write(const ExpenseSettings& in) {
  Json out = Json::object();
  out["style"] = Named("STYLE_", kStyles, in.style);
  PutText(out, "journal_code", in.journal_code);
  PutText(out, "card_journal_code", in.card_journal_code);
  PutText(out, "payable_account_code", in.payable_account_code);
  PutEach(out, "categories", in.categories, [](const CategoryRule& rule) {
    Json item = {{"category", rule.category}};
    PutText(item, "account_code", rule.account_code);
    PutText(item, "product_code", rule.product_code);
    return item;
  });
  PutEach(out, "taxes", in.taxes, [](const TaxRule& rule) {
    Json item = {{"code", rule.code}};
    PutText(item, "tax_name", rule.tax_name);
    PutText(item, "account_code", rule.account_code);
    return item;
  });
  PutEach(out, "cost_centres", in.cost_centres, [](const CostCentreRule& rule) {
    Json item = {{"code", rule.code}};
    PutEach(item, "analytic", rule.analytic, internal::WriteShare);
    return item;
  });
  PutEach(out, "employees", in.employees, [](const EmployeeRule& rule) {
    Json item = Json::object();
    PutText(item, "external_id", rule.external_id);
    PutText(item, "email", rule.email);
    PutObject(item, "partner", internal::WritePartnerRef(rule.partner));
    PutText(item, "work_email", rule.work_email);
    return item;
  });
  PutEach(out, "cards", in.cards, [](const CardRule& rule) {
    return Json{{"card", rule.card}, {"account_code", rule.account_code}};
  });
  PutFlag(out, "create_employees", in.create_employees);
  PutFlag(out, "analytic_by_code", in.analytic_by_code);
  PutFlag(out, "refuse_personal", in.refuse_personal);
  PutFlag(out, "refuse_company_card", in.refuse_company_card);
  PutFlag(out, "watch_reimbursement", in.watch_reimbursement);
  PutFlag(out, "receipts_required", in.receipts_required);
  PutText(out, "reimburse_from", in.reimburse_from);
  return out;
}

void Read(JsonFields& in, PlatformSettings& out) {
  in.Text("base_url", out.base_url);
  in.Text("token_url", out.token_url);
  in.Text("client_id", out.client_id);
  in.Text("client_secret", out.client_secret);
  in.Text("refresh_token", out.refresh_token);
  in.Text("company", out.company);
  ReadDuration(in, "poll_interval", out.poll_interval);
  in.Text("receipt_url", out.receipt_url);
  in.Flag("push_reference_data", out.push_reference_data);
}

Json Write(const PlatformSettings& in, bool with_secrets) {
  Json out = Json::object();
  PutText(out, "base_url", in.base_url);
  PutText(out, "token_url", in.token_url);
  PutText(out, "client_id", in.client_id);
  if (with_secrets) PutText(out, "client_secret", in.client_secret);
  if (with_secrets) PutText(out, "refresh_token", in.refresh_token);
  PutText(out, "company", in.company);
  if (!in.base_url.empty()) out["poll_interval"] = DurationText(in.poll_interval);
  PutText(out, "receipt_url", in.receipt_url);
  PutFlag(out, "push_reference_data", in.push_reference_data);
  return out;
}

void Read(JsonFields& in, Source& out) {
  in.Text("id", out.id);
  in.Text("name", out.name);
  in.Text("description", out.description);
  in.Text("adapter", out.adapter);
  in.Text("entity", out.entity);
  in.Object("verification", [&](JsonFields& part) { Read(part, out.verification); });
  in.Text("mapping", out.mapping);
  in.Object("expense", [&](JsonFields& part) { Read(part, out.expense); });
  in.Object("platform", [&](JsonFields& part) { Read(part, out.platform); });
  in.Texts("allowed_networks", out.allowed_networks);
  in.Whole("messages_per_second", out.messages_per_second);
  in.Whole("body_bytes_max", out.body_bytes_max);
  in.Whole("version", out.version);
  for (const char* ours : {"state", "hook_path", "check_time", "create_time", "update_time"}) {
    in.Skip(ours);
  }
}

Json Write(const Source& in, bool with_secrets) {
  Json out = {{"id", in.id},
              {"name", in.name},
              {"adapter", in.adapter},
              {"entity", in.entity},
              {"messages_per_second", in.messages_per_second},
              {"body_bytes_max", base::StrCat(in.body_bytes_max)},
              {"expense", Write(in.expense)}};
  PutText(out, "description", in.description);
  PutObject(out, "verification", Write(in.verification));
  PutText(out, "mapping", in.mapping);
  PutObject(out, "platform", Write(in.platform, with_secrets));
  if (!in.allowed_networks.empty()) out["allowed_networks"] = in.allowed_networks;
  return out;
}

}  // namespace

namespace internal {

void ReadPartnerRef(JsonFields& in, PartnerRef& out) {
  in.Text("reference", out.reference);
  in.Whole("odoo_id", out.odoo_id);
  in.Text("vat", out.vat);
}
Json WritePartnerRef(const PartnerRef& ref) {
  Json out = Json::object();
  PutText(out, "reference", ref.reference);
  if (ref.odoo_id != 0) out["odoo_id"] = base::StrCat(ref.odoo_id);
  PutText(out, "vat", ref.vat);
  return out;
}
void ReadShares(JsonFields& in, std::vector<AnalyticShare>& out) {
  in.List("analytic", out, kSharesPerLineMax, [](JsonFields& item, AnalyticShare& share) {
    item.Text("account_code", share.account_code);
    std::optional<Decimal> percentage;
    item.Number("percentage", percentage);
    share.percentage = percentage.value_or(Decimal());
  });
}
Json WriteShare(const AnalyticShare& share) {
  return {{"account_code", share.account_code}, {"percentage", share.percentage.ToString()}};
}

}  // namespace internal

std::string_view NameOf(SourceState state) { return kStates[static_cast<size_t>(state)]; }
std::string_view NameOf(HookScheme scheme) { return kSchemes[static_cast<size_t>(scheme)]; }

Source ReadSource(std::string_view json, std::vector<Finding>* findings) {
  Source source;
  Findings found;
  const Json body = Json::parse(json, nullptr, false);
  if (body.is_discarded()) {
    found.Add(base::Reason::kJsonInvalid, "source", "is no JSON");
  } else {
    JsonFields fields(body, "source", found);
    Read(fields, source);
    fields.Finish();
  }
  *findings = found.Take();
  return source;
}

std::string WriteSource(const Source& source) {
  Json out = Write(source, false);
  out["state"] = base::StrCat("STATE_", NameOf(source.state));
  if (source.verification.scheme != HookScheme::kNone) {
    out["hook_path"] = base::StrCat("/hooks/", source.name);
  }
  if (source.checked) out["check_time"] = base::FormatInstant(*source.checked);
  out["create_time"] = base::FormatInstant(source.created);
  out["update_time"] = base::FormatInstant(source.updated);
  out["version"] = base::StrCat(source.version);
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string SourceBody(const Source& source) {
  Json secrets = Json::array();
  for (const SourceSecret& secret : source.secrets) {
    secrets.push_back({{"secret", secret.secret},
                       {"expires", secret.expires ? base::FormatInstant(*secret.expires) : ""}});
  }
  const Json body = {{"source", Write(source, true)},
                     {"state", std::string(NameOf(source.state))},
                     {"before_pause", std::string(NameOf(source.before_pause))},
                     {"paused_for_check", source.paused_for_check},
                     {"secrets", std::move(secrets)},
                     {"checked", source.checked ? base::FormatInstant(*source.checked) : ""}};
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<Source> SourceFromBody(std::string_view text) {
  const auto unreadable = [] {
    return base::Error(base::Reason::kInternal).Says("a source's row is unreadable");
  };
  const Json body = Json::parse(text, nullptr, false);
  if (!body.is_object() || !body.contains("source")) return unreadable();
  Findings found;
  Source source;
  JsonFields all(body, "", found);
  all.Object("source", [&](JsonFields& part) { Read(part, source); });
  all.Name("state", source.state, "", kStates);
  all.Name("before_pause", source.before_pause, "", kStates);
  all.Flag("paused_for_check", source.paused_for_check);
  all.Parsed("checked", source.checked, base::ParseInstant);
  all.List("secrets", source.secrets, SIZE_MAX, [](JsonFields& item, SourceSecret& secret) {
    item.Text("secret", secret.secret);
    item.Parsed("expires", secret.expires, base::ParseInstant);
  });
  all.Finish();
  if (!found.IsEmpty()) return unreadable();
  return source;
}

std::vector<std::string> SecretsAt(const Source& source, absl::Time now) {
  std::vector<std::string> secrets;
  for (const SourceSecret& secret : source.secrets) {
    if (!secret.expires || *secret.expires > now) secrets.push_back(secret.secret);
  }
  return secrets;
}

bool NeedsCheckAgain(const Source& before, const Source& after) {
  return before.entity != after.entity || before.adapter != after.adapter ||
         before.mapping != after.mapping ||
         Write(before.verification) != Write(after.verification) ||
         before.platform.base_url != after.platform.base_url;
}

bool IsCheckedAlike(const Source& checked, const Source& stored) {
  Source same = stored;
  same.state = checked.state;
  same.before_pause = checked.before_pause;
  same.paused_for_check = checked.paused_for_check;
  same.checked = checked.checked;
  return SourceBody(same) == SourceBody(checked);
}

}  // namespace kontor::model
