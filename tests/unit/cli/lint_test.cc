// SPDX-License-Identifier: Apache-2.0
// `kontorctl format lint`, `statement import` and `cash`: what is sent in pieces, what is printed,
// and what the exit code says.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "kontor/v1/statement.pb.h"
#include "tests/unit/cli/support.h"

namespace bdata = boost::unit_test::data;

namespace kontor::cli_test {
namespace {

constexpr char kLint[] = "/kontor.v1.StatementService/LintFile";
constexpr char kImport[] = "/kontor.v1.StatementService/ImportStatement";

/// Answers once the last piece came, and keeps what was sent.
template <typename Response>
std::unique_ptr<sdk::MessageStream> Answering(Response response, std::vector<std::string>* sent,
                                              absl::Status end = absl::OkStatus()) {
  auto answered = std::make_shared<bool>(false);
  return std::make_unique<sdk_mocks::FakeStream>(
      [response, sent, end, answered](const std::vector<std::string>& written)
          -> std::unique_ptr<google::protobuf::Message> {
        *sent = written;
        if (*answered || !end.ok()) return nullptr;
        *answered = true;
        return std::make_unique<Response>(response);
      },
      end);
}

v1::LintFileResponse Graded(v1::LintFileResponse::Grade grade) {
  v1::LintFileResponse response;
  response.set_grade(grade);
  response.set_format("MT940");
  response.set_version_known(true);
  response.set_statement_count(1);
  response.set_line_count(2);
  auto* statement = response.add_statements();
  statement->set_bank_id("K1");
  statement->mutable_proof()->set_verdict(v1::StatementProof::VERDICT_PROVEN);
  return response;
}

struct Case {
  v1::LintFileResponse::Grade grade;
  cli::ExitCode code;
  const char* says;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.says; }
const Case kCases[] = {
    {v1::LintFileResponse::GRADE_FINE, cli::kDone, "fine"},
    {v1::LintFileResponse::GRADE_UNPROVEN, cli::kDone, "nothing in it proves it"},
    {v1::LintFileResponse::GRADE_REFUSED, cli::kRefused, "refused"},
    {v1::LintFileResponse::GRADE_UNREADABLE, cli::kRefused, "unreadable"},
};

BOOST_AUTO_TEST_SUITE(format_lint)

BOOST_DATA_TEST_CASE(the_exit_code_follows_the_grade, bdata::make(kCases), c) {
  Bench bench;
  Folder folder;
  std::vector<std::string> sent;
  bench.mock->OnOpen(kLint, Answering(Graded(c.grade), &sent));
  const Outcome outcome = bench.Run({"format", "lint", folder.Write("a.sta", ":20:K1\n")});
  BOOST_TEST(outcome.code == c.code);
  BOOST_TEST(Contains(outcome.out, c.says));
  BOOST_TEST(Contains(outcome.out, "adds up"));
}

BOOST_AUTO_TEST_CASE(a_file_is_sent_in_pieces_whose_last_says_so) {
  Bench bench;
  Folder folder;
  std::vector<std::string> sent;
  bench.mock->OnOpen(kLint, Answering(Graded(v1::LintFileResponse::GRADE_FINE), &sent));
  const std::string text(600'000, 'x');
  bench.Run({"format", "lint", folder.Write("a.csv", text), "--dialect", "sepa-09", "--mapping",
             folder.Write("m.json", "{}")});
  std::string whole;
  for (size_t i = 0; i < sent.size(); ++i) {
    v1::LintFileRequest piece;
    BOOST_REQUIRE(piece.ParseFromString(sent[i]));
    whole += piece.chunk();
    BOOST_TEST(piece.last() == (i + 1 == sent.size()));
    BOOST_TEST(piece.dialect() == (i == 0 ? "sepa-09" : ""));
    BOOST_TEST(piece.csv_mapping() == (i == 0 ? "{}" : ""));
  }
  BOOST_TEST(sent.size() == 3U);
  BOOST_TEST((whole == text));
}

BOOST_AUTO_TEST_CASE(an_empty_file_is_one_piece) {
  Bench bench;
  Folder folder;
  std::vector<std::string> sent;
  bench.mock->OnOpen(kLint, Answering(Graded(v1::LintFileResponse::GRADE_UNREADABLE), &sent));
  bench.Run({"format", "lint", folder.Write("empty", "")});
  BOOST_TEST(sent.size() == 1U);
}

BOOST_AUTO_TEST_CASE(wrong_lines_send_nothing) {
  Bench bench;
  Folder folder;
  const std::string file = folder.Write("a.sta", "x");
  const std::vector<std::vector<std::string>> lines = {
      {"format", "lint"},
      {"format", "lint", file, "more"},
      {"format", "lint", folder / "absent"},
      {"format", "lint", file, "--mapping", folder / "absent"},
      {"format", "lint", file, "--colour", "red"},
      {"statement", "import"},
      {"statement", "import", file, "--no-such-field", "1"},
      {"statement", "show"},
      {"cash", "hamburg", "bremen"},
  };
  for (const auto& line : lines) {
    BOOST_TEST(bench.Run(line).code == cli::kUsage);
  }
  BOOST_TEST(bench.mock->Methods().empty());
}

BOOST_AUTO_TEST_CASE(what_the_server_refuses_is_shown) {
  Bench bench;
  Folder folder;
  std::vector<std::string> sent;
  bench.mock->OnOpen(kLint, Answering(v1::LintFileResponse(), &sent,
                                      absl::ResourceExhaustedError("too large")));
  const Outcome outcome = bench.Run({"format", "lint", folder.Write("a.sta", "x")});
  BOOST_TEST(outcome.code == cli::kRefused);
  BOOST_TEST(Contains(outcome.err, "too large"));
}

BOOST_AUTO_TEST_CASE(an_import_shows_its_statements_and_fails_with_a_case) {
  Bench bench;
  Folder folder;
  v1::ImportStatementResponse response;
  response.mutable_file()->set_id("bkf_1");
  response.mutable_file()->set_state(v1::BankFile::STATE_READ);
  auto* statement = response.add_statements();
  statement->set_id("stm_1");
  statement->set_state(v1::Statement::STATE_POSTED);
  std::vector<std::string> sent;
  const std::string file = folder.Write("a.sta", "x");
  bench.mock->OnOpen(kImport, Answering(response, &sent));
  const Outcome good = bench.Run({"statement", "import", file, "--channel", "house-bank"});
  BOOST_TEST(good.code == cli::kDone);
  BOOST_TEST(Contains(good.out, "stm_1"));
  v1::ImportStatementRequest head;
  BOOST_REQUIRE(head.ParseFromString(sent.at(0)));
  BOOST_TEST(head.file_name() == "a.sta");
  BOOST_TEST(head.channel() == "house-bank");
  BOOST_TEST(!head.request_id().empty());
  statement->set_exception_id("exc_1");
  bench.mock->OnOpen(kImport, Answering(response, &sent));
  const Outcome bad = bench.Run({"statement", "import", file});
  BOOST_TEST(bad.code == cli::kRefused);
  BOOST_TEST(Contains(bad.out, "exc_1"));
}

BOOST_AUTO_TEST_CASE(cash_shows_what_is_stale) {
  Bench bench;
  bench.mock->On([](const v1::GetCashPositionRequest& request)
                     -> absl::StatusOr<v1::GetCashPositionResponse> {
    BOOST_TEST(request.entity() == "hamburg");
    v1::GetCashPositionResponse response;
    auto* account = response.add_accounts();
    account->set_account_number("…3000");
    account->set_freshness(v1::CashAccount::FRESHNESS_STALE);
    account->mutable_booked()->set_value("115.00");
    return response;
  });
  const Outcome outcome = bench.Run({"cash", "hamburg"});
  BOOST_TEST(outcome.code == cli::kDone);
  BOOST_TEST(Contains(outcome.out, "STALE"));
  BOOST_TEST(Contains(outcome.out, "115.00"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::cli_test
