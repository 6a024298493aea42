// SPDX-License-Identifier: Apache-2.0
// Which way the payments go. Without a routing policy an account that was asked for pays in the
// plain way of its currency.
#include <algorithm>

#include "server/engine/payment_orders/internal/loop.h"
#include "server/model/validate.h"

namespace kontor::payment_orders {
namespace {

constexpr char kPlainRoute[] = "account";

std::string CountryOf(const model::BankParty& creditor) {
  if (model::LooksLikeIban(creditor.account.number)) return creditor.account.number.substr(0, 2);
  if (creditor.agent.bic.size() >= 6) return creditor.agent.bic.substr(4, 2);
  return creditor.address.country_code;
}

model::Route PlainRouteOf(const std::string& account, const std::string& currency,
                          const std::string& urgency) {
  model::Route route;
  route.name = kPlainRoute;
  route.account = account;
  const bool euro = currency == "EUR";
  if (euro) route.service_level = "SEPA";
  if (urgency == "URGENT") route.service_level = "URGP";
  if (urgency == "INSTANT") route.local_instrument = "INST";
  route.charge_bearer = euro ? "SLEV" : "SHAR";
  return route;
}

struct Rules {
  std::vector<model::Route> routes;
  std::string version;
};

absl::StatusOr<Rules> RulesFor(Loop& loop, const std::string& account, const std::string& currency,
                               const std::string& urgency) {
  Rules rules;
  KONTOR_ASSIGN_OR_RETURN(const InForce policy, loop.PolicyInForce(model::PolicyKind::kRouting));
  if (policy.content.empty()) {
    if (!account.empty()) rules.routes.push_back(PlainRouteOf(account, currency, urgency));
    return rules;
  }
  std::vector<Finding> findings;
  rules.routes = model::ReadRoutes(policy.content, &findings);
  rules.version = policy.version;
  if (model::HasErrors(findings)) return model::StatusOf(findings);
  return rules;
}

/// A UUID of version 4 in shape, the same for the same payment.
std::string UetrOf(const Loop& loop, const std::string& end_to_end_id) {
  std::string hex = loop.deps.crypto.Sha256Hex(StrCat("uetr\x1f", end_to_end_id)).substr(0, 32);
  hex[12] = '4';
  hex[16] = "89ab"[static_cast<unsigned char>(hex[16]) % 4];
  return StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
                hex.substr(16, 4), "-", hex.substr(20));
}

/// The batch of a route, made at its first payment.
const Batch& BatchOf(Flow& flow, const model::Route& route) {
  const std::string bearer = route.charge_bearer;
  for (const Batch& batch : flow.body.batches) {
    if (batch.service_level == route.service_level &&
        batch.local_instrument == route.local_instrument && batch.charge_bearer == bearer &&
        batch.batch_booking == route.batch_booking) {
      return batch;
    }
  }
  Batch& batch = flow.body.batches.emplace_back();
  // The message id is the order's; a letter tells batches from payments, which have numbers.
  batch.id = StrCat(flow.body.message_id, "-B", flow.body.batches.size());
  batch.service_level = route.service_level;
  batch.local_instrument = route.local_instrument;
  batch.charge_bearer = bearer;
  batch.batch_booking = route.batch_booking;
  return batch;
}

std::string WhyNone(const model::RouteAnswer& answer) {
  if (answer.verdicts.empty()) return "no routing policy is active and no account was asked for";
  std::vector<std::string> words;
  for (const model::RouteVerdict& verdict : answer.verdicts) {
    words.push_back(StrCat(verdict.route, ": ", verdict.why));
  }
  return base::StrJoin(words, "; ");
}

}  // namespace

absl::StatusOr<Routed> RouteLines(Loop& loop, Flow& flow) {
  Routed routed;
  Rules rules;
  if (flow.body.test) {
    // A test is of the account's own channel, whatever way payments go otherwise.
    rules.routes.push_back(
        PlainRouteOf(flow.body.asked_account, flow.body.currency, flow.body.urgency));
  } else {
    KONTOR_ASSIGN_OR_RETURN(rules, RulesFor(loop, flow.body.asked_account, flow.body.currency,
                                            flow.body.urgency));
  }
  flow.body.routing_version = rules.version;
  flow.body.batches.clear();
  for (Line& line : flow.lines) {
    if (line.state == LineState::kCancelled) continue;
    model::RouteQuestion question;
    question.entity = flow.row.entity;
    question.amount = line.transfer.amount;
    question.creditor_country = CountryOf(line.transfer.creditor);
    question.urgency = flow.body.urgency;
    question.account = flow.body.asked_account;
    const model::RouteAnswer answer = model::ExplainRoute(rules.routes, question);
    flow.Touch(line);
    if (answer.route == nullptr) {
      line.route.clear();
      line.batch.clear();
      routed.findings.push_back(
          MakeFinding(Reason::kRouteMissing, FieldOf(line),
                      StrCat("No route takes this payment: ", WhyNone(answer))));
      continue;
    }
    const model::Route& route = *answer.route;
    if (routed.account.empty()) {
      routed.account = route.account;
      routed.dialect = route.dialect;
      routed.fallback_channel = route.fallback_channel;
    } else if (routed.account != route.account || routed.dialect != route.dialect ||
               routed.fallback_channel != route.fallback_channel) {
      routed.findings.push_back(
          MakeFinding(Reason::kRouteMissing, FieldOf(line),
                      StrCat("This payment goes another way, by the route ", route.name, " from ",
                             route.account, ", than those before it from ", routed.account,
                             ": make an order of each")));
    }
    line.route = route.name;
    line.batch = BatchOf(flow, route).id;
    line.transfer.uetr = route.uetr ? UetrOf(loop, line.transfer.end_to_end_id) : "";
  }
  return routed;
}

absl::StatusOr<RouteExplanation> Explain(Loop& loop, const model::RouteQuestion& question) {
  KONTOR_ASSIGN_OR_RETURN(
      const Rules rules,
      RulesFor(loop, question.account, question.amount.currency().code(), question.urgency));
  const model::RouteAnswer answer = model::ExplainRoute(rules.routes, question);
  RouteExplanation out;
  out.policy_version = rules.version;
  out.verdicts = answer.verdicts;
  if (answer.route == nullptr) return out;
  out.route = answer.route->name;
  out.account = answer.route->account;
  KONTOR_ASSIGN_OR_RETURN(const auto account, loop.AccountByName(out.account));
  out.dialect = answer.route->dialect.empty() ? account.dialect : answer.route->dialect;
  if (out.dialect.starts_with('{')) out.dialect = "the account's own";
  out.channel = account.channel;
  out.fallback_channel = answer.route->fallback_channel;
  KONTOR_ASSIGN_OR_RETURN(const auto channel, loop.ChannelByName(account.channel));
  KONTOR_ASSIGN_OR_RETURN(
      const auto day,
      model::ExecutionDayOf(channel, answer.route->service_level, question.amount.currency().code(),
                            model::Date::Of(loop.Now()), loop.Now()));
  out.day = day.day.ToString();
  out.day_note = day.explanation;
  return out;
}

}  // namespace kontor::payment_orders
