// SPDX-License-Identifier: Apache-2.0
// What only a bank behind webhooks can do: answer wrongly, late, or never; and what kontor makes of
// it. Only the bank's word about these very bytes proves that it has them.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "server/base/status.h"
#include "tests/contract/bank/rig.h"
#include "tests/contract/bank/webhook_bank.h"

namespace bdata = boost::unit_test::data;

namespace kontor::bank::testing {
namespace {

using base::Outcome;
using base::Reason;
using ports::FilePlace;

constexpr char kOrder[] = "<Document/>";

boost::test_tools::assertion_result IsWebhook(boost::unit_test::test_unit_id) {
  return KindUnderTest() == "webhook";
}

struct Bank : Rig {
  WebhookBank& bank = BankOfRun();
  std::shared_ptr<ports::BankChannel> With(ports::HttpClient& http, absl::Duration timeout) {
    ChannelOptions options;
    options.http = &http;
    options.allow_plain_http = true;
    options.timeout = timeout;
    auto made = MakeChannel("webhook", settings, secret, options, clock);
    BOOST_REQUIRE(made.ok());
    return *std::move(made);
  }
};

BOOST_FIXTURE_TEST_SUITE(webhooks, Bank, *boost::unit_test::precondition(IsWebhook))

BOOST_AUTO_TEST_CASE(an_order_is_signed_named_and_told_what_it_is) {
  BOOST_REQUIRE(Submit("a.xml", kOrder).ok());
  BOOST_TEST(bank.unverified() == 0);
  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : bank.last_headers()) headers[name] = value;
  BOOST_TEST(headers["webhook-id"] == "MSG-1");
  BOOST_TEST(headers["content-type"] == "application/xml");
  BOOST_TEST(headers["kontor-file-name"] == "a.xml");
  BOOST_TEST(headers["kontor-sha256"] == FileOf("a.xml", kOrder).sha256);
  const absl::Time now = clock.Now();
  const absl::Duration away =
      absl::AbsDuration(now - absl::FromUnixSeconds(std::stoll(headers["webhook-timestamp"])));
  BOOST_TEST((away < absl::Minutes(1)));
}

struct Case {
  const char* name;
  Behaviour behaviour;
  const char* reason;  ///< "": it is handed over.
  Outcome outcome;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
const Case kCases[] = {
    {"created", {true, true, 201, std::nullopt}, "", Outcome::kNotApplied},
    {"a bad request", {false, true, 400, "{}"}, "CHANNEL_INVALID", Outcome::kNotApplied},
    {"a wrong signature", {false, true, 401, "{}"}, "CHANNEL_INVALID", Outcome::kNotApplied},
    {"a wrong address", {false, true, 404, "<html>"}, "CHANNEL_INVALID", Outcome::kNotApplied},
    {"too large", {false, true, 413, ""}, "CHANNEL_INVALID", Outcome::kNotApplied},
    {"not understood", {false, true, 422, "{}"}, "CHANNEL_INVALID", Outcome::kNotApplied},
    {"too many", {false, true, 429, ""}, "CHANNEL_INVALID", Outcome::kNotApplied},
    {"taken and no word of it", {true, true, 200, ""}, "CHANNEL_UNREACHABLE", Outcome::kUnknown},
    {"no content", {true, true, 204, ""}, "CHANNEL_UNREACHABLE", Outcome::kUnknown},
    {"a page for people",
     {true, true, 200, "<html>thanks</html>"},
     "CHANNEL_UNREACHABLE",
     Outcome::kUnknown},
    {"another order acknowledged",
     {true, true, 200, R"({"message_id": "MSG-2"})"},
     "CHANNEL_UNREACHABLE",
     Outcome::kUnknown},
    {"other bytes acknowledged",
     {true, true, 200, R"({"message_id": "MSG-1", "sha256": "00"})"},
     "CHANNEL_UNREACHABLE",
     Outcome::kUnknown},
    {"sent elsewhere", {true, true, 302, ""}, "CHANNEL_UNREACHABLE", Outcome::kUnknown},
    {"its time ran out", {false, true, 408, ""}, "CHANNEL_UNREACHABLE", Outcome::kUnknown},
    {"a conflict about nothing known",
     {false, true, 409, "{}"},
     "CHANNEL_UNREACHABLE",
     Outcome::kUnknown},
    {"it broke", {true, true, 500, ""}, "CHANNEL_UNREACHABLE", Outcome::kUnknown},
    {"its gateway broke", {true, true, 502, ""}, "CHANNEL_UNREACHABLE", Outcome::kUnknown},
    {"it is closed", {false, true, 503, ""}, "CHANNEL_UNREACHABLE", Outcome::kUnknown},
};

BOOST_DATA_TEST_CASE(each_answer_means_one_thing, bdata::make(kCases), c) {
  bank.Next(c.behaviour);
  const absl::Status sent = Submit("a.xml", kOrder);
  BOOST_TEST(base::InfoOf(sent).reason == c.reason);
  BOOST_TEST(sent.ok() == std::string_view(c.reason).empty());
  if (!sent.ok()) BOOST_TEST((base::OutcomeOf(sent) == c.outcome));
  // Asked, the bank says what is so, and the same bytes once more end it.
  BOOST_TEST((Find("a.xml", kOrder).value() ==
              (c.behaviour.takes ? FilePlace::kTaken : FilePlace::kNowhere)));
  BOOST_TEST(Submit("a.xml", kOrder).ok());
  BOOST_TEST(bank.orders().size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_answer_that_never_comes_is_unknown_and_is_asked_for) {
  const auto impatient = With(bank.http(), absl::Milliseconds(300));
  for (const bool takes : {false, true}) {
    bank.Reset();
    bank.Next({takes, false, 0, std::nullopt});
    TextSource bytes(kOrder);
    const absl::Status sent = impatient->Submit(FileOf("a.xml", kOrder), bytes);
    BOOST_TEST((sent.code() == absl::StatusCode::kUnavailable), sent.ToString());
    BOOST_TEST((base::OutcomeOf(sent) == Outcome::kUnknown));
    BOOST_TEST(
        (Find("a.xml", kOrder).value() == (takes ? FilePlace::kTaken : FilePlace::kNowhere)));
  }
}

struct Asked {
  const char* name;
  int status;
  const char* body;
  FilePlace place = FilePlace::kUnknown;
};
std::ostream& operator<<(std::ostream& out, const Asked& c) { return out << c.name; }
const Asked kAsked[] = {
    {"not found by a proxy", 404, "<html>"},
    {"not found, and not which", 404, R"({"state": "NOT_RECEIVED"})"},
    {"another one not received", 404, R"({"message_id": "MSG-2", "state": "NOT_RECEIVED"})"},
    {"not received with the wrong status", 200,
     R"({"message_id": "MSG-1", "state": "NOT_RECEIVED"})"},
    {"received, other bytes", 200,
     R"({"message_id": "MSG-1", "sha256": "00", "state": "RECEIVED"})", FilePlace::kAltered},
    {"received with the wrong status", 404, R"({"message_id": "MSG-1", "state": "RECEIVED"})"},
    {"it broke", 500, ""},
};

BOOST_DATA_TEST_CASE(half_a_word_about_an_order_proves_nothing, bdata::make(kAsked), c) {
  bank.AnswersStatus(c.status, c.body);
  BOOST_TEST((Find("a.xml", kOrder).value() == c.place));
  BOOST_TEST(channel->Check().value().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_bank_that_cannot_be_asked_is_not_believed_to_have_nothing) {
  settings = R"({"url": ")" + bank.url() + R"("})";
  const auto silent = With(bank.http(), absl::Seconds(5));
  BOOST_TEST(!silent->capabilities().sees_outbox);
  BOOST_TEST((silent->Find(FileOf("a.xml", kOrder)).value() == FilePlace::kUnknown));
  const auto untried = silent->Check().value();
  BOOST_REQUIRE(untried.size() == 1U);
  BOOST_TEST(!model::HasErrors(untried));
}

BOOST_AUTO_TEST_CASE(addresses_within_are_not_dialled_unless_they_are_allowed) {
  const auto guarded = With(bank.guarded(), absl::Seconds(5));
  TextSource bytes(kOrder);
  const absl::Status sent = guarded->Submit(FileOf("a.xml", kOrder), bytes);
  BOOST_TEST((base::OutcomeOf(sent) == Outcome::kNotApplied));
  BOOST_TEST(!guarded->Find(FileOf("a.xml", kOrder)).ok());
  BOOST_TEST(guarded->Check().value().size() == 1U);
  BOOST_TEST(bank.posts() == 0);
}

BOOST_AUTO_TEST_CASE(a_bank_that_is_away_is_known_not_to_have_it) {
  settings = R"({"url": "http://127.0.0.1:1/orders"})";
  TextSource bytes(kOrder);
  const absl::Status sent =
      With(bank.http(), absl::Seconds(5))->Submit(FileOf("a.xml", kOrder), bytes);
  BOOST_TEST(base::Is(sent, Reason::kChannelInvalid));
  BOOST_TEST((base::OutcomeOf(sent) == Outcome::kNotApplied));
}

BOOST_AUTO_TEST_CASE(nothing_is_fetched_for_the_bank_pushes) {
  BOOST_TEST(!channel->capabilities().receives_files);
  BOOST_TEST(channel->Poll(10).value().empty());
  BOOST_TEST(!channel->Open({"a.xml", "x", 1, absl::UnixEpoch()}).ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::bank::testing
