// SPDX-License-Identifier: Apache-2.0
// A channel goes live when each point was proven and two persons signed; nothing else makes it so.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/banks/banks.h"
#include "tests/unit/statements/harness.h"

namespace bdata = boost::unit_test::data;

namespace kontor::statements::testing {
namespace {

using banks::Banks;
using banks::Point;
using base::Reason;
using model::ChannelState;

constexpr char kName[] = "house-bank";

struct Onboarding : Harness {
  Onboarding() : banks(Make("")) {
    anna.principal_id = anna.source = "prn_anna";
    bert.principal_id = bert.source = "prn_bert";
    AddChannel(ChannelState::kShadow);
  }
  Banks Make(const std::string& waived_by) {
    return Banks({*store, clock, ids,
                  [this](std::string_view, std::string_view, std::string_view)
                      -> absl::StatusOr<std::shared_ptr<ports::BankChannel>> { return channel; },
                  waived_by});
  }
  absl::Status Start() { return banks.StartOnboarding(anna, kName, "we begin").status(); }
  absl::Status Sign(const ports::Actor& actor) {
    return banks.SignChannel(actor, kName, "seen").status();
  }
  ChannelState State() { return banks.GetChannel(kName)->state; }
  std::string Missing() { return banks::MissingOf(banks.GetOnboarding(kName)->proofs); }
  /// What other rooms note.
  void Prove(Point point) {
    BOOST_REQUIRE(
        store
            ->Commit([&](ports::Unit& unit) {
              return banks::ProveFor(unit, ids, kName, point, {"pmo_1", "kontord", clock.Now()});
            })
            .ok());
  }
  /// The bank puts a statement into the channel's inbox.
  void Arrive(const Mt& statement) {
    channel->inbox["day.sta"] = statement.Text();
    clock.Advance(absl::Minutes(5));
    Settle();
  }
  Json Shown() { return Json::parse(banks::WriteOnboarding(*banks.GetOnboarding(kName))); }

