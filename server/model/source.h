// SPDX-License-Identifier: Apache-2.0
// A source: where documents come from by themselves, how its messages are verified, and how its
// expense reports become documents. Plain values and their JSON; proto/kontor/v1/source.proto
// documents the fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/model/document.h"
#include "server/model/finding.h"

namespace kontor::model {

/// ObjectRow::kind of sources.
inline constexpr char kSourceKind[] = "source";
inline constexpr int64_t kHookBytesMax = 16LL << 20;
inline constexpr size_t kMappingBytesMax = 64UL << 10;

enum class SourceState { kTest, kLive, kPaused };
std::string_view NameOf(SourceState state);

enum class HookScheme { kNone, kHmac, kStandardWebhooks, kBasic, kApiKey, kMutualTls };
std::string_view NameOf(HookScheme scheme);
enum class HookAlgorithm { kSha256, kSha512 };
enum class HookEncoding { kHex, kBase64 };

struct Verification {
  HookScheme scheme = HookScheme::kNone;
  HookAlgorithm algorithm = HookAlgorithm::kSha256;
  HookEncoding encoding = HookEncoding::kHex;
  std::string signature_header;  ///< Header names are in lower case here.
  std::string signature_prefix;
  std::string signed_content;    ///< With {body}, {timestamp}, {id}; empty: {body}.
  std::string timestamp_header;
  std::string id_header;
  std::string event_id_pointer;
  std::string key_header;
  std::string user_name;
  std::string certificate_subject;
  absl::Duration tolerance = absl::Minutes(5);
  std::string challenge_pointer;
  std::string challenge_parameter;
};

/// Whether the scheme has a secret that kontor keeps.
bool HasSecret(HookScheme scheme);

enum class ExpenseStyle { kVendorBill, kJournalEntry, kOdooExpense };
struct CategoryRule {
  std::string category;
  std::string account_code;
  std::string product_code;
};
struct TaxRule {
  std::string code;
  std::string tax_name;
  std::string account_code;
};
struct CostCentreRule {
  std::string code;
  std::vector<AnalyticShare> analytic;
};
struct EmployeeRule {
  std::string external_id;
  std::string email;
  PartnerRef partner;
  std::string work_email;  ///< In Odoo; empty: the report's.
};
struct CardRule {
  std::string card;
  std::string account_code;
};
struct ExpenseSettings {
  ExpenseStyle style = ExpenseStyle::kVendorBill;
  std::string journal_code;
  std::string card_journal_code;
  std::string payable_account_code;
  std::vector<CategoryRule> categories;
  std::vector<TaxRule> taxes;
  std::vector<CostCentreRule> cost_centres;
  std::vector<EmployeeRule> employees;
  std::vector<CardRule> cards;
  bool create_employees = false;
  bool analytic_by_code = false;
  bool refuse_personal = false;
  bool refuse_company_card = false;
  bool watch_reimbursement = false;
  bool receipts_required = false;
  std::string reimburse_from;  ///< Own account; empty: somebody else sees to it.
};

struct PlatformSettings {
  std::string base_url;
  std::string token_url;
  std::string client_id;
  std::string client_secret;
  std::string refresh_token;
  std::string company;
  absl::Duration poll_interval = absl::Minutes(5);
  std::string receipt_url;
  bool push_reference_data = false;
};

/// The newest secret has no end.
struct SourceSecret {
  std::string secret;
  std::optional<absl::Time> expires;
};

struct Source {
  std::string id;
  std::string name;
  std::string description;
  std::string adapter;
  std::string entity;
  SourceState state = SourceState::kTest;
  SourceState before_pause = SourceState::kTest;
  bool paused_for_check = false;  ///< Paused by kontor: what was changed is not checked yet.
  Verification verification;
  std::string mapping;
  ExpenseSettings expense;
  PlatformSettings platform;
  std::vector<std::string> allowed_networks;
  int messages_per_second = 100;
  int64_t body_bytes_max = 1 << 20;
  std::vector<SourceSecret> secrets;
  std::optional<absl::Time> checked;
  absl::Time created;
  absl::Time updated;
  int64_t version = 0;
};

/// Reads what a caller may say of a source, in the contract's JSON (snake_case). Everything that is
/// wrong becomes a finding. Pure.
Source ReadSource(std::string_view json, std::vector<Finding>* findings);
/// What may be answered of a source: no secrets. Pure.
std::string WriteSource(const Source& source);
/// Shapes and limits of a source; field paths below `source`. Pure.
std::vector<Finding> ValidateSource(const Source& source);

/// The body of the row that keeps a source, with its secrets: for the sealed column alone.
std::string SourceBody(const Source& source);
/// INTERNAL when it is not one of SourceBody's.
absl::StatusOr<Source> SourceFromBody(std::string_view body);

/// Secrets that count at `now`, newest first.
std::vector<std::string> SecretsAt(const Source& source, absl::Time now);
/// Whether another entity, adapter, mapping or verification makes the old checks worthless.
bool NeedsCheckAgain(const Source& before, const Source& after);
/// Whether the checks of one are those of the other: the same settings and secrets, wherever they
/// stand.
bool IsCheckedAlike(const Source& checked, const Source& stored);

}  // namespace kontor::model
