// SPDX-License-Identifier: Apache-2.0
// Where a statement belongs. Money decides: a statement follows the one whose closing balance it
// opens with. Days only tell a missing statement from a repeated one; numbers are not asked, for
// banks begin them anew, leave them out or repeat them.
#include "server/engine/statements/internal/account.h"

#include <algorithm>
#include <cctype>

#include "server/base/strings.h"

namespace kontor::statements {
namespace {

using base::StrCat;

constexpr size_t kIbanMin = 15;
constexpr size_t kIbanHead = 4;      // country and check digits
constexpr size_t kCurrencySize = 3;
constexpr size_t kNumberMin = 5;

std::string Normal(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      out.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
    }
  }
  return out;
}

bool IsCurrencyCode(std::string_view text) {
  return text.size() == kCurrencySize &&
         std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool LooksLikeIban(std::string_view text) {
  return text.size() >= kIbanMin && std::isalpha(static_cast<unsigned char>(text[0])) != 0 &&
         std::isalpha(static_cast<unsigned char>(text[1])) != 0 &&
         std::isdigit(static_cast<unsigned char>(text[2])) != 0;
}

std::string Says(const std::optional<model::Money>& money) {
  return money ? money->ToString() : "nothing";
}

/// The gap that the statement lies in and joins at one end at least.
std::optional<size_t> GapFor(const AccountState& state, const Place& place) {
  for (size_t i = 0; i < state.gaps.size(); ++i) {
    const Gap& gap = state.gaps[i];
    const bool within = place.date >= gap.had_date && place.date <= gap.found_date;
    const bool joins = *place.opening == gap.had || *place.closing == gap.found;
    if (within && joins) return i;
  }
  return std::nullopt;
}

}  // namespace

Placed PlaceStatement(const AccountState& state, const Place& place) {
  Placed placed;
  if (!place.opening || !place.closing) {
    placed.explanation = "It has no opening and closing balance, so nothing says what it follows.";
    return placed;
  }
  if (!state.booked) {
    placed.standing = Standing::kFirst;
    placed.explanation = "It is the first statement of its account.";
    return placed;
  }
  // The order of these tests matters: a day without bookings opens and closes with the same.
  if (place.date >= state.booked_date && *place.opening == *state.booked) {
    placed.standing = Standing::kNext;
    placed.explanation =
        StrCat("It opens with ", Says(place.opening), ", with which the one before closed.");
    return placed;
  }
  if (const auto gap = GapFor(state, place)) {
    placed.standing = Standing::kFillsGap;
    placed.gap = *gap;
    placed.explanation = "It came late and belongs between two that are here.";
    return placed;
  }
  if (place.date <= state.first_date && *place.closing == *state.first) {
    placed.standing = Standing::kEarlier;
    placed.explanation = "It ends where the first statement that is here begins.";
    return placed;
  }
  const std::string& begins = place.from.empty() ? place.date : place.from;
  if (place.date > state.booked_date && begins > state.booked_date) {
    placed.standing = Standing::kAfterGap;
    placed.explanation =
        StrCat("It opens with ", Says(place.opening), ", but the newest statement before it, of ",
               state.booked_date, ", closed with ", Says(state.booked), ".");
    return placed;
  }
  placed.standing = Standing::kOverlap;
  placed.explanation =
      StrCat("It tells of days up to ", place.date, ", of which statements up to ",
             state.booked_date, " told already.");
  return placed;
}

std::vector<std::string> TakeStatement(AccountState& state, const Place& place,
                                       const Placed& placed, const std::string& statement_id,
                                       const std::string& at) {
  std::vector<std::string> closed;
  const auto newest = [&] {
    state.booked = place.closing;
    state.booked_date = place.date;
    state.booked_statement = statement_id;
    state.booked_at = at;
  };
  switch (placed.standing) {
    case Standing::kFirst:
      state.first = place.opening;
      state.first_date = place.date;
      newest();
      break;
    case Standing::kNext: newest(); break;
    case Standing::kAfterGap:
      state.gaps.push_back(
          {statement_id, *state.booked, state.booked_date, *place.opening, place.date});
      newest();
      break;
    case Standing::kFillsGap: {
      Gap& gap = state.gaps[placed.gap];
      const bool at_front = *place.opening == gap.had;
      const bool at_back = *place.closing == gap.found;
      if (at_front && at_back) {
        closed.push_back(gap.before);
        state.gaps.erase(state.gaps.begin() + static_cast<std::ptrdiff_t>(placed.gap));
      } else if (at_front) {
        gap.had = *place.closing;
        gap.had_date = place.date;
      } else {
        // What is missing now is missing before this one; the other one is complete.
        closed.push_back(gap.before);
        gap.before = statement_id;
        gap.found = *place.opening;
        gap.found_date = place.date;
      }
      break;
    }
    case Standing::kEarlier:
      state.first = place.opening;
      state.first_date = place.from.empty() ? place.date : std::min(place.from, place.date);
      break;
    case Standing::kOverlap:
    case Standing::kReissued:
      // Newer than all that is known although it overlaps: its closing balance counts.
      if (place.closing && place.date > state.booked_date) newest();
      break;
    case Standing::kUnordered: break;
  }
  return closed;
}

bool IsNumberOf(std::string_view number, const model::OwnAccount& account) {
  std::string told = Normal(number);
  const std::string ours = Normal(account.iban);
  if (told.empty() || ours.empty()) return false;
  if (told == ours) return true;
  if (told.size() > kCurrencySize && IsCurrencyCode(std::string_view(told).substr(
                                         told.size() - kCurrencySize))) {
    const std::string currency = told.substr(told.size() - kCurrencySize);
    told.resize(told.size() - kCurrencySize);
    if (told == ours) return account.currency.IsNone() || account.currency.code() == currency;
  }
  if (!LooksLikeIban(ours) || told.size() < kNumberMin) return false;
  // MT940 of German banks: bank code and account, which is what their IBAN ends in.
  const std::string end = ours.substr(kIbanHead);
  if (told == end) return true;
  const size_t slash = number.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string branch = Normal(number.substr(0, slash));
  const std::string tail = Normal(number.substr(slash + 1));
  if (branch.empty() || tail.empty() || branch.size() + tail.size() > end.size()) return false;
  return branch + std::string(end.size() - branch.size() - tail.size(), '0') + tail == end;
}

}  // namespace kontor::statements
