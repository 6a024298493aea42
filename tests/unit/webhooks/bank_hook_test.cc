// SPDX-License-Identifier: Apache-2.0
// What a bank pushes is kept once, when it is the bank's; everything else changes nothing and says
// why.
#include "server/webhooks/bank_hook.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <future>
#include <nlohmann/json.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/crypto/standard_webhooks.h"
#include "server/model/bank.h"
#include "tests/unit/webhooks/fixture.h"

namespace bdata = boost::unit_test::data;

namespace kontor::webhooks {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using nlohmann::json;

constexpr char kOurs[] = "whsec_b3VycyBvdXJzIG91cnMgb3VycyBvdXJzIG91cnM=";
constexpr char kBanks[] = "whsec_YmFua3MgYmFua3MgYmFua3MgYmFua3MgYmFua3M=";
constexpr char kBody[] = "<Document/>";

struct HookFixture : Fixture {
  HookFixture() {
    PutChannel([](model::Channel&) {});
    hook = std::make_unique<BankHook>(
        BankHookDependencies{*store,
                             clock,
                             [this](const std::string& channel, const std::string& name,
                                    const std::string& bytes) -> absl::StatusOr<std::string> {
                               KONTOR_RETURN_IF_ERROR(keep_answer);
                               kept.push_back(StrCat(channel, "|", name, "|", bytes));
                               return StrCat("bkf_", kept.size());
                             },
                             {}});
  }
  void PutChannel(const std::function<void(model::Channel&)>& change) {
    model::Channel channel;
    channel.id = "bch_1";
    channel.name = "house";
    channel.kind = "webhook";
    channel.settings = "{}";
    channel.secret = StrCat(kOurs, " ", kBanks);
    channel.state = model::ChannelState::kLive;
    change(channel);
    BOOST_REQUIRE(store
                      ->Commit([&](ports::Unit& unit) -> absl::Status {
                        KONTOR_ASSIGN_OR_RETURN(auto row,
                                                unit.FindObject(model::kChannelKind, channel.name));
                        if (!row) row.emplace();
                        row->kind = model::kChannelKind;
                        row->id = channel.id;
                        row->name = channel.name;
                        row->body = model::ChannelBody(channel);
                        row->created = row->updated = clock.Now();
                        return unit.PutObject(*row);
                      })
                      .ok());
  }
  net::HttpServerRequest Message(const std::string& id, const std::string& body = kBody,
                                 const std::string& secret = kBanks,
                                 absl::Duration age = absl::ZeroDuration()) {
    net::HttpServerRequest request;
    request.method = "POST";
    request.path = "/hooks/bank/house";
    request.body = body;
    request.peer_address = "127.0.0.1";
    const int64_t seconds = absl::ToUnixSeconds(clock.Now() - age);
    const auto signature = crypto::SignatureHeaderValue(id, seconds, body, {secret}, {});
    BOOST_REQUIRE(signature.ok());
    request.headers = {{"webhook-id", id},
                       {"webhook-timestamp", StrCat(seconds)},
                       {"webhook-signature", *signature}};
    return request;
  }
  net::HttpServerResponse Send(net::HttpServerRequest request) {
    auto answered = std::make_shared<std::promise<net::HttpServerResponse>>();
    auto future = answered->get_future();
    hook->Handle(std::move(request), [answered](net::HttpServerResponse response) {
      answered->set_value(std::move(response));
    });
    BOOST_REQUIRE(future.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
    return future.get();
  }
  static json Read(const net::HttpServerResponse& response) { return json::parse(response.body); }

  absl::Status keep_answer;
  std::vector<std::string> kept;
  std::unique_ptr<BankHook> hook;
};

BOOST_FIXTURE_TEST_SUITE(bank_hook, HookFixture)

BOOST_AUTO_TEST_CASE(a_message_is_kept_once_however_often_it_comes) {
  const auto first = Send(Message("msg_1"));
  BOOST_TEST(first.status == 200);
  BOOST_TEST(Read(first)["id"] == "bkf_1");
  BOOST_TEST(Read(first)["duplicate"] == false);
  for (int i = 0; i < 2; ++i) {
    const auto again = Send(Message("msg_1"));
    BOOST_TEST(again.status == 200);
    BOOST_TEST(Read(again)["id"] == "bkf_1");
    BOOST_TEST(Read(again)["duplicate"] == true);
  }
  BOOST_TEST(kept == std::vector<std::string>{"house|msg_1|<Document/>"});
  BOOST_TEST(Send(Message("msg_2")).status == 200);
  BOOST_TEST(kept.size() == 2U);
}

BOOST_AUTO_TEST_CASE(other_content_under_the_id_of_an_earlier_message_is_refused) {
  BOOST_REQUIRE_EQUAL(Send(Message("msg_1")).status, 200);
  const auto other = Send(Message("msg_1", "<Other/>"));
  BOOST_TEST(other.status == 409);
  BOOST_TEST(Read(other)["reason"] == "REQUEST_ID_REUSED");
  BOOST_TEST(kept.size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_old_message_is_no_message_whoever_sends_it_again) {
  const net::HttpServerRequest message = Message("msg_1");
  BOOST_REQUIRE_EQUAL(Send(message).status, 200);
  clock.Advance(absl::Minutes(6));
  const auto replayed = Send(message);
  BOOST_TEST(replayed.status == 401);
  BOOST_TEST(Read(replayed)["reason"] == "MESSAGE_STALE");
  BOOST_TEST(kept.size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_could_not_be_kept_may_come_again) {
  keep_answer = Error(Reason::kStoreFull).Says("no room");
  const auto refused = Send(Message("msg_1"));
  BOOST_TEST(refused.status == 503);
  keep_answer = absl::OkStatus();
  BOOST_TEST(Read(Send(Message("msg_1")))["duplicate"] == false);
}

struct Case {
  const char* name;
  void (*change)(HookFixture& fixture, net::HttpServerRequest& request);
  int status;
  const char* reason;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
const Case kCases[] = {
    {"our own secret", [](auto& f, auto& r) { r = f.Message("msg_1", kBody, kOurs); }, 401,
     "SIGNATURE_INVALID"},
    {"a body that was changed", [](auto&, auto& r) { r.body += " "; }, 401, "SIGNATURE_INVALID"},
    {"an id that was changed", [](auto&, auto& r) { r.headers[0].second = "msg_2"; }, 401,
     "SIGNATURE_INVALID"},
    {"no headers", [](auto&, auto& r) { r.headers.clear(); }, 401, "SIGNATURE_INVALID"},
    {"a message of yesterday",
     [](auto& f, auto& r) { r = f.Message("msg_1", kBody, kBanks, absl::Hours(24)); }, 401,
     "MESSAGE_STALE"},
    {"a message of tomorrow",
     [](auto& f, auto& r) { r = f.Message("msg_1", kBody, kBanks, -absl::Hours(24)); }, 401,
     "MESSAGE_STALE"},
    {"no body", [](auto& f, auto& r) { r = f.Message("msg_1", ""); }, 400, "FIELD_INVALID"},
    {"a long id", [](auto& f, auto& r) { r = f.Message(std::string(129, 'a')); }, 400,
     "FIELD_INVALID"},
    {"no such channel", [](auto&, auto& r) { r.path = "/hooks/bank/other"; }, 404,
     "CHANNEL_UNKNOWN"},
    {"the channel's id", [](auto&, auto& r) { r.path = "/hooks/bank/bch_1"; }, 404,
     "CHANNEL_UNKNOWN"},
    {"no channel", [](auto&, auto& r) { r.path = "/hooks/bank/"; }, 404, "CHANNEL_UNKNOWN"},
    {"a channel of another kind",
     [](auto& f, auto&) {
       f.PutChannel([](model::Channel& channel) { channel.kind = "directory"; });
     },
     404, "CHANNEL_UNKNOWN"},
    {"a channel with one secret",
     [](auto& f, auto&) { f.PutChannel([](model::Channel& channel) { channel.secret = kBanks; }); },
     404, "CHANNEL_UNKNOWN"},
    {"a paused channel",
     [](auto& f, auto&) {
       f.PutChannel([](model::Channel& channel) { channel.state = model::ChannelState::kPaused; });
     },
     503, "CHANNEL_PAUSED"},
};

BOOST_DATA_TEST_CASE(nothing_is_kept_of, bdata::make(kCases), c) {
  net::HttpServerRequest request = Message("msg_1");
  c.change(*this, request);
  const auto response = Send(std::move(request));
  BOOST_TEST(response.status == c.status);
  BOOST_TEST(Read(response)["reason"] == c.reason);
  BOOST_TEST(kept.empty());
}

BOOST_AUTO_TEST_CASE(only_post_is_taken) {
  net::HttpServerRequest request = Message("msg_1");
  request.method = "GET";
  BOOST_TEST(Send(request).status == 405);
}

BOOST_AUTO_TEST_CASE(a_service_that_stops_takes_nothing_more) {
  hook->Stop();
  BOOST_TEST(Send(Message("msg_1")).status == 503);
  BOOST_TEST(kept.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::webhooks
