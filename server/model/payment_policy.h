// SPDX-License-Identifier: Apache-2.0
// What people laid down about payments, as versioned data: who must approve, which way a payment
// goes, what makes one suspicious, which lists are screened against. One person proposes a version,
// another activates it, and every decision names the version that it went by. Pure evaluation.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/decimal.h"
#include "server/model/finding.h"
#include "server/model/money.h"

namespace kontor::model {

/// ObjectRow::kind of versions; their name is `<kind>/v<number>`.
inline constexpr char kPaymentPolicyKind[] = "payment_policy";
inline constexpr std::string_view kPaymentPolicyPrefix = "ppv_";
inline constexpr size_t kPolicyBytesMax = 256UL << 10;

enum class PolicyKind {
  kApproval,   ///< {"steps":[ApprovalStep …]}
  kRouting,    ///< {"routes":[Route …]}
  kChecks,     ///< CheckRules
  kLists,      ///< {"lists":[ScreeningList …], "threshold_percent":N, "stale_after_days":N}
};
/// "approval", "routing", "checks", "lists".
std::string_view NameOf(PolicyKind kind);
std::optional<PolicyKind> ParsePolicyKind(std::string_view name);

enum class PolicyState { kProposed, kActive, kRetired, kDeclined };
std::string_view NameOf(PolicyState state);

/// One version. `content` is the JSON that its proposer sent.
struct PaymentPolicy {
  std::string id;               ///< ppv_…
  PolicyKind kind = PolicyKind::kApproval;
  int64_t number = 0;           ///< 1, 2, 3 … within the kind.
  PolicyState state = PolicyState::kProposed;
  std::string content;
  std::string digest;           ///< Hex SHA-256 of the content.
  std::string proposer_id;
  std::string proposer;
  std::string reason;           ///< The proposer's.
  std::string decider_id;       ///< Who activated or declined it.
  std::string decider;
  absl::Time created;
  std::optional<absl::Time> decided;
  int64_t version = 0;          ///< Of the row.
  /// "approval/v3".
  std::string Name() const;
};
std::string PaymentPolicyBody(const PaymentPolicy& policy);
/// INTERNAL when it is not one of PaymentPolicyBody's.
absl::StatusOr<PaymentPolicy> PaymentPolicyFromBody(std::string_view body);

/// Who must approve orders of this sort; the first step that fits an order holds.
struct ApprovalStep {
  std::string name;
  std::string entity;                       ///< Empty: any. So too below.
  std::string currency_code;
  std::optional<base::Decimal> amount_from; ///< Order's total, at least; needs currency_code.
  std::optional<base::Decimal> amount_to;   ///< At most.
  int approvals = 2;                        ///< Different persons; 1 to 5.
  std::vector<std::string> approvers;       ///< Names of persons; empty: everyone with the role.
};

/// Which way a payment goes; the first route that fits holds.
struct Route {
  std::string name;
  std::string entity;
  std::string currency_code;
  std::vector<std::string> creditor_countries;  ///< Of the IBAN, else of the address.
  std::optional<base::Decimal> amount_from;     ///< Of one payment; needs currency_code.
  std::optional<base::Decimal> amount_to;
  std::string urgency;                      ///< NORMAL, URGENT, INSTANT; empty: any.
  std::string account;                      ///< Name of our account; required.
  std::string dialect;                      ///< Empty: the account's.
  /// Channel for orders that provably did not go by the account's own; empty: none.
  std::string fallback_channel;
  std::string service_level;
  std::string local_instrument;
  std::string charge_bearer;                ///< DEBT, CRED, SHAR, SLEV or empty.
  bool batch_booking = false;
  bool uetr = false;                        ///< Gives each payment a UETR.
};

struct CheckRules {
  int duplicate_window_days = 90;           ///< 1 to 400.
  /// First payment to a creditor's account, beside the confirmation that each account needs.
  bool hold_new_accounts = false;
  int changed_account_days = 30;            ///< Holds payments to accounts changed since; 0: off.
  /// Holds a payment above so many times the creditor's largest so far; 0: off.
  base::Decimal unusual_factor;
  std::string hours_from;                   ///< "HH:MM"; orders made outside hold. Empty: off.
  std::string hours_to;
  std::string time_zone = "UTC";
  int velocity_count = 0;                   ///< More payments to one account in the window hold.
  int velocity_days = 7;                    ///< 0 as count: off.
};

struct ScreeningList {
  std::string name;      ///< Such as ofac-sdn.
  /// OFAC_SDN_XML, OFAC_SDN_ADVANCED_XML, OFAC_SDN_CSV, OFAC_ALT_CSV, EU_XML, UN_XML.
  std::string format;
  std::string file;      ///< The name that it had when it was imported.
  std::string sha256;    ///< Hex; of the bytes that were imported.
  int stale_after_days = 0;  ///< 0: as for all lists.
};
struct ScreeningRules {
  std::vector<ScreeningList> lists;
  int threshold_percent = 85;               ///< Likeness of names that holds; 50 to 100.
  int stale_after_days = 7;                 ///< 0: never.
};

/// Read a content; everything wrong becomes a finding, fields from the top of the content. Pure.
std::vector<ApprovalStep> ReadApprovalSteps(std::string_view json, std::vector<Finding>* findings);
std::vector<Route> ReadRoutes(std::string_view json, std::vector<Finding>* findings);
CheckRules ReadCheckRules(std::string_view json, std::vector<Finding>* findings);
ScreeningRules ReadScreeningRules(std::string_view json, std::vector<Finding>* findings);
/// All findings of a content of that kind.
std::vector<Finding> ValidatePolicy(PolicyKind kind, std::string_view json);

/// nullptr: no step covers it.
const ApprovalStep* StepFor(const std::vector<ApprovalStep>& steps, std::string_view entity,
                            const Money& total);

/// What a payment is, for routing.
struct RouteQuestion {
  std::string entity;
  Money amount;
  std::string creditor_country;
  std::string urgency = "NORMAL";
  std::string account;       ///< Asked for; empty: any.
};
struct RouteVerdict {
  std::string route;
  bool fits = false;
  std::string why;           ///< In words: the first thing that does not fit, or that all fits.
};
struct RouteAnswer {
  const Route* route = nullptr;
  std::vector<RouteVerdict> verdicts;  ///< In the policy's order, up to the one that fits.
};
RouteAnswer ExplainRoute(const std::vector<Route>& routes, const RouteQuestion& question);

/// One place in which two contents differ, by JSON Pointer; empty before: added.
struct PolicyChange {
  std::string path;
  std::string before;
  std::string after;
};
std::vector<PolicyChange> DiffPolicies(std::string_view before, std::string_view after);

}  // namespace kontor::model
