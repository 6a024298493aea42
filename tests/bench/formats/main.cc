// SPDX-License-Identifier: Apache-2.0
// Measures the bank codecs against yardsticks in the same run, so that figures of two machines can
// be compared by their ratios.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "server/formats/camt.h"
#include "tests/bench/formats/bare_sax.h"
#include "tests/bench/formats/measure.h"
#include "tests/bench/formats/orders.h"
#include "tests/bench/formats/statement_file.h"

namespace kontor::bench {
namespace {

constexpr const char* kHelp =
    "kontor-formats-bench statements [--megabytes N] [--rounds N] [--folder PATH]\n"
    "  camt.053 to canonical lines, proven, against bare libxml2 SAX2 on the same file.\n"
    "kontor-formats-bench orders [--payments N] [--folder PATH]\n"
    "  pain.001.001.09 with N payments, written in one pass and read back to the same normal "
    "form.\n";

struct Options {
  std::string command;
  long megabytes = 100;
  int rounds = 3;
  long payments = 100000;
  std::string folder = ".";
};

struct CountingSink final : ports::StatementSink {
  absl::Status OnStatement(const model::Statement&) override { return absl::OkStatus(); }
  absl::Status OnDetails(std::span<const model::EntryDetail>) override { return absl::OkStatus(); }
  absl::Status OnLine(const model::StatementLine& line) override {
    ++lines;
    details += line.detail_count;
    return absl::OkStatus();
  }
  absl::Status OnStatementEnd(const model::Statement& statement) override {
    proven = statement.proof.verdict == model::StatementProof::Verdict::kProven;
    return absl::OkStatus();
  }
  int64_t lines = 0;
  int64_t details = 0;
  bool proven = false;
};

int RunStatements(const Options& options) {
  const std::string path = options.folder + "/kontor-formats-bench.camt.053.xml";
  const StatementFile file = WriteStatementFile(path, options.megabytes * 1000 * 1000);
  std::printf("camt.053.001.08: %lld bytes, %lld entries\n", static_cast<long long>(file.bytes),
              static_cast<long long>(file.entries));
  double bare_best = 1e9;
  double ours_best = 1e9;
  bool right = true;
  for (int round = 0; round < options.rounds; ++round) {
    long elements = 0;
    const double bare = Seconds([&] { elements = BareSax(path); });
    CountingSink sink;
    ports::ReadReport report;
    absl::Status status;
    const double ours = Seconds([&] {
      FileSource source(path);
      status = formats::ReadCamt(source, sink, report);
    });
    right = right && elements > 0 && status.ok() && sink.proven && sink.lines == file.entries;
    std::printf("  round %d: bare SAX2 %.3f s, canonical lines %.3f s\n", round + 1, bare, ours);
    bare_best = std::min(bare_best, bare);
    ours_best = std::min(ours_best, ours);
  }
  std::remove(path.c_str());
  const double megabytes = static_cast<double>(file.bytes) / 1e6;
  std::printf("bare SAX2       %8.1f MB/s\n", megabytes / bare_best);
  std::printf("canonical lines %8.1f MB/s, ratio %.2f (wanted: 0.50)\n", megabytes / ours_best,
              bare_best / ours_best);
  std::printf("peak memory     %8ld MiB (wanted: below 100)\n", PeakMegabytes());
  if (!right) std::fprintf(stderr, "the file was not read whole and proven\n");
  return right ? 0 : 1;
}

bool Parse(int argc, char** argv, Options& options) {
  if (argc < 2) return false;
  options.command = argv[1];
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--megabytes") options.megabytes = std::atol(argv[i + 1]);
    if (name == "--rounds") options.rounds = std::max(1, std::atoi(argv[i + 1]));
    if (name == "--payments") options.payments = std::max(1L, std::atol(argv[i + 1]));
    if (name == "--folder") options.folder = argv[i + 1];
  }
  return true;
}

int Main(int argc, char** argv) {
  Options options;
  const bool parsed = Parse(argc, argv, options);
  if (parsed && options.command == "statements") return RunStatements(options);
  if (parsed && options.command == "orders") {
    return RunOrders(options.payments, options.folder);
  }
  std::fputs(kHelp, stderr);
  return 2;
}

}  // namespace
}  // namespace kontor::bench

int main(int argc, char** argv) { return kontor::bench::Main(argc, argv); }
