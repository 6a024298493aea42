// SPDX-License-Identifier: Apache-2.0
// What the platform is told: once, however often it is said.
#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "tests/contract/expense/subjects.h"

namespace kontor::expense::contract {
namespace {

using base::Outcome;
using ports::ItemOutcome;

void Done(const absl::StatusOr<ItemOutcome>& outcome) {
  BOOST_REQUIRE_MESSAGE(outcome.ok(), outcome.status().ToString());
  BOOST_TEST((*outcome == ItemOutcome::kDone));
}

BOOST_AUTO_TEST_CASE(a_posting_is_told_once_however_often_it_is_said) {
  ForEach([](const Subject& subject) {
    Rig rig(subject);
    BOOST_TEST(rig.can().confirms_posting);
    const ports::PostingReceipt receipt = Posted(rig.TakeAndAcknowledge("R-1"));
    for (int i = 0; i < 3; ++i) Done(rig.adapter().ConfirmPosting(receipt, rig.Soon()));
    const json state = rig.platform().State();
    BOOST_TEST(subject.posted(state, "R-1") == 1U);
    BOOST_TEST(subject.failed(state, "R-1") == 0U);
  });
}

BOOST_AUTO_TEST_CASE(a_posting_whose_answer_was_lost_is_unknown_and_told_once_when_said_again) {
  ForEach([](const Subject& subject) {
    Rig rig(subject);
    const ports::PostingReceipt receipt = Posted(rig.TakeAndAcknowledge("R-1"));
    rig.platform().Faults({{{"path", subject.posting_path}, {"kind", "lose"}}});
    const auto lost = rig.adapter().ConfirmPosting(receipt, rig.Soon());
    BOOST_REQUIRE(!lost.ok());
    BOOST_TEST((base::OutcomeOf(lost.status()) == Outcome::kUnknown));
    BOOST_REQUIRE((rig.can().posting_repeat == ports::Repeat::kSafe));
    Done(rig.adapter().ConfirmPosting(receipt, rig.Soon()));
    BOOST_TEST(subject.posted(rig.platform().State(), "R-1") == 1U);
  });
}

BOOST_AUTO_TEST_CASE(two_reports_are_told_apart) {
  ForEach([](const Subject& subject) {
    Rig rig(subject);
    const ports::PlatformReport good = rig.TakeAndAcknowledge("R-1");
    const ports::PlatformReport bad = rig.TakeAndAcknowledge("R-2");
    Done(rig.adapter().ConfirmPosting(Posted(good), rig.Soon()));
    Done(rig.adapter().ConfirmPosting(Failed(bad), rig.Soon()));
    const json state = rig.platform().State();
    BOOST_TEST(subject.posted(state, "R-1") == 1U);
    BOOST_TEST(subject.failed(state, "R-1") == 0U);
    BOOST_TEST(subject.posted(state, "R-2") == 0U);
    BOOST_TEST(subject.failed(state, "R-2") == 1U);
  });
}

BOOST_AUTO_TEST_CASE(a_payment_is_told_once_where_the_platform_wants_to_hear_of_it) {
  ForEach([](const Subject& subject) {
    Rig rig(subject);
    if (!rig.can().confirms_payment) return;
    const ports::PlatformReport report = rig.TakeAndAcknowledge("R-1");
    Done(rig.adapter().ConfirmPosting(Posted(report), rig.Soon()));
    rig.platform().Faults({{{"path", subject.payment_path}, {"kind", "lose"}}});
    const auto lost = rig.adapter().ConfirmPayment(Paid(report), rig.Soon());
    BOOST_REQUIRE(!lost.ok());
    BOOST_TEST((base::OutcomeOf(lost.status()) == Outcome::kUnknown));
    for (int i = 0; i < 2; ++i) Done(rig.adapter().ConfirmPayment(Paid(report), rig.Soon()));
    BOOST_TEST(subject.paid(rig.platform().State(), "R-1") == 1U);
  });
}

void Push(Rig& rig, const std::vector<ports::ReferenceItem>& items) {
  const absl::Status pushed = rig.adapter().PushReferenceData(items, rig.Soon());
  BOOST_REQUIRE_MESSAGE(pushed.ok(), pushed.ToString());
}

BOOST_AUTO_TEST_CASE(reference_data_is_brought_in_step_and_nothing_is_told_twice) {
  ForEach([](const Subject& subject) {
    Rig rig(subject);
    if (rig.can().reference_kinds.empty()) return;
    std::vector<ports::ReferenceItem> items = {{"account", "661000", "Travel", true},
                                               {"account", "600000", "Meals", true},
                                               {"cost_centre", "CC100", "Marketing", true},
                                               {"tax", "19%", "19%", true}};
    // More than one page and one upload hold.
    for (int i = 0; i < 1100; ++i) {
      items.push_back({"vendor", base::StrCat(i), base::StrCat("Vendor ", i), true});
    }
    Push(rig, items);
    json state = rig.platform().State();
    BOOST_TEST(state.at("accounts").size() == 2U);
    BOOST_TEST(state.at("vendors").size() == 1100U);
    BOOST_TEST(state.at("field_options").at("CC100").at("value") == "Marketing");
    const json calls = state.at("list_calls");
    Push(rig, items);
    BOOST_TEST(rig.platform().State().at("list_calls") == calls);
    items[0].name = "Travelling";
    items[1].active = false;
    Push(rig, items);
    state = rig.platform().State();
    BOOST_TEST(state.at("accounts").at("661000").at("name") == "Travelling");
    BOOST_TEST(state.at("accounts").at("600000").at("is_active") == false);
    items[1].active = true;
    Push(rig, items);
    BOOST_TEST(rig.platform().State().at("accounts").at("600000").at("is_active") == true);
  });
}

}  // namespace
}  // namespace kontor::expense::contract
