// SPDX-License-Identifier: Apache-2.0
// What a person may do about an order; how such cases stand is in engine/flow_cases.cc.
#include <algorithm>
#include <array>

#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {
namespace {

using model::Resolution;

/// What two people may let pass with the order.
constexpr std::array kAcceptable = {Reason::kPaymentDuplicate, Reason::kFraudRule,
                                    Reason::kListStale};
/// What holds until it is decided where it stands: accounts are confirmed, hits cleared. Letting it
/// pass with one order would go around that.
constexpr std::array kDecidedElsewhere = {Reason::kBeneficiaryUnconfirmed,
                                          Reason::kBeneficiaryChanged, Reason::kScreeningHit};

template <size_t N>
bool IsOneOf(const std::array<Reason, N>& reasons, const Finding& finding) {
  return std::ranges::any_of(
      reasons, [&](Reason reason) { return base::EntryOf(reason).name == finding.reason; });
}

std::vector<model::SuggestedAction> ActionsFor(const Flow& flow,
                                               const std::vector<Finding>& findings) {
  if (flow.state() == State::kReleased) {
    return {{Resolution::kRetry, "Looks at the channel again, after something was mended.", false}};
  }
  if (!IsBeforeRelease(flow.state())) {
    return {{Resolution::kRetry, "Takes note of it; the payments stay as they are.", false}};
  }
  std::vector<model::SuggestedAction> actions = {
      {Resolution::kRetry, "Looks at the order again, after something was mended.", false},
      {Resolution::kReject, "Cancels the order; nothing of it is paid.", false}};
  const bool acceptable =
      model::HasErrors(findings) && std::all_of(findings.begin(), findings.end(), IsAcceptable);
  if (acceptable) {
    actions.push_back({Resolution::kAccept, "Goes on in spite of the findings.", true});
  }
  return actions;
}

}  // namespace

bool IsAcceptable(const Finding& finding) {
  if (finding.severity != model::Severity::kError) return true;
  return IsOneOf(kAcceptable, finding);
}

bool Holds(const Finding& finding) {
  return finding.severity == model::Severity::kError &&
         (IsOneOf(kAcceptable, finding) || IsOneOf(kDecidedElsewhere, finding));
}

std::string AcceptKey(const Finding& finding) {
  // The message is part of it: another hit on the same payment is another decision.
  return StrCat(finding.reason, "@", finding.field, "@", finding.message);
}

absl::Status PutCase(Loop& loop, ports::Unit& unit, Flow& flow, std::vector<Finding> findings,
                     bool technical) {
  engine::FlowCase flow_case;
  flow_case.subject = flow.row.id;
  flow_case.entity = flow.row.entity;
  flow_case.correlation_id = flow.body.correlation_id;
  if (technical) flow_case.owner_role = "operator";
  flow_case.barred = flow.body.preparer_id;
  flow_case.technical = technical;
  flow_case.findings = findings;
  flow_case.actions = ActionsFor(flow, findings);
  flow.body.findings = std::move(findings);
  return engine::PutFlowCase(loop.Desk(), unit, std::move(flow_case), &flow.body.exception_id);
}

absl::Status CloseCase(Loop& loop, ports::Unit& unit, Flow& flow, std::string_view why) {
  if (flow.body.exception_id.empty()) return absl::OkStatus();
  flow.body.findings.clear();
  return engine::CloseFlowCase(loop.Desk(), unit, flow.body.correlation_id, why,
                               &flow.body.exception_id);
}

}  // namespace kontor::payment_orders
