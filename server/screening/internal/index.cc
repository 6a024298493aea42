// SPDX-License-Identifier: Apache-2.0
#include "server/screening/internal/index.h"

#include <algorithm>
#include <unordered_set>

namespace kontor::screening::internal {
namespace {

/// Listed words that are like one part of a payee's name.
struct Found {
  const std::vector<Vocabulary::Use>* uses = nullptr;
  int percent = 0;
};

void AddFound(const Vocabulary& vocabulary, const NameWord& word, int least,
              std::vector<Found>& out) {
  for (const Vocabulary::Alike& alike : vocabulary.Find(word, least)) {
    out.push_back({&vocabulary.UsesOf(alike.word), alike.percent});
  }
}

}  // namespace

bool Index::Add(uint32_t party, const ports::ListedName& name) {
  for (const Words& words : ReadingsOf(name.text)) {
    if (names_.size() >= kIndexedNamesMax) return false;
    const auto number = static_cast<uint32_t>(names_.size());
    Entry& entry = names_.emplace_back();
    entry.party = party;
    entry.weak = name.weak;
    entry.text = name.text;
    entry.name = MakeName(words);
    for (const NamePart& part : entry.name.parts) {
      (part.count == 1 ? words_ : pairs_).Add(part.word, number);
    }
  }
  return true;
}

std::vector<uint32_t> Index::Candidates(const ComparedName& payee, int threshold) const {
  std::vector<Tally> tallies(names_.size());
  std::vector<uint32_t> seen;
  size_t number = 0;
  for (const NamePart& part : payee.parts) {
    ++number;
    // Words drawn together are alike only to words that are not, and only closely.
    std::vector<Found> found;
    AddFound(words_, part.word, part.count == 1 ? kWordLeast : kBySound, found);
    if (part.count == 1) AddFound(pairs_, part.word, kBySound, found);
    // The most alike first: of each name the first one counts for the payee's side.
    std::ranges::stable_sort(found, std::ranges::greater(), &Found::percent);
    for (const Found& one : found) {
      for (const Vocabulary::Use& use : *one.uses) {
        Tally& tally = tallies[use.name];
        if (tally.part == 0) seen.push_back(use.name);
        if (tally.part != number) tally.common.payee += part.word.weight * one.percent;
        tally.part = number;
        tally.common.listed += use.weight * one.percent;
      }
    }
  }
  std::erase_if(seen, [&](uint32_t name) {
    const Entry& entry = names_[name];
    return CeilingOf(tallies[name].common, payee, entry.name, parties_[entry.party].type,
                     entry.weak) < threshold;
  });
  std::ranges::sort(seen);
  return seen;
}

std::vector<Index::Match> Index::Find(std::string_view payee, int threshold) const {
  std::vector<Match> best;
  for (const Words& words : ReadingsOf(payee)) {
    const ComparedName wanted = MakeName(words);
    for (const uint32_t number : Candidates(wanted, threshold)) {
      const Entry& entry = names_[number];
      Verdict verdict = Compare(wanted, entry.name, parties_[entry.party].type, entry.weak);
      if (verdict.percent >= threshold) best.push_back({entry.party, number, std::move(verdict)});
    }
  }
  std::ranges::stable_sort(best, [](const Match& a, const Match& b) {
    return a.verdict.percent != b.verdict.percent ? a.verdict.percent > b.verdict.percent
                                                  : a.name < b.name;
  });
  std::unordered_set<uint32_t> known;
  std::erase_if(best, [&](const Match& match) { return !known.insert(match.party).second; });
  return best;
}

}  // namespace kontor::screening::internal
