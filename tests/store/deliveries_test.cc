// SPDX-License-Identifier: Apache-2.0
// Deliveries: due ones only, first of their subject, whatever state the others are in.
#include "server/base/strings.h"
#include "tests/store/fixture.h"

namespace kontor::store::testing {
namespace {

using ports::DeliveryRow;
using ports::DeliveryState;
using ports::ReadView;
using ports::Unit;

struct DeliveriesFixture : StoreFixture {
  DeliveriesFixture() { Open(); }
  DeliveryRow New(int64_t sequence, const std::string& subject,
                  const std::string& endpoint = "whe_1") {
    DeliveryRow row;
    row.id = ids.Next("dlv_");
    row.endpoint_id = endpoint;
    row.event_sequence = sequence;
    row.event_id = "evt_x";
    row.subject = subject;
    row.next_attempt = row.created = clock.Now();
    KONTOR_TEST_OK(Put(row));
    return row;
  }
  absl::Status Put(DeliveryRow row) {
    const absl::Status done = Write([&](Unit& unit) { return unit.PutDelivery(row); });
    was_first = row.first;
    return done;
  }
  bool was_first = false;  ///< What the store said of the last one.
  std::vector<int64_t> Due(const std::string& endpoint = "whe_1") {
    std::vector<int64_t> out;
    KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(const auto rows, view.DueDeliveries(endpoint, clock.Now(), 100));
      for (const DeliveryRow& row : rows) out.push_back(row.event_sequence);
      return absl::OkStatus();
    }));
    std::sort(out.begin(), out.end());
    return out;
  }
};
using Numbers = std::vector<int64_t>;

#define DUE_IS(...) BOOST_TEST(Due() == (Numbers{__VA_ARGS__}), boost::test_tools::per_element())

BOOST_FIXTURE_TEST_SUITE(deliveries, DeliveriesFixture)

BOOST_AUTO_TEST_CASE(only_the_first_of_each_subject_is_due_and_the_next_follows_it) {
  DeliveryRow first = New(1, "inv_1");
  DeliveryRow second = New(2, "inv_1");
  New(3, "inv_2");
  New(4, "inv_1", "whe_2");
  DUE_IS(1, 3);
  BOOST_TEST(Due("whe_2").size() == 1U);
  first.state = DeliveryState::kDelivered;
  first.ended = clock.Now();
  KONTOR_TEST_OK(Put(first));
  DUE_IS(2, 3);
  second.state = DeliveryState::kDropped;
  KONTOR_TEST_OK(Put(second));
  DUE_IS(3);
}

BOOST_AUTO_TEST_CASE(a_delivery_that_waits_for_its_next_attempt_holds_its_subject_back) {
  DeliveryRow first = New(1, "inv_1");
  New(2, "inv_1");
  first.attempts = 1;
  first.next_attempt = clock.Now() + absl::Minutes(5);
  first.last_http_status = 503;
  first.last_error = "busy";
  KONTOR_TEST_OK(Put(first));
  BOOST_TEST(Due().empty());
  clock.Advance(absl::Minutes(5));
  DUE_IS(1);
}

BOOST_AUTO_TEST_CASE(a_parked_delivery_holds_its_subject_back_until_it_is_pending_again) {
  DeliveryRow first = New(1, "inv_1");
  New(2, "inv_1");
  first.state = DeliveryState::kParked;
  KONTOR_TEST_OK(Put(first));
  BOOST_TEST(Due().empty());
  first.state = DeliveryState::kPending;
  KONTOR_TEST_OK(Put(first));
  DUE_IS(1);
}

BOOST_AUTO_TEST_CASE(a_replayed_older_event_goes_before_the_newer_ones) {
  New(5, "inv_1");
  DeliveryRow replay = New(2, "inv_1");
  DUE_IS(2);
  replay.state = DeliveryState::kDelivered;
  KONTOR_TEST_OK(Put(replay));
  DUE_IS(5);
}

BOOST_AUTO_TEST_CASE(a_delivered_one_that_is_put_again_goes_first_again) {
  DeliveryRow first = New(1, "inv_1");
  first.state = DeliveryState::kDelivered;
  KONTOR_TEST_OK(Put(first));
  New(2, "inv_1");
  DUE_IS(2);
  first.state = DeliveryState::kPending;
  KONTOR_TEST_OK(Put(first));
  DUE_IS(1);
}

BOOST_AUTO_TEST_CASE(whoever_writes_a_delivery_is_told_whether_it_goes_first) {
  DeliveryRow first = New(3, "inv_1");
  BOOST_TEST(was_first);
  DeliveryRow second = New(4, "inv_1");
  BOOST_TEST(!was_first);
  New(4, "inv_2");
  BOOST_TEST(was_first);
  New(4, "inv_1", "whe_2");
  BOOST_TEST(was_first);
  New(2, "inv_1");  // replayed
  BOOST_TEST(was_first);
  KONTOR_TEST_OK(Put(first));
  BOOST_TEST(!was_first);
  first.state = DeliveryState::kDelivered;
  KONTOR_TEST_OK(Put(first));
  BOOST_TEST(!was_first);
  second.attempts = 1;
  KONTOR_TEST_OK(Put(second));
  BOOST_TEST(!was_first);
  DUE_IS(2, 4);
}

BOOST_AUTO_TEST_CASE(deliveries_are_listed_by_endpoint_and_state_in_pages_and_come_back_whole) {
  for (int i = 1; i <= 5; ++i) New(i, "inv_1");
  DeliveryRow row = New(6, "inv_2");
  row.state = DeliveryState::kDelivered;
  row.attempts = 2;
  row.last_http_status = 204;
  row.ended = clock.Now();
  KONTOR_TEST_OK(Put(row));
  New(7, "inv_3", "whe_2");
  KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto page, view.ListDeliveries("whe_1", {}, {4, ""}));
    BOOST_TEST(page.rows.size() == 4U);
    KONTOR_ASSIGN_OR_RETURN(const auto rest, view.ListDeliveries("whe_1", {}, {4, page.next}));
    BOOST_TEST(rest.rows.size() == 2U);
    BOOST_TEST(rest.next == "");
    KONTOR_ASSIGN_OR_RETURN(const auto done,
                            view.ListDeliveries("whe_1", {DeliveryState::kDelivered}, {10, ""}));
    BOOST_TEST_REQUIRE(done.rows.size() == 1U);
    BOOST_TEST((done.rows[0].attempts == 2 && done.rows[0].last_http_status == 204));
    BOOST_TEST((done.rows[0].ended == row.ended));
    KONTOR_ASSIGN_OR_RETURN(
        const auto ended, view.ListDeliveries(
                              "whe_1", {DeliveryState::kDelivered, DeliveryState::kDropped},
                              {10, ""}));
    BOOST_TEST(ended.rows.size() == 1U);
    KONTOR_ASSIGN_OR_RETURN(
        const auto open, view.ListDeliveries(
                             "whe_1", {DeliveryState::kPending, DeliveryState::kParked}, {10, ""}));
    BOOST_TEST(open.rows.size() == 5U);
    KONTOR_ASSIGN_OR_RETURN(const auto pending,
                            view.ListDeliveries("whe_1", {DeliveryState::kPending}, {10, ""}));
    BOOST_TEST_REQUIRE(pending.rows.size() == 5U);
    BOOST_TEST(!pending.rows[0].ended.has_value());
    KONTOR_TEST_REASON(view.ListDeliveries("whe_1", {}, {4, "zz"}).status(), kPageTokenInvalid);
    return absl::OkStatus();
  }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::store::testing
