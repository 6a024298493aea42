// SPDX-License-Identifier: Apache-2.0
// Delivery on a real store under a clock of the test's own: order, retries, outages, crashes.
#include <algorithm>
#include <set>
#include <string>

#include <boost/test/unit_test.hpp>

#include <nlohmann/json.hpp>

#include "server/base/status.h"
#include "server/webhooks/payload.h"
#include "server/webhooks/schedule.h"
#include "server/webhooks/signer.h"
#include "tests/unit/webhooks/fixture.h"

namespace kontor::webhooks {
namespace {

using State = ports::DeliveryState;

// Passes everything on, but lets the next `failures` units that are submitted fail.
class FlakyStore final : public ports::Store {
 public:
  explicit FlakyStore(ports::Store& store) : store_(store) {}
  void Submit(ports::Work work, std::function<void(absl::Status)> done) override {
    if (failures == 0) return store_.Submit(std::move(work), std::move(done));
    --failures;
    done(base::Error(base::Reason::kStoreUnavailable).Says("the disk is away"));
  }
  absl::Status Commit(const ports::Work& work) override { return store_.Commit(work); }
  absl::Status Read(const std::function<absl::Status(ports::ReadView&)>& work) override {
    return store_.Read(work);
  }
  void ReadAsync(std::function<absl::Status(ports::ReadView&)> work,
                 std::function<void(absl::Status)> done) override {
    store_.ReadAsync(std::move(work), std::move(done));
  }
  void OnCommit(std::function<void(const ports::CommitNotice&)> listener) override {
    store_.OnCommit(std::move(listener));
  }
  absl::Status VerifyAudit(const std::string& head, int64_t* rows) override {
    return store_.VerifyAudit(head, rows);
  }
  absl::Status Ping() override { return store_.Ping(); }

  int failures = 0;

