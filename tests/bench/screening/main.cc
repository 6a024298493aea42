// SPDX-License-Identifier: Apache-2.0
// Measures screening against a list of invented names: through the index, and by comparing with
// every name, in turn and on the same payees. The two must answer the same.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/bench/formats/measure.h"
#include "tests/bench/rounds.h"
#include "tests/unit/screening/invented.h"

namespace kontor::bench {
namespace {

using screening::internal::Index;
using screening::testing::Entry;
using screening::testing::Exhaustive;
using screening::testing::Invented;

constexpr const char* kHelp =
    "kontor-screening-bench [--names N] [--payees N] [--rounds N] [--threshold N]\n"
    "  Payees screened a second, through the index, against comparing with every listed name.\n";
constexpr uint32_t kSeed = 20261130;
constexpr size_t kStems = 30'000;  ///< About as many words as published lists have to a name.

struct Options {
  long names = 60'000;
  long payees = 60;  ///< A round, of each.
  long rounds = 5;
  long threshold = 85;
};

bool Parse(int argc, char** argv, Options& options) {
  if (argc % 2 == 0) return false;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const long value = std::atol(argv[i + 1]);
    if (value < 1) return false;
    if (name == "--names") {
      options.names = value;
    } else if (name == "--payees") {
      options.payees = value;
    } else if (name == "--rounds") {
      options.rounds = value;
    } else if (name == "--threshold") {
      options.threshold = value;
    } else {
      return false;
    }
  }
  return options.threshold <= 100;
}

std::vector<Entry> ListOf(Invented& invented, long names) {
  std::vector<Entry> list;
  for (long count = 0; count < names;) {
    list.push_back(std::move(screening::testing::InventedList(invented, 1)[0]));
    count += static_cast<long>(list.back().names.size());
  }
  return list;
}

/// Half of them are on the list, more or less.
std::vector<std::string> PayeesOf(Invented& invented, const std::vector<Entry>& list, long count) {
  std::vector<std::string> payees;
  for (long i = 0; i < count; ++i) {
    const Entry& entry = list[invented.Draw(list.size())];
    payees.push_back(i % 2 == 0 ? invented.Disguised(entry.names[0].text) : invented.Listed());
  }
  return payees;
}

bool AreSame(const std::vector<Index::Match>& a, const std::vector<Index::Match>& b) {
  return std::ranges::equal(a, b, [](const Index::Match& one, const Index::Match& other) {
    return one.name == other.name && one.verdict.percent == other.verdict.percent &&
           one.verdict.words == other.verdict.words;
  });
}

int Run(const Options& options) {
  Invented invented(kSeed, kStems);
  const std::vector<Entry> list = ListOf(invented, options.names);
  Index index;
  const double filling = Seconds([&] { screening::testing::Fill(index, list); });
  const Exhaustive exhaustive(list);
  std::printf("%s\n%zu entries, %zu names; the index was made in %.2f s\n", MachineLine().c_str(),
              list.size(), index.size(), filling);
  const auto threshold = static_cast<int>(options.threshold);
  std::vector<Round> rounds;
  size_t hits = 0;
  for (long round = 0; round < options.rounds; ++round) {
    const auto payees = PayeesOf(invented, list, options.payees);
    std::vector<std::vector<Index::Match>> all;
    std::vector<std::vector<Index::Match>> indexed;
    const double slow = Seconds([&] {
      for (const std::string& payee : payees) all.push_back(exhaustive.Find(payee, threshold));
    });
    const double fast = Seconds([&] {
      for (const std::string& payee : payees) indexed.push_back(index.Find(payee, threshold));
    });
    for (size_t i = 0; i < payees.size(); ++i) {
      hits += all[i].size();
      if (AreSame(all[i], indexed[i])) continue;
      std::fprintf(stderr, "the index answers otherwise for '%s'\n", payees[i].c_str());
      return 1;
    }
    const auto count = static_cast<double>(payees.size());
    rounds.push_back({count / slow, count / fast});
  }
  PrintRounds(
      {"payees screened at " + std::to_string(threshold) + " %, " + std::to_string(hits) + " hits",
       "every name compared", "through the index", 0},
      rounds);
  return 0;
}

int Main(int argc, char** argv) {
  Options options;
  if (Parse(argc, argv, options)) return Run(options);
  std::fputs(kHelp, stderr);
  return 2;
}

}  // namespace
}  // namespace kontor::bench

int main(int argc, char** argv) { return kontor::bench::Main(argc, argv); }
