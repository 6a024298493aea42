// SPDX-License-Identifier: Apache-2.0
// Files that a bank seals are kept as they came and read as what is in them; what does not open is
// a case, and nothing of it is read.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "server/base/status.h"
#include "tests/unit/statements/harness.h"

namespace bdata = boost::unit_test::data;

namespace kontor::statements::testing {
namespace {

using base::Error;
using base::Reason;
using Opened = absl::StatusOr<std::optional<std::string>>;

constexpr std::string_view kSeal = "sealed:";

Mt Simple() { return {1, 10, 10000, {{-1000, "A1"}, {2500, "A2"}}}; }

const char kStatus[] =
    "<?xml version=\"1.0\"?><Document "
    "xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.03\"><CstmrPmtStsRpt><GrpHdr>"
    "<MsgId>S1</MsgId><CreDtTm>2026-03-10T10:00:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts>"
    "<OrgnlMsgId>M1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId><GrpSts>ACCP</GrpSts>"
    "</OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>";

struct Sealed : Harness {
  Sealed() {
    AddChannel(model::ChannelState::kLive);
    channel->unseal = [this](std::string_view name, std::string_view bytes) -> Opened {
      ++asked;
      if (why != Reason::kInternal) return Error(why).Says("as the test wants it");
      if (!bytes.starts_with(kSeal)) {
        return strict ? Opened(Error(Reason::kOpenpgpRequired).Says("it is no OpenPGP message"))
                      : Opened(std::optional<std::string>());
      }
      last_name = name;
      return std::optional<std::string>(bytes.substr(kSeal.size()));
    };
  }
  /// The bank puts a file into the inbox; answers the file that came of it.
  Json Arrive(const std::string& text, const std::string& name = "day.sta.pgp") {
    channel->inbox[name] = text;
    clock.Advance(absl::Minutes(5));
    Settle();
    return Newest();
  }
  Json Newest() {
    std::string id;
    const absl::Status read = store->Read([&](ports::ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(const auto rows, view.ListAudit(0, 1000));
      for (const ports::AuditEntry& row : rows) {
        if (row.action == "bank_file.received") id = row.subject;
      }
      return absl::OkStatus();
    });
    BOOST_REQUIRE(read.ok());
    BOOST_REQUIRE(!id.empty());
    return File(id);
  }
  std::string SealedText() { return std::string(kSeal) + Simple().Text(); }

  int asked = 0;
  bool strict = true;
  Reason why = Reason::kInternal;  ///< kInternal: it opens.
  std::string last_name;
};

BOOST_FIXTURE_TEST_SUITE(sealed_files, Sealed)

BOOST_AUTO_TEST_CASE(what_is_in_a_sealed_file_is_read_and_the_file_kept_as_it_came) {
  const Json file = Arrive(SealedText());
  BOOST_TEST(file["state"] == "STATE_READ", file.dump());
  BOOST_TEST(books.Sum() == 1500);
  BOOST_TEST(channel->inbox.empty());
  BOOST_TEST(asked == 1);
  BOOST_TEST(last_name == "day.sta.pgp");
  BOOST_TEST(file["sha256"] == crypto->Sha256Hex(SealedText()));
}

BOOST_AUTO_TEST_CASE(a_status_in_a_sealed_file_reaches_its_order) {
  const Json file = Arrive(std::string(kSeal) + kStatus);
  BOOST_TEST(file["state"] == "STATE_ROUTED", file.dump());
  BOOST_REQUIRE(orders.status_files.size() == 1U);
  // The evidence of an order finds what was in it, and by that the file as it came.
  const absl::Status read = store->Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto blob, view.FindBlob(orders.status_files.front()));
    BOOST_REQUIRE(blob.has_value());
    BOOST_TEST(blob->sha256 == crypto->Sha256Hex(kStatus));
    const std::string sealed = Json::parse(blob->facts)["sealed_blob"];
    KONTOR_ASSIGN_OR_RETURN(const auto original, view.FindBlob(sealed));
    BOOST_REQUIRE(original.has_value());
    BOOST_TEST(original->sha256 == crypto->Sha256Hex(std::string(kSeal) + kStatus));
    return absl::OkStatus();
  });
  BOOST_TEST(read.ok());
}

