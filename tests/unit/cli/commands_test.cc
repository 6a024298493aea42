// SPDX-License-Identifier: Apache-2.0
// Every method of the contract is a command, and every command has help.
#include <boost/test/unit_test.hpp>

#include <map>
#include <set>

#include "sdk/cli/commands.h"
#include "sdk/cli/fields.h"
#include "sdk/cli/own_commands.h"
#include "tests/unit/cli/support.h"

namespace kontor::cli_test {
namespace {

using cli::Command;

BOOST_AUTO_TEST_SUITE(commands)

BOOST_AUTO_TEST_CASE(every_unary_method_is_one_command_and_no_two_share_a_name) {
  std::set<std::string> names;
  std::set<std::string> services;
  for (const Command& command : cli::Commands()) {
    BOOST_TEST(names.insert(command.noun + " " + command.verb).second,
               command.noun << " " << command.verb << " twice");
    BOOST_TEST(!command.method->client_streaming());
    BOOST_TEST(!command.method->server_streaming());
    services.insert(command.method->service()->name());
  }
  BOOST_TEST(services.size() == 21U);
  for (const std::string& service : services) {
    const auto* found = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
        "kontor.v1." + service);
    for (int i = 0; i < found->method_count(); ++i) {
      const auto* method = found->method(i);
      if (method->client_streaming() || method->server_streaming()) continue;
      size_t count = 0;
      for (const Command& command : cli::Commands()) count += command.method == method ? 1 : 0;
      BOOST_TEST(count == 1U, method->full_name());
    }
  }
}

BOOST_AUTO_TEST_CASE(commands_are_named_without_saying_the_noun_twice) {
  const std::map<std::string, std::pair<std::string, std::string>> wanted{
      {"CreateInvoice", {"invoice", "create"}},
      {"BatchCreateInvoices", {"invoice", "batch-create"}},
      {"BatchCreateJournalEntries", {"journal-entry", "batch-create"}},
      {"ListJournalEntries", {"journal-entry", "list"}},
      {"UpsertPartner", {"partner", "upsert"}},
      {"ReleaseOperation", {"operation", "release"}},
      {"ResolveException", {"exception", "resolve"}},
      {"ListEvents", {"event", "list"}},
      {"CreateEndpoint", {"webhook", "create-endpoint"}},
      {"RotateSecret", {"webhook", "rotate-secret"}},
      {"CheckConnection", {"connection", "check"}},
      {"CreateEntity", {"connection", "create-entity"}},
      {"VerifyAudit", {"audit", "verify"}},
      {"RedeemBootstrapToken", {"admin", "redeem-bootstrap-token"}}};
  for (const auto& [method, name] : wanted) {
    const Command* command = cli::FindCommand(name.first, name.second);
    BOOST_REQUIRE_MESSAGE(command != nullptr, name.first << " " << name.second);
    BOOST_TEST(command->method->name() == method);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_command_is_not_found) {
  BOOST_TEST(cli::FindCommand("invoice", "delete") == nullptr);
  BOOST_TEST(cli::FindCommand("invoices", "list") == nullptr);
  BOOST_TEST(cli::FindCommand("", "") == nullptr);
  BOOST_TEST(cli::FindCommand("event", "watch") == nullptr);
}

BOOST_AUTO_TEST_CASE(the_help_of_every_command_names_every_field_of_its_request) {
  Bench bench;
  for (const Command& command : cli::Commands()) {
    const auto outcome = bench.Run({command.noun, command.verb, "--help"});
    BOOST_TEST(outcome.code == cli::kDone);
    BOOST_TEST(Contains(outcome.out, "kontorctl " + command.noun + " " + command.verb));
    const auto* request = command.method->input_type();
    for (int i = 0; i < request->field_count(); ++i) {
      BOOST_TEST(Contains(outcome.out, "--" + cli::ToKebab(request->field(i)->name()) + " "),
                 command.noun << " " << command.verb << ": " << request->field(i)->name());
    }
  }
  BOOST_TEST(bench.mock->Methods().empty());
}

BOOST_AUTO_TEST_CASE(every_command_of_its_own_has_a_line_and_a_help_of_its_own) {
  Bench bench;
  const std::string all = bench.Run({"help"}).out;
  for (const cli::OwnCommand& own : cli::OwnCommands()) {
    std::vector<std::string> words{std::string(own.noun)};
    if (!own.verb.empty()) words.emplace_back(own.verb);
    const std::string call = "kontorctl " + words[0] + (own.verb.empty() ? "" : " " + words[1]);
    BOOST_TEST(Contains(all, call), call);
    words.emplace_back("--help");
    const auto outcome = bench.Run(words);
    BOOST_TEST(outcome.code == cli::kDone);
    BOOST_TEST(outcome.out.starts_with("usage: " + call), outcome.out);
    BOOST_TEST(Contains(outcome.out, std::string(own.about)), call);
  }
  BOOST_TEST(bench.mock->Methods().empty());
}

BOOST_AUTO_TEST_CASE(a_method_of_the_contract_is_found_behind_a_noun_that_is_a_command) {
  BOOST_TEST(cli::FindOwnCommand({"evidence", "export"}) == nullptr);
  BOOST_TEST(cli::FindOwnCommand({"evidence", "pmo_1"}) != nullptr);
  BOOST_TEST(cli::FindOwnCommand({"screening", "list-hits"}) == nullptr);
  BOOST_TEST(cli::FindOwnCommand({"statement"}) == nullptr);
  BOOST_TEST(cli::FindOwnCommand({}) == nullptr);
}

BOOST_AUTO_TEST_CASE(the_help_says_nouns_verbs_flags_and_exit_codes) {
  Bench bench;
  for (const std::vector<std::string>& asked :
       std::vector<std::vector<std::string>>{{}, {"help"}, {"--help"}, {"-h"}}) {
    const auto outcome = bench.Run(asked);
    BOOST_TEST(outcome.code == cli::kDone);
    for (const char* part : {"journal-entry", "batch-create", "push FILE", "reconcile ENTITY",
                             "watch events", "--endpoint", "--json", "--save-secret",
                             "0 done, 1 refused", "2 usage, 3 unreachable, 70 defect"}) {
      BOOST_TEST(Contains(outcome.out, part), part);
    }
  }
  const auto noun = bench.Run({"webhook", "--help"});
  BOOST_TEST(Contains(noun.out, "kontorctl webhook rotate-secret [id]"));
  BOOST_TEST(!Contains(noun.out, "invoice"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::cli_test