 private:
  ports::Store& store_;
};

BOOST_FIXTURE_TEST_SUITE(delivery, Fixture)

BOOST_AUTO_TEST_CASE(an_event_is_delivered_once_signed_and_recorded) {
  const Endpoint endpoint = AddEndpoint([](EndpointSpec& spec) { spec.headers["X-Tenant"] = "t"; });
  const model::Event event = AddEvent("inv_1");
  Run();
  BOOST_REQUIRE(http.requests.size() == 1U);
  const ports::HttpRequest& request = http.requests[0];
  BOOST_TEST(request.method == "POST");
  BOOST_TEST(request.url == "https://example.com/hook");
  BOOST_TEST(request.guard_address);
  BOOST_TEST(HeaderOf(request, "X-Tenant") == "t");
  BOOST_TEST(HeaderOf(request, "Content-Type") == "application/json");
  BOOST_TEST(HeaderOf(request, "webhook-id") == event.id);
  BOOST_TEST(HeaderOf(request, "webhook-timestamp") == "1772366400");
  const auto key = crypto::Ed25519PrivateKey::FromSeed(std::string(32, 's')).value();
  BOOST_TEST(HeaderOf(request, "webhook-signature") ==
             SignatureHeaderValue(event.id, 1772366400, request.body,
                                  {endpoint.secrets[0].secret}, {key})
                 .value());
  const auto rows = Deliveries(endpoint.id);
  BOOST_REQUIRE(rows.size() == 1U);
  BOOST_TEST((rows[0].state == State::kDelivered));
  BOOST_TEST(rows[0].attempts == 1);
  BOOST_TEST(rows[0].last_http_status == 200);
  BOOST_TEST((rows[0].ended == clock.Now()));
  RunFor(absl::Hours(100), absl::Hours(10));
  BOOST_TEST(http.requests.size() == 1U);
  BOOST_TEST(deliverer->counts().delivered == 1U);
}

BOOST_AUTO_TEST_CASE(filters_choose_and_each_endpoint_gets_its_own_delivery) {
  const Endpoint all = AddEndpoint();
  const Endpoint bills = AddEndpoint([](EndpointSpec& spec) { spec.types = {"bill.*"}; });
  const Endpoint bremen = AddEndpoint([](EndpointSpec& spec) { spec.entities = {"bremen"}; });
  AddEvent("inv_1");
  AddEvent("bil_1", "bill.posted");
  AddEvent("inv_2", "invoice.posted", "bremen");
  Run();
  BOOST_TEST(Deliveries(all.id).size() == 3U);
  BOOST_TEST(Deliveries(bills.id).size() == 1U);
  BOOST_TEST(Deliveries(bremen.id).size() == 1U);
  BOOST_TEST(http.requests.size() == 5U);
}

BOOST_AUTO_TEST_CASE(events_of_one_subject_arrive_one_after_the_other_others_beside_them) {
  AddEndpoint();
  http.answer = [](const ports::HttpRequest&) { return std::nullopt; };
  std::vector<std::string> first;
  for (int i = 0; i < 3; ++i) first.push_back(AddEvent("inv_1").id);
  const std::string other = AddEvent("inv_2").id;
  Run();
  BOOST_TEST(SentIds() == (std::vector<std::string>{first[0], other}),
             boost::test_tools::per_element());
  http.AnswerOldest(FakeHttp::Status(200));
  Run();
  BOOST_TEST(SentIds().back() == first[1]);
  BOOST_TEST(http.requests.size() == 3U);
  http.AnswerOldest(FakeHttp::Status(200));  // inv_2
  http.AnswerOldest(FakeHttp::Status(500));  // the second of inv_1: the third waits for it
  Run();
  BOOST_TEST(http.requests.size() == 3U);
  clock.Advance(absl::Seconds(6));
  Run();
  BOOST_TEST(SentIds().back() == first[1]);
  http.AnswerOldest(FakeHttp::Status(200));
  Run();
  BOOST_TEST(SentIds().back() == first[2]);
  http.AnswerOldest(FakeHttp::Status(200));
  Run();
  BOOST_TEST(deliverer->on_wire() == 0);
}

BOOST_AUTO_TEST_CASE(no_more_are_on_the_wire_than_the_endpoint_allows) {
  AddEndpoint([](EndpointSpec& spec) { spec.max_in_flight = 3; });
  http.answer = [](const ports::HttpRequest&) { return std::nullopt; };
  for (int i = 0; i < 10; ++i) AddEvent("inv_" + std::to_string(i));
  Run();
  BOOST_TEST(deliverer->on_wire() == 3);
  std::size_t answered = 0;
  while (!http.waiting.empty()) {
    http.AnswerOldest(FakeHttp::Status(200));
    ++answered;
    Run();
    BOOST_TEST(deliverer->on_wire() <= 3);
  }
  BOOST_TEST(answered == 10U);
  const auto sent = SentIds();
  BOOST_TEST((std::set<std::string>(sent.begin(), sent.end()).size() == 10U));
}

BOOST_AUTO_TEST_CASE(a_failed_delivery_is_repeated_after_the_schedule_with_the_same_content) {
  const Endpoint endpoint = AddEndpoint();
  http.answer = [](const ports::HttpRequest&) { return FakeHttp::Status(500); };
  AddEvent("inv_1");
  Run();
  const absl::Duration steps[] = {absl::Seconds(5), absl::Minutes(5), absl::Minutes(30)};
  for (std::size_t i = 0; i < std::size(steps); ++i) {
    const auto row = Deliveries(endpoint.id).at(0);
    BOOST_TEST(row.attempts == static_cast<int>(i) + 1);
    BOOST_TEST(row.last_error == "answered 500");
    BOOST_TEST((row.next_attempt - clock.Now() >= steps[i] * 9 / 10));
    BOOST_TEST((row.next_attempt - clock.Now() <= steps[i] * 11 / 10));
    clock.Set(row.next_attempt - absl::Microseconds(1));
    Run();
    BOOST_TEST(http.requests.size() == i + 1);
    clock.Set(row.next_attempt);
    Run();
    BOOST_TEST(http.requests.size() == i + 2);
    BOOST_TEST(http.requests[i + 1].body == http.requests[0].body);
    BOOST_TEST(HeaderOf(http.requests[i + 1], "webhook-id") ==
               HeaderOf(http.requests[0], "webhook-id"));
    BOOST_TEST(HeaderOf(http.requests[i + 1], "webhook-timestamp") !=
               HeaderOf(http.requests[i], "webhook-timestamp"));
  }
}

BOOST_AUTO_TEST_CASE(retry_after_puts_the_whole_endpoint_off) {
  AddEndpoint();
  http.answer = [](const ports::HttpRequest&) { return FakeHttp::Status(429, "600"); };
  AddEvent("inv_1");
  Run();
  http.answer = [](const ports::HttpRequest&) { return FakeHttp::Status(200); };
  AddEvent("inv_2");
  RunFor(absl::Seconds(599), absl::Seconds(10));
  BOOST_TEST(http.requests.size() == 1U);
  RunFor(absl::Seconds(2), absl::Seconds(1));
  BOOST_TEST(http.requests.size() == 3U);
}

BOOST_AUTO_TEST_CASE(gone_disables_the_endpoint_and_resuming_it_loses_nothing) {
  const Endpoint endpoint = AddEndpoint();
  http.answer = [](const ports::HttpRequest&) { return FakeHttp::Status(410); };
  const std::string first = AddEvent("inv_1").id;
  Run();
  BOOST_TEST((Read(endpoint.id).state == EndpointState::kDisabled));
  BOOST_TEST(Read(endpoint.id).state_reason == "It answered 410 Gone.");
  http.answer = [](const ports::HttpRequest&) { return FakeHttp::Status(200); };
  const std::string second = AddEvent("inv_1").id;
  RunFor(absl::Hours(48), absl::Hours(1));
  BOOST_TEST(http.requests.size() == 1U);
  BOOST_TEST(Deliveries(endpoint.id, State::kParked).size() == 2U);
  BOOST_TEST(service->Resume(actor, endpoint.id, "back").ok());
  Run();
  BOOST_TEST(SentIds() == (std::vector<std::string>{first, first, second}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_paused_endpoint_gets_nothing_and_then_everything_in_order) {
  const Endpoint endpoint = AddEndpoint();
  BOOST_TEST(service->Pause(actor, endpoint.id, "maintenance").ok());
  std::vector<std::string> sent_events;
  for (int i = 0; i < 5; ++i) sent_events.push_back(AddEvent("inv_1").id);
  RunFor(absl::Hours(3), absl::Hours(1));
  BOOST_TEST(http.requests.empty());
  BOOST_TEST(service->Resume(actor, endpoint.id, "done").ok());
  Run();
  BOOST_TEST(SentIds() == sent_events, boost::test_tools::per_element());
}

// More than is kept in memory between writing and sending: what is not is read again.
BOOST_AUTO_TEST_CASE(a_flood_of_events_arrives_once_and_in_order) {
  constexpr int kSubjects = 30;
  constexpr int kEvents = 6000;
  constexpr int kTogether = 1000;
  AddEndpoint();
  std::map<std::string, int> last;  // of each subject
  bool ordered = true;
  http.answer = [&](const ports::HttpRequest& request) {
    const auto body = nlohmann::json::parse(request.body);
    int& seen = last[body["subject"]];
    ordered = ordered && body["subject_sequence"] == seen + 1;
    seen = body["subject_sequence"];
    return FakeHttp::Status(200);
  };
  for (int begun = 0; begun < kEvents; begun += kTogether) {
    BOOST_REQUIRE(store->Commit([&](ports::Unit& unit) -> absl::Status {
      for (int i = begun; i < begun + kTogether; ++i) {
        model::Event event;
        event.id = ids.Next(base::kEventPrefix);
        event.type = "invoice.posted";
        event.time = clock.Now();
        event.entity = "hamburg";
        event.subject = "inv_" + std::to_string(i % kSubjects);
        event.data = "{}";
        KONTOR_RETURN_IF_ERROR(unit.AppendEvent(std::move(event)));
      }
      return absl::OkStatus();
    }).ok());
    if (begun % 2000 == 0) Run();
  }
  Run();
  BOOST_TEST(ordered);
  BOOST_TEST(http.requests.size() == static_cast<std::size_t>(kEvents));
  for (const auto& [subject, seen] : last) BOOST_TEST(seen == kEvents / kSubjects);
}

// What waits in memory must not be sent to an endpoint that was paused meanwhile.
BOOST_AUTO_TEST_CASE(what_waits_behind_a_delivery_stays_when_its_endpoint_is_paused) {
  const Endpoint endpoint = AddEndpoint();
  http.answer = [](const ports::HttpRequest&) { return std::nullopt; };
  std::vector<std::string> sent_events;
  for (int i = 0; i < 3; ++i) sent_events.push_back(AddEvent("inv_1").id);
  Run();
  BOOST_TEST(http.requests.size() == 1U);
  BOOST_TEST(service->Pause(actor, endpoint.id, "maintenance").ok());
  Run();
  http.AnswerOldest(FakeHttp::Status(200));
  Run();
  RunFor(absl::Hours(1), absl::Minutes(10));
  BOOST_TEST(http.requests.size() == 1U);
  http.answer = [](const ports::HttpRequest&) { return FakeHttp::Status(200); };
  BOOST_TEST(service->Resume(actor, endpoint.id, "done").ok());
  Run();
  BOOST_TEST(SentIds() == sent_events, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(nothing_more_is_sent_to_an_endpoint_that_was_deleted) {
  const Endpoint endpoint = AddEndpoint();
  http.answer = [](const ports::HttpRequest&) { return std::nullopt; };
  for (int i = 0; i < 3; ++i) AddEvent("inv_1");
  AddEvent("inv_2");
  Run();
  BOOST_TEST(http.requests.size() == 2U);
  BOOST_TEST(service->Delete(actor, endpoint.id, "gone").ok());
  http.AnswerOldest(FakeHttp::Status(200));
  Run();
  http.AnswerOldest(FakeHttp::Status(200));
  Run();
  BOOST_TEST(http.requests.size() == 2U);
  BOOST_TEST(deliverer->on_wire() == 0);
}

// The issue's own case: down for days, then back.
BOOST_AUTO_TEST_CASE(a_receiver_down_for_days_gets_all_of_it_in_order_and_nothing_else) {
  constexpr int kSubjects = 7;
  constexpr int kEvents = 10;
  const Endpoint endpoint = AddEndpoint();
  bool down = true;
  std::map<std::string, std::vector<std::string>> got;  // subject → ids, in order of arrival
  std::map<std::string, std::string> bodies;
  http.answer = [&](const ports::HttpRequest& request) {
    const std::string id = HeaderOf(request, "webhook-id");
    const auto [known, fresh] = bodies.emplace(id, request.body);
    if (!fresh && known->second != request.body) BOOST_ERROR("one id with two contents");
    if (down) return got.size() % 2 == 0 ? FakeHttp::Lost() : FakeHttp::Status(503);
    const std::string marker = "\"subject\":\"";
    const std::size_t at = request.body.find(marker) + marker.size();
    got[request.body.substr(at, request.body.find('"', at) - at)].push_back(id);
    return FakeHttp::Status(200);
  };
  std::map<std::string, std::vector<std::string>> wanted;
  for (int i = 0; i < kEvents; ++i) {
    for (int s = 0; s < kSubjects; ++s) {
      const std::string subject = "inv_" + std::to_string(s);
      wanted[subject].push_back(AddEvent(subject).id);
    }
    RunFor(absl::Hours(12), absl::Minutes(20));
  }
  BOOST_TEST((Read(endpoint.id).state == EndpointState::kBroken));
  BOOST_TEST(Read(endpoint.id).state_reason.find("deliveries in a row failed") !=
             std::string::npos);
  // The breaker spares the receiver: about one attempt an hour in five days, not thousands.
  BOOST_TEST(http.requests.size() < 200U);
  BOOST_TEST(got.empty());
  down = false;
  RunFor(absl::Hours(25), absl::Minutes(20));
  BOOST_TEST((got == wanted));
  BOOST_TEST((Read(endpoint.id).state == EndpointState::kActive));
  BOOST_TEST(Deliveries(endpoint.id, State::kPending).empty());
  BOOST_TEST(Deliveries(endpoint.id, State::kParked).empty());
}

BOOST_AUTO_TEST_CASE(an_event_that_alone_is_refused_is_kept_back_and_blocks_its_subject_only) {
  const Endpoint endpoint = AddEndpoint();
  const std::string poison = AddEvent("inv_1").id;
  bool digestible = false;
  http.answer = [&](const ports::HttpRequest& request) {
    const bool refuse = !digestible && HeaderOf(request, "webhook-id") == poison;
    return FakeHttp::Status(refuse ? 400 : 200);
  };
  const std::string next = AddEvent("inv_1").id;
  for (int day = 0; day < 5; ++day) {
    AddEvent("inv_" + std::to_string(100 + day));
    RunFor(absl::Hours(24), absl::Minutes(30));
  }
  const auto parked = Deliveries(endpoint.id, State::kParked);
  BOOST_REQUIRE(parked.size() == 1U);
  BOOST_TEST(parked[0].event_id == poison);
  BOOST_TEST(parked[0].attempts == kAttemptsMax);
  BOOST_TEST(parked[0].last_error.find("kept back after 10 attempts") != std::string::npos);
  BOOST_TEST(Deliveries(endpoint.id, State::kDelivered).size() == 5U);
  BOOST_TEST((Read(endpoint.id).state == EndpointState::kActive));
  BOOST_TEST(deliverer->counts().parked == 1U);
  digestible = true;
  ReplaySelection selection;
  selection.endpoint_id = endpoint.id;
  selection.event_ids = {poison};
  BOOST_TEST(service->Replay(actor, {}, selection, "receiver was mended").value().deliveries == 1);
  http.requests.clear();
  Run();
  BOOST_TEST(SentIds() == (std::vector<std::string>{poison, next}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(after_a_restart_what_was_not_recorded_is_delivered_again_under_its_id) {
  const Endpoint endpoint = AddEndpoint();
  http.answer = [](const ports::HttpRequest&) { return std::nullopt; };
  const std::string id = AddEvent("inv_1").id;
  Run();
  BOOST_TEST(deliverer->on_wire() == 1);
  Restart();
  http.answer = [](const ports::HttpRequest&) { return FakeHttp::Status(200); };
  Run();
  BOOST_TEST(SentIds() == (std::vector<std::string>{id, id}), boost::test_tools::per_element());
  BOOST_TEST(http.requests[0].body == http.requests[1].body);
  http.AnswerOldest(FakeHttp::Status(500));  // to the deliverer that is gone
  BOOST_TEST(Deliveries(endpoint.id, State::kDelivered).size() == 1U);
}

BOOST_AUTO_TEST_CASE(events_written_while_nobody_delivered_are_found_at_the_next_start) {
  const Endpoint endpoint = AddEndpoint();
  deliverer->Stop(absl::ZeroDuration());
  std::vector<std::string> sent_events;
  for (int i = 0; i < 250; ++i) sent_events.push_back(AddEvent("inv_1").id);
  settings.fan_out_batch = 100;  // so that they are more than one batch
  Restart();
  Run();
  BOOST_TEST(SentIds() == sent_events, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_endpoint_that_was_broken_before_a_restart_is_met_with_one_delivery) {
  const Endpoint endpoint = AddEndpoint();
  http.answer = [](const ports::HttpRequest&) { return FakeHttp::Lost(); };
  for (int i = 0; i < 20; ++i) AddEvent("inv_" + std::to_string(i));
  RunFor(absl::Hours(1), absl::Minutes(1));
  BOOST_TEST((Read(endpoint.id).state == EndpointState::kBroken));
  Restart();
  http.requests.clear();
  Run();
  BOOST_TEST(http.requests.size() == 1U);
}

BOOST_AUTO_TEST_CASE(only_one_node_delivers_and_the_other_takes_over_when_it_is_gone) {
  const Endpoint endpoint = AddEndpoint();
  Settings second_settings;
  second_settings.node = "second";
  FakeHttp second_http;
  Deliverer second(Dependencies{*store, second_http, clock, ids, {}, {}}, second_settings);
  AddEvent("inv_1");
  BOOST_TEST(!second.Tick());
  Run();
  BOOST_TEST(second_http.requests.empty());
  BOOST_TEST(http.requests.size() == 1U);
  AddEvent("inv_2");
  clock.Advance(second_settings.lease_ttl + absl::Seconds(1));  // the first one hangs
  second.Wake();
  while (second.Tick()) {
  }
  BOOST_TEST(second_http.requests.size() == 1U);
  Run();  // it wakes, finds its lease gone, and sends nothing
  BOOST_TEST(http.requests.size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_answer_that_comes_after_the_lease_was_lost_changes_nothing) {
  const Endpoint endpoint = AddEndpoint();
  http.answer = [](const ports::HttpRequest&) { return std::nullopt; };
  AddEvent("inv_1");
  Run();
  clock.Advance(settings.lease_ttl + absl::Seconds(1));
  Settings second_settings;
  second_settings.node = "second";
  FakeHttp second_http;
  Deliverer second(Dependencies{*store, second_http, clock, ids, {}, {}}, second_settings);
  second.Wake();
  while (second.Tick()) {
  }
  BOOST_TEST(Deliveries(endpoint.id, State::kDelivered).size() == 1U);
  http.AnswerOldest(FakeHttp::Status(500));
  Run();
  BOOST_TEST(Deliveries(endpoint.id, State::kDelivered).size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_answer_that_the_store_did_not_take_is_written_later_and_not_sent_again) {
  const Endpoint endpoint = AddEndpoint();
  deliverer->Stop(absl::ZeroDuration());
  FlakyStore flaky(*store);
  Deliverer careful(Dependencies{flaky, http, clock, ids, {}, {}}, settings);
  http.answer = [](const ports::HttpRequest&) { return std::nullopt; };
  AddEvent("inv_1");
  const std::string second = AddEvent("inv_1").id;
  careful.Wake();
  while (careful.Tick()) {
  }
  BOOST_TEST(http.requests.size() == 1U);
  flaky.failures = 3;
  http.AnswerOldest(FakeHttp::Status(200));
  for (int i = 0; i < 3; ++i) {
    while (careful.Tick()) {
    }
    // Unknown on disk, so the subject's next event stays where it is, and so does this one.
    BOOST_TEST(http.requests.size() == 1U);
    BOOST_TEST(Deliveries(endpoint.id, State::kDelivered).empty());
    clock.Advance(settings.poll_interval);
  }
  while (careful.Tick()) {
  }
  BOOST_TEST(Deliveries(endpoint.id, State::kDelivered).size() == 1U);
  BOOST_TEST(SentIds().back() == second);
  BOOST_TEST(http.requests.size() == 2U);
}

BOOST_AUTO_TEST_CASE(masking_follows_the_endpoints_grant) {
  AddEndpoint();
  AddEndpoint([](EndpointSpec& spec) {
    spec.url = "https://example.com/unmasked";
    spec.unmasked = true;
  });
  model::Event event;
  event.id = ids.Next("evt_");
  event.type = "invoice.posted";
  event.subject = "inv_1";
  event.data = R"({"booked":{"partner_name":"Example GmbH"}})";
  BOOST_TEST(store->Commit([&](ports::Unit& unit) { return unit.AppendEvent(event); }).ok());
  Run();
  BOOST_REQUIRE(http.requests.size() == 2U);
  for (const ports::HttpRequest& request : http.requests) {
    BOOST_TEST((request.body.find("Example GmbH") != std::string::npos) ==
               request.url.ends_with("unmasked"));
  }
}

BOOST_AUTO_TEST_CASE(logs_name_ids_but_neither_payload_nor_secret) {
  const Endpoint endpoint = AddEndpoint();
  http.answer = [](const ports::HttpRequest&) { return FakeHttp::Status(500); };
  AddEvent("inv_1");
  Run();
  BOOST_TEST(!log.empty());
  for (const std::string& line : log) {
    BOOST_TEST(line.find("whsec_") == std::string::npos);
    BOOST_TEST(line.find("POSTED") == std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::webhooks
