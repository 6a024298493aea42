// SPDX-License-Identifier: Apache-2.0
// What is on our accounts, by the newest word of each bank, and how old that word is.
#include <algorithm>
#include <tuple>

#include "server/base/ids.h"
#include "server/engine/statements/internal/json.h"
#include "server/engine/statements/internal/loop.h"

namespace kontor::statements {
namespace {

using base::StrCat;
using nlohmann::json;

json MoneyJson(const std::string& currency, const std::string& value) {
  return {{"currency_code", currency}, {"value", value}};
}

/// Banks say nothing at weekends: that time does not make a balance old.
absl::Duration WorkingAge(absl::Time from, absl::Time to) {
  absl::Duration age = to - from;
  for (base::Date day = base::Date::Of(from); day <= base::Date::Of(to); day = day.PlusDays(1)) {
    const std::chrono::weekday weekday(day.days());
    if (weekday != std::chrono::Saturday && weekday != std::chrono::Sunday) continue;
    const absl::Time begin = absl::FromChrono(std::chrono::system_clock::time_point(day.days()));
    const absl::Time end = begin + absl::Hours(24);
    age -= std::max(absl::ZeroDuration(), std::min(end, to) - std::max(begin, from));
  }
  return age;
}

std::string FreshnessOf(const model::OwnAccount& account, const std::optional<AccountState>& state,
                        absl::Time now) {
  if (!state || !state->booked) return "FRESHNESS_MISSING";
  const auto at = base::ParseInstant(state->booked_at);
  const bool never = account.stale_after == absl::ZeroDuration();
  if (never || !at.ok()) return "FRESHNESS_FRESH";
  // A bank that was last heard of years ago needs no counting of weekends.
  constexpr absl::Duration kLong = absl::Hours(24 * 60);
  const absl::Duration age = now - *at > kLong ? now - *at : WorkingAge(*at, now);
  return age > account.stale_after ? "FRESHNESS_STALE" : "FRESHNESS_FRESH";
}

struct Sum {
  base::Decimal booked;
  base::Decimal newest;
  int accounts = 0;
  int stale = 0;
};

absl::Status Add(Sum& sum, const std::optional<AccountState>& state, bool uses_intraday,
                 bool fresh) {
  ++sum.accounts;
  if (!fresh) ++sum.stale;
  if (!state || !state->booked) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(sum.booked, sum.booked.Add(state->booked->ToDecimal()));
  const model::Money& newest = uses_intraday ? *state->intraday : *state->booked;
  KONTOR_ASSIGN_OR_RETURN(sum.newest, sum.newest.Add(newest.ToDecimal()));
  return absl::OkStatus();
}

json TotalJson(const std::string& entity, const std::string& currency, const Sum& sum) {
  const auto parsed = model::Currency::Parse(currency);
  const int scale = parsed.ok() ? parsed->scale() : 0;
  json out = {{"booked", MoneyJson(currency, sum.booked.ToFixed(scale))},
              {"newest", MoneyJson(currency, sum.newest.ToFixed(scale))},
              {"account_count", sum.accounts},
              {"stale_count", sum.stale}};
  if (!entity.empty()) out["entity"] = entity;
  return out;
}

json AccountJson(const model::OwnAccount& account, const std::optional<AccountState>& state,
                 bool uses_intraday, const std::string& freshness) {
  json out = {{"entity", account.entity},
              {"channel", account.channel},
              {"account_number", account.iban},
              {"currency_code", account.currency.code()},
              {"freshness", freshness}};
  if (!state) return out;
  if (state->booked) {
    out["booked"] = MoneyJson(state->booked->currency().code(), state->booked->ValueText());
    out["booked_date"] = state->booked_date;
    out["statement_id"] = state->booked_statement;
    out["as_of"] = uses_intraday ? state->intraday_at : state->booked_at;
  }
  if (uses_intraday) {
    out["intraday"] = MoneyJson(state->intraday->currency().code(), state->intraday->ValueText());
    out["intraday_time"] =
        StrCat(state->intraday_date, state->intraday_time.empty() ? "" : " ",
               state->intraday_time);
  }
  if (!state->pending.currency().IsNone()) {
    out["pending"] =
        MoneyJson(state->pending.currency().code(), state->pending.ValueText());
  }
  out["has_gap"] = !state->gaps.empty();
  return out;
}

}  // namespace

absl::StatusOr<std::optional<AccountState>> FindState(ports::ReadView& view,
                                                      const std::string& account_id) {
  KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindObject(kBalanceKind, account_id));
  if (!row) return std::optional<AccountState>();
  KONTOR_ASSIGN_OR_RETURN(AccountState state, AccountStateOf(row->body));
  return std::optional<AccountState>(std::move(state));
}

absl::Status PutState(Loop& loop, ports::Unit& unit, const std::string& account_id,
                      const AccountState& state) {
  KONTOR_ASSIGN_OR_RETURN(auto found, unit.FindObject(kBalanceKind, account_id));
  ports::ObjectRow row = found.value_or(ports::ObjectRow());
  if (!found) {
    row.kind = kBalanceKind;
    row.id = loop.NewId("bal_");
    row.name = account_id;
    row.created = loop.Now();
  }
  row.body = ToJson(state);
  row.updated = loop.Now();
  return unit.PutObject(row);
}

absl::StatusOr<std::string> CashPositionOf(Loop& loop, const ports::Actor& actor,
                                           const std::string& entity,
                                           const std::string& currency) {
  KONTOR_ASSIGN_OR_RETURN(auto accounts, loop.Accounts());
  std::erase_if(accounts, [&](const model::OwnAccount& account) {
    return !actor.MaySee(account.entity) || (!entity.empty() && account.entity != entity) ||
           (!currency.empty() && account.currency.code() != currency);
  });
  std::ranges::sort(accounts, [](const auto& a, const auto& b) {
    return std::tuple(a.entity, a.channel, a.currency.code(), a.name) <
           std::tuple(b.entity, b.channel, b.currency.code(), b.name);
  });
  std::vector<std::optional<AccountState>> states;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    states.clear();
    for (const model::OwnAccount& account : accounts) {
      KONTOR_ASSIGN_OR_RETURN(auto state, FindState(view, account.id));
      states.push_back(std::move(state));
    }
    return absl::OkStatus();
  }));
  json out = {{"accounts", json::array()},
              {"totals", json::array()},
              {"as_of", base::FormatInstant(loop.Now())}};
  std::map<std::pair<std::string, std::string>, Sum> sums;
  for (size_t i = 0; i < accounts.size(); ++i) {
    const std::string freshness = FreshnessOf(accounts[i], states[i], loop.Now());
    const bool fresh = freshness == "FRESHNESS_FRESH";
    const bool uses_intraday = states[i] && states[i]->booked && states[i]->intraday &&
                               states[i]->intraday_date > states[i]->booked_date;
    out["accounts"].push_back(AccountJson(accounts[i], states[i], uses_intraday, freshness));
    const std::string code = accounts[i].currency.code();
    for (const std::string& of : {accounts[i].entity, std::string()}) {
      KONTOR_RETURN_IF_ERROR(Add(sums[{of, code}], states[i], uses_intraday, fresh));
    }
  }
  for (const bool whole : {false, true}) {
    for (const auto& [key, sum] : sums) {
      if (key.first.empty() == whole) {
        out["totals"].push_back(TotalJson(key.first, key.second, sum));
      }
    }
  }
  return engine::DumpLine(out);
}

}  // namespace kontor::statements
