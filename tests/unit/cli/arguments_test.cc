// SPDX-License-Identifier: Apache-2.0
// How words and flags of a command line are read.
#include <boost/test/unit_test.hpp>

#include "tests/unit/cli/support.h"

namespace kontor::cli_test {
namespace {

cli::Globals Read(const std::vector<std::string>& arguments) {
  auto globals = cli::ReadArguments(arguments, {});
  BOOST_REQUIRE_MESSAGE(globals.ok(), globals.status().message());
  return *globals;
}

BOOST_AUTO_TEST_SUITE(arguments)

BOOST_AUTO_TEST_CASE(words_and_flags_may_be_mixed) {
  const auto globals = Read({"invoice", "--entity", "de", "get", "--live", "--json", "inv_1"});
  // A flag takes the next word: --live stands before another flag and is a yes.
  const std::vector<std::string> words{"invoice", "get", "inv_1"};
  BOOST_TEST(globals.words == words, boost::test_tools::per_element());
  BOOST_TEST(globals.json);
  BOOST_REQUIRE_EQUAL(globals.fields.size(), 2U);
  BOOST_TEST(globals.fields[0].first == "entity");
  BOOST_TEST(globals.fields[0].second == "de");
  BOOST_TEST(globals.fields[1].first == "live");
  BOOST_TEST(globals.fields[1].second == "true");
}

BOOST_AUTO_TEST_CASE(a_value_may_follow_an_equals_sign_and_hold_another_one) {
  const auto globals = Read({"--memo=a=b", "--amount=", "--negative", "-5"});
  BOOST_REQUIRE_EQUAL(globals.fields.size(), 3U);
  BOOST_TEST(globals.fields[0].second == "a=b");
  BOOST_TEST(globals.fields[1].second == "");
  BOOST_TEST(globals.fields[2].second == "-5");
}

BOOST_AUTO_TEST_CASE(options_of_the_connection_are_no_fields) {
  const auto globals = Read({"--endpoint", "kontor.example:7600", "--tls", "--ca-file", "ca.pem",
                             "--certificate-file", "me.pem", "--key-file", "me.key",
                             "--server-name", "kontor", "--timeout", "90s", "--token-file", "t",
                             "--request", "-", "--save-secret", "s"});
  BOOST_TEST(globals.fields.empty());
  BOOST_TEST(globals.options.endpoint == "kontor.example:7600");
  BOOST_TEST(globals.options.tls);
  BOOST_TEST(globals.options.ca_file == "ca.pem");
  BOOST_TEST(globals.options.certificate_file == "me.pem");
  BOOST_TEST(globals.options.key_file == "me.key");
  BOOST_TEST(globals.options.server_name == "kontor");
  BOOST_TEST((globals.options.timeout == absl::Seconds(90)));
  BOOST_TEST(globals.options.token_file == "t");
  BOOST_TEST(globals.request_file == "-");
  BOOST_TEST(globals.secret_file == "s");
}

BOOST_AUTO_TEST_CASE(a_token_file_replaces_a_token_of_the_environment) {
  sdk::Options options;
  options.token = "from the environment";
  const auto globals = cli::ReadArguments({"--token-file", "t"}, options);
  BOOST_REQUIRE(globals.ok());
  BOOST_TEST(globals->options.token == "");
}

BOOST_AUTO_TEST_CASE(a_timeout_that_is_none_is_refused) {
  for (const char* wrong : {"soon", "30", "", "1y"}) {
    const auto globals = cli::ReadArguments({std::string("--timeout=") + wrong}, {});
    BOOST_TEST(!globals.ok(), wrong);
    BOOST_TEST(Contains(std::string(globals.status().message()), "--timeout"));
  }
}

BOOST_AUTO_TEST_CASE(a_short_h_asks_for_help) {
  BOOST_TEST(Read({"-h"}).words.front() == "help");
  BOOST_TEST(Read({"invoice", "--help"}).help);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::cli_test
