// SPDX-License-Identifier: Apache-2.0
// An order's state is that of its payments taken together.
#include <algorithm>

#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {
namespace {

bool IsEnd(LineState state) {
  return state == LineState::kRejected || state == LineState::kSettled ||
         state == LineState::kReturned;
}

}  // namespace

State FoldState(const Flow& flow, State now) {
  const std::vector<const Line*> live = LiveLines(flow);
  const auto count = [&](LineState state) {
    return static_cast<size_t>(
        std::ranges::count_if(live, [&](const Line* line) { return line->state == state; }));
  };
  const size_t all = live.size();
  const size_t settled = count(LineState::kSettled);
  const size_t returned = count(LineState::kReturned);
  const size_t rejected = count(LineState::kRejected);
  if (all == 0) return now;
  if (settled == all) return State::kSettled;
  if (settled > 0) return State::kPartiallySettled;
  if (rejected == all) return State::kRejected;
  if (returned + rejected == all) return State::kReturned;
  // What came back was booked too: an order does not go back to what the bank only said of it.
  if (returned > 0) return State::kPartiallySettled;
  // How far all of those are that are still on their way.
  LineState least = LineState::kAccepted;
  for (const Line* line : live) {
    if (!IsEnd(line->state)) least = std::min(least, line->state);
  }
  if (least == LineState::kAccepted) return State::kAccepted;
  if (least == LineState::kAcknowledged) return State::kAcknowledged;
  return State::kSubmitted;
}

std::vector<std::string> EventsOf(State before, State after) {
  if (before == after) return {};
  return {base::ToLower(NameOf(after))};
}

}  // namespace kontor::payment_orders
