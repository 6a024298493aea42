// SPDX-License-Identifier: Apache-2.0
// How far a channel is, in words: what each point was proven by, or what brings it about.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/base/strings.h"
#include "server/engine/banks/banks.h"

namespace kontor::banks {
namespace {

using base::StrCat;
using nlohmann::json;

constexpr size_t kSigners = 2;

struct Words {
  Point point;
  const char* proven;
  const char* missing;
};
constexpr Words kWords[] = {
    {Point::kKeys, "The bank was reached, and the channel's keys are right.",
     "Nobody has seen yet that the bank is reached and the channel's keys are right."},
    {Point::kTestPayment, "A test order left by the channel.",
     "No order that is marked as a test has left by the channel."},
    {Point::kStatus, "The bank's status of a test order came by the channel.",
     "No status of a test order that the bank does not refuse has come by the channel."},
    {Point::kStatement, "A statement that proves itself came by the channel.",
     "No statement that proves itself has come by the channel."},
};

/// The command that brings a point about.
std::string NextFor(const Onboarding& onboarding, Point point) {
  const std::string& name = onboarding.channel.name;
  switch (point) {
    case Point::kKeys:
      if (onboarding.findings.empty() || model::HasErrors(onboarding.findings)) {
        return StrCat("kontorctl bank onboard ", name);
      }
      return NextFor(onboarding, Point::kTestPayment);
    case Point::kTestPayment:
      if (onboarding.test_account.empty()) {
        return StrCat("kontorctl bank create-account --account.channel ", name, " …");
      }
      return StrCat("kontorctl payment-order create --test --entity ", onboarding.test_entity,
                    " --account ", onboarding.test_account, " --payments …");
    case Point::kStatus:
    case Point::kStatement: break;
  }
  return StrCat("kontorctl statement list-bank-files --channel ", name);
}

json PointJson(const Onboarding& onboarding, const Words& words) {
  const auto& proof = onboarding.proofs[static_cast<size_t>(words.point)];
  json out = {{"name", std::string(NameOf(words.point))},
              {"done", proof.has_value()},
              {"detail", proof ? words.proven : words.missing}};
  if (proof) {
    if (!proof->reference.empty()) out["reference"] = proof->reference;
    out["time"] = base::FormatInstant(proof->time);
    return out;
  }
  if (words.point == Point::kKeys && !onboarding.findings.empty()) {
    std::vector<std::string> problems;
    for (const model::Finding& finding : onboarding.findings) problems.push_back(finding.message);
    out["detail"] = base::StrJoin(problems, "; ");
  }
  out["next"] = NextFor(onboarding, words.point);
  return out;
}

json SignaturesJson(const Onboarding& onboarding) {
  const auto& signers = onboarding.channel.signers;
  const bool done = signers.size() >= kSigners;
  json out = {{"name", "SIGNATURES"},
              {"done", done},
              {"detail", done ? StrCat("Signed by ", base::StrJoin(signers, " and "), ".")
                         : signers.empty()
                             ? std::string("Two persons must sign.")
                             : StrCat("Signed by ", signers.front(), "; another person must.")}};
  if (!done) {
    out["next"] =
        StrCat("kontorctl bank onboard ", onboarding.channel.name, " --sign --reason TEXT");
  }
  return out;
}

}  // namespace

std::string WriteOnboarding(const Onboarding& onboarding) {
  json out = {{"channel", onboarding.channel.name},
              {"state", StrCat("STATE_", model::NameOf(onboarding.channel.state))},
              {"points", json::array()}};
  for (const Words& words : kWords) out["points"].push_back(PointJson(onboarding, words));
  out["points"].push_back(SignaturesJson(onboarding));
  if (!onboarding.waived_by.empty()) out["waived_by"] = onboarding.waived_by;
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace kontor::banks
