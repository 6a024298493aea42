// SPDX-License-Identifier: Apache-2.0
// `kontorctl screening import` and `screening status`: what is sent and what a person is told.
#include <boost/test/unit_test.hpp>

#include "kontor/v1/screening.pb.h"
#include "tests/unit/cli/support.h"

namespace kontor::cli_test {
namespace {

constexpr char kImport[] = "/kontor.v1.ScreeningService/ImportScreeningList";

std::unique_ptr<sdk::MessageStream> Answering(const v1::ImportScreeningListResponse& response,
                                              std::vector<std::string>* sent) {
  auto answered = std::make_shared<bool>(false);
  return std::make_unique<sdk_mocks::FakeStream>(
      [response, sent, answered](const std::vector<std::string>& written)
          -> std::unique_ptr<google::protobuf::Message> {
        *sent = written;
        if (*answered) return nullptr;
        *answered = true;
        return std::make_unique<v1::ImportScreeningListResponse>(response);
      },
      absl::OkStatus());
}

v1::ImportScreeningListResponse Imported(int64_t parties, int64_t before) {
  v1::ImportScreeningListResponse response;
  response.mutable_list()->set_name("ofac");
  response.mutable_list()->set_party_count(parties);
  response.set_active_party_count(before);
  response.set_policy_version("lists/v2");
  response.set_policy_digest("d1");
  return response;
}

BOOST_AUTO_TEST_SUITE(screening)

BOOST_AUTO_TEST_CASE(an_import_says_what_another_person_must_say) {
  Bench bench;
  Folder folder;
  std::vector<std::string> sent;
  bench.mock->OnOpen(kImport, Answering(Imported(100, 90), &sent));
  const Outcome outcome = bench.Run({"screening", "import", folder.Write("SDN.XML", "<x/>"),
                                     "--list", "ofac", "--published", "2026-01-05"});
  BOOST_TEST(outcome.code == cli::kDone, outcome.err);
  BOOST_TEST(Contains(outcome.out, "kontorctl policy promote lists/v2 --digest d1"));
  BOOST_TEST(outcome.err.empty());
  v1::ImportScreeningListRequest head;
  BOOST_REQUIRE(head.ParseFromString(sent.at(0)));
  BOOST_TEST(head.list() == "ofac");
  BOOST_TEST(head.file_name() == "SDN.XML");
  BOOST_TEST(head.published() == "2026-01-05");
  BOOST_TEST(head.chunk() == "<x/>");
  BOOST_TEST(!head.request_id().empty());
}

BOOST_AUTO_TEST_CASE(a_list_that_lost_half_of_its_entries_is_warned_of) {
  Bench bench;
  Folder folder;
  std::vector<std::string> sent;
  bench.mock->OnOpen(kImport, Answering(Imported(40, 90), &sent));
  const Outcome outcome =
      bench.Run({"screening", "import", folder.Write("a", "x"), "--list", "ofac"});
  BOOST_TEST(Contains(outcome.err, "less than half"));
}

BOOST_AUTO_TEST_CASE(an_import_needs_a_file_and_the_lists_name) {
  Bench bench;
  Folder folder;
  const std::string file = folder.Write("a", "x");
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"screening", "import"}, {"screening", "import", file},
           {"screening", "import", file, "b", "--list", "eu"},
           {"screening", "import", file, "--lists", "eu"}, {"screening", "status", "x"}}) {
    BOOST_TEST(bench.Run(words).code == cli::kUsage);
  }
  BOOST_TEST(bench.mock->Methods().empty());
}

BOOST_AUTO_TEST_CASE(the_status_shows_what_is_stale_and_that_nobody_is_screened) {
  Bench bench;
  bench.mock->On([](const v1::GetScreeningStatusRequest&)
                     -> absl::StatusOr<v1::GetScreeningStatusResponse> {
    v1::GetScreeningStatusResponse response;
    response.set_policy_version("lists/v2");
    response.set_threshold_percent(85);
    response.set_stale_after_days(7);
    auto* list = response.add_lists();
    list->set_name("un");
    list->set_state(v1::ScreeningList::STATE_ACTIVE);
    list->set_stale(true);
    return response;
  });
  const Outcome outcome = bench.Run({"screening", "status"});
  for (const char* part : {"lists/v2", "85 %", "7 days", "un", "ACTIVE", "STALE"}) {
    BOOST_TEST(Contains(outcome.out, part), part);
  }
  Bench none;
  none.mock->On([](const v1::GetScreeningStatusRequest&)
                    -> absl::StatusOr<v1::GetScreeningStatusResponse> {
    return v1::GetScreeningStatusResponse();
  });
  BOOST_TEST(Contains(none.Run({"screening", "status"}).out, "nobody is screened"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::cli_test
