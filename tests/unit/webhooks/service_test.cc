// SPDX-License-Identifier: Apache-2.0
// What people and programs may ask of webhooks: endpoints, challenge, secrets, replays, audit.
#include <algorithm>
#include <string>

#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "server/webhooks/signer.h"
#include "tests/unit/webhooks/fixture.h"

namespace kontor::webhooks {
namespace {

using base::Reason;

ports::HttpResponse Body(int status, std::string body) {
  ports::HttpResponse response = FakeHttp::Status(status);
  response.body = std::move(body);
  return response;
}

EndpointSpec Spec(const std::string& url = "https://example.com/hook") {
  EndpointSpec spec;
  spec.url = url;
  return spec;
}

BOOST_FIXTURE_TEST_SUITE(service_calls, Fixture)

BOOST_AUTO_TEST_CASE(a_new_endpoint_is_unverified_and_gets_no_events) {
  AddEndpoint();  // so that the feed is followed
  const auto made = service->Create(actor, {}, Spec("https://example.org/"), "").value();
  BOOST_TEST((made.endpoint.state == EndpointState::kUnverified));
  BOOST_TEST(SecretBytes(made.secret.Reveal()).ok());
  BOOST_TEST(made.endpoint.owner == "anna");
  AddEvent("inv_1");
  Run();
  BOOST_TEST(Deliveries(made.endpoint.id).empty());
}

BOOST_AUTO_TEST_CASE(a_repeated_request_gives_the_first_endpoint_without_its_secret) {
  const RequestKey key{"req-1", "digest-a"};
  const auto first = service->Create(actor, key, Spec(), "").value();
  const auto again = service->Create(actor, key, Spec(), "").value();
  BOOST_TEST(again.endpoint.id == first.endpoint.id);
  BOOST_TEST(again.secret.Reveal().empty());
  BOOST_TEST(service->List({}).value().size() == 1U);
  const auto other = service->Create(actor, {"req-1", "digest-b"}, Spec(), "");
  BOOST_TEST(base::Is(other.status(), Reason::kRequestIdReused));
  ports::Actor someone = actor;
  someone.source = "someone";
  const auto theirs = service->Create(someone, key, Spec(), "").value();
  BOOST_TEST(theirs.endpoint.id != first.endpoint.id);
}

BOOST_AUTO_TEST_CASE(private_targets_and_bad_secrets_are_refused) {
  for (const char* url : {"https://127.0.0.1/", "https://192.168.1.1/", "https://[::1]/",
                          "https://169.254.169.254/"}) {
    const absl::Status status = service->Create(actor, {}, Spec(url), "").status();
    BOOST_TEST(base::Is(status, Reason::kTargetRefused));
    BOOST_TEST(base::InfoOf(status).field == "endpoint.url");
  }
  BOOST_TEST(service->Create(actor, {}, Spec("https://10.1.2.3/"), "").ok());  // allowed
  BOOST_TEST(base::Is(service->Create(actor, {}, Spec("http://example.com/"), "").status(),
                      Reason::kFieldInvalid));
  BOOST_TEST(base::Is(service->Create(actor, {}, Spec(), "whsec_short").status(),
                      Reason::kFieldInvalid));
}

BOOST_AUTO_TEST_CASE(only_the_right_answer_to_the_challenge_activates) {
  const std::string id = service->Create(actor, {}, Spec(), "").value().endpoint.id;
  const auto verify = [&](ports::HttpResponse answer) {
    http.answer = [&](const ports::HttpRequest&) { return answer; };
    return service->Verify(actor, id).status();
  };
  BOOST_TEST(base::Is(verify(FakeHttp::Lost()), Reason::kChallengeFailed));
  BOOST_TEST(base::Is(verify(FakeHttp::Status(404)), Reason::kChallengeFailed));
  BOOST_TEST(base::Is(verify(FakeHttp::Status(200)), Reason::kChallengeFailed));
  BOOST_TEST(base::Is(verify(Body(200, R"({"challenge":"guess"})")), Reason::kChallengeFailed));
  const absl::Status moved = verify(FakeHttp::Status(302));
  BOOST_TEST(base::Is(moved, Reason::kChallengeFailed));
  BOOST_TEST(std::string(moved.message()).find("answered 302") != std::string::npos);
  BOOST_TEST((Read(id).state == EndpointState::kUnverified));
  http.answer = [](const ports::HttpRequest& request) { return Body(201, request.body); };
  BOOST_TEST(base::Is(service->Verify(actor, id).status(), Reason::kChallengeFailed));
  http.answer = [](const ports::HttpRequest& request) { return Body(200, request.body); };
  BOOST_TEST((service->Verify(actor, id).value().state == EndpointState::kActive));
  BOOST_TEST(http.requests.back().body.find("\"type\":\"endpoint.challenge\"") !=
             std::string::npos);
  BOOST_TEST(HeaderOf(http.requests.back(), "webhook-signature").starts_with("v1,"));
}

BOOST_AUTO_TEST_CASE(challenges_differ_so_that_an_old_answer_is_worth_nothing) {
  const std::string id = service->Create(actor, {}, Spec(), "").value().endpoint.id;
  std::string old;
  http.answer = [&](const ports::HttpRequest& request) {
    old = request.body;
    return FakeHttp::Status(500);
  };
  BOOST_TEST(!service->Verify(actor, id).ok());
  http.answer = [&](const ports::HttpRequest&) { return Body(200, old); };
  BOOST_TEST(base::Is(service->Verify(actor, id).status(), Reason::kChallengeFailed));
}

BOOST_AUTO_TEST_CASE(a_changed_url_must_be_verified_again_and_events_wait_for_it) {
  const Endpoint endpoint = AddEndpoint();
  EndpointSpec spec = endpoint.spec;
  spec.description = "same target";
  Endpoint changed = service->Update(actor, endpoint.id, spec, endpoint.version).value();
  BOOST_TEST((changed.state == EndpointState::kActive));
  spec.url = "https://example.org/";
  BOOST_TEST(base::Is(service->Update(actor, endpoint.id, spec, endpoint.version).status(),
                      Reason::kVersionConflict));
  changed = service->Update(actor, endpoint.id, spec, 0).value();
  BOOST_TEST((changed.state == EndpointState::kUnverified));
  BOOST_TEST(base::Is(service->Resume(actor, endpoint.id, "").status(), Reason::kStateConflict));
  AddEvent("inv_1");
  Run();
  BOOST_TEST(http.requests.empty());
  http.answer = [](const ports::HttpRequest& request) { return Body(200, request.body); };
  BOOST_TEST(service->Verify(actor, endpoint.id).ok());
  Run();
  BOOST_TEST(http.requests.size() == 2U);
  BOOST_TEST(http.requests.back().url == "https://example.org/");
}

BOOST_AUTO_TEST_CASE(a_ping_reports_what_came_back) {
  const Endpoint endpoint = AddEndpoint();
  PingResult result = service->Ping(actor, endpoint.id).value();
  BOOST_TEST(result.http_status == 200);
  BOOST_TEST(result.error.empty());
  http.answer = [](const ports::HttpRequest&) { return FakeHttp::Status(500); };
  BOOST_TEST(service->Ping(actor, endpoint.id).value().error == "answered 500");
  http.answer = [](const ports::HttpRequest&) { return FakeHttp::Lost(); };
  result = service->Ping(actor, endpoint.id).value();
  BOOST_TEST(result.http_status == 0);
  BOOST_TEST(!result.error.empty());
}

BOOST_AUTO_TEST_CASE(a_rotated_secret_signs_beside_the_old_one_until_the_overlap_ends) {
  const Endpoint endpoint = AddEndpoint();
  const auto rotated =
      service->RotateSecret(actor, {"req-2", "d"}, endpoint.id, absl::Hours(24), "").value();
  const auto again =
      service->RotateSecret(actor, {"req-2", "d"}, endpoint.id, absl::Hours(24), "").value();
  BOOST_TEST(again.secret.Reveal().empty());
  BOOST_TEST(again.endpoint.secrets.size() == 2U);
  const auto signatures = [&](const std::string& subject) {
    AddEvent(subject);
    Run();
    const std::string value = HeaderOf(http.requests.back(), "webhook-signature");
    return 1 + std::count(value.begin(), value.end(), ' ');
  };
  BOOST_TEST(signatures("inv_1") == 3);  // new, old, Ed25519
  clock.Advance(absl::Hours(24));
  BOOST_TEST(signatures("inv_2") == 2);
  const auto at_once =
      service->RotateSecret(actor, {}, endpoint.id, absl::ZeroDuration(), "").value();
  BOOST_TEST(at_once.endpoint.secrets.size() == 1U);
  BOOST_TEST(at_once.endpoint.secrets[0].secret != rotated.secret.Reveal());
  BOOST_TEST(base::Is(
      service->RotateSecret(actor, {}, endpoint.id, absl::Hours(24 * 31), "").status(),
      Reason::kFieldInvalid));
  BOOST_TEST(!service->RotateSecret(actor, {}, endpoint.id, -absl::Seconds(1), "").ok());
}

BOOST_AUTO_TEST_CASE(what_waits_for_a_paused_endpoint_is_parked_until_it_is_resumed) {
  using State = ports::DeliveryState;
  const Endpoint endpoint = AddEndpoint();
  AddEvent("inv_1");
  Run();
  BOOST_TEST(service->Pause(actor, endpoint.id, "they move house").ok());
  for (int i = 0; i < 3; ++i) AddEvent("inv_" + std::to_string(i));
  Run();
  BOOST_TEST(Deliveries(endpoint.id, State::kParked).size() == 3U);
  BOOST_TEST(Deliveries(endpoint.id, State::kPending).empty());
  BOOST_TEST(Deliveries(endpoint.id, State::kDelivered).size() == 1U);
  const auto all = Deliveries(endpoint.id);
  BOOST_TEST(all.size() == 4U);
  BOOST_TEST(std::none_of(all.begin(), all.end(),
                          [](const auto& row) { return row.state == State::kPending; }));
  BOOST_TEST(service->Resume(actor, endpoint.id, "").ok());
  Run();
  BOOST_TEST(Deliveries(endpoint.id, State::kParked).empty());
  BOOST_TEST(Deliveries(endpoint.id, State::kDelivered).size() == 4U);
}

BOOST_AUTO_TEST_CASE(a_reason_that_is_too_long_or_has_control_characters_changes_nothing) {
  const Endpoint endpoint = AddEndpoint();
  const std::string text = AddEvent("inv_1").id;
  const std::pair<std::string, Reason> bad[] = {{std::string(1001, 'x'), Reason::kFieldTooLong},
                                                {"a\x01z", Reason::kTextInvalid},
                                                {"\xff", Reason::kTextInvalid}};
  for (const auto& [reason, refused] : bad) {
    ReplaySelection selection;
    selection.event_ids = {text};
    BOOST_TEST(base::Is(service->Pause(actor, endpoint.id, reason).status(), refused));
    BOOST_TEST(base::Is(service->Resume(actor, endpoint.id, reason).status(), refused));
    BOOST_TEST(base::Is(service->Delete(actor, endpoint.id, reason).status(), refused));
    BOOST_TEST(base::Is(service->Replay(actor, {}, selection, reason).status(), refused));
  }
  BOOST_TEST(service->Pause(actor, endpoint.id, std::string(1000, 'x')).ok());
  BOOST_TEST(AuditActions().back() == "webhook_endpoint.pause");
}

BOOST_AUTO_TEST_CASE(deleting_drops_what_is_open_and_keeps_the_record) {
  const Endpoint endpoint = AddEndpoint();
  AddEvent("inv_1");
  Run();
  BOOST_TEST(service->Pause(actor, endpoint.id, "").ok());
  for (int i = 0; i < 600; ++i) AddEvent("inv_" + std::to_string(i));
  Run();
  BOOST_TEST(service->Delete(actor, endpoint.id, "not needed").value() == 600);
  BOOST_TEST(base::Is(service->Get(endpoint.id).status(), Reason::kNotFound));
  BOOST_TEST(base::Is(service->Delete(actor, endpoint.id, "").status(), Reason::kNotFound));
  BOOST_TEST(Deliveries(endpoint.id, ports::DeliveryState::kDropped).size() == 600U);
  BOOST_TEST(Deliveries(endpoint.id, ports::DeliveryState::kDelivered).size() == 1U);
  RunFor(absl::Hours(2), absl::Hours(1));
  BOOST_TEST(http.requests.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_replay_sends_the_same_ids_and_contents_again) {
  const Endpoint endpoint = AddEndpoint();
  AddEndpoint([](EndpointSpec& spec) { spec.types = {"bill.*"}; });
  const absl::Time begun = clock.Now();
  std::vector<std::string> events;
  for (int i = 0; i < 4; ++i) {
    events.push_back(AddEvent("inv_1").id);
    clock.Advance(absl::Minutes(1));
  }
  Run();
  const std::vector<ports::HttpRequest> before = http.requests;
  BOOST_REQUIRE(before.size() == 4U);
  http.requests.clear();
  ReplaySelection window;
  window.from = begun + absl::Minutes(1);
  window.to = begun + absl::Minutes(3);
  const RequestKey key{"replay-1", "d"};
  ReplayResult result = service->Replay(actor, key, window, "lost at the receiver").value();
  BOOST_TEST(result.events == 2);
  BOOST_TEST(result.deliveries == 2);
  BOOST_TEST(service->Replay(actor, key, window, "").value().deliveries == 2);  // counted only
  Run();
  BOOST_TEST(SentIds() == (std::vector<std::string>{events[1], events[2]}),
             boost::test_tools::per_element());
  BOOST_TEST(http.requests[0].body == before[1].body);
  const auto rows = Deliveries(endpoint.id);
  BOOST_TEST(std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.replay; }) ==
             2);
}

BOOST_AUTO_TEST_CASE(a_replay_of_nothing_or_of_what_is_unknown_is_refused) {
  const Endpoint endpoint = AddEndpoint();
  const auto refused = [&](auto change) {
    ReplaySelection selection;
    selection.event_ids = {AddEvent("inv_1").id};
    change(selection);
    return service->Replay(actor, {}, selection, "").status();
  };
  using R = ReplaySelection;
  BOOST_TEST(base::Is(refused([](R& r) { r.event_ids.clear(); }), Reason::kFieldMissing));
  BOOST_TEST(base::Is(refused([](R& r) { r.event_ids = {"evt_x"}; }), Reason::kNotFound));
  BOOST_TEST(base::Is(refused([](R& r) { r.endpoint_id = "whe_x"; }), Reason::kNotFound));
  BOOST_TEST(base::Is(refused([&](R& r) { r.from = clock.Now(); }), Reason::kFieldConflict));
  BOOST_TEST(base::Is(refused([&](R& r) {
                        r.event_ids.clear();
                        r.from = r.to = clock.Now();
                      }),
                      Reason::kFieldInvalid));
}

BOOST_AUTO_TEST_CASE(every_change_leaves_an_audit_row_without_secrets) {
  const Endpoint endpoint = AddEndpoint([](EndpointSpec& spec) { spec.headers["X-Key"] = "hush"; });
  service->Pause(actor, endpoint.id, "why not").IgnoreError();
  service->Pause(actor, endpoint.id, "again").IgnoreError();  // changes nothing
  service->Resume(actor, endpoint.id, "").IgnoreError();
  service->RotateSecret(actor, {}, endpoint.id, absl::Hours(1), "").IgnoreError();
  service->Delete(actor, endpoint.id, "").IgnoreError();
  BOOST_TEST(AuditActions() ==
                 (std::vector<std::string>{"webhook_endpoint.create", "webhook_endpoint.verify",
                                           "webhook_endpoint.pause", "webhook_endpoint.resume",
                                           "webhook_endpoint.rotate_secret",
                                           "webhook_endpoint.delete"}),
             boost::test_tools::per_element());
  BOOST_TEST(store->Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto rows, view.ListAudit(0, 100));
    for (const ports::AuditEntry& row : rows) {
      BOOST_TEST(row.actor == "prn_anna");
      for (const std::string& text : {row.before, row.after}) {
        BOOST_TEST(text.find("whsec_") == std::string::npos);
        BOOST_TEST(text.find("hush") == std::string::npos);
      }
    }
    return absl::OkStatus();
  }).ok());
}

BOOST_AUTO_TEST_CASE(unknown_endpoints_are_not_found_by_any_call) {
  const auto missing = [](const absl::Status& status) {
    return base::Is(status, Reason::kNotFound);
  };
  BOOST_TEST(missing(service->Get("whe_x").status()));
  BOOST_TEST(missing(service->Update(actor, "whe_x", Spec(), 0).status()));
  BOOST_TEST(missing(service->Verify(actor, "whe_x").status()));
  BOOST_TEST(missing(service->Ping(actor, "whe_x").status()));
  BOOST_TEST(missing(service->RotateSecret(actor, {}, "whe_x", absl::Hours(1), "").status()));
  BOOST_TEST(missing(service->Pause(actor, "whe_x", "").status()));
  BOOST_TEST(missing(service->Resume(actor, "whe_x", "").status()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::webhooks
