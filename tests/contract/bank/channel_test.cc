// SPDX-License-Identifier: Apache-2.0
// What every channel keeps, whatever its kind: a file is handed over whole, once, and where it is
// can be told. What is known not to have left says so, and nothing else does.
#include "server/base/status.h"
#include "server/base/strings.h"
#include "tests/contract/bank/rig.h"

namespace kontor::bank::testing {
namespace {

using base::Reason;
using ports::FilePlace;
using Orders = std::map<std::string, std::string>;

constexpr char kOrder[] = "<Document/>";

BOOST_FIXTURE_TEST_SUITE(channels, Rig)

BOOST_AUTO_TEST_CASE(a_ready_channel_has_no_findings) {
  const auto findings = channel->Check();
  BOOST_REQUIRE_MESSAGE(findings.ok(), findings.status().ToString());
  BOOST_TEST(findings->empty());
  BOOST_TEST(channel->capabilities().kind == KindUnderTest());
  BOOST_TEST(channel->capabilities().sees_outbox);
  BOOST_TEST(channel->capabilities().acknowledges);
  BOOST_TEST(channel->capabilities().stays_here);  // all of it runs on loopback
}

BOOST_AUTO_TEST_CASE(a_file_goes_from_nowhere_to_the_bank) {
  BOOST_REQUIRE(channel->Check().ok());
  BOOST_TEST((Find("a.xml", kOrder).value() == FilePlace::kNowhere));
  const absl::Status sent = Submit("a.xml", kOrder);
  BOOST_REQUIRE_MESSAGE(sent.ok(), sent.ToString());
  BOOST_TEST((HandedOver() == Orders{{"a.xml", kOrder}}));
  const FilePlace place = Find("a.xml", kOrder).value();
  BOOST_TEST((place == FilePlace::kOutbox || place == FilePlace::kTaken));
  TakeAll();
  BOOST_TEST((Find("a.xml", kOrder).value() == FilePlace::kTaken));
}

BOOST_AUTO_TEST_CASE(a_file_that_was_handed_over_is_there_once_however_often_it_is_sent) {
  BOOST_REQUIRE(Submit("a.xml", kOrder).ok());
  BOOST_TEST(Submit("a.xml", kOrder).ok());
  TakeAll();
  BOOST_TEST(Submit("a.xml", kOrder).ok());
  BOOST_TEST(HandedOver().empty());  // the bank has it already
}

BOOST_AUTO_TEST_CASE(another_file_under_the_same_name_is_a_conflict_and_replaces_nothing) {
  BOOST_REQUIRE(Submit("a.xml", kOrder).ok());
  const absl::Status other = Submit("a.xml", "<Other/>");
  BOOST_TEST(base::Is(other, Reason::kChannelFileConflict));
  BOOST_TEST((base::OutcomeOf(other) == base::Outcome::kNotApplied));
  BOOST_TEST((HandedOver() == Orders{{"a.xml", kOrder}}));
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_those_approved_do_not_leave) {
  TextSource other("<Altered/>");
  const absl::Status sent = channel->Submit(FileOf("a.xml", kOrder), other);
  BOOST_TEST(base::Is(sent, Reason::kFileAltered));
  BOOST_TEST((base::OutcomeOf(sent) == base::Outcome::kNotApplied));
  BOOST_TEST(HandedOver().empty());
  BOOST_TEST((Find("a.xml", kOrder).value() == FilePlace::kNowhere));
}

BOOST_AUTO_TEST_CASE(what_the_bank_refuses_is_known_not_to_have_left_and_can_be_sent_again) {
  Refuse(true);
  const absl::Status sent = Submit("a.xml", kOrder);
  BOOST_TEST((sent.code() == absl::StatusCode::kInvalidArgument ||
              sent.code() == absl::StatusCode::kFailedPrecondition));
  BOOST_TEST((base::OutcomeOf(sent) == base::Outcome::kNotApplied));
  BOOST_TEST(HandedOver().empty());
  Refuse(false);
  BOOST_TEST(Submit("a.xml", kOrder).ok());
  BOOST_TEST((HandedOver() == Orders{{"a.xml", kOrder}}));
}

BOOST_AUTO_TEST_CASE(names_that_lead_elsewhere_are_refused) {
  for (const char* name : {"", "../a", "a/b", ".hidden", "a b", "ä.xml"}) {
    BOOST_TEST(!Submit(name, kOrder).ok(), name);
  }
  BOOST_TEST(!Submit(std::string(121, 'a'), kOrder).ok());
  BOOST_TEST(!channel->Open({"../outbox/a", "x", 1, absl::UnixEpoch()}).ok());
  BOOST_TEST(!channel->Done({"../outbox/a", "x", 1, absl::UnixEpoch()}).ok());
  BOOST_TEST(HandedOver().empty());
}

BOOST_AUTO_TEST_CASE(a_large_file_travels_whole) {
  std::string large(3'000'000, 'x');
  for (size_t i = 0; i < large.size(); i += 977) large[i] = static_cast<char>('a' + i % 26);
  BOOST_REQUIRE(Submit("large.xml", large).ok());
  BOOST_TEST((HandedOver()["large.xml"] == large));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::bank::testing
