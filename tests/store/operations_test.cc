// SPDX-License-Identifier: Apache-2.0
// Operations: every field, what is due, dependents, duplicate keys, leases with fences.
#include <algorithm>

#include "server/base/strings.h"
#include "tests/store/fixture.h"

namespace kontor::store::testing {
namespace {

using base::StrCat;
using model::Operation;
using model::OperationState;
using ports::ReadView;
using ports::Unit;

struct OperationsFixture : StoreFixture {
  OperationsFixture() { Open(); }
  absl::Status Put(Operation& operation) {
    return Write([&](Unit& unit) { return unit.PutOperation(operation); });
  }
  Operation PutNew(OperationState state, const std::string& lane = "main/1/INV") {
    Operation operation = NewOperation(lane);
    operation.state = state;
    KONTOR_TEST_OK(Put(operation));
    return operation;
  }
  std::vector<std::string> DueLanes() {
    std::vector<std::string> out;
    KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(out, view.DueLanes(clock.Now(), 100));
      return absl::OkStatus();
    }));
    return out;
  }
  std::vector<std::string> Due(const std::string& lane, int limit = 100) {
    std::vector<std::string> out;
    KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(const auto rows, view.DueOperations(lane, clock.Now(), limit));
      for (const Operation& row : rows) out.push_back(row.id);
      return absl::OkStatus();
    }));
    return out;
  }
};

BOOST_FIXTURE_TEST_SUITE(operations, OperationsFixture)

BOOST_AUTO_TEST_CASE(an_operation_comes_back_with_every_field) {
  Operation o = NewOperation();
  o.verb = model::Verb::kReverse;
  o.state = OperationState::kParked;
  o.document_type = model::DocumentType::kJournalEntry;
  o.submitter = "prn_1";
  o.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  o.path = model::Path::kAddon;
  o.posting = model::Posting::kHold;
  o.revision = 3;
  o.policy_version = "7";
  o.steps = {{model::StepKind::kCreateDraft, model::StepState::kDone, 2, clock.Now(),
              clock.Now() + absl::Microseconds(1)},
             {model::StepKind::kPost, model::StepState::kUnknown, 1, clock.Now(), {}}};
  o.step_index = 1;
  o.attempt_count = 3;
  o.depends_on = {"opn_a", "opn_b"};
  o.park_reason = model::ParkReason::kDependsOn;
  o.exception_id = "exc_1";
  o.seen_in_erp = true;
  o.accepted_reasons = {"TOTAL_MISMATCH", "quote \" back \\ Grüße \n"};
  o.record = {"account.move", 5'000'000'000, "RFACT/2026/0001 é"};
  o.next_attempt = clock.Now() + absl::Seconds(5);
  o.unknown_since = clock.Now() - absl::Seconds(5);
  o.fence = 42;
  KONTOR_TEST_OK(Put(o));
  KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
    const auto got = view.FindOperation(o.id);
    BOOST_TEST_REQUIRE((got.ok() && got->has_value()), got.status().ToString());
    const Operation& g = **got;
    BOOST_TEST((g.verb == o.verb && g.state == o.state && g.path == o.path));
    BOOST_TEST((g.posting == o.posting && g.park_reason == o.park_reason));
    BOOST_TEST((g.document_type == o.document_type && g.record == o.record));
    for (const auto field :
         {&Operation::document_id, &Operation::entity, &Operation::connection, &Operation::source,
          &Operation::submitter, &Operation::request_id, &Operation::correlation_id,
          &Operation::traceparent, &Operation::lane, &Operation::external_id,
          &Operation::policy_version, &Operation::exception_id}) {
      BOOST_TEST((g.*field) == (o.*field));
    }
    BOOST_TEST(g.depends_on == o.depends_on, boost::test_tools::per_element());
    BOOST_TEST(g.accepted_reasons == o.accepted_reasons, boost::test_tools::per_element());
    BOOST_TEST((g.next_attempt == o.next_attempt && g.unknown_since == o.unknown_since));
    BOOST_TEST((g.created == o.created && g.updated == o.updated));
    BOOST_TEST((g.fence == 42 && g.version == 1 && g.step_index == 1 && g.attempt_count == 3));
    BOOST_TEST(g.seen_in_erp);
    BOOST_TEST((g.path == model::Path::kAddon && g.revision == 3));
    BOOST_TEST_REQUIRE(g.steps.size() == 2U);
    BOOST_TEST((g.steps[0].kind == model::StepKind::kCreateDraft && g.steps[0].attempts == 2));
    BOOST_TEST((g.steps[0].ended == o.steps[0].ended && !g.steps[1].ended.has_value()));
    BOOST_TEST((g.steps[1].state == model::StepState::kUnknown));
    return absl::OkStatus();
  }));
}

