// SPDX-License-Identifier: Apache-2.0
// Turns: how many at once, how many a second, and never beyond the deadline.
#include "adapters/odoo/gate.h"

#include <boost/test/unit_test.hpp>

#include "server/base/status.h"

namespace kontor::odoo {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

BOOST_AUTO_TEST_CASE(a_call_whose_deadline_has_passed_gets_no_turn) {
  base::FakeClock clock(kStart);
  Gate gate(clock, 1, 0);
  const absl::Status status = gate.Enter(kStart);
  BOOST_TEST(!status.ok());
  BOOST_TEST((base::OutcomeOf(status) == base::Outcome::kNotApplied));
}

BOOST_AUTO_TEST_CASE(a_turn_is_free_again_after_leaving) {
  base::FakeClock clock(kStart);
  Gate gate(clock, 1, 0);
  for (int i = 0; i < 3; ++i) {
    BOOST_REQUIRE(gate.Enter(kStart + absl::Seconds(1)).ok());
    const GateLeave leave(gate);
  }
}

/// Stands still for some looks, then jumps: a waiter sees time pass without anybody sleeping long.
class JumpingClock final : public base::Clock {
 public:
  absl::Time Now() const override {
    constexpr int kLooks = 3;
    return ++looks_ <= kLooks ? kStart : kStart + absl::Seconds(1);
  }
  void Restart() { looks_ = 0; }

 private:
  mutable int looks_ = 0;
};

BOOST_AUTO_TEST_CASE(no_turn_within_the_time_is_not_applied) {
  JumpingClock clock;
  Gate gate(clock, 1, 0);
  BOOST_REQUIRE(gate.Enter(kStart + absl::Seconds(1)).ok());
  clock.Restart();
  const absl::Status status = gate.Enter(kStart + absl::Milliseconds(500));
  BOOST_TEST(base::Is(status, base::Reason::kDeadlineExceeded));
  BOOST_TEST((base::OutcomeOf(status) == base::Outcome::kNotApplied));
  gate.Leave();
}

BOOST_AUTO_TEST_CASE(the_next_second_brings_the_next_turn) {
  JumpingClock clock;
  Gate gate(clock, 4, 1);
  BOOST_REQUIRE(gate.Enter(kStart + absl::Seconds(5)).ok());
  gate.Leave();
  clock.Restart();
  BOOST_TEST(gate.Enter(kStart + absl::Seconds(5)).ok());
  BOOST_TEST((clock.Now() >= kStart + absl::Seconds(1)));
  gate.Leave();
}

}  // namespace
}  // namespace kontor::odoo