  Banks banks;
  ports::Actor anna;
  ports::Actor bert;
};

BOOST_FIXTURE_TEST_SUITE(onboarding, Onboarding)

BOOST_AUTO_TEST_CASE(all_points_and_two_persons_make_it_live_and_each_is_needed) {
  const absl::Status early = Sign(anna);
  BOOST_TEST(base::Is(early, Reason::kChannelPaused));
  BOOST_TEST(early.message().find("was not begun") != absl::string_view::npos);
  BOOST_REQUIRE(Start().ok());
  BOOST_TEST((State() == ChannelState::kTest));
  BOOST_TEST(Missing() == "TEST_PAYMENT, STATUS, STATEMENT");
  for (const Point point : {Point::kTestPayment, Point::kStatus, Point::kStatement}) {
    const absl::Status refused = Sign(anna);
    BOOST_TEST(base::Is(refused, Reason::kChannelPaused));
    BOOST_TEST(base::Std(refused.message()).find(banks::NameOf(point)) != std::string::npos);
    Prove(point);
  }
  BOOST_REQUIRE(Sign(anna).ok());
  BOOST_REQUIRE(Sign(anna).ok());
  BOOST_TEST((State() == ChannelState::kTest));
  BOOST_REQUIRE(Sign(bert).ok());
  BOOST_TEST((State() == ChannelState::kLive));
  BOOST_TEST(base::Is(Start(), Reason::kStateConflict));
}

BOOST_AUTO_TEST_CASE(a_channel_whose_checks_find_something_has_no_keys_and_says_why) {
  channel->findings = {
      model::MakeFinding(Reason::kChannelInvalid, "settings.host_keys", "Another host key.")};
  const auto started = banks.StartOnboarding(anna, kName, "we begin");
  BOOST_REQUIRE(started.ok());
  BOOST_TEST((State() == ChannelState::kTest));
  const Json shown = Json::parse(banks::WriteOnboarding(*started));
  BOOST_TEST(shown["points"][0]["done"] == false);
  BOOST_TEST(shown["points"][0]["detail"] == "Another host key.");
  channel->findings.clear();
  BOOST_REQUIRE(Start().ok());
  BOOST_TEST(Missing() == "TEST_PAYMENT, STATUS, STATEMENT");
}

BOOST_AUTO_TEST_CASE(what_could_not_be_tried_proves_no_keys_and_a_test_payment_comes_next) {
  model::Finding untried =
      model::MakeFinding(Reason::kChannelInvalid, "settings.status_url", "nothing to ask");
  untried.severity = model::Severity::kWarning;
  channel->findings = {untried};
  const auto started = banks.StartOnboarding(anna, kName, "we begin");
  BOOST_REQUIRE(started.ok());
  BOOST_TEST(Missing() == "KEYS, TEST_PAYMENT, STATUS, STATEMENT");
  const Json keys = Json::parse(banks::WriteOnboarding(*started))["points"][0];
  BOOST_TEST(keys["done"] == false);
  BOOST_TEST(keys["detail"] == "nothing to ask");
  BOOST_TEST(keys["next"].get<std::string>().find("payment-order create --test") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_shown_names_what_is_missing_and_the_next_command) {
  BOOST_REQUIRE(Start().ok());
  const Json shown = Shown();
  BOOST_TEST(shown["state"] == "STATE_TEST");
  BOOST_REQUIRE(shown["points"].size() == 5U);
  BOOST_TEST(shown["points"][0]["done"] == true);
  BOOST_TEST(!shown["points"][0].contains("next"));
  BOOST_TEST(shown["points"][1]["next"] ==
             "kontorctl payment-order create --test --entity hamburg --account main --payments …");
  BOOST_TEST(shown["points"][4]["name"] == "SIGNATURES");
  BOOST_TEST(shown["points"][4]["detail"] == "Two persons must sign.");
  BOOST_TEST(!shown.contains("waived_by"));
}

BOOST_AUTO_TEST_CASE(a_statement_that_came_by_the_channel_and_proves_itself_is_a_point) {
  BOOST_REQUIRE(Start().ok());
  Import(Mt{1, 1, 0, {{100, "A"}}});  // a person's upload
  BOOST_TEST(Missing() == "TEST_PAYMENT, STATUS, STATEMENT");
  Mt wrong{2, 2, 100, {{100, "B"}}};
  wrong.wrong_by = 1;
  Arrive(wrong);
  BOOST_TEST(Missing() == "TEST_PAYMENT, STATUS, STATEMENT");
  Arrive(Mt{3, 3, 100, {{100, "C"}}});
  BOOST_TEST(Missing() == "TEST_PAYMENT, STATUS");
  const Json shown = Shown();
  BOOST_TEST(shown["points"][3]["reference"].get<std::string>().starts_with("stm_"));
}

BOOST_AUTO_TEST_CASE(another_setting_or_secret_begins_it_anew) {
  for (const char* part : {"settings", "secret"}) {
    BOOST_REQUIRE(Start().ok());
    Prove(Point::kTestPayment);
    BOOST_REQUIRE(
        banks
            .UpdateChannel(anna, kName, 0,
                           [&](model::Channel& made) {
                             (std::string_view(part) == "secret" ? made.secret : made.settings) =
                                 std::string_view(part) == "secret" ? "new" : "{\"a\": 1}";
                             return absl::OkStatus();
                           })
            .ok());
    BOOST_TEST((State() == ChannelState::kShadow), part);
    BOOST_TEST(Missing() == "KEYS, TEST_PAYMENT, STATUS, STATEMENT");
  }
}

BOOST_AUTO_TEST_CASE(a_pause_keeps_what_was_proven_and_takes_no_proof) {
  BOOST_REQUIRE(Start().ok());
  BOOST_REQUIRE(banks.PauseChannel(anna, kName, "wait").ok());
  Prove(Point::kTestPayment);
  BOOST_TEST(base::Is(Start(), Reason::kStateConflict));
  BOOST_REQUIRE(banks.ResumeChannel(anna, kName, "on").ok());
  BOOST_TEST((State() == ChannelState::kTest));
  BOOST_TEST(Missing() == "TEST_PAYMENT, STATUS, STATEMENT");
}

BOOST_AUTO_TEST_CASE(each_point_is_audited_once) {
  BOOST_REQUIRE(Start().ok());
  BOOST_REQUIRE(Start().ok());
  Prove(Point::kStatus);
  Prove(Point::kStatus);
  int rows = 0;
  BOOST_REQUIRE(store
                    ->Read([&](ports::ReadView& view) -> absl::Status {
                      KONTOR_ASSIGN_OR_RETURN(const auto audit, view.ListAudit(0, 1000));
                      rows = 0;
                      for (const auto& row : audit) {
                        rows += row.action == "bank_channel.onboarding";
                      }
                      return absl::OkStatus();
                    })
                    .ok());
  BOOST_TEST(rows == 2);
}

BOOST_AUTO_TEST_CASE(a_named_person_may_answer_for_a_channel_that_stays_on_this_machine) {
  Banks waived = Make("Olga Onboarder");
  BOOST_TEST(waived.GetOnboarding(kName)->waived_by == "Olga Onboarder");
  channel->stays_here = false;
  BOOST_TEST(waived.GetOnboarding(kName)->waived_by.empty());
  BOOST_TEST(base::Is(waived.SignChannel(anna, kName, "seen").status(), Reason::kChannelPaused));
  channel->stays_here = true;
  BOOST_REQUIRE(waived.SignChannel(anna, kName, "seen").ok());
  BOOST_REQUIRE(waived.SignChannel(bert, kName, "seen").ok());
  BOOST_TEST((State() == ChannelState::kLive));
  std::string reason;
  BOOST_REQUIRE(store
                    ->Read([&](ports::ReadView& view) -> absl::Status {
                      KONTOR_ASSIGN_OR_RETURN(const auto audit, view.ListAudit(0, 1000));
                      reason = audit.back().reason;
                      return absl::OkStatus();
                    })
                    .ok());
  BOOST_TEST(reason == "seen (onboarding waived by Olga Onboarder)");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::statements::testing
