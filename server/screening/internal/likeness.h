// SPDX-License-Identifier: Apache-2.0
// How alike two names are, in whole percent, and why. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/ports/screening.h"
#include "server/screening/internal/fold.h"

namespace kontor::screening::internal {

/// A word of a name, with what it says about who is meant.
struct NameWord {
  std::string text;  ///< As CanonicalWord has it.
  std::string skeleton;
  int weight = 0;  ///< 0: stands in some spellings and not in others.
  bool common = false;
};

/// One word, or two next to each other as one: "aero caribbean" may be "aerocaribbean".
struct NamePart {
  size_t first = 0;
  size_t count = 1;
  NameWord word;
};

/// A name ready for comparison: legal forms are gone, unless there is nothing else.
struct ComparedName {
  std::vector<NameWord> words;
  std::vector<NamePart> parts;  ///< Single words first.
  int weight = 0;               ///< Of all words.
  int telling = 0;              ///< Words that are neither particles nor common.
};
ComparedName MakeName(const Words& words);

inline constexpr int kSame = 100;
inline constexpr int kBySound = 92;  ///< Words that sound alike; what words drawn together must be.
inline constexpr int kByInitial = 75;        ///< A letter and a word that begins with it.
inline constexpr int kWordLeast = 70;        ///< Less alike words are no match at all.
inline constexpr size_t kWordBytesMax = 48;  ///< Of a word; letters behind are not counted.

/// 0, or kWordLeast to 100. Spellings by ear, slips of the pen, initials.
int LikenessOf(const NameWord& a, const NameWord& b);
/// How many slips of the pen leave two words `least` percent alike, the longer of which has
/// `longer` letters that count.
int SlipsMost(int longer, int least);

struct Verdict {
  int percent = 0;
  std::string words;  ///< "mohamed ~ muhammad (92 %), laden = laden".
};
/// A payee's name against a listed one. Order of words does not matter; what is missing or comes on
/// top costs, more with companies than with persons. A weak spelling, or a ship's, must be there as
/// a whole and alone.
Verdict Compare(const ComparedName& payee, const ComparedName& listed, ports::ListedType type,
                bool weak);
/// What is alike of two names at most, word by word: on each side the sum, over its parts, of their
/// weight times the percent of what is most like them on the other.
struct Common {
  int payee = 0;
  int listed = 0;
};
/// Compare answers no higher percent. Cheap.
int CeilingOf(const Common& common, const ComparedName& payee, const ComparedName& listed,
              ports::ListedType type, bool weak);

}  // namespace kontor::screening::internal
