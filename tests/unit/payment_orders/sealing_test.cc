// SPDX-License-Identifier: Apache-2.0
// Where a bank wants files sealed: one sealing is made and kept before anything leaves, and it is
// that one which goes, whatever happens on the way. What was approved stays the plain file.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "server/base/strings.h"
#include "server/crypto/digest.h"
#include "tests/unit/payment_orders/harness.h"

namespace bdata = boost::unit_test::data;

namespace kontor::payment_orders::testing {
namespace {

using base::Reason;
using Reasons = std::vector<std::string>;

constexpr char kOther[] = "other-bank";
constexpr char kRouting[] = R"({"routes": [{"name": "main", "account": "main-account",
  "fallback_channel": "other-bank", "service_level": "SEPA", "charge_bearer": "SLEV"}]})";
constexpr char kFirstSealing[] = "sealing 1 of <";

struct Sealing : OrderHarness {
  Sealing() { bank->sealed_suffix = ".pgp"; }
  void AddOther() {
    PutChannel([](model::Channel& channel) {
      channel.id = "bch_other";
      channel.name = kOther;
      channel.settings = kOtherSettings;
    });
    SetPolicy("routing", kRouting);
  }
  void Refuse(int times) {
    bank->trouble.insert(bank->trouble.end(), static_cast<size_t>(times), Trouble::kRefused);
  }
  void WaitLong() {
    for (int i = 0; i < 8; ++i) Wait(absl::Minutes(5));
  }
  std::string SealedName(const std::string& id, const std::string& suffix = ".pgp") {
    return Order(id)["message_id"].get<std::string>() + ".xml" + suffix;
  }
  /// What the trail says of the hand-over.
  std::string Note(const std::string& id) {
    const auto trail = loop->Trace(preparer, id);
    BOOST_REQUIRE(trail.ok());
    const auto entry =
        std::ranges::find(trail->entries, "payment_order.submitted", &Trail::Entry::what);
    return entry == trail->entries.end() ? "" : entry->note;
  }
  /// Contents of the files in a folder of the order's evidence.
  std::vector<std::string> FilesOf(const std::string& id, const std::string& of) {
    const auto evidence = loop->GetEvidence(preparer, id);
    BOOST_REQUIRE_MESSAGE(evidence.ok(), evidence.status().ToString());
    std::vector<std::string> out;
    for (const EvidenceFile& file : evidence->files) {
      if (file.path.find("/" + of + "/") != std::string::npos) out.push_back(file.content);
    }
    return out;
  }
};

BOOST_FIXTURE_TEST_SUITE(sealing, Sealing)

BOOST_AUTO_TEST_CASE(the_sealed_file_leaves_and_the_plain_one_stays_what_was_approved) {
  const std::string id = CreateSubmitted({AddBill("100.00")});
  const Json order = Order(id);
  BOOST_REQUIRE(bank->files.size() == 1U);
  const auto& [name, bytes] = *bank->files.begin();
  BOOST_TEST(name == SealedName(id));
  BOOST_TEST(bytes.starts_with(kFirstSealing));
  const std::string plain = bytes.substr(std::string("sealing 1 of ").size());
  BOOST_TEST(order["file_name"] == order["message_id"].get<std::string>() + ".xml");
  BOOST_TEST(order["file_sha256"] == crypto.Sha256Hex(plain));
  BOOST_TEST(bank->seals == 1);
  // Trace finds either hash, and says what was handed over.
  for (const std::string& sha256 : {crypto.Sha256Hex(plain), crypto.Sha256Hex(bytes)}) {
    const auto trail = loop->Trace(preparer, sha256);
    BOOST_REQUIRE_MESSAGE(trail.ok(), trail.status().ToString());
    BOOST_TEST(trail->orders.front().id == id);
    BOOST_TEST(Note(id).find(sha256) != std::string::npos);
  }
  BOOST_TEST((FilesOf(id, "file") == std::vector<std::string>{plain}));
  BOOST_TEST((FilesOf(id, "sealed") == std::vector<std::string>{bytes}));
  const auto audit = Audit();
  const auto row = std::ranges::find(audit, "payment_order.submitted", &ports::AuditEntry::action);
  BOOST_REQUIRE(row != audit.end());
  BOOST_TEST(row->after.find(crypto.Sha256Hex(bytes)) != std::string::npos);
}

