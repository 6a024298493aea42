// SPDX-License-Identifier: Apache-2.0
// What channels over folders keep beside what every channel does, here and on a server.
#include <filesystem>
#include <fstream>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "tests/contract/bank/rig.h"

namespace kontor::bank::testing {
namespace {

namespace fs = std::filesystem;
using base::Reason;
using ports::FilePlace;
using List = std::vector<std::string>;

constexpr char kOrder[] = "<Document/>";

std::string All(ports::ByteSource& source) {
  std::string out;
  std::string piece(7, '\0');
  while (true) {
    const auto got = source.Read(piece);
    BOOST_REQUIRE(got.ok());
    if (*got == 0) return out;
    out.append(piece, 0, *got);
  }
}

/// Where files are seen from the bank's side.
boost::test_tools::assertion_result IsFolders(boost::unit_test::test_unit_id) {
  return KindUnderTest() != "webhook";
}

BOOST_FIXTURE_TEST_SUITE(folders, Rig, *boost::unit_test::precondition(IsFolders))

BOOST_AUTO_TEST_CASE(a_missing_folder_is_a_finding_that_names_the_setting) {
  fs::remove(folder / "archive");
  const auto findings = channel->Check();
  BOOST_REQUIRE(findings.ok());
  BOOST_REQUIRE(findings->size() == 1U);
  BOOST_TEST(findings->front().field == "settings.archive");
}

BOOST_AUTO_TEST_CASE(a_file_goes_from_nowhere_to_the_outbox_and_is_taken) {
  BOOST_TEST((Find("a.xml", kOrder).value() == FilePlace::kUnknown));  // never used, never checked
  BOOST_REQUIRE(channel->Check().ok());
  BOOST_TEST((Find("a.xml", kOrder).value() == FilePlace::kNowhere));
  const absl::Status sent = Submit("a.xml", kOrder);
  BOOST_REQUIRE_MESSAGE(sent.ok(), sent.ToString());
  BOOST_TEST(ReadFile(folder / "outbox" / "a.xml") == kOrder);
  BOOST_TEST(Names("outbox") == List{"a.xml"});  // nothing else of ours is left there
  BOOST_TEST((Find("a.xml", kOrder).value() == FilePlace::kOutbox));
  fs::remove(folder / "outbox" / "a.xml");  // the bank took it
  BOOST_TEST((Find("a.xml", kOrder).value() == FilePlace::kTaken));
}

BOOST_AUTO_TEST_CASE(a_file_that_was_handed_over_is_not_handed_over_again) {
  BOOST_REQUIRE(Submit("a.xml", kOrder).ok());
  BOOST_TEST(Submit("a.xml", kOrder).ok());
  fs::remove(folder / "outbox" / "a.xml");
  BOOST_TEST(Submit("a.xml", kOrder).ok());
  BOOST_TEST(Names("outbox").empty());  // the bank has it already
}

BOOST_AUTO_TEST_CASE(another_file_under_the_same_name_is_a_conflict) {
  BOOST_REQUIRE(Submit("a.xml", kOrder).ok());
  BOOST_TEST(base::Is(Submit("a.xml", "<Other/>"), Reason::kChannelFileConflict));
  fs::remove(folder / "outbox" / "a.xml");
  BOOST_TEST(base::Is(Submit("a.xml", "<Other/>"), Reason::kChannelFileConflict));
  BOOST_TEST(Names("outbox").empty());
}

BOOST_AUTO_TEST_CASE(somebody_elses_file_under_the_name_is_a_conflict_and_stays) {
  std::ofstream(folder / "outbox" / "a.xml") << "<Foreign/>";
  BOOST_TEST(base::Is(Submit("a.xml", kOrder), Reason::kChannelFileConflict));
  BOOST_TEST(ReadFile(folder / "outbox" / "a.xml") == "<Foreign/>");
  BOOST_TEST((Find("a.xml", kOrder).value() == FilePlace::kAltered));
}

BOOST_AUTO_TEST_CASE(a_try_that_broke_off_before_the_rename_went_nowhere_and_can_be_made_again) {
  // As a crash leaves it: written and noted, not renamed.
  fs::create_directories(folder / "sent");
  std::ofstream(folder / "outbox" / ".a.xml.tmp") << kOrder;
  std::ofstream(folder / "sent" / "a.xml.sha256") << FileOf("a.xml", kOrder).sha256;
  BOOST_TEST((Find("a.xml", kOrder).value() == FilePlace::kNowhere));
  BOOST_REQUIRE(Submit("a.xml", kOrder).ok());
  BOOST_TEST(Names("outbox") == List{"a.xml"});
}

BOOST_AUTO_TEST_CASE(half_a_file_of_an_earlier_try_is_written_anew) {
  std::ofstream(folder / "outbox" / ".a.xml.tmp") << "<Docu";
  BOOST_REQUIRE(Submit("a.xml", kOrder).ok());
  BOOST_TEST(ReadFile(folder / "outbox" / "a.xml") == kOrder);
}

BOOST_AUTO_TEST_CASE(without_notes_nobody_can_say_that_a_file_never_left) {
  channel = Make(R"({"sent": "/nowhere/at/all"})");
  BOOST_TEST((Find("a.xml", kOrder).value() == FilePlace::kUnknown));
}

BOOST_AUTO_TEST_CASE(an_acknowledgement_says_that_the_bank_has_it) {
  BOOST_REQUIRE(Submit("a.xml", kOrder).ok());
  std::ofstream(folder / "acknowledgements" / "a.xml.ack") << "OK";
  BOOST_TEST((Find("a.xml", kOrder).value() == FilePlace::kTaken));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written_is_known_not_to_have_left) {
  fs::remove(folder / "outbox");
  const absl::Status sent = Submit("a.xml", kOrder);
  BOOST_TEST((sent.code() == absl::StatusCode::kInvalidArgument ||
              sent.code() == absl::StatusCode::kFailedPrecondition));
  BOOST_TEST((base::OutcomeOf(sent) == base::Outcome::kNotApplied));
}

BOOST_AUTO_TEST_CASE(incoming_files_come_oldest_first_and_go_to_the_archive) {
  Arrive("young.xml", "2", absl::Minutes(5));
  Arrive("old.xml", "1", absl::Minutes(9));
  const auto files = channel->Poll(10);
  BOOST_REQUIRE_MESSAGE(files.ok(), files.status().ToString());
  BOOST_REQUIRE(files->size() == 2U);
  BOOST_TEST(files->at(0).name == "old.xml");
  BOOST_TEST(All(**channel->Open(files->at(0))) == "1");
  BOOST_TEST(channel->Poll(1)->size() == 1U);
  for (const auto& file : *files) {
    BOOST_TEST(channel->Done(file).ok());
    BOOST_TEST(channel->Done(file).ok());  // done already is done
  }
  BOOST_TEST(Names("inbox").empty());
  BOOST_TEST((Names("archive") == List{"old.xml", "young.xml"}));
}

BOOST_AUTO_TEST_CASE(what_is_still_written_or_no_file_is_left_alone) {
  Arrive("fresh.xml", "1", absl::ZeroDuration());
  Arrive("half.part", "1");
  Arrive("half.tmp", "1");
  Arrive(".hidden", "1");
  fs::create_directories(folder / "inbox" / "folder");
  fs::create_symlink("/etc/passwd", folder / "inbox" / "link.xml");
  BOOST_TEST(channel->Poll(10)->empty());
}

BOOST_AUTO_TEST_CASE(a_second_file_of_the_same_name_overwrites_nothing_in_the_archive) {
  for (const char* text : {"first", "second"}) {
    Arrive("a.xml", text);
    const auto files = channel->Poll(10);
    BOOST_REQUIRE(files->size() == 1U);
    BOOST_TEST(channel->Done(files->front()).ok());
  }
  BOOST_TEST((Names("archive") == List{"a.xml", "a.xml.1"}));
  BOOST_TEST(ReadFile(folder / "archive" / "a.xml") == "first");
}

BOOST_AUTO_TEST_CASE(a_file_that_came_meanwhile_under_the_name_is_not_taken_for_the_one_read) {
  Arrive("a.xml", "first");
  const auto files = channel->Poll(10);
  BOOST_REQUIRE(files->size() == 1U);
  fs::remove(folder / "inbox" / "a.xml");
  Arrive("a.xml", "another one", absl::Minutes(3));
  BOOST_TEST(channel->Done(files->front()).ok());
  BOOST_TEST(Names("inbox") == List{"a.xml"});
}

BOOST_AUTO_TEST_CASE(without_an_archive_read_files_are_removed) {
  channel = Make(R"({"archive": null})");
  Arrive("a.xml", "1");
  BOOST_TEST(channel->Done(channel->Poll(10)->front()).ok());
  BOOST_TEST(Names("inbox").empty());
}

BOOST_AUTO_TEST_CASE(a_channel_that_only_reads_sends_nothing) {
  channel = Make(R"({"outbox": null, "sent": null})");
  BOOST_TEST(base::Is(Submit("a.xml", kOrder), Reason::kChannelInvalid));
  BOOST_TEST(!channel->capabilities().sees_outbox);
}

BOOST_AUTO_TEST_CASE(a_server_with_another_key_or_login_is_not_spoken_to) {
  if (KindUnderTest() != "sftp") return;
  channel = Make(base::StrCat(R"({"host_keys": ["SHA256:)", std::string(43, 'A'), R"("]})"));
  const absl::Status wrong_key = Submit("a.xml", kOrder);
  BOOST_TEST((base::OutcomeOf(wrong_key) == base::Outcome::kNotApplied));
  BOOST_TEST(std::string(base::Std(wrong_key.message())).find("none of those") !=
             std::string::npos);
  secret = "not the password";
  channel = Make();
  BOOST_TEST(base::Is(channel->Poll(1).status(), Reason::kChannelInvalid));
  channel = Make(R"({"port": 1})");
  BOOST_TEST(base::Is(channel->Poll(1).status(), Reason::kChannelUnreachable));
  BOOST_TEST(Names("outbox").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::bank::testing
