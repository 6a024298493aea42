// SPDX-License-Identifier: Apache-2.0
// What a source must have to be of use. The mapping file's own rules are the adapter's.
#include <algorithm>
#include <set>

#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/model/internal/json_fields.h"
#include "server/model/source.h"

namespace kontor::model {
namespace {

using base::Reason;
using base::StrCat;
using internal::Findings;
using internal::FieldAt;

constexpr int kNameCharactersMax = 64;
constexpr int kDescriptionCharactersMax = 200;
constexpr int kHeaderCharactersMax = 100;
constexpr int kTextCharactersMax = 500;
constexpr int kCodeCharactersMax = 200;
constexpr int kUrlCharactersMax = 2000;
constexpr size_t kNetworksMax = 50;
constexpr int kPerSecondMax = 100'000;
constexpr int64_t kBodyBytesMin = 1024;

void CheckName(const std::string& name, Findings& findings) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  if (name.empty()) {
    findings.Add(Reason::kFieldMissing, "source.name", "The source has no name");
  } else if (name.size() > kNameCharactersMax || !std::all_of(name.begin(), name.end(), fits)) {
    findings.Add(Reason::kFieldInvalid, "source.name",
                 "A name has 1 to 64 of a-z, 0-9 and '-'");
  }
}

void CheckHeader(const std::string& header, bool required, const std::string& field,
                 Findings& findings) {
  if (header.empty()) {
    if (required) findings.Add(Reason::kFieldMissing, field, "The scheme needs this header");
    return;
  }
  const auto token = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  if (header.size() > kHeaderCharactersMax || !std::all_of(header.begin(), header.end(), token)) {
    findings.Add(Reason::kFieldInvalid, field,
                 "A header's name has letters, digits, '-' and '_' only");
  }
}

void CheckPointer(const std::string& pointer, const std::string& field, Findings& findings) {
  if (!pointer.empty() && pointer.front() != '/') {
    findings.Add(Reason::kFieldInvalid, field, "A JSON Pointer begins with '/'");
  }
  findings.Text(pointer, kTextCharactersMax, field);
}

void CheckVerification(const Verification& in, Findings& findings) {
  const std::string at = "source.verification.";
  const bool hmac = in.scheme == HookScheme::kHmac;
  CheckHeader(in.signature_header, hmac, at + "signature_header", findings);
  CheckHeader(in.timestamp_header, false, at + "timestamp_header", findings);
  CheckHeader(in.id_header, false, at + "id_header", findings);
  CheckHeader(in.key_header, in.scheme == HookScheme::kApiKey, at + "key_header", findings);
  if (hmac && !in.signed_content.empty() &&
      in.signed_content.find("{body}") == std::string::npos) {
    findings.Add(Reason::kFieldInvalid, at + "signed_content",
                 "What is signed must have {body} in it: anything else lets the body be changed");
  }
  if (hmac && in.signed_content.find("{timestamp}") != std::string::npos &&
      in.timestamp_header.empty()) {
    findings.Add(Reason::kFieldMissing, at + "timestamp_header", "{timestamp} needs its header");
  }
  if (hmac && !in.timestamp_header.empty() &&
      in.signed_content.find("{timestamp}") == std::string::npos) {
    findings.Add(Reason::kFieldConflict, at + "timestamp_header",
                 "A time that is not signed can be changed with a replay: put {timestamp} into "
                 "signed_content, or leave the header out");
  }
  if (hmac && in.signed_content.find("{id}") != std::string::npos && in.id_header.empty()) {
    findings.Add(Reason::kFieldMissing, at + "id_header", "{id} needs its header");
  }
  findings.Text(in.signed_content, kTextCharactersMax, at + "signed_content");
  findings.Text(in.signature_prefix, kHeaderCharactersMax, at + "signature_prefix");
  if (in.scheme == HookScheme::kBasic) {
    findings.RequiredText(in.user_name, kHeaderCharactersMax, at + "user_name");
    if (in.user_name.find(':') != std::string::npos) {
      findings.Add(Reason::kFieldInvalid, at + "user_name", "A user's name has no colon");
    }
  }
  if (in.scheme == HookScheme::kMutualTls) {
    findings.RequiredText(in.certificate_subject, kTextCharactersMax, at + "certificate_subject");
  }
  if (in.tolerance < absl::Seconds(1) || in.tolerance > absl::Hours(1)) {
    findings.Add(Reason::kFieldInvalid, at + "tolerance", "1 s to 1 h");
  }
  CheckPointer(in.event_id_pointer, at + "event_id_pointer", findings);
  CheckPointer(in.challenge_pointer, at + "challenge_pointer", findings);
  findings.Text(in.challenge_parameter, kHeaderCharactersMax, at + "challenge_parameter");
}

template <typename Rule, typename KeyOf>
void CheckKeys(const std::vector<Rule>& rules, const std::string& list, std::string_view member,
               KeyOf key_of, Findings& findings) {
  std::set<std::string> seen;
  for (size_t i = 0; i < rules.size(); ++i) {
    const std::string& key = key_of(rules[i]);
    const std::string at = FieldAt(list, i, member);
    findings.RequiredText(key, kCodeCharactersMax, at);
    if (!key.empty() && !seen.insert(key).second) {
      findings.Add(Reason::kFieldConflict, at, "There are two rules for it", key);
    }
  }
}

void CheckExpense(const ExpenseSettings& in, Findings& findings) {
  const std::string at = "source.expense.";
  CheckKeys(in.categories, at + "categories", "category",
            [](const CategoryRule& rule) -> const std::string& { return rule.category; },
            findings);
  for (size_t i = 0; i < in.categories.size(); ++i) {
    if (in.categories[i].account_code.empty() && in.categories[i].product_code.empty()) {
      findings.Add(Reason::kFieldMissing, FieldAt(at + "categories", i, "account_code"),
                   "A category needs an account or a product");
    }
  }
  CheckKeys(in.taxes, at + "taxes", "code",
            [](const TaxRule& rule) -> const std::string& { return rule.code; }, findings);
  CheckKeys(in.cost_centres, at + "cost_centres", "code",
            [](const CostCentreRule& rule) -> const std::string& { return rule.code; }, findings);
  for (size_t i = 0; i < in.cost_centres.size(); ++i) {
    internal::ValidateAnalytic(in.cost_centres[i].analytic,
                               FieldAt(at + "cost_centres", i, "analytic"), findings);
  }
  CheckKeys(in.cards, at + "cards", "card",
            [](const CardRule& rule) -> const std::string& { return rule.card; }, findings);
  for (size_t i = 0; i < in.cards.size(); ++i) {
    findings.RequiredText(in.cards[i].account_code, kReferenceMax,
                          FieldAt(at + "cards", i, "account_code"));
  }
  for (size_t i = 0; i < in.employees.size(); ++i) {
    const EmployeeRule& rule = in.employees[i];
    if (rule.external_id.empty() && rule.email.empty()) {
      findings.Add(Reason::kFieldMissing, FieldAt(at + "employees", i, "external_id"),
                   "An employee is named by id or e-mail address");
    }
    internal::ValidatePartnerRef(rule.partner, in.style != ExpenseStyle::kOdooExpense,
                                 FieldAt(at + "employees", i, "partner"), findings);
    findings.Text(rule.work_email, kCodeCharactersMax, FieldAt(at + "employees", i, "work_email"));
  }
  if (in.style == ExpenseStyle::kJournalEntry && in.payable_account_code.empty()) {
    findings.Add(Reason::kFieldMissing, at + "payable_account_code",
                 "Journal entries need the payable account");
  }
  if (in.style == ExpenseStyle::kJournalEntry && in.watch_reimbursement) {
    findings.Add(Reason::kFieldConflict, at + "watch_reimbursement",
                 "Odoo does not say of a journal entry that it is paid; take bills or Odoo's own "
                 "expenses, or do not watch");
  }
  const bool watched_bill = in.style == ExpenseStyle::kVendorBill && in.watch_reimbursement;
  if (!in.reimburse_from.empty() && !watched_bill) {
    findings.Add(Reason::kFieldConflict, at + "reimburse_from",
                 "Only vendor bills become payment orders, and only where watch_reimbursement "
                 "sees how they end");
  }
  findings.Text(in.reimburse_from, kReferenceMax, at + "reimburse_from");
  for (size_t i = 0; in.style == ExpenseStyle::kOdooExpense && i < in.categories.size(); ++i) {
    if (!in.categories[i].product_code.empty()) continue;
    findings.Add(Reason::kFieldMissing, FieldAt(at + "categories", i, "product_code"),
                 "Odoo's own expenses need a product of Odoo for every category");
  }
  findings.Text(in.journal_code, kReferenceMax, at + "journal_code");
  findings.Text(in.card_journal_code, kReferenceMax, at + "card_journal_code");
  findings.Text(in.payable_account_code, kReferenceMax, at + "payable_account_code");
}

void CheckPlatform(const Source& source, Findings& findings) {
  const PlatformSettings& in = source.platform;
  const std::string at = "source.platform.";
  const bool calls = source.adapter == "concur" || source.adapter == "ramp";
  if (calls) {
    findings.RequiredText(in.base_url, kUrlCharactersMax, at + "base_url");
    findings.RequiredText(in.client_id, kTextCharactersMax, at + "client_id");
    findings.RequiredText(in.client_secret, kTextCharactersMax * 4, at + "client_secret");
  }
  for (const auto& [url, name] : {std::pair(&in.base_url, "base_url"),
                                  std::pair(&in.token_url, "token_url"),
                                  std::pair(&in.receipt_url, "receipt_url")}) {
    if (!url->empty() && !url->starts_with("https://") && !url->starts_with("http://")) {
      findings.Add(Reason::kFieldInvalid, at + name, "It must be an http or https URL");
    }
  }
  if (in.poll_interval < absl::Seconds(1) || in.poll_interval > absl::Hours(24)) {
    findings.Add(Reason::kFieldInvalid, at + "poll_interval", "1 s to 24 h");
  }
}

}  // namespace

