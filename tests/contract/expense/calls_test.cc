// SPDX-License-Identifier: Apache-2.0
// What is known of a call that went wrong: refused, certainly not done, or nobody knows. The loop
// decides by it whether to ask a person, to send again, or to look.
#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "tests/contract/expense/subjects.h"

namespace kontor::expense::contract {
namespace {

using base::Outcome;
using base::Reason;

struct Case {
  const char* kind;   // of the simulator's faults
  Outcome outcome;
  size_t told;        // what the platform holds after the call
};

BOOST_AUTO_TEST_CASE(every_way_of_going_wrong_is_told_for_what_it_is) {
  constexpr Case kCases[] = {{"throttle", Outcome::kNotApplied, 0},
                             {"fail", Outcome::kUnknown, 0},
                             {"cut", Outcome::kUnknown, 0},
                             {"lose", Outcome::kUnknown, 1},
                             {"refuse", Outcome::kRefused, 0}};
  ForEach([&](const Subject& subject) {
    Rig rig(subject);
    int number = 0;
    for (const Case& one : kCases) {
      BOOST_TEST_CONTEXT("fault " << one.kind) {
        const std::string name = "R-" + std::to_string(++number);
        const ports::PostingReceipt receipt = Posted(rig.TakeAndAcknowledge(name));
        rig.platform().Faults({{{"path", subject.posting_path}, {"kind", one.kind}}});
        const auto told = rig.adapter().ConfirmPosting(receipt, rig.Soon());
        BOOST_REQUIRE(!told.ok());
        BOOST_TEST((base::OutcomeOf(told.status()) == one.outcome));
        BOOST_TEST(subject.posted(rig.platform().State(), name) == one.told);
      }
    }
  });
}

BOOST_AUTO_TEST_CASE(a_failure_within_200_is_refused) {
  ForEach([](const Subject& subject) {
    if (!subject.answers_by_item) return;
    Rig rig(subject);
    const ports::PlatformReport report = rig.Take("R-1");
    const auto refused = [&](const std::string& path,
                             const absl::StatusOr<ports::ItemOutcome>& told) {
      BOOST_TEST_CONTEXT(path) {
        BOOST_REQUIRE(!told.ok());
        BOOST_TEST(base::Is(told.status(), Reason::kPlatformRefused));
        BOOST_TEST((base::OutcomeOf(told.status()) == Outcome::kRefused));
        BOOST_TEST(std::string(told.status().message()).find("try it tomorrow") !=
                   std::string::npos);
      }
    };
    const auto fail = [&](const std::string& path) {
      rig.platform().Faults({{{"path", path}, {"kind", "item_failure"}}});
    };
    fail(subject.acknowledge_path);
    refused("acknowledgement", rig.adapter().Acknowledge(report.ref, rig.Soon()));
    BOOST_REQUIRE(rig.adapter().Acknowledge(report.ref, rig.Soon()).ok());
    fail(subject.posting_path);
    refused("posting", rig.adapter().ConfirmPosting(Posted(report), rig.Soon()));
    BOOST_TEST(subject.posted(rig.platform().State(), "R-1") == 0U);
    BOOST_REQUIRE(rig.adapter().ConfirmPosting(Posted(report), rig.Soon()).ok());
    fail(subject.payment_path);
    refused("payment", rig.adapter().ConfirmPayment(Paid(report), rig.Soon()));
    BOOST_TEST(subject.paid(rig.platform().State(), "R-1") == 0U);
  });
}

BOOST_AUTO_TEST_CASE(an_answer_is_found_wherever_it_stands_and_however_often) {
  ForEach([](const Subject& subject) {
    Rig rig(subject);
    for (const char* kind : {"double", "shuffle"}) {
      const std::string name = std::string("R-") + kind;
      const ports::PlatformReport report = rig.TakeAndAcknowledge(name);
      rig.platform().Faults({{{"path", subject.posting_path}, {"kind", kind}}});
      const auto told = rig.adapter().ConfirmPosting(Posted(report), rig.Soon());
      BOOST_REQUIRE_MESSAGE(told.ok(), told.status().ToString());
      BOOST_TEST(subject.posted(rig.platform().State(), name) == 1U);
    }
  });
}

BOOST_AUTO_TEST_CASE(a_throttled_call_says_how_long_to_wait) {
  ForEach([](const Subject& subject) {
    Rig rig(subject);
    const ports::PostingReceipt receipt = Posted(rig.TakeAndAcknowledge("R-1"));
    rig.platform().Faults({{{"path", subject.posting_path}, {"kind", "throttle"}}});
    const auto told = rig.adapter().ConfirmPosting(receipt, rig.Soon());
    BOOST_REQUIRE(!told.ok());
    BOOST_TEST(base::Is(told.status(), Reason::kRateLimited));
    BOOST_TEST((base::InfoOf(told.status()).retry_after >= absl::Seconds(1)));
  });
}

BOOST_AUTO_TEST_CASE(an_expired_token_is_renewed_within_the_call) {
  ForEach([](const Subject& subject) {
    Rig rig(subject);
    if (subject.name == "generic") return;  // it has no tokens
    const ports::PostingReceipt receipt = Posted(rig.TakeAndAcknowledge("R-1"));
    rig.platform().Faults({{{"path", subject.posting_path}, {"kind", "expire"}}});
    const auto told = rig.adapter().ConfirmPosting(receipt, rig.Soon());
    BOOST_REQUIRE_MESSAGE(told.ok(), told.status().ToString());
    BOOST_TEST(subject.posted(rig.platform().State(), "R-1") == 1U);
  });
}

BOOST_AUTO_TEST_CASE(one_token_serves_many_calls) {
  ForEach([](const Subject& subject) {
    Rig rig(subject);
    if (subject.name == "generic") return;
    for (int i = 0; i < 4; ++i) rig.TakeAndAcknowledge("R-" + std::to_string(i));
    BOOST_TEST(rig.platform().State().at("token_calls") == 1);
  });
}

BOOST_AUTO_TEST_CASE(wrong_credentials_are_a_login_that_failed_and_nothing_was_done) {
  ForEach([](const Subject& subject) {
    if (subject.name == "generic") return;
    Rig rig(subject, "another-secret");
    for (const absl::Status& status :
         {rig.adapter().Check(rig.Soon()), rig.adapter().Fetch("", rig.Soon()).status()}) {
      BOOST_TEST(base::Is(status, Reason::kPlatformLoginFailed));
      BOOST_TEST((base::OutcomeOf(status) == Outcome::kNotApplied));
      // The secret is nobody's business.
      BOOST_TEST(std::string(status.message()).find("another-secret") == std::string::npos);
    }
  });
}

BOOST_AUTO_TEST_CASE(right_credentials_are_let_in) {
  ForEach([](const Subject& subject) {
    Rig rig(subject);
    BOOST_TEST(rig.can().has_login == (subject.name != "generic"));
    const absl::Status status = rig.adapter().Check(rig.Soon());
    BOOST_TEST_MESSAGE(status.ToString());
    BOOST_TEST(status.ok());
  });
}

BOOST_AUTO_TEST_CASE(a_list_that_cannot_be_read_changes_nothing_and_says_so) {
  ForEach([](const Subject& subject) {
    Rig rig(subject);
    if (!rig.can().fetches) return;
    for (const char* kind : {"throttle", "fail", "cut", "refuse"}) {
      // Twice: curl itself asks again when a kept connection is cut before any answer.
      rig.platform().Faults({{{"path", subject.fetch_path}, {"kind", kind}, {"times", 2}}});
      BOOST_TEST(!rig.adapter().Fetch("", rig.Soon()).ok());
    }
    rig.platform().Faults(json::array());
    BOOST_TEST(rig.adapter().Fetch("", rig.Soon()).ok());
  });
}

}  // namespace
}  // namespace kontor::expense::contract
