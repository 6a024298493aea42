// SPDX-License-Identifier: Apache-2.0
#include "server/screening/internal/vocabulary.h"

#include <algorithm>
#include <cstdlib>

namespace kontor::screening::internal {
namespace {

constexpr int kLetters = 26;
constexpr int kSymbols = 36;  ///< a-z and 0-9.

int SymbolOf(char c) { return c >= 'a' && c <= 'z' ? c - 'a' : kLetters + (c - '0'); }

/// A bit for each symbol that the word has, and one for each letter that it has twice or more: one
/// slip of the pen sets one bit at most and clears one at most; letters that change places none.
uint64_t LettersOf(std::string_view text) {
  uint64_t bits = 0;
  for (const char c : text.substr(0, kWordBytesMax)) {
    const int symbol = SymbolOf(c);
    const uint64_t once = uint64_t{1} << symbol;
    if ((bits & once) != 0 && symbol < kLetters) bits |= uint64_t{1} << (kSymbols + symbol);
    bits |= once;
  }
  return bits;
}

bool HasMoreThan(uint64_t bits, int count) {
  for (; bits != 0 && count > 0; --count) bits &= bits - 1;
  return bits != 0;
}

}  // namespace

void Vocabulary::Add(const NameWord& word, uint32_t name) {
  const auto [known, fresh] = by_text_.emplace(word.text, static_cast<uint32_t>(words_.size()));
  if (fresh) {
    const uint32_t number = known->second;
    words_.push_back({word, {}});
    by_skeleton_[word.skeleton].push_back(number);
    by_first_letter_[static_cast<unsigned char>(word.text.front())].push_back(number);
    OfOneLength& same = by_length_[std::min(word.text.size(), kWordBytesMax)];
    same.letters.push_back(LettersOf(word.text));
    same.words.push_back(number);
  }
  words_[known->second].uses.push_back({name, word.weight});
}

void Vocabulary::AddNear(const NameWord& word, int least, Numbers& out) const {
  const auto length = static_cast<int>(std::min(word.text.size(), kWordBytesMax));
  const uint64_t letters = LettersOf(word.text);
  for (int other = 1; other <= static_cast<int>(kWordBytesMax); ++other) {
    const int slips = SlipsMost(std::max(length, other), least);
    if (slips == 0 || std::abs(length - other) > slips) continue;
    const OfOneLength& same = by_length_[static_cast<size_t>(other)];
    for (size_t i = 0; i < same.words.size(); ++i) {
      if (HasMoreThan(letters & ~same.letters[i], slips)) continue;
      if (HasMoreThan(same.letters[i] & ~letters, slips)) continue;
      out.push_back(same.words[i]);
    }
  }
}

std::vector<Vocabulary::Alike> Vocabulary::Find(const NameWord& word, int least) const {
  Numbers near;
  const auto add = [&near](const Numbers& numbers) {
    near.insert(near.end(), numbers.begin(), numbers.end());
  };
  if (const auto same = by_text_.find(word.text); same != by_text_.end()) {
    near.push_back(same->second);
  }
  if (const auto same = by_skeleton_.find(word.skeleton); same != by_skeleton_.end()) {
    add(same->second);
  }
  if (least > kByInitial) {
    // No initial is so much like a word.
  } else if (word.text.size() == 1) {
    add(by_first_letter_[static_cast<unsigned char>(word.text.front())]);
  } else if (const auto initial = by_text_.find(word.text.substr(0, 1));
             initial != by_text_.end()) {
    near.push_back(initial->second);
  }
  AddNear(word, least, near);
  std::ranges::sort(near);
  const auto repeated = std::ranges::unique(near);
  near.erase(repeated.begin(), repeated.end());
  std::vector<Alike> out;
  for (const uint32_t number : near) {
    const int percent = LikenessOf(word, words_[number].word);
    if (percent >= least) out.push_back({number, percent});
  }
  return out;
}

}  // namespace kontor::screening::internal