struct Case {
  const char* name;
  std::deque<Trouble> trouble;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
const Case kCases[] = {
    {"the channel refuses for a while", std::deque<Trouble>(6, Trouble::kRefused)},
    {"the answer is lost before", {Trouble::kLostBefore}},
    {"the answer is lost after", {Trouble::kLostAfter}},
    {"everything at once", {Trouble::kRefused, Trouble::kLostBefore, Trouble::kLostAfter}},
};

BOOST_DATA_TEST_CASE(it_is_sealed_once_and_goes_once_though, bdata::make(kCases), c) {
  bank->trouble = c.trouble;
  const std::string id = CreateReleased({AddBill("100.00")});
  WaitLong();
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(bank->files.size() == 1U);
  BOOST_TEST(bank->files.begin()->second.starts_with(kFirstSealing));
  BOOST_TEST(bank->seals == 1);
}

const char* const kCrashes[] = {"payment_order.after_generated", "payment_order.after_sealed",
                                "payment_order.after_marked", "payment_order.after_sent",
                                "payment_order.after_submitted"};

BOOST_DATA_TEST_CASE(a_crash_anywhere_sends_the_one_sealing_once, bdata::make(kCrashes),
                     failpoint) {
  crash_in_loop_at = failpoint;
  const std::string id = CreateReleased({AddBill("100.00")});
  for (int i = 0; i < 3; ++i) Wait(absl::Minutes(1));
  BOOST_CHECK_MESSAGE(crash_in_loop_at.empty(), "the failpoint was not reached");
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(bank->files.size() == 1U);
  BOOST_TEST(bank->seals == 1);
  BOOST_TEST(erp->All("account.payment").size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_key_that_does_not_seal_is_told_at_once_and_nothing_leaves_until_it_does) {
  bank->seal_answer = base::Error(Reason::kOpenpgpKeyUnusable)
                          .Field("settings.openpgp.bank_key")
                          .Says("the key ran out");
  const std::string id = CreateReleased({AddBill("100.00")});
  Settle();
  BOOST_TEST(ReasonsOf(id) == Reasons{"OPENPGP_KEY_UNUSABLE"});
  BOOST_TEST(State(id) == "RELEASED");
  WaitLong();
  BOOST_TEST(bank->submits == 0);
  bank->seal_answer = absl::OkStatus();
  WaitLong();
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(bank->submits == 1);
  BOOST_TEST(!Order(id).contains("exception_id"));
}

BOOST_AUTO_TEST_CASE(a_sealed_file_that_was_changed_in_the_store_does_not_leave) {
  Refuse(1);
  const std::string id = CreateReleased({AddBill("100.00")});
  BOOST_REQUIRE(loop->RunUntilIdle());
  BOOST_REQUIRE_EQUAL(bank->submits, 1);
  Tamper(id, [](ports::FlowRow& row) {
    Json body = Json::parse(row.body);
    body["sealed"][0]["sha256"] = std::string(64, '0');
    row.body = body.dump();
  });
  WaitLong();
  BOOST_TEST(ReasonsOf(id) == Reasons{"FILE_ALTERED"});
  BOOST_TEST(bank->submits == 1);
  BOOST_TEST(bank->files.empty());
}

BOOST_AUTO_TEST_CASE(a_shadow_seals_nothing) {
  PutChannel([](model::Channel& channel) { channel.state = model::ChannelState::kShadow; });
  const std::string id = CreateReleased({AddBill("100.00")});
  Wait(absl::Hours(1));
  BOOST_TEST(Submission(id) == "SHADOWED");
  BOOST_TEST(bank->seals == 0);
}

// The other channel.

BOOST_AUTO_TEST_CASE(the_other_channel_gets_a_sealing_of_its_own_of_the_same_file) {
  AddOther();
  other_bank->sealed_suffix = ".gpg";
  other_bank->seals = 10;
  Refuse(100);
  const std::string id = CreateReleased({AddBill("100.00")});
  WaitLong();
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(bank->files.empty());
  BOOST_REQUIRE(other_bank->files.size() == 1U);
  const auto& [name, bytes] = *other_bank->files.begin();
  BOOST_TEST(name == SealedName(id, ".gpg"));
  BOOST_TEST(bytes.starts_with("sealing 11 of <"));
  const std::string plain = bytes.substr(std::string("sealing 11 of ").size());
  BOOST_TEST(Order(id)["file_sha256"] == crypto.Sha256Hex(plain));
  BOOST_TEST((FilesOf(id, "file") == std::vector<std::string>{plain}));
  BOOST_TEST(FilesOf(id, "sealed").size() == 2U);
  BOOST_TEST(Note(id).find(name) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(another_channel_that_takes_plain_files_gets_the_plain_one) {
  AddOther();
  Refuse(100);
  const std::string id = CreateReleased({AddBill("100.00")});
  WaitLong();
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_REQUIRE(other_bank->files.size() == 1U);
  BOOST_TEST(Order(id)["file_name"] == other_bank->files.begin()->first);
  BOOST_TEST(Order(id)["file_sha256"] == crypto.Sha256Hex(other_bank->files.begin()->second));
}

BOOST_AUTO_TEST_CASE(the_other_channel_takes_up_what_the_first_has_no_key_for) {
  AddOther();
  bank->seal_answer = base::Error(Reason::kOpenpgpKeyUnusable);
  const std::string id = CreateReleased({AddBill("100.00")});
  WaitLong();
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(other_bank->files.size() == 1U);
  BOOST_TEST(!Order(id).contains("exception_id"));
}

// A store that is older than the outbox.

BOOST_AUTO_TEST_CASE(what_the_bank_took_in_another_life_is_not_sealed_again) {
  const std::string id = CreateReleased({AddBill("100.00")});
  bank->files[SealedName(id)] = "an earlier sealing";
  WaitLong();
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(bank->seals == 0);
  BOOST_TEST(bank->submits == 0);
  BOOST_TEST(Note(id).find("in a life of kontor") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(another_sealing_that_waits_in_the_outbox_is_told_and_never_doubled) {
  bank->compares = true;
  const std::string id = CreateReleased({AddBill("100.00")});
  bank->files[SealedName(id)] = "an earlier sealing";
  WaitLong();
  BOOST_TEST(State(id) == "RELEASED");
  BOOST_TEST(ReasonsOf(id) == Reasons{"CHANNEL_FILE_CONFLICT"});
  BOOST_TEST(Order(id)["findings"][0]["message"].get<std::string>().find("before kontor was "
                                                                         "restored") !=
             std::string::npos);
  BOOST_TEST(bank->files.at(SealedName(id)) == "an earlier sealing");
  BOOST_TEST(bank->seals == 1);
  // The bank takes it.
  bank->compares = false;
  WaitLong();
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(bank->files.at(SealedName(id)) == "an earlier sealing");
  BOOST_TEST(!Order(id).contains("exception_id"));
}

BOOST_AUTO_TEST_CASE(what_went_sealed_by_the_other_channel_in_another_life_is_found_there) {
  AddOther();
  other_bank->sealed_suffix = ".gpg";
  Refuse(1);
  const std::string id = CreateReleased({AddBill("100.00")});
  BOOST_REQUIRE(loop->RunUntilIdle());
  other_bank->files[SealedName(id, ".gpg")] = "an earlier sealing";
  WaitLong();
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(Order(id)["channel"] == kOther);
  BOOST_TEST(bank->submits == 1);
  BOOST_TEST(other_bank->submits == 0);
  BOOST_TEST(other_bank->seals == 0);
}

BOOST_AUTO_TEST_CASE(what_went_plain_before_the_channel_sealed_is_found_there) {
  const std::string id = CreateReleased({AddBill("100.00")});
  bank->files[Order(id)["message_id"].get<std::string>() + ".xml"] = "as it went";
  WaitLong();
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(bank->submits == 0);
}

BOOST_AUTO_TEST_CASE(what_went_sealed_before_the_channel_stopped_to_seal_is_found_there) {
  bank->trouble = {Trouble::kLostAfter};
  bank->find_answer = base::Error(Reason::kChannelUnreachable);
  const std::string id = CreateReleased({AddBill("100.00")});
  Settle();
  BOOST_REQUIRE_EQUAL(Submission(id), "UNKNOWN");
  bank->sealed_suffix.clear();
  bank->find_answer = absl::OkStatus();
  WaitLong();
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(bank->files.size() == 1U);
  BOOST_TEST(bank->submits == 1);
}

BOOST_AUTO_TEST_CASE(a_channel_that_begins_to_seal_seals_what_waits_for_it) {
  bank->sealed_suffix.clear();
  Refuse(1);
  const std::string id = CreateReleased({AddBill("100.00")});
  BOOST_REQUIRE(loop->RunUntilIdle());
  bank->sealed_suffix = ".pgp";
  WaitLong();
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(bank->files.size() == 1U);
  BOOST_TEST(bank->files.begin()->first == SealedName(id));
}

BOOST_AUTO_TEST_CASE(a_bank_that_is_silent_is_asked_for_the_name_that_it_knows) {
  PutChannel([](model::Channel& channel) { channel.answer_within = absl::Hours(2); });
  const std::string id = CreateSubmitted({AddBill("100.00")});
  Wait(absl::Hours(3));
  BOOST_TEST(Order(id)["findings"].dump().find(SealedName(id)) != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::payment_orders::testing
