// SPDX-License-Identifier: Apache-2.0
// A source's way from test to live and through changes, and messages that wait for a person:
// bounded, without secrets, and to be looked at before somebody vouches.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <future>
#include <nlohmann/json.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/webhooks/inbound.h"
#include "server/webhooks/inbound_sources.h"
#include "tests/unit/webhooks/fixture.h"

namespace kontor::webhooks {
namespace {

using base::Reason;
using model::Source;
using model::SourceState;
using nlohmann::json;

constexpr char kSecret[] = "a-shared-secret-of-a-test";
constexpr char kRightKey[] = "x-api-key";
constexpr int kPerSecond = 100000;

struct SourceFixture : Fixture {
  SourceFixture() {
    const InboundDependencies deps{*store, clock, ids, {}, nullptr};
    receiver = std::make_shared<InboundReceiver>(deps);
    sources = std::make_unique<Sources>(deps, [](const Source&) { return absl::OkStatus(); });
    BOOST_REQUIRE(store
                      ->Commit([&](ports::Unit& unit) {
                        ports::ObjectRow row;
                        row.kind = "entity";
                        row.id = "ent_1";
                        row.name = "de";
                        row.body = "{}";
                        row.created = row.updated = clock.Now();
                        return unit.PutObject(row);
                      })
                      .ok());
    Source source;
    source.name = "travel";
    source.adapter = "generic";
    source.mapping = "{}";
    source.entity = "de";
    source.verification.scheme = model::HookScheme::kApiKey;
    source.verification.key_header = kRightKey;
    source.expense.categories = {{"travel", "600000", ""}};
    source.messages_per_second = kPerSecond;
    source.body_bytes_max = model::kHookBytesMax;
    const auto made = sources->Create(actor, {"r-1", "d"}, source, kSecret);
    BOOST_REQUIRE_MESSAGE(made.ok(), made.status().ToString());
  }
  ~SourceFixture() { receiver->Stop(); }

  Source Now() const { return sources->Get("travel").value(); }
  SourceState Check(bool passed = true) {
    const auto checked = sources->NoteChecked(actor, Now(), passed);
    BOOST_REQUIRE_MESSAGE(checked.ok(), checked.status().ToString());
    return checked->state;
  }
  SourceState Change(const std::string& mapping) {
    const auto changed = sources->Update(actor, "travel", 0, [&](Source& source) {
      source.mapping = mapping;
      return absl::OkStatus();
    });
    BOOST_REQUIRE_MESSAGE(changed.ok(), changed.status().ToString());
    return changed->state;
  }
  net::HttpServerResponse Send(std::string body, net::HttpHeaders headers) {
    net::HttpServerRequest request;
    request.method = "POST";
    request.path = "/hooks/travel";
    request.peer_address = "127.0.0.1";
    request.headers = std::move(headers);
    request.body = std::move(body);
    auto answered = std::make_shared<std::promise<net::HttpServerResponse>>();
    auto future = answered->get_future();
    receiver->Handle(std::move(request), [answered](net::HttpServerResponse response) {
      answered->set_value(std::move(response));
    });
    BOOST_REQUIRE(future.wait_for(std::chrono::seconds(60)) == std::future_status::ready);
    return future.get();
  }
  std::string OnlyMessage() {
    const auto listed = sources->ListMessages("travel", model::kInboundQuarantined, {});
    BOOST_REQUIRE(listed.ok());
    BOOST_REQUIRE(listed->rows.size() == 1U);
    return listed->rows[0].id;
  }