BOOST_AUTO_TEST_CASE(an_older_version_of_an_operation_is_refused) {
  Operation operation = PutNew(OperationState::kAccepted);
  Operation stale = operation;
  operation.state = OperationState::kReady;
  KONTOR_TEST_OK(Put(operation));
  stale.state = OperationState::kCancelled;
  KONTOR_TEST_REASON(Put(stale), kVersionConflict);
  stale.version = 0;
  KONTOR_TEST_REASON(Put(stale), kAlreadyExists);
}

BOOST_AUTO_TEST_CASE(text_that_is_not_utf8_in_an_operations_body_is_refused) {
  Operation operation = NewOperation();
  operation.accepted_reasons = {"\xFF\xFE"};
  KONTOR_TEST_REASON(Put(operation), kTextInvalid);
}

BOOST_AUTO_TEST_CASE(only_states_that_wait_for_their_lane_are_due) {
  const struct {
    OperationState state;
    bool is_due;
  } cases[] = {{OperationState::kAccepted, true},   {OperationState::kReady, true},
               {OperationState::kRetrying, true},   {OperationState::kSending, false},
               {OperationState::kUnknown, false},   {OperationState::kException, false},
               {OperationState::kHeld, false},      {OperationState::kParked, false},
               {OperationState::kPosted, false},    {OperationState::kCancelled, false}};
  for (const auto& c : cases) {
    BOOST_TEST_CONTEXT(model::NameOf(c.state)) {
      const std::string lane = StrCat("lane/", model::NameOf(c.state));
      PutNew(c.state, lane);
      BOOST_TEST(Due(lane).size() == (c.is_due ? 1U : 0U));
      const auto lanes = DueLanes();
      BOOST_TEST((std::count(lanes.begin(), lanes.end(), lane) == (c.is_due ? 1 : 0)));
    }
  }
}

BOOST_AUTO_TEST_CASE(an_operation_is_due_when_its_next_attempt_has_come) {
  Operation operation = NewOperation("l");
  operation.state = OperationState::kRetrying;
  operation.next_attempt = clock.Now() + absl::Seconds(10);
  KONTOR_TEST_OK(Put(operation));
  BOOST_TEST(DueLanes().empty());
  BOOST_TEST(Due("l").empty());
  clock.Advance(absl::Seconds(10));
  BOOST_TEST(DueLanes().size() == 1U);
  BOOST_TEST(Due("l").size() == 1U);
  operation.state = OperationState::kPosted;
  KONTOR_TEST_OK(Put(operation));
  BOOST_TEST(DueLanes().empty());
}

