// SPDX-License-Identifier: Apache-2.0
// kontord: reads its configuration, runs the service until SIGTERM or SIGINT, stops it in order.
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "server/app/config.h"
#include "server/app/crypto_port.h"
#include "server/app/observability.h"
#include "server/app/service.h"
#include "server/app/settings.h"
#include "server/base/status.h"
#include "server/crypto/key_file.h"

extern char** environ;

namespace kontor::app {
namespace {

enum ExitCode : int { kDone = 0, kFailed = 1, kUsage = 2 };

struct Options {
  std::string config_file;
  std::vector<std::string> settings;
  bool check_config = false;
  bool print_config = false;
  bool describe_config = false;
  bool verify_audit = false;
  std::string audit_head;
  std::string ready_file;
};

std::map<std::string, std::string> Environment() {
  std::map<std::string, std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text(*entry);
    const size_t equals = text.find('=');
    if (text.rfind("KONTOR_", 0) == 0 && equals != std::string::npos) {
      out[text.substr(0, equals)] = text.substr(equals + 1);
    }
  }
  return out;
}

int Fail(const absl::Status& status, int code) {
  std::cerr << "kontord: " << status.message() << "\n";
  return code;
}

/// Written whole under another name first: a reader never sees half of it.
void WriteReadyFile(const std::string& path, const Service& service) {
  if (path.empty()) return;
  const std::string half = path + ".part";
  std::ofstream(half) << "{\"grpc_port\": " << service.grpc_port()
                      << ", \"http_port\": " << service.http_port() << ", \"pid\": " << getpid()
                      << "}\n";
  std::error_code ignored;
  std::filesystem::rename(half, path, ignored);
}

/// Blocks the signals in every thread made from here on; WaitForSignal takes them.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of that write, not the end
  return signals;
}

int Serve(const Config& config, const Options& options) {
  base::SystemClock clock;
  auto observability = MakeObservability(config, clock);
  if (!observability.ok()) return Fail(observability.status(), kUsage);
  const sigset_t signals = BlockSignals();
  auto service = Service::Start(config, **observability);
  if (!service.ok()) return Fail(service.status(), kFailed);
  (*observability)
      ->log()
      .Info("kontord.serving", {{"version", KONTOR_VERSION},
                                {"grpc_port", std::to_string((*service)->grpc_port())},
                                {"http_port", std::to_string((*service)->http_port())}});
  WriteReadyFile(options.ready_file, **service);
  int received = 0;
  sigwait(&signals, &received);
  (*observability)->log().Info("kontord.stopping", {{"signal", std::to_string(received)}});
  (*service)->Stop();
  service->reset();
  (*observability)->log().Info("kontord.stopped");
  (*observability)->log().Flush();
  return kDone;
}

int VerifyAudit(const Config& config, const Options& options) {
  auto ring = crypto::ReadSecretFile(SealKeyFile(config));
  if (!ring.ok()) return Fail(ring.status(), kFailed);
  auto keys = crypto::KeyRing::Parse(ring->Reveal());
  if (!keys.ok()) return Fail(keys.status(), kFailed);
  const CryptoPort crypto(*std::move(keys));
  const auto rows = store::VerifyAuditOffline(StoreUrl(config), options.audit_head, crypto);
  if (!rows.ok()) return Fail(rows.status(), kFailed);
  std::cout << "audit: " << *rows << " rows, unbroken\n";
  return kDone;
}

int Run(int argc, char** argv) {
  Options options;
  CLI::App app("kontord: finance documents into Odoo, exactly once");
  app.set_version_flag("--version", std::string("kontord ") + KONTOR_VERSION);
  app.add_option("--config", options.config_file, "TOML file (or KONTOR_CONFIG)")
      ->envname("KONTOR_CONFIG");
  app.add_option("--set", options.settings, "section.key=value, over file and environment")
      ->take_all();
  app.add_flag("--check-config", options.check_config, "check the configuration and end");
  app.add_flag("--print-config", options.print_config, "print it, secrets masked, and end");
  app.add_flag("--describe-config", options.describe_config, "print every key as Markdown and end");
  app.add_flag("--verify-audit", options.verify_audit,
               "check the audit chain of the store, which need not run, and end");
  app.add_option("--audit-head", options.audit_head,
                 "sequence:hash that the chain must still hold (with --verify-audit)");
  app.add_option("--ready-file", options.ready_file, "file to write ports and pid to when serving");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? kDone : kUsage;
  }
  if (options.describe_config) {
    std::cout << DescribeKeys();
    return kDone;
  }
  const auto config = Config::Load(options.config_file, Environment(), options.settings);
  if (!config.ok()) return Fail(config.status(), kUsage);
  if (options.check_config) {
    std::cout << "configuration: fine\n";
    return kDone;
  }
  if (options.print_config) {
    std::cout << config->Print();
    return kDone;
  }
  if (options.verify_audit) return VerifyAudit(*config, options);
  return Serve(*config, options);
}

}  // namespace
}  // namespace kontor::app

int main(int argc, char** argv) {
  try {
    return kontor::app::Run(argc, argv);
  } catch (const std::exception& problem) {
    std::cerr << "kontord: a defect: " << problem.what() << "\n";
    return EXIT_FAILURE;
  }
}
