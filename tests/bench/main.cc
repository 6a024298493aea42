// SPDX-License-Identifier: Apache-2.0
// kontor-bench: a subcommand a measurement. Each prints its figures and the ratio, and says with
// its exit code only whether it could measure.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "tests/bench/accept.h"
#include "tests/bench/growth.h"
#include "tests/bench/import.h"
#include "tests/bench/inbound.h"
#include "tests/bench/memory.h"
#include "tests/bench/receiver.h"
#include "tests/bench/serve.h"
#include "tests/bench/webhooks.h"

namespace kontor::bench {
namespace {

enum ExitCode : int { kDone = 0, kFailed = 1, kUsage = 2 };

void AddLoadOptions(CLI::App& app, LoadOptions* load, double* seconds) {
  app.add_option("--in-flight", load->in_flight, "calls at any time")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--lines", load->lines, "lines of an invoice")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--seconds", *seconds, "length of a measurement")
      ->check(CLI::Range(0.05, 600.0))
      ->capture_default_str();
}

void SetLengths(LoadOptions* load, double seconds) {
  load->length = absl::Seconds(seconds);
  load->warm_up = absl::Seconds(seconds) / 3;
}

void AddRounds(CLI::App& app, int* rounds) {
  app.add_option("--rounds", *rounds, "how often both are measured, in turn")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
}

void AddServer(CLI::App& app, std::string* folder, std::vector<std::string>* settings) {
  app.add_option("--folder", *folder, "where stores are made; default: the temporary folder");
  app.add_option("--set", *settings, "section.key=value, for the server");
}

int Ended(const absl::Status& status) {
  if (status.ok()) return kDone;
  std::fprintf(stderr, "kontor-bench: %s\n", status.ToString().c_str());
  return kFailed;
}

/// Each holds the options of a subcommand for as long as it may run.
struct Accepting {
  AcceptOptions options;
  double seconds = 3;
  Accepting(CLI::App& app, int& code) {
    CLI::App* const command =
        app.add_subcommand("accept", "durable acceptance of CreateInvoice against an empty RPC");
    AddLoadOptions(*command, &options.load, &seconds);
    AddRounds(*command, &options.rounds);
    AddServer(*command, &options.folder, &options.settings);
    command->callback([this, &code] {
      SetLengths(&options.load, seconds);
      code = Ended(RunAccept(options));
    });
  }
};

struct Growing {
  GrowthOptions options;
  double seconds = 3;
  Growing(CLI::App& app, int& code) {
    CLI::App* const command =
        app.add_subcommand("growth", "acceptance with few and with many finished operations");
    AddLoadOptions(*command, &options.load, &seconds);
    AddRounds(*command, &options.rounds);
    AddServer(*command, &options.folder, &options.settings);
    command->add_option("--small", options.small, "operations in the small store")
        ->capture_default_str();
    command->add_option("--large", options.large, "operations in the large store")
        ->capture_default_str();
    command->add_option("--small-url", options.small_url,
                        "store.url of the small store, such as postgresql:dbname=...");
    command->add_option("--large-url", options.large_url, "store.url of the large store");
    command->callback([this, &code] {
      SetLengths(&options.load, seconds);
      code = Ended(RunGrowth(options));
    });
  }
};

struct Remembering {
  MemoryOptions options;
  Remembering(CLI::App& app, int& code) {
    CLI::App* const command =
        app.add_subcommand("memory", "memory of kontord with many finished operations stored");
    command->add_option("--stored", options.stored, "finished operations")->capture_default_str();
    command->add_option("--lines", options.lines, "lines of an invoice")->capture_default_str();
    command->add_option("--accepted", options.accepted, "accepted while it is watched")
        ->capture_default_str();
    AddServer(*command, &options.folder, &options.settings);
    command->callback([this, &code] { code = Ended(RunMemory(options)); });
  }
};

struct Delivering {
  WebhooksOptions options;
  Delivering(CLI::App& app, int& code) {
    CLI::App* const command =
        app.add_subcommand("webhooks", "webhook deliveries against a bare POST loop");
    AddRounds(*command, &options.rounds);
    command->add_option("--events", options.events, "events a round")->capture_default_str();
    command->add_option("--subjects", options.subjects, "subjects of those events")
        ->capture_default_str();
    command->add_option("--in-flight", options.in_flight, "requests at any time")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    command->add_option("--lines", options.lines, "lines of the invoice in an event")
        ->capture_default_str();
    AddServer(*command, &options.folder, &options.settings);
    command->callback([this, &code] { code = Ended(RunWebhooks(options)); });
  }
};

struct Receiving {
  InboundOptions options;
  Receiving(CLI::App& app, int& code) {
    CLI::App* const command = app.add_subcommand(
        "inbound", "durable acceptance of inbound webhooks against /healthz of the same server");
    AddRounds(*command, &options.rounds);
    command->add_option("--messages", options.messages, "messages a round")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    command->add_option("--in-flight", options.in_flight, "connections")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    AddServer(*command, &options.folder, &options.settings);
    command->callback([this, &code] { code = Ended(RunInbound(options)); });
  }
};

struct Importing {
  ImportOptions options;
  Importing(CLI::App& app, int& code) {
    CLI::App* const command = app.add_subcommand(
        "import", "lines of a bank statement stored against bare inserts of the same bytes");
    AddRounds(*command, &options.rounds);
    command->add_option("--lines", options.lines, "lines of a statement, at least")
        ->check(CLI::Range(1, 10'000'000))
        ->capture_default_str();
    AddServer(*command, &options.folder, &options.settings);
    command->callback([this, &code] { code = Ended(RunImport(options)); });
  }
};

/// What the others start: they are no measurements.
struct Helping {
  ServeOptions serve;
  std::string receiver_file;
  Helping(CLI::App& app, int& code) {
    CLI::App* const serving =
        app.add_subcommand("serve", "kontord with an empty RPC beside its own");
    serving->add_option("--set", serve.settings, "section.key=value");
    serving->add_option("--ready-file", serve.ready_file)->required();
    serving->callback([this, &code] { code = Serve(serve); });
    CLI::App* const receiving = app.add_subcommand("receive", "a receiver of webhooks");
    receiving->add_option("--ready-file", receiver_file)->required();
    receiving->callback([this, &code] { code = Receive(receiver_file); });
  }
};

int Run(int argc, char** argv) {
  CLI::App app("kontor-bench: what kontor does in a second, against something that bounds it");
  app.require_subcommand(1);
  int code = kDone;

  Accepting accepting(app, code);
  Growing growing(app, code);
  Remembering remembering(app, code);
  Delivering delivering(app, code);
  Receiving receiving(app, code);
  Importing importing(app, code);
  Helping helping(app, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? kDone : kUsage;
  }
  return code;
}

}  // namespace
}  // namespace kontor::bench

int main(int argc, char** argv) {
  try {
    return kontor::bench::Run(argc, argv);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "kontor-bench: a defect: %s\n", problem.what());
    return 1;
  }
}
