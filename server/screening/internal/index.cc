// SPDX-License-Identifier: Apache-2.0
#include "server/screening/internal/index.h"

#include <algorithm>

namespace kontor::screening::internal {
namespace {

constexpr uint16_t kBegin = 36;
constexpr uint16_t kEnd = 37;

uint16_t SymbolOf(char c) {
  constexpr uint16_t kDigits = 26;
  if (c >= 'a' && c <= 'z') return static_cast<uint16_t>(c - 'a');
  return static_cast<uint16_t>(kDigits + (c - '0'));
}

}  // namespace

/// Neighbouring sounds of every word, each once.
std::vector<uint16_t> Index::SoundsOf(const ComparedName& name) {
  std::vector<uint16_t> out;
  for (const NameWord& word : name.words) {
    if (word.weight == 0 && name.words.size() > 1) continue;
    uint16_t last = kBegin;
    const std::string& sounds = word.skeleton.empty() ? word.text : word.skeleton;
    for (const char c : sounds) {
      const uint16_t now = SymbolOf(c);
      out.push_back(static_cast<uint16_t>(last * kSymbols + now));
      last = now;
    }
    out.push_back(static_cast<uint16_t>(last * kSymbols + kEnd));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

bool Index::Add(uint32_t party, const ports::ListedName& name) {
  for (const Words& words : ReadingsOf(name.text)) {
    if (names_.size() >= kIndexedNamesMax) return false;
    Entry entry;
    entry.party = party;
    entry.weak = name.weak;
    entry.text = name.text;
    entry.name = MakeName(words);
    const auto sounds = SoundsOf(entry.name);
    entry.sounds = static_cast<uint16_t>(sounds.size());
    const auto number = static_cast<uint32_t>(names_.size());
    for (const uint16_t sound : sounds) by_sound_[sound].push_back(number);
    names_.push_back(std::move(entry));
  }
  return true;
}

std::vector<Index::Match> Index::Find(std::string_view payee, int threshold) const {
  std::vector<Match> best;
  std::vector<uint16_t> shared(names_.size());
  for (const Words& words : ReadingsOf(payee)) {
    const ComparedName wanted = MakeName(words);
    const auto sounds = SoundsOf(wanted);
    std::fill(shared.begin(), shared.end(), 0);
    std::vector<uint32_t> seen;
    for (const uint16_t sound : sounds) {
      for (const uint32_t number : by_sound_[sound]) {
        if (shared[number]++ == 0) seen.push_back(number);
      }
    }
    for (const uint32_t number : seen) {
      const Entry& entry = names_[number];
      const size_t fewer = std::min<size_t>(sounds.size(), entry.sounds);
      if (size_t{shared[number]} * 2 < fewer) continue;
      // Words that were drawn together have no partners, but nearly all of their sounds.
      const bool nearly_all = size_t{shared[number]} * 4 >= fewer * 3;
      if (!nearly_all && !MayBeAlike(wanted, entry.name)) continue;
      Verdict verdict = Compare(wanted, entry.name, parties_[entry.party].type, entry.weak);
      if (verdict.percent >= threshold) best.push_back({entry.party, number, std::move(verdict)});
    }
  }
  std::ranges::stable_sort(best, [](const Match& a, const Match& b) {
    return a.verdict.percent != b.verdict.percent ? a.verdict.percent > b.verdict.percent
                                                  : a.name < b.name;
  });
  std::vector<Match> out;
  for (Match& match : best) {
    const bool known =
        std::ranges::any_of(out, [&](const Match& other) { return other.party == match.party; });
    if (!known) out.push_back(std::move(match));
    if (out.size() == kHitsMax) break;
  }
  return out;
}

}  // namespace kontor::screening::internal
