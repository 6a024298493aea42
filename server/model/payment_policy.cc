// SPDX-License-Identifier: Apache-2.0
// What policies say of an order or a payment, and why.
#include "server/model/payment_policy.h"

#include <algorithm>

#include "server/base/strings.h"

namespace kontor::model {
namespace {

using base::Decimal;
using base::StrCat;

bool Within(const Money& amount, const std::optional<Decimal>& from,
            const std::optional<Decimal>& to) {
  const Decimal value = amount.ToDecimal();
  return (!from || value >= *from) && (!to || value <= *to);
}

/// The first thing that does not fit, in words; empty when all does.
std::string Misfit(const Route& route, const RouteQuestion& question) {
  if (!route.entity.empty() && route.entity != question.entity) {
    return StrCat("it is for the entity ", route.entity);
  }
  if (!question.account.empty() && route.account != question.account) {
    return StrCat("it pays from ", route.account, ", and ", question.account, " was asked for");
  }
  const std::string& currency = question.amount.currency().code();
  if (!route.currency_code.empty() && route.currency_code != currency) {
    return StrCat("it takes ", route.currency_code, ", not ", currency);
  }
  if (!route.urgency.empty() && route.urgency != question.urgency) {
    return StrCat("it is for urgency ", route.urgency, ", not ", question.urgency);
  }
  const auto& countries = route.creditor_countries;
  if (!countries.empty() && std::find(countries.begin(), countries.end(),
                                      question.creditor_country) == countries.end()) {
    return question.creditor_country.empty()
               ? "the creditor's country is not known"
               : StrCat("it does not pay to ", question.creditor_country);
  }
  if (route.amount_from && question.amount.ToDecimal() < *route.amount_from) {
    return StrCat("it begins at ", route.amount_from->ToString(), " ", currency);
  }
  if (route.amount_to && question.amount.ToDecimal() > *route.amount_to) {
    return StrCat("it ends at ", route.amount_to->ToString(), " ", currency);
  }
  return "";
}

}  // namespace

const ApprovalStep* StepFor(const std::vector<ApprovalStep>& steps, std::string_view entity,
                            const Money& total) {
  for (const ApprovalStep& step : steps) {
    if (!step.entity.empty() && step.entity != entity) continue;
    if (!step.currency_code.empty() && step.currency_code != total.currency().code()) continue;
    if (Within(total, step.amount_from, step.amount_to)) return &step;
  }
  return nullptr;
}

RouteAnswer ExplainRoute(const std::vector<Route>& routes, const RouteQuestion& question) {
  RouteAnswer answer;
  for (const Route& route : routes) {
    RouteVerdict& verdict = answer.verdicts.emplace_back();
    verdict.route = route.name;
    verdict.why = Misfit(route, question);
    verdict.fits = verdict.why.empty();
    if (!verdict.fits) continue;
    verdict.why = StrCat("everything that it asks for fits; it pays from ", route.account);
    if (!route.fallback_channel.empty()) {
      base::StrAppend(&verdict.why, ", and by the channel ", route.fallback_channel,
                      " what provably did not leave by the account's own");
    }
    answer.route = &route;
    return answer;
  }
  return answer;
}

}  // namespace kontor::model
