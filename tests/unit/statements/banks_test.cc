// SPDX-License-Identifier: Apache-2.0
// Banks' master data: two people sign a channel live, and what changes how it works ends that.
#include "server/base/status.h"
#include "server/engine/banks/banks.h"
#include "tests/unit/statements/harness.h"

namespace kontor::statements::testing {
namespace {

using banks::Banks;
using base::Reason;
using model::ChannelState;

struct BanksHarness : Harness {
  BanksHarness()
      : banks({*store, clock, ids,
               [this](std::string_view, std::string_view settings,
                      std::string_view) -> absl::StatusOr<std::shared_ptr<ports::BankChannel>> {
                 if (settings == "bad") return base::Error(Reason::kChannelInvalid);
                 return channel;
               },
               "Olga Onboarder"}) {
    anna.principal_id = anna.source = "prn_anna";
    bert.principal_id = bert.source = "prn_bert";
    BOOST_REQUIRE(store->Commit([&](ports::Unit& unit) {
                         ports::ObjectRow row;
                         row.kind = "entity";
                         row.id = "ent_1";
                         row.name = "hamburg";
                         row.body = "{}";
                         row.created = row.updated = clock.Now();
                         return unit.PutObject(row);
                       }).ok());
  }
  static model::Channel House() {
    model::Channel made;
    made.name = "house";
    made.kind = "directory";
    made.settings = "{}";
    return made;
  }
  static model::OwnAccount Account() {
    model::OwnAccount made;
    made.name = "second";
    made.entity = "hamburg";
    made.iban = kOtherIban;
    made.bic = "BYLADEM1001";
    made.currency = *model::Currency::Parse("EUR");
    made.holder_name = "Hanse GmbH";
    made.journal_code = "BNK1";
    made.channel = "house";
    return made;
  }
  void Create() { BOOST_REQUIRE(banks.CreateChannel(anna, {"r-1", "d"}, House()).ok()); }
  void Sign(const ports::Actor& actor) {
    BOOST_REQUIRE(banks.SignChannel(actor, "house", "checked").ok());
  }
  ChannelState State() { return banks.GetChannel("house")->state; }