BOOST_AUTO_TEST_CASE(a_lane_gives_its_operations_in_order_of_acceptance) {
  std::vector<std::string> expected;
  for (int i = 0; i < 5; ++i) {
    Operation operation = NewOperation("l");
    // Sooner attempts of later operations change nothing about the order.
    operation.next_attempt = clock.Now() - absl::Seconds(i);
    KONTOR_TEST_OK(Put(operation));
    expected.push_back(operation.id);
    PutNew(OperationState::kAccepted, "other");
  }
  BOOST_TEST(Due("l") == expected, boost::test_tools::per_element());
  expected.resize(2);
  BOOST_TEST(Due("l", 2) == expected, boost::test_tools::per_element());
  const std::vector<std::string> lanes = {"l", "other"};
  BOOST_TEST(DueLanes() == lanes, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(open_operations_are_found_by_state_and_counted) {
  PutNew(OperationState::kUnknown);
  Operation later = NewOperation();
  later.state = OperationState::kUnknown;
  later.next_attempt = clock.Now() + absl::Hours(1);
  KONTOR_TEST_OK(Put(later));
  PutNew(OperationState::kHeld);
  PutNew(OperationState::kPosted);
  KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(
        const auto now, view.OperationsInState(OperationState::kUnknown, clock.Now(), 10));
    BOOST_TEST(now.size() == 1U);
    KONTOR_ASSIGN_OR_RETURN(const auto all, view.OperationsInState(OperationState::kUnknown,
                                                                   absl::InfiniteFuture(), 10));
    BOOST_TEST(all.size() == 2U);
    KONTOR_ASSIGN_OR_RETURN(const auto counts, view.CountOpenOperations());
    BOOST_TEST(counts.size() == 2U);
    BOOST_TEST(counts.at("UNKNOWN") == 2);
    BOOST_TEST(counts.at("HELD") == 1);
    KONTOR_TEST_REASON(
        view.OperationsInState(OperationState::kPosted, clock.Now(), 10).status(), kFieldInvalid);
    return absl::OkStatus();
  }));
}

BOOST_AUTO_TEST_CASE(dependents_are_found_until_they_no_longer_depend) {
  const Operation first = PutNew(OperationState::kAccepted);
  Operation second = NewOperation();
  second.depends_on = {first.id, "opn_other"};
  KONTOR_TEST_OK(Put(second));
  const auto dependents = [&] {
    size_t count = 0;
    KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(const auto rows, view.DependentsOf(first.id, 10));
      count = rows.size();
      return absl::OkStatus();
    }));
    return count;
  };
  BOOST_TEST(dependents() == 1U);
  second.state = OperationState::kReady;
  KONTOR_TEST_OK(Put(second));
  BOOST_TEST(dependents() == 1U);
  second.depends_on.clear();
  KONTOR_TEST_OK(Put(second));
  BOOST_TEST(dependents() == 0U);
}

BOOST_AUTO_TEST_CASE(operations_are_listed_by_entity_state_document_and_correlation) {
  const Operation posted = PutNew(OperationState::kPosted);
  const Operation held = PutNew(OperationState::kHeld);
  Operation other = NewOperation();
  other.entity = "globex";
  KONTOR_TEST_OK(Put(other));
  using Filter = ports::OperationFilter;
  const struct {
    const char* name;
    Filter filter;
    std::vector<std::string> expected;
  } cases[] = {
      {"all", {}, {other.id, held.id, posted.id}},
      {"entity", Made<Filter>([&](Filter& f) { f.entity = "globex"; }), {other.id}},
      {"open state",
       Made<Filter>([&](Filter& f) { f.states = {OperationState::kHeld}; }), {held.id}},
      {"mixed states",
       Made<Filter>([&](Filter& f) {
          f.states = {OperationState::kHeld, OperationState::kPosted};
        }),
       {held.id, posted.id}},
      {"document",
       Made<Filter>([&](Filter& f) { f.document_id = posted.document_id; }), {posted.id}},
      {"correlation",
       Made<Filter>([&](Filter& f) { f.correlation_id = held.correlation_id; }), {held.id}},
      {"nothing",
       Made<Filter>([&](Filter& f) {
         f.entity = "globex"; f.states = {OperationState::kHeld};
       }), {}},
  };
  for (const auto& c : cases) {
    BOOST_TEST_CONTEXT(c.name) {
      KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
        KONTOR_ASSIGN_OR_RETURN(const auto listed, view.ListOperations(c.filter, {10, ""}));
        std::vector<std::string> got;
        for (const Operation& row : listed.rows) got.push_back(row.id);
        BOOST_TEST(got == c.expected, boost::test_tools::per_element());
        return absl::OkStatus();
      }));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_duplicate_key_has_one_holder_until_it_is_released) {
  const auto reserve = [&](const std::string& entity, const std::string& operation) {
    std::string holder;
    KONTOR_TEST_OK(Write([&](Unit& unit) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(holder, unit.ReserveDuplicateKey(entity, "bill/9", operation));
      return absl::OkStatus();
    }));
    return holder;
  };
  BOOST_TEST(reserve("acme", "opn_1") == "opn_1");
  BOOST_TEST(reserve("acme", "opn_1") == "opn_1");
  BOOST_TEST(reserve("acme", "opn_2") == "opn_1");
  BOOST_TEST(reserve("globex", "opn_3") == "opn_3");
  KONTOR_TEST_OK(Write([](Unit& unit) { return unit.ReleaseDuplicateKey("opn_1"); }));
  BOOST_TEST(reserve("acme", "opn_2") == "opn_2");
  BOOST_TEST(reserve("acme", "opn_1") == "opn_2");
}

