// SPDX-License-Identifier: Apache-2.0
// Only who holds the lease commits, and who listened to commits hears no more once it is cut.
#include "server/engine/flow_lease.h"

#include "tests/unit/engine/harness.h"

namespace kontor::engine::testing {
namespace {

using base::Reason;

constexpr absl::Duration kTtl = absl::Seconds(90);

struct Nodes : Harness {
  Nodes()
      : first(*store, clock, "flows", "node-1", kTtl),
        second(*store, clock, "flows", "node-2", kTtl) {}

  ports::Work Writes(const std::string& value) {
    return [this, value](ports::Unit& unit) {
      ++runs;
      return unit.PutCursor("flow_lease_test", value);
    };
  }
  void PutFlow(const std::string& id, bool open) {
    ports::FlowRow row;
    row.kind = "test";
    row.id = id;
    row.state = "WAITING";
    row.open = open;
    row.due = open ? clock.Now() : absl::InfiniteFuture();
    row.body = "{}";
    row.created = row.updated = clock.Now();
    BOOST_REQUIRE(store->Commit([&](ports::Unit& unit) { return unit.PutFlow(row); }).ok());
  }
  absl::Time DueOf(const std::string& id) {
    absl::Time due;
    BOOST_REQUIRE(store
                      ->Read([&](ports::ReadView& view) -> absl::Status {
                        KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindFlow(id));
                        due = row->due;
                        return absl::OkStatus();
                      })
                      .ok());
    return due;
  }

  FlowLease first;
  FlowLease second;
  int runs = 0;
};

BOOST_FIXTURE_TEST_SUITE(flow_leases, Nodes)

BOOST_AUTO_TEST_CASE(nothing_is_committed_before_the_lease_is_taken) {
  BOOST_TEST(HasReason(first.Commit(Writes("a")), Reason::kLeaseLost));
  BOOST_TEST(runs == 0);
  BOOST_REQUIRE(first.Hold());
  BOOST_TEST(first.Commit(Writes("a")).ok());
  BOOST_TEST(runs == 1);
}

BOOST_AUTO_TEST_CASE(a_lease_that_another_node_has_is_not_taken) {
  BOOST_REQUIRE(first.Hold());
  BOOST_TEST(!second.Hold());
  BOOST_TEST(HasReason(second.Commit(Writes("b")), Reason::kLeaseLost));
  BOOST_TEST(runs == 0);
}

BOOST_AUTO_TEST_CASE(what_another_node_took_over_is_lost_to_the_first) {
  BOOST_REQUIRE(first.Hold());
  clock.Advance(kTtl + absl::Seconds(1));
  BOOST_REQUIRE(second.Hold());
  BOOST_TEST(HasReason(first.Commit(Writes("late")), Reason::kLeaseLost));
  BOOST_TEST(runs == 0);
  BOOST_TEST(!first.Hold());
  BOOST_TEST(second.Commit(Writes("b")).ok());
}

BOOST_AUTO_TEST_CASE(a_lease_that_was_given_back_commits_nothing_and_is_free) {
  BOOST_TEST(first.Release().ok());  // nothing to give back is no error
  BOOST_REQUIRE(first.Hold());
  BOOST_TEST(first.Release().ok());
  BOOST_TEST(HasReason(first.Commit(Writes("a")), Reason::kLeaseLost));
  BOOST_TEST(second.Hold());
  BOOST_TEST(runs == 0);
}

BOOST_AUTO_TEST_CASE(a_lease_that_is_held_in_time_does_not_end) {
  BOOST_REQUIRE(first.Hold());
  for (int i = 0; i < 5; ++i) {
    clock.Advance(kTtl / 2);
    BOOST_TEST(first.Hold());
    BOOST_TEST(!second.Hold());
  }
  BOOST_TEST(first.Commit(Writes("a")).ok());
}

BOOST_AUTO_TEST_CASE(work_that_fails_leaves_the_lease_as_it_is) {
  BOOST_REQUIRE(first.Hold());
  BOOST_TEST(HasReason(first.Commit([](ports::Unit&) {
    return absl::Status(base::Error(Reason::kStateConflict).Says("no"));
  }),
                       Reason::kStateConflict));
  BOOST_TEST(first.Commit(Writes("a")).ok());
}

BOOST_AUTO_TEST_CASE(an_open_flow_is_looked_at_later_and_one_that_ended_is_not) {
  PutFlow("open", true);
  PutFlow("ended", false);
  BOOST_TEST(HasReason(first.Postpone("open", absl::Minutes(1)), Reason::kLeaseLost));
  BOOST_REQUIRE(first.Hold());
  const absl::Time later = clock.Now() + absl::Minutes(1);
  for (const char* id : {"open", "ended", "gone"}) {
    BOOST_TEST(first.Postpone(id, absl::Minutes(1)).ok());
  }
  BOOST_TEST((DueOf("open") == later));
  BOOST_TEST((DueOf("ended") == absl::InfiniteFuture()));
}

BOOST_AUTO_TEST_CASE(a_line_that_was_cut_is_silent) {
  std::atomic<int> notes{0};
  CommitLine line(*store, [&](const ports::CommitNotice&) { ++notes; });
  BOOST_REQUIRE(store->Commit(Writes("a")).ok());
  // Listeners are told before the next unit begins, and before this one's answer or after it.
  BOOST_REQUIRE(store->Commit(Writes("b")).ok());
  line.Cut();
  const int heard = notes;
  BOOST_TEST(heard >= 1);
  line.Cut();
  BOOST_REQUIRE(store->Commit(Writes("c")).ok());
  BOOST_REQUIRE(store->Commit(Writes("d")).ok());
  BOOST_TEST(notes == heard);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::engine::testing