struct Case {
  Reason reason;
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << base::EntryOf(c.reason).name;
}
const Case kCases[] = {{Reason::kOpenpgpRequired},
                       {Reason::kOpenpgpUnreadable},
                       {Reason::kOpenpgpSignatureInvalid},
                       {Reason::kOpenpgpKeyUnusable},
                       {Reason::kTooLarge}};

BOOST_DATA_TEST_CASE(what_does_not_open_is_a_case_and_is_read_once_it_does, bdata::make(kCases),
                     c) {
  why = c.reason;
  const Json file = Arrive(SealedText());
  BOOST_TEST(file["state"] == "STATE_FAILED");
  BOOST_TEST(file["findings"][0]["reason"].get<std::string>() == base::EntryOf(c.reason).name);
  BOOST_TEST(CaseOf(file["exception_id"]).technical);
  BOOST_TEST(books.lines.empty());
  BOOST_TEST(channel->inbox.empty());  // the store has it
  // Nobody decided anything: it is not tried again by itself.
  const int before = asked;
  clock.Advance(absl::Hours(24));
  Settle();
  BOOST_TEST(asked == before);
  why = Reason::kInternal;
  Resolve(file["exception_id"], model::Resolution::kRetry);
  Settle();
  BOOST_TEST(File(file["id"])["state"] == "STATE_READ");
  BOOST_TEST(books.Sum() == 1500);
}

BOOST_AUTO_TEST_CASE(what_does_not_open_can_be_given_up) {
  why = Reason::kOpenpgpSignatureInvalid;
  const Json file = Arrive(SealedText());
  Resolve(file["exception_id"], model::Resolution::kReject);
  Settle();
  BOOST_TEST(File(file["id"])["state"] == "STATE_DISCARDED");
  BOOST_TEST(books.lines.empty());
}

BOOST_AUTO_TEST_CASE(a_plain_file_is_a_case_where_files_must_be_sealed) {
  const Json file = Arrive(Simple().Text(), "day.sta");
  BOOST_TEST(file["state"] == "STATE_FAILED");
  BOOST_TEST(file["findings"][0]["reason"] == "OPENPGP_REQUIRED");
  BOOST_TEST(books.lines.empty());
}

BOOST_AUTO_TEST_CASE(a_plain_file_is_read_where_files_may_be_sealed) {
  strict = false;
  BOOST_TEST(Arrive(Simple().Text(), "day.sta")["state"] == "STATE_READ");
  BOOST_TEST(books.Sum() == 1500);
}

BOOST_AUTO_TEST_CASE(a_person_who_uploads_the_same_bytes_does_not_keep_the_banks_file_away) {
  const Json uploaded = Import(SealedText(), "day.sta.pgp");
  BOOST_TEST(uploaded["state"] == "STATE_FAILED");  // an upload is nobody's sealed file
  BOOST_TEST(asked == 0);
  const Json file = Arrive(SealedText());
  BOOST_TEST((file["id"] != uploaded["id"]));
  BOOST_TEST(file["state"] == "STATE_READ");
}

BOOST_AUTO_TEST_CASE(the_same_sealed_file_twice_is_one_file) {
  const Json first = Arrive(SealedText());
  const Json second = Arrive(SealedText(), "again.sta.pgp");
  BOOST_TEST(first["id"] == second["id"]);
  BOOST_TEST(channel->inbox.empty());
  BOOST_TEST(books.Sum() == 1500);
}

BOOST_AUTO_TEST_CASE(the_same_statement_sealed_anew_books_nothing_twice) {
  Arrive(SealedText());
  channel->unseal = [](std::string_view, std::string_view) -> Opened {
    return std::optional<std::string>(Simple().Text());
  };
  Arrive("another sealing of it", "again.sta.pgp");
  BOOST_TEST(books.Sum() == 1500);
}

const char* const kCrashes[] = {"statement.after_keep", "statement.after_taken",
                                "statement.after_opened", "statement.after_survey"};

BOOST_DATA_TEST_CASE(a_crash_anywhere_reads_it_once, bdata::make(kCrashes), failpoint) {
  crash_at = failpoint;
  const Json file = Arrive(SealedText());
  BOOST_CHECK_MESSAGE(crash_at.empty(), "the failpoint was not reached");
  BOOST_TEST(file["state"] == "STATE_READ");
  BOOST_TEST(books.Sum() == 1500);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::statements::testing