struct LeaseFixture : OperationsFixture {
  absl::StatusOr<int64_t> Acquire(const std::string& node) {
    int64_t fence = 0;
    KONTOR_RETURN_IF_ERROR(Write([&](Unit& unit) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(fence,
                              unit.AcquireLease("lane/1", node, clock.Now(), absl::Seconds(30)));
      return absl::OkStatus();
    }));
    return fence;
  }
  absl::Status Check(int64_t fence) {
    return Write([&](Unit& unit) { return unit.CheckLease("lane/1", fence); });
  }
};

BOOST_FIXTURE_TEST_CASE(a_lease_has_one_holder_and_a_new_holder_a_new_fence, LeaseFixture) {
  KONTOR_TEST_REASON(Check(1), kLeaseLost);
  const int64_t first = *Acquire("a");
  KONTOR_TEST_OK(Check(first));
  KONTOR_TEST_REASON(Check(first + 1), kLeaseLost);
  KONTOR_TEST_REASON(Acquire("b").status(), kLeaseLost);
  clock.Advance(absl::Seconds(20));
  BOOST_TEST(*Acquire("a") == first);  // Renewed.
  clock.Advance(absl::Seconds(20));
  KONTOR_TEST_REASON(Acquire("b").status(), kLeaseLost);
  clock.Advance(absl::Seconds(10));
  const int64_t second = *Acquire("b");
  BOOST_TEST(second > first);
  KONTOR_TEST_REASON(Check(first), kLeaseLost);
  KONTOR_TEST_OK(Check(second));
  KONTOR_TEST_REASON(Acquire("a").status(), kLeaseLost);
}

BOOST_FIXTURE_TEST_CASE(a_released_or_expired_lease_never_gives_an_old_fence_again, LeaseFixture) {
  const int64_t first = *Acquire("a");
  KONTOR_TEST_REASON(Write([&](Unit& unit) { return unit.ReleaseLease("lane/1", first + 5); }),
                     kLeaseLost);
  KONTOR_TEST_OK(Write([&](Unit& unit) { return unit.ReleaseLease("lane/1", first); }));
  KONTOR_TEST_REASON(Check(first), kLeaseLost);
  const int64_t second = *Acquire("b");
  BOOST_TEST(second > first);
  clock.Advance(absl::Hours(1));
  BOOST_TEST(*Acquire("b") > second);  // It had expired: others may have worked meanwhile.
}

BOOST_FIXTURE_TEST_CASE(a_write_under_a_lost_lease_leaves_nothing, LeaseFixture) {
  const int64_t old = *Acquire("a");
  clock.Advance(absl::Minutes(1));
  BOOST_TEST(Acquire("b").ok());
  Operation operation = NewOperation();
  KONTOR_TEST_REASON(Write([&](Unit& unit) -> absl::Status {
                       Operation copy = operation;
                       KONTOR_RETURN_IF_ERROR(unit.PutOperation(copy));
                       return unit.CheckLease("lane/1", old);
                     }),
                     kLeaseLost);
  BOOST_TEST(SqlInt("select count(*) from operations") == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::store::testing