bool HasSecret(HookScheme scheme) {
  return scheme != HookScheme::kNone && scheme != HookScheme::kMutualTls;
}

std::vector<Finding> ValidateSource(const Source& source) {
  Findings findings;
  CheckName(source.name, findings);
  findings.Text(source.description, kDescriptionCharactersMax, "source.description");
  constexpr std::array<std::string_view, 4> kAdapters = {"canonical", "generic", "concur", "ramp"};
  if (std::find(kAdapters.begin(), kAdapters.end(), source.adapter) == kAdapters.end()) {
    findings.Add(Reason::kFieldInvalid, "source.adapter",
                 StrCat("The adapter is one of ", base::StrJoin(kAdapters, ", ")), source.adapter);
  }
  findings.RequiredText(source.entity, kReferenceMax, "source.entity");
  CheckVerification(source.verification, findings);
  if (source.mapping.size() > kMappingBytesMax) {
    findings.Add(Reason::kFieldTooLong, "source.mapping", "A mapping file has 64 KiB at most");
  }
  if (source.adapter == "generic" && source.mapping.empty()) {
    findings.Add(Reason::kFieldMissing, "source.mapping", "The generic adapter needs a mapping");
  }
  CheckExpense(source.expense, findings);
  CheckPlatform(source, findings);
  if (source.allowed_networks.size() > kNetworksMax) {
    findings.Add(Reason::kFieldTooLong, "source.allowed_networks", "At most 50 networks");
  }
  if (source.messages_per_second < 1 || source.messages_per_second > kPerSecondMax) {
    findings.Add(Reason::kFieldInvalid, "source.messages_per_second", "1 to 100000");
  }
  if (source.body_bytes_max < kBodyBytesMin || source.body_bytes_max > kHookBytesMax) {
    findings.Add(Reason::kFieldInvalid, "source.body_bytes_max", "1024 to 16777216");
  }
  return findings.Take();
}

}  // namespace kontor::model
