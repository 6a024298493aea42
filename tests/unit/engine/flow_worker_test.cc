// SPDX-License-Identifier: Apache-2.0
// What is due is done once, under the lease, and nothing that fails keeps the rest waiting.
#include "server/engine/flow_worker.h"

#include <atomic>
#include <future>

#include "tests/unit/engine/harness.h"

namespace kontor::engine::testing {
namespace {

using base::Reason;

constexpr absl::Duration kTtl = absl::Seconds(90);
constexpr absl::Duration kLook = absl::Minutes(5);

struct Flows : Harness {
  Flows()
      : lease(*store, clock, "flows", "node-1", kTtl),
        worker({*store, clock, lease,
                [this](const std::string& event, const auto&) { logged.push_back(event); }, "test",
                kLook, [](const ports::CommitNotice&) { return true; }}) {
    sort.kind = "test";
    sort.step = [this](const std::string& id) -> absl::StatusOr<bool> {
      stepped.push_back(id);
      return false;
    };
  }
  void Put(const std::string& id, const std::string& state = "WAITING",
           absl::Duration due = absl::ZeroDuration(), const std::string& kind = "test") {
    ports::FlowRow row;
    row.kind = kind;
    row.id = id;
    row.state = state;
    row.open = true;
    row.due = clock.Now() + due;
    row.body = "{}";
    row.created = row.updated = clock.Now();
    const absl::Status put = store->Commit([&](ports::Unit& unit) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(const auto known, unit.FindFlow(id));
      row.version = known ? known->version : 0;
      return unit.PutFlow(row);
    });
    BOOST_REQUIRE_MESSAGE(put.ok(), put.ToString());
  }
  bool IsDue(const std::string& id) {
    bool due = false;
    BOOST_REQUIRE(store
                      ->Read([&](ports::ReadView& view) -> absl::Status {
                        KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindFlow(id));
                        due = row->due <= clock.Now();
                        return absl::OkStatus();
                      })
                      .ok());
    return due;
  }

  std::vector<std::string> logged;
  std::vector<std::string> stepped;
  FlowSort sort;
  FlowLease lease;
  FlowWorker worker;  ///< Last: it ends before what it touches.
};

BOOST_FIXTURE_TEST_SUITE(flow_workers, Flows)

BOOST_AUTO_TEST_CASE(only_what_is_due_and_of_its_sort_is_stepped) {
  Put("due");
  Put("later", "WAITING", absl::Minutes(1));
  Put("other", "WAITING", absl::ZeroDuration(), "other");
  Put("elsewhere", "IMPORTING");
  sort.left_out = "IMPORTING";
  BOOST_REQUIRE(lease.Hold());
  BOOST_TEST(worker.DoDue(sort));
  BOOST_TEST(stepped == std::vector<std::string>{"due"});
}

BOOST_AUTO_TEST_CASE(nothing_due_is_nothing_done) {
  Put("later", "WAITING", absl::Minutes(1));
  BOOST_REQUIRE(lease.Hold());
  BOOST_TEST(!worker.DoDue(sort));
  BOOST_TEST(stepped.empty());
}

BOOST_AUTO_TEST_CASE(what_another_node_has_is_left_alone) {
  Put("due");
  FlowLease other(*store, clock, "flows", "node-2", kTtl);
  BOOST_REQUIRE(other.Hold());
  BOOST_TEST(!worker.DoDue(sort));
  BOOST_TEST(stepped.empty());
}

BOOST_AUTO_TEST_CASE(a_flow_is_stepped_as_long_as_it_goes_on_and_no_longer_than_its_turn) {
  Put("due");
  sort.step = [this](const std::string& id) -> absl::StatusOr<bool> {
    stepped.push_back(id);
    return true;
  };
  BOOST_REQUIRE(lease.Hold());
  for (const auto& [turn, in_all] : {std::pair(1, 1), std::pair(7, 8)}) {
    sort.steps_in_a_row = turn;
    BOOST_TEST(worker.DoDue(sort));
    BOOST_TEST(stepped.size() == static_cast<size_t>(in_all));
  }
}

struct Failure {
  Reason reason;
  bool postponed;
};

BOOST_AUTO_TEST_CASE(what_fails_for_a_reason_of_our_own_is_looked_at_again_later) {
  BOOST_REQUIRE(lease.Hold());
  for (const Failure& failure :
       {Failure{Reason::kInternal, true}, Failure{Reason::kOdooBusy, true},
        Failure{Reason::kVersionConflict, false}, Failure{Reason::kLeaseLost, false}}) {
    logged.clear();
    stepped.clear();
    Put("a");
    Put("b");
    sort.step = [&](const std::string& id) -> absl::StatusOr<bool> {
      stepped.push_back(id);
      if (id == "a") return base::Error(failure.reason).Says("no");
      return false;
    };
    BOOST_TEST(worker.DoDue(sort));
    BOOST_TEST(stepped.size() == 2);  // one does not keep the other waiting
    BOOST_TEST(IsDue("a") != failure.postponed);
    BOOST_TEST(IsDue("b"));
    BOOST_TEST(logged == (failure.postponed ? std::vector<std::string>{"test.step_failed"}
                                            : std::vector<std::string>()));
  }
}

BOOST_AUTO_TEST_CASE(a_defect_reaches_the_caller_that_steps_by_hand) {
  Put("due");
  sort.step = [](const std::string&) -> absl::StatusOr<bool> { throw Crash("here"); };
  BOOST_REQUIRE(lease.Hold());
  BOOST_CHECK_THROW(worker.DoDue(sort), Crash);
}

BOOST_AUTO_TEST_CASE(a_defect_does_not_end_a_thread) {
  std::promise<void> again;
  std::atomic<int> rounds = 0;
  worker.Start("flows", [&] {
    const absl::Status done = worker.Guarded([]() -> absl::Status { throw Crash("here"); });
    BOOST_TEST(HasReason(done, Reason::kInternal));
    if (++rounds == 2) again.set_value();
    return rounds < 2;
  });
  again.get_future().wait();
  worker.Stop();
  BOOST_TEST(rounds == 2);
}

BOOST_AUTO_TEST_CASE(a_thread_wakes_when_something_is_committed_and_stops_when_told) {
  std::atomic<int> done = 0;
  worker.Start("flows", [&] {
    const bool did = worker.DoDue(sort);
    if (did) Put("due", "DONE", absl::Hours(1));
    if (did) ++done;
    return did;
  });
  Put("due");
  worker.WaitUntil(absl::InfiniteFuture(), [&] { return done > 0; });
  worker.Stop();
  BOOST_TEST(worker.IsStopping());
  BOOST_TEST(stepped == std::vector<std::string>{"due"});
  FlowLease other(*store, clock, "flows", "node-2", kTtl);
  BOOST_TEST(other.Hold());  // given back
  worker.Stop();
}

BOOST_AUTO_TEST_CASE(waiting_ends_with_its_deadline_and_with_the_worker) {
  int asked = 0;
  const auto never = [&] {
    ++asked;
    return false;
  };
  worker.WaitUntil(clock.Now(), never);
  BOOST_TEST(asked == 1);
  worker.Stop();
  worker.WaitUntil(absl::InfiniteFuture(), never);
  BOOST_TEST(asked == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::engine::testing
