// SPDX-License-Identifier: Apache-2.0
// The words of all listed names, each once, and which of them are like a given word. What it leaves
// out without counting letters cannot be alike: no word that LikenessOf finds alike is missed.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/screening/internal/likeness.h"

namespace kontor::screening::internal {

/// Built once, then constant and shared by threads.
class Vocabulary {
 public:
  /// Where a word stands.
  struct Use {
    uint32_t name = 0;
    int32_t weight = 0;  ///< Of the word within that name.
  };
  struct Alike {
    uint32_t word = 0;
    int percent = 0;
  };

  void Add(const NameWord& word, uint32_t name);
  /// Every word that is like `word` by `least` percent or more, each once, in no order; `least` is
  /// 1 to 100.
  std::vector<Alike> Find(const NameWord& word, int least) const;
  const std::vector<Use>& UsesOf(uint32_t word) const { return words_[word].uses; }
  size_t size() const { return words_.size(); }

 private:
  struct Entry {
    NameWord word;
    std::vector<Use> uses;
  };
  /// Words of one length, side by side, so that looking at all of them costs little.
  struct OfOneLength {
    std::vector<uint64_t> letters;  ///< As LettersOf has them.
    std::vector<uint32_t> words;
  };
  using Numbers = std::vector<uint32_t>;

  /// Those that could be as few slips of the pen away as LikenessOf lets pass.
  void AddNear(const NameWord& word, int least, Numbers& out) const;

  std::vector<Entry> words_;
  std::unordered_map<std::string, uint32_t> by_text_;
  std::unordered_map<std::string, Numbers> by_skeleton_;
  std::array<Numbers, 256> by_first_letter_;
  std::array<OfOneLength, kWordBytesMax + 1> by_length_;  ///< Longer ones are with the longest.
};

}  // namespace kontor::screening::internal