  Banks banks;
  ports::Actor anna;
  ports::Actor bert;
};

BOOST_FIXTURE_TEST_SUITE(master_data, BanksHarness)

BOOST_AUTO_TEST_CASE(two_people_make_a_channel_live_and_one_alone_does_not) {
  Create();
  BOOST_TEST((State() == ChannelState::kShadow));
  Sign(anna);
  Sign(anna);
  BOOST_TEST((State() == ChannelState::kShadow));
  Sign(bert);
  BOOST_TEST((State() == ChannelState::kLive));
}

BOOST_AUTO_TEST_CASE(another_setting_or_secret_needs_both_signatures_again) {
  Create();
  for (const char* part : {"settings", "secret"}) {
    Sign(anna);
    Sign(bert);
    BOOST_REQUIRE((State() == ChannelState::kLive));
    BOOST_REQUIRE(banks.UpdateChannel(anna, "house", 0, [&](model::Channel& made) {
                         (std::string_view(part) == "secret" ? made.secret : made.settings) =
                             std::string_view(part) == "secret" ? "new" : "{\"a\": 1}";
                         return absl::OkStatus();
                       }).ok());
    BOOST_TEST((State() == ChannelState::kShadow), part);
    BOOST_TEST(banks.GetChannel("house")->signers.empty());
  }
}

BOOST_AUTO_TEST_CASE(another_description_does_not) {
  Create();
  Sign(anna);
  Sign(bert);
  BOOST_REQUIRE(banks.UpdateChannel(anna, "house", 0, [](model::Channel& made) {
                       made.description = "our bank";
                       return absl::OkStatus();
                     }).ok());
  BOOST_TEST((State() == ChannelState::kLive));
}

BOOST_AUTO_TEST_CASE(an_update_cannot_sign_or_rename) {
  Create();
  const auto changed = banks.UpdateChannel(anna, "house", 0, [](model::Channel& made) {
    made.state = ChannelState::kLive;
    made.signers = {"prn_x", "prn_y"};
    made.name = "other";
    return absl::OkStatus();
  });
  BOOST_REQUIRE(changed.ok());
  BOOST_TEST(changed->name == "house");
  BOOST_TEST((State() == ChannelState::kShadow));
  BOOST_TEST(changed->signers.empty());
}

BOOST_AUTO_TEST_CASE(a_pause_ends_where_it_began) {
  Create();
  Sign(anna);
  Sign(bert);
  BOOST_REQUIRE(banks.PauseChannel(anna, "house", "the bank moves").ok());
  BOOST_REQUIRE(banks.PauseChannel(anna, "house", "the bank moves").ok());
  BOOST_TEST((State() == ChannelState::kPaused));
  BOOST_REQUIRE(banks.ResumeChannel(anna, "house", "moved").ok());
  BOOST_TEST((State() == ChannelState::kLive));
}

BOOST_AUTO_TEST_CASE(a_pause_does_not_save_a_channel_from_being_signed_again) {
  Create();
  Sign(anna);
  Sign(bert);
  BOOST_REQUIRE(banks.PauseChannel(anna, "house", "the bank moves").ok());
  BOOST_REQUIRE(banks.UpdateChannel(anna, "house", 0, [](model::Channel& made) {
                       made.settings = "{\"a\": 1}";
                       return absl::OkStatus();
                     }).ok());
  BOOST_REQUIRE(banks.ResumeChannel(anna, "house", "moved").ok());
  BOOST_TEST((State() == ChannelState::kShadow));
}

BOOST_AUTO_TEST_CASE(the_same_request_makes_one_channel_and_another_under_its_id_is_refused) {
  Create();
  const auto again = banks.CreateChannel(anna, {"r-1", "d"}, House());
  BOOST_REQUIRE(again.ok());
  BOOST_TEST(banks.ListChannels()->size() == 1U);
  BOOST_TEST(base::Is(banks.CreateChannel(anna, {"r-1", "other"}, House()).status(),
                      Reason::kRequestIdReused));
  BOOST_TEST(!banks.CreateChannel(anna, {"r-2", "d"}, House()).ok());
  BOOST_TEST(!banks.CreateChannel(anna, {"", "d"}, House()).ok());
}

BOOST_AUTO_TEST_CASE(what_is_wrong_or_unknown_is_refused_with_its_name) {
  model::Channel bad = House();
  bad.settings = "bad";
  BOOST_TEST(!banks.CreateChannel(anna, {"r-1", "d"}, bad).ok());
  BOOST_TEST(base::Is(banks.GetChannel("house").status(), Reason::kChannelUnknown));
  BOOST_TEST(base::Is(banks.SignChannel(anna, "house", "x").status(), Reason::kChannelUnknown));
  BOOST_TEST(base::Is(banks.GetAccount("none").status(), Reason::kOwnAccountUnknown));
  Create();
  BOOST_TEST(!banks.SignChannel(anna, "house", "").ok());
  BOOST_TEST(base::Is(banks.UpdateChannel(anna, "house", 99,
                                          [](model::Channel&) { return absl::OkStatus(); })
                          .status(),
                      Reason::kVersionConflict));
}

BOOST_AUTO_TEST_CASE(an_account_needs_entity_and_channel_and_stands_once) {
  model::OwnAccount account = Account();
  BOOST_TEST(base::Is(banks.CreateAccount(anna, {"a-1", "d"}, account).status(),
                      Reason::kChannelUnknown));
  Create();
  account.entity = "nowhere";
  BOOST_TEST(base::Is(banks.CreateAccount(anna, {"a-2", "d"}, account).status(),
                      Reason::kEntityUnknown));
  account = Account();
  account.iban = "DE02120300000000202052";
  BOOST_TEST(!banks.CreateAccount(anna, {"a-3", "d"}, account).ok());
  const auto made = banks.CreateAccount(anna, {"a-4", "d"}, Account());
  BOOST_REQUIRE_MESSAGE(made.ok(), made.status().ToString());
  account = Account();
  account.name = "third";
  BOOST_TEST(base::Is(banks.CreateAccount(anna, {"a-5", "d"}, account).status(),
                      Reason::kAlreadyExists));
  const auto changed = banks.UpdateAccount(bert, "second", made->version,
                                           [](model::OwnAccount& it) {
                                             it.journal_code = "BNK2";
                                             return absl::OkStatus();
                                           });
  BOOST_REQUIRE(changed.ok());
  BOOST_TEST(banks.GetAccount("second")->journal_code == "BNK2");
}

BOOST_AUTO_TEST_CASE(a_channel_that_could_not_tell_what_it_handed_over_is_not_made) {
  channel->SeeOutbox(false);
  const absl::Status refused = banks.CreateChannel(anna, {"r-1", "d"}, House()).status();
  BOOST_TEST(base::Is(refused, Reason::kChannelInvalid), refused.ToString());
  BOOST_TEST(base::InfoOf(refused).field == "channel.settings.sent");
  BOOST_TEST(banks.ListChannels()->empty());
}

BOOST_AUTO_TEST_CASE(such_a_channel_from_before_works_on_and_is_not_signed_or_changed_otherwise) {
  Create();
  Sign(anna);
  channel->SeeOutbox(false);
  BOOST_TEST(base::Is(banks.SignChannel(bert, "house", "checked").status(),
                      Reason::kChannelInvalid));
  const auto findings = banks.CheckChannel("house");
  BOOST_REQUIRE(findings.ok());
  BOOST_TEST(findings->size() == 1U);
  BOOST_TEST(base::Is(banks.UpdateChannel(anna, "house", 0, [](model::Channel& made) {
                             made.settings = "{\"a\": 1}";
                             return absl::OkStatus();
                           }).status(),
                      Reason::kChannelInvalid));
  BOOST_TEST(banks.UpdateChannel(anna, "house", 0, [](model::Channel& made) {
                     made.description = "our bank";
                     return absl::OkStatus();
                   }).ok());
}

struct Wait {
  const char* name;
  void (*set)(model::Channel& channel);
  const char* field;  ///< Empty: it is taken.
};
const Wait kWaits[] = {
    {"none at all",
     [](auto& c) {
       c.answer_within = c.settle_within = absl::ZeroDuration();
       c.remind_before = c.escalate_before = absl::ZeroDuration();
     },
     ""},
    {"the longest answer", [](auto& c) { c.answer_within = absl::Hours(24 * 30); }, ""},
    {"an escalation alone", [](auto& c) { c.remind_before = absl::ZeroDuration(); }, ""},
    {"an answer in no time", [](auto& c) { c.answer_within = absl::Seconds(59); },
     "channel.answer_within"},
    {"an answer in too long", [](auto& c) { c.answer_within = absl::Hours(24 * 30 + 1); },
     "channel.answer_within"},
    {"an answer before the hand-over", [](auto& c) { c.answer_within = -absl::Hours(1); },
     "channel.answer_within"},
    {"a booking in no time", [](auto& c) { c.settle_within = absl::Seconds(1); },
     "channel.settle_within"},
    {"a booking in too long", [](auto& c) { c.settle_within = absl::Hours(24 * 60 + 1); },
     "channel.settle_within"},
    {"a reminder in too long", [](auto& c) { c.remind_before = absl::Hours(24 * 7 + 1); },
     "channel.remind_before"},
    {"a reminder after the cut-off", [](auto& c) { c.remind_before = -absl::Hours(1); },
     "channel.remind_before"},
    {"an escalation in too long",
     [](auto& c) {
       c.remind_before = absl::ZeroDuration();
       c.escalate_before = absl::Hours(24 * 7 + 1);
     },
     "channel.escalate_before"},
    {"an escalation before the reminder", [](auto& c) { c.escalate_before = absl::Hours(5); },
     "channel.escalate_before"},
    {"an escalation with the reminder", [](auto& c) { c.escalate_before = c.remind_before; },
     "channel.escalate_before"},
};

BOOST_AUTO_TEST_CASE(waits_have_ranges_and_come_back_as_they_were_given) {
  for (const Wait& c : kWaits) {
    model::Channel made = House();
    c.set(made);
    const auto findings = model::ValidateChannel(made);
    const std::string field = findings.empty() ? "" : findings.front().field;
    BOOST_TEST(field == c.field, c.name);
    const auto back = model::ChannelFromBody(model::ChannelBody(made));
    BOOST_REQUIRE(back.ok());
    BOOST_TEST((back->answer_within == made.answer_within), c.name);
    BOOST_TEST((back->settle_within == made.settle_within), c.name);
    BOOST_TEST((back->remind_before == made.remind_before), c.name);
    BOOST_TEST((back->escalate_before == made.escalate_before), c.name);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::statements::testing