  std::shared_ptr<InboundReceiver> receiver;
  std::unique_ptr<Sources> sources;
};

BOOST_FIXTURE_TEST_SUITE(inbound_sources, SourceFixture)

BOOST_AUTO_TEST_CASE(a_live_source_that_is_changed_waits_for_its_check_and_goes_on) {
  BOOST_TEST((Check() == SourceState::kLive));
  BOOST_TEST((Change("{\"a\":1}") == SourceState::kPaused));
  BOOST_TEST(!Now().checked.has_value());
  const auto resumed = sources->Resume(actor, "travel", "never mind");
  BOOST_TEST(base::Is(resumed.status(), Reason::kStateConflict));
  BOOST_TEST((Check(false) == SourceState::kPaused));
  BOOST_TEST((Check() == SourceState::kLive));
}

BOOST_AUTO_TEST_CASE(a_source_in_test_stays_in_test_when_it_is_changed) {
  BOOST_TEST((Change("{\"a\":1}") == SourceState::kTest));
  BOOST_TEST((Check() == SourceState::kLive));
}

BOOST_AUTO_TEST_CASE(what_a_person_paused_stays_paused_whatever_the_check_says) {
  Check();
  BOOST_REQUIRE(sources->Pause(actor, "travel", "holiday").ok());
  BOOST_TEST((Change("{\"a\":1}") == SourceState::kPaused));
  BOOST_TEST((Check() == SourceState::kPaused));
  BOOST_TEST((sources->Resume(actor, "travel", "back")->state == SourceState::kLive));
  BOOST_TEST((Change("{\"a\":2}") == SourceState::kPaused));
  BOOST_REQUIRE(sources->Pause(actor, "travel", "longer").ok());
  BOOST_TEST((Check() == SourceState::kPaused));
}

BOOST_AUTO_TEST_CASE(a_check_counts_for_what_was_checked_alone) {
  const Source checked = Now();
  Change("{\"a\":1}");
  const auto noted = sources->NoteChecked(actor, checked, true);
  BOOST_TEST(base::Is(noted.status(), Reason::kVersionConflict));
  BOOST_TEST((Now().state == SourceState::kTest));
  // A quarantined message that is discarded touches the row, and changes nothing that is checked.
  const Source before = Now();
  Send("{}", {{kRightKey, "wrong"}});
  BOOST_REQUIRE(sources->Discard(actor, OnlyMessage(), "nobody's").ok());
  BOOST_TEST(Now().version != before.version);
  BOOST_TEST(sources->NoteChecked(actor, before, true).ok());
}

BOOST_AUTO_TEST_CASE(a_message_that_waits_shows_its_headers_without_secrets_and_its_bytes) {
  const auto refused = Send("{\"number\":7}", {{"authorization", "Basic secret-1"},
                                               {"cookie", "session=secret-2"},
                                               {kRightKey, "nearly-right-secret-3"},
                                               {"x-event", "approved"},
                                               {"content-type", "application/json"}});
  BOOST_TEST(refused.status == 401);
  const auto headers_alone = sources->GetMessage(actor, OnlyMessage(), false);
  BOOST_REQUIRE(headers_alone.ok());
  BOOST_TEST(headers_alone->bytes.empty());
  BOOST_TEST(headers_alone->method == "POST");
  BOOST_TEST(headers_alone->content_type == "application/json");
  std::string all;
  for (const auto& [name, value] : headers_alone->headers) base::StrAppend(&all, name, value);
  BOOST_TEST(all.find("secret") == std::string::npos, all);
  BOOST_TEST(all.find("x-eventapproved") != std::string::npos, all);
  const auto whole = sources->GetMessage(actor, OnlyMessage(), true);
  BOOST_REQUIRE(whole.ok());
  BOOST_TEST(whole->bytes == "{\"number\":7}");
  const auto audited = AuditActions();
  BOOST_TEST(std::count(audited.begin(), audited.end(), "inbound_message.read") == 1);
  ports::Actor other = actor;
  other.entities = {"at"};
  BOOST_TEST(base::Is(sources->GetMessage(other, OnlyMessage(), true).status(),
                      Reason::kNotFound));
}

BOOST_AUTO_TEST_CASE(a_full_quarantine_says_its_limits_and_takes_messages_again_when_one_is_ended) {
  // Five of these are more than may wait.
  const std::string large(15U << 20, 'x');
  for (int i = 0; i < 4; ++i) BOOST_TEST(Send(large, {}).status == 401);
  const auto full = Send(large, {});
  BOOST_TEST(full.status == 503);
  const json said = json::parse(full.body);
  BOOST_TEST(said["reason"] == "QUARANTINE_FULL");
  const std::string message = said["message"].get<std::string>();
  BOOST_TEST(message.find("1000 or 64 MiB") != std::string::npos, message);
  // What is rightly signed is taken all the same.
  BOOST_TEST(Send("{}", {{kRightKey, kSecret}}).status == 200);
  const auto listed = sources->ListMessages("travel", model::kInboundQuarantined, {});
  BOOST_REQUIRE(listed.ok());
  BOOST_TEST(listed->rows.size() == 4U);
  BOOST_REQUIRE(sources->Discard(actor, listed->rows[0].id, "noise").ok());
  BOOST_TEST(Send(large, {}).status == 401);
}

BOOST_AUTO_TEST_CASE(waiting_messages_are_counted) {
  Send("{}", {});
  Send("{}", {});
  receiver->CountQuarantined();
  receiver->Invalidate();
  for (int i = 0; i < 1000 && receiver->CountQuarantined() != 2; ++i) {
    Send("{}", {{kRightKey, kSecret}});
  }
  BOOST_TEST(receiver->CountQuarantined() == 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::webhooks
